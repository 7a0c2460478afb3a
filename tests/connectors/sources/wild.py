"""Values that no service should write, and some do."""

from typing import Any

from hypothesis import strategies as st


def json_values() -> st.SearchStrategy[Any]:
    """Small values of JSON, of any kind and shape."""
    plain = st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats(allow_nan=False) | st.text(max_size=5)
    keys = st.sampled_from(["id", "data", "author", "body", "contacts", "conversation_parts"])
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2), max_leaves=4
    )


def are_words(record: Any) -> bool:
    """Whether what must be text of a record of feedback is text, or nothing."""
    words = (record.source_id, record.text, record.subject, record.author_name, record.author_email, record.account)
    return all(one is None or isinstance(one, str) for one in (*words, record.url))
