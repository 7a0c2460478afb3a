import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from insights.language.quotes import find_span

SOURCE = "The  “export” doesn’t finish —\nit hangs… and then, after 120 s, we get an empty file. Can’t work!"


def found(source: str, quoted: str) -> str | None:
    span = find_span(source, quoted)
    return None if span is None else source[slice(*span)]


@pytest.mark.parametrize(
    ("quoted", "original"),
    [
        ('the "export" doesn\'t finish', "The  “export” doesn’t finish"),
        ("DOESN'T FINISH - it hangs", "doesn’t finish —\nit hangs"),
        ("“after 120 s, we get an empty file.”", "after 120 s, we get an empty file"),
        ("it hangs... and then", "it hangs… and then"),
        ("doesn’t finish … an empty file", "doesn’t finish —\nit hangs… and then, after 120 s, we get an empty file"),
        (
            "doesn't finish [...] after 120 s […] empty file",
            "doesn’t finish —\nit hangs… and then, after 120 s, we get an empty file",
        ),
        ("… we get an empty file …", "we get an empty file"),
    ],
)
def test_an_honest_quote_is_found_whatever_its_marks(quoted: str, original: str) -> None:
    assert found(SOURCE, quoted) == original


@pytest.mark.parametrize(
    "quoted",
    [
        "the export does not finish",
        "it hangs and then",
        "we get an empty list",
        "after 130 s, we get an empty file",
        "empty file … it hangs",
        "xport” doesn’t finish",
        "empty fil",
        "file",
        "a … b … c",
        "…",
        "",
        "   ",
        "!!! ---",
    ],
)
def test_changed_reordered_cut_and_tiny_quotes_are_refused(quoted: str) -> None:
    assert find_span(SOURCE, quoted) is None


def test_a_short_text_may_be_quoted_whole() -> None:
    assert find_span("Too slow!", "too slow") == (0, 8)
    assert find_span("Too slow since May", "too slow") is None


def test_ligatures_wide_and_combined_letters_map_to_the_original() -> None:
    source = "x ﬁnally ＡＢＣ cafe\u0301 straße Ⅳ ok"

    assert found(source, "finally abc café strasse iv") == "ﬁnally ＡＢＣ cafe\u0301 straße Ⅳ"


def test_an_accent_is_part_of_a_word() -> None:
    assert find_span("la exportación esta lista", "la exportación está lista") is None


def test_a_hostile_source_takes_no_time() -> None:
    assert find_span("a " * 50_000, "a a a a a a a a b " * 20) is None


WORDS = st.lists(st.text(st.sampled_from("abcdeéüß"), min_size=3, max_size=8), min_size=6, max_size=20)


@given(WORDS, st.data())
def test_any_run_of_words_is_found_in_other_case_space_and_marks(words: list[str], data: st.DataObject) -> None:
    source = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 4))
    run = words[first : first + 4]
    between = data.draw(st.sampled_from([" ", "  ", "\n", "\u00a0"]))
    quoted = between.join(word.upper() if data.draw(st.booleans()) else word for word in run)

    text = found(source, quoted)

    assert text is not None
    assert text.casefold() == " ".join(run).casefold()


@given(WORDS, st.data())
def test_two_parts_in_order_are_found_across_an_ellipsis(words: list[str], data: st.DataObject) -> None:
    source = " ".join(words)
    mark = data.draw(st.sampled_from(["…", "...", " […] ", " [...] ", " … "]))
    assume(len(words) >= 6)

    text = found(source, f"{' '.join(words[:2])}{mark}{' '.join(words[-3:])}")

    assert text is not None
    assert source.startswith(text.split(" ")[0], source.index(text))


@given(WORDS, st.integers(0, 3), st.integers(0, 16))
def test_one_changed_word_is_refused(words: list[str], changed: int, first: int) -> None:
    first = min(first, len(words) - 4)
    quoted = words[first : first + 4]
    quoted[changed] = "zzz"

    assert find_span(" ".join(words), " ".join(quoted)) is None


@given(st.text(max_size=200), st.text(max_size=60))
def test_a_span_always_lies_in_the_source(source: str, quoted: str) -> None:
    span = find_span(source, quoted)

    assert span is None or 0 <= span[0] < span[1] <= len(source)
