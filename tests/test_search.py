import zlib
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from insights.domain.feedback import FeedbackKind
from insights.domain.query import Filters
from insights.errors import ExitCode, InsightsError
from insights.ports import Vectors
from insights.search import search
from insights.storage.vectors import VectorPlace, VectorStore
from tests.stored import a_stored_problem, a_workspace, an_account_record, an_item


class WordEmbedder:
    """Texts with the same words are near: one direction a word, by its checksum."""

    fingerprint = "words-256"
    dimensions = 256

    def embed(self, texts: Sequence[str]) -> Vectors:
        made = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)
        for row, text in zip(made, texts, strict=True):
            for word in text.lower().split():
                row[zlib.crc32(word.strip(".,").encode()) % self.dimensions] += 1
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


EXPORTS = [
    an_item("The export to csv hangs for hours", account="Acme Corp", days_ago=1),
    an_item("Our csv export hangs", account="Initech", days_ago=40, kind=FeedbackKind.NPS, score=2, source="survey"),
    an_item("csv export hangs with error ERR-1042 shown", account="Acme Corp", days_ago=3),
]
LOGINS = [
    an_item("Login loops for order 48213377", account="Initech", days_ago=2),
    an_item("We cannot log in, order 48213378", account="Globex", days_ago=5, kind=FeedbackKind.NPS, score=6),
]
OTHERS = [an_item(f"Something else number {word} entirely") for word in ("one", "two", "three")]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Search over two problems, three accounts and items in no problem; the vector store holds no filters."""
    folder = tmp_path_factory.mktemp("search")
    repository = a_workspace(
        folder,
        accounts=[
            an_account_record("Acme Corp", segment="enterprise"),
            an_account_record("Initech", segment="smb"),
            an_account_record("Globex", segment="smb"),
        ],
        problems=[a_stored_problem("Export", items=EXPORTS), a_stored_problem("Login", items=LOGINS)],
        others=[*OTHERS, *[an_item("Please call me back tomorrow morning!")] * 3],
    )
    embedder = WordEmbedder()
    mentions = repository.mentions.ranked()
    with VectorStore(VectorPlace(folder / "vectors")) as vectors:
        made = embedder.embed([mention.text for mention in mentions])
        vectors.upsert([m.id for m in mentions], made, filters=[{"opaque": 1} for _ in mentions])

        def find(words, count=20, **filters):
            return search(
                words,
                repository=repository,
                embedder=embedder,
                vectors=vectors,
                filters=Filters(**filters),
                count=count,
            )

        yield find
    repository.close()


def texts(hits):
    return [hit.text for hit in hits]


def test_the_nearest_meaning_comes_first_with_its_cosine_and_problem(found):
    hits = found("csv export hangs", count=3)

    assert {hit.problem_id for hit in hits} == {1}
    similarities = [hit.similarity for hit in hits]
    assert similarities == sorted(similarities, reverse=True)
    assert similarities[0] > 0.8


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"kind": FeedbackKind.NPS}, {EXPORTS[1].text, LOGINS[1].text}),
        ({"source": "survey"}, {EXPORTS[1].text}),
        ({"account": "acme corp"}, {EXPORTS[0].text, EXPORTS[2].text}),
        ({"account": "Acme"}, {EXPORTS[0].text, EXPORTS[2].text}),
        ({"account": "Globx"}, {LOGINS[1].text}),
        ({"segment": "SMB"}, {EXPORTS[1].text, LOGINS[0].text, LOGINS[1].text}),
        ({"segment": "smb", "account": "Globex"}, {LOGINS[1].text}),
        ({"segment": "enterprise", "account": "Globex"}, set()),
        ({"problem": 2}, {LOGINS[0].text, LOGINS[1].text}),
        ({"since": date(2026, 11, 18), "problem": 2}, {LOGINS[0].text}),
        ({"until": date(2026, 11, 15)}, {EXPORTS[1].text, LOGINS[1].text}),
        ({"lowest_score": 6}, {LOGINS[1].text}),
        ({"highest_score": 2}, {EXPORTS[1].text}),
    ],
)
def test_filters_hold_by_what_the_database_says(found, filters, expected):
    hits = found("csv export", **filters)

    assert set(texts(hits)) == expected


def test_near_identical_hits_appear_once(found):
    hits = found("please call me back tomorrow morning")

    assert texts(hits).count("Please call me back tomorrow morning!") == 1


def test_an_error_code_is_found_as_it_is_written_before_any_meaning(found):
    hits = found("what is err 1042 ERR_1042")

    assert hits[0].text == EXPORTS[2].text
    assert hits[0].similarity is None


def test_an_order_number_is_not_taken_for_its_neighbour(found):
    exact = [hit.text for hit in found("order 48213377") if hit.similarity is None]

    assert exact == [LOGINS[0].text]


def test_what_was_found_by_words_is_not_repeated_by_meaning(found):
    hits = found("order 48213377")

    assert len({hit.mention_id for hit in hits}) == len(hits)


def test_filters_alone_give_the_newest_that_pass(found):
    hits = found("", segment="smb", count=2)

    assert texts(hits) == [LOGINS[0].text, LOGINS[1].text]
    assert {hit.similarity for hit in hits} == {None}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"kind": FeedbackKind.NPS, "highest_score": 2}, [EXPORTS[1].text]),
        ({"kind": FeedbackKind.NPS, "lowest_score": 2.5}, [LOGINS[1].text]),
        ({"account": "Acme Corp", "until": date(2026, 11, 18)}, [EXPORTS[2].text]),
        ({"problem": 2, "since": date(2026, 11, 18)}, [LOGINS[0].text]),
        ({"source": "survey"}, [EXPORTS[1].text]),
        ({"segment": "enterprise", "account": "Globex"}, []),
    ],
)
def test_filters_alone_hold_as_they_do_with_words(found, filters, expected):
    assert texts(found("", **filters)) == expected


@pytest.mark.parametrize("words", ["", "  \n", "\u200b\x07"])
def test_an_empty_query_is_a_matter_of_usage(found, words):
    with pytest.raises(InsightsError) as refused:
        found(words)

    assert refused.value.exit_code is ExitCode.USAGE


def test_an_unknown_account_is_refused_with_names_like_it(found):
    with pytest.raises(InsightsError) as refused:
        found("export", account="Glosbe Exports")

    assert "Globex" in refused.value.remedy


def test_an_unknown_segment_is_refused_with_those_there_are(found):
    with pytest.raises(InsightsError) as refused:
        found("export", segment="galactic")

    assert "enterprise, smb" in refused.value.remedy


def test_an_unknown_problem_is_refused(found):
    with pytest.raises(InsightsError):
        found("export", problem=99)


def test_no_more_hits_come_than_asked_for(found):
    assert len(found("csv export", count=2)) == 2
