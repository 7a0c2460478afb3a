"""Search as a person types: quick, never an error, and in nobody's way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.corrections import Corrections
from insights.domain.feedback import FeedbackKind
from insights.domain.query import Filters, Found, Query, written
from insights.errors import InsightsError, Unreachable
from insights.finding.finder import Finder
from insights.ports import Vectors
from insights.search import search
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY, VectorPlace, VectorStore
from tests.drafts import a_draft, save, split_whole
from tests.fakes import HashingEmbedder
from tests.stored import NOW, a_stored_problem, a_workspace, an_account_record, an_item

EXPORTS = [
    an_item("The export to csv hangs for hours", account="Acme Corp", days_ago=1),
    an_item("Our csv export hangs", account="Initech", days_ago=40, kind=FeedbackKind.NPS, score=2, source="survey"),
    an_item("csv export hangs with error ERR-1042 shown", account="Acme Corp", days_ago=3),
]
LOGINS = [
    an_item("Login loops for order 48213377", account="Initech", days_ago=2),
    an_item("We cannot log in at all", account="Acme Ltd", days_ago=5, kind=FeedbackKind.NPS, score=6),
]
OTHERS = [an_item(f"Something else number {word} entirely") for word in ("one", "two", "three")]
TODAY = date(2026, 11, 20)


@dataclass
class Bench:
    """A workspace with its vectors, and how often a finder opened them."""

    folder: Path
    repository: Repository
    embedder: HashingEmbedder = field(default_factory=lambda: HashingEmbedder(dimensions=256))
    opened: int = 0

    def vectors(self) -> VectorStore:
        self.opened += 1
        return VectorStore(VectorPlace(self.folder / "vectors"))

    def embed(self) -> None:
        mentions = self.repository.mentions.ranked()
        with VectorStore(VectorPlace(self.folder / "vectors")) as vectors:
            made = self.embedder.embed([mention.text for mention in mentions])
            vectors.upsert([m.id for m in mentions], made, filters=[{"opaque": 1} for _ in mentions])
        self.repository.set_meta(VECTORS_BY, self.embedder.fingerprint)

    def finder(self, *, largest_copy: int = 10**6, retry_seconds: float = 0) -> Finder:
        return Finder(
            self.repository,
            lambda: self.embedder,
            self.vectors,
            today=lambda: TODAY,
            largest_copy=largest_copy,
            retry_seconds=retry_seconds,
        )


@contextmanager
def a_bench(folder: Path) -> Iterator[Bench]:
    repository = a_workspace(
        folder,
        accounts=[
            an_account_record("Acme Corp", segment="enterprise", revenue=9000),
            an_account_record("Acme Ltd", segment="smb"),
            an_account_record("Initech", segment="smb"),
        ],
        problems=[a_stored_problem("Export", items=EXPORTS), a_stored_problem("Login", items=LOGINS)],
        others=[*OTHERS, *[an_item("Please call me back tomorrow morning!", days_ago=9)] * 3],
    )
    bench = Bench(folder, repository)
    bench.embed()
    yield bench
    repository.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with a_bench(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """For what changes nothing."""
    with a_bench(tmp_path_factory.mktemp("finder")) as made:
        yield made


@pytest.fixture(scope="module")
def finder(shared: Bench) -> Finder:
    return shared.finder()


def texts(found: Found) -> list[str]:
    return [hit.text for hit in found.hits]


def hints(found: Found) -> str:
    return "; ".join(hint.words for hint in found.hints)


# -- what is found --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "filters"),
    [
        ("csv export hangs", Filters()),
        ("csv export", Filters(kind=FeedbackKind.NPS)),
        ("what is err 1042 ERR_1042", Filters()),
        ("order 48213377 login", Filters(account="Initech", until=TODAY)),
        ("call me back", Filters(source="tickets")),
    ],
)
def test_hits_and_their_order_are_those_of_a_plain_search(
    shared: Bench, finder: Finder, words: str, filters: Filters
) -> None:
    line = written(Query(words=words, filters=filters))
    with shared.vectors() as vectors:
        plain = search(words, repository=shared.repository, embedder=shared.embedder, vectors=vectors, filters=filters)

    found = finder.find(line, 20)

    assert [hit.similarity for hit in found.hits] == [
        hit.similarity and pytest.approx(hit.similarity, abs=1e-5) for hit in plain
    ]
    near = [hit for hit in plain if hit.similarity is None or hit.similarity > 0.01]
    assert texts(found)[: len(near)] == [hit.text for hit in near]
    paid = {hit.mention_id: hit.account_revenue for hit in plain}
    assert all(paid.get(hit.mention_id, hit.account_revenue) == hit.account_revenue for hit in found.hits)


def test_filters_alone_give_the_newest_that_pass_and_how_many_do(finder: Finder) -> None:
    found = finder.find("segment:smb", 2)

    assert texts(found) == [LOGINS[0].text, LOGINS[1].text]
    assert found.total == 3
    assert {hit.similarity for hit in found.hits} == {None}


@pytest.mark.parametrize("line", ["", "   ", "\u200b\x07", "kind:", "kind:galaxy"])
def test_a_line_that_asks_for_nothing_finds_nothing(finder: Finder, line: str) -> None:
    found = finder.find(line)

    assert (found.hits, found.total) == ((), None)


def test_days_count_back_from_today(finder: Finder) -> None:
    assert set(texts(finder.find("export since:2d"))) >= {EXPORTS[0].text, LOGINS[0].text}
    assert EXPORTS[2].text not in texts(finder.find("export since:2d"))


def test_two_filters_on_accounts_must_both_hold(finder: Finder) -> None:
    assert texts(finder.find("account:acme segment:smb")) == [LOGINS[1].text]
    assert texts(finder.find("account:Initech segment:enterprise")) == []


# -- what is told ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found_texts", "hint"),
    [
        ("account:ini", {EXPORTS[1].text, LOGINS[0].text}, "account:ini is taken for Initech"),
        (
            "account:acme",
            {EXPORTS[0].text, EXPORTS[2].text, LOGINS[1].text},
            "account:acme is taken for Acme Corp, Acme Ltd",
        ),
        ('account:"acme corp"', {EXPORTS[0].text, EXPORTS[2].text}, ""),
        ("source:surv", {EXPORTS[1].text}, "source:surv is taken for survey"),
        ("source:SURVEY", {EXPORTS[1].text}, ""),
    ],
)
def test_the_beginning_of_a_name_is_enough_and_the_guess_is_told(
    finder: Finder, typed: str, found_texts: set[str], hint: str
) -> None:
    found = finder.find(typed)

    assert set(texts(found)) == found_texts
    assert hints(found) == hint


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("account:Glosbe", "No account is called 'Glosbe'"),
        ("segment:galactic", "enterprise, smb"),
        ("source:gong", "survey, tickets"),
        ("problem:P-99", "P-99"),
        ("kind:np", "not yet understood"),
    ],
)
def test_a_filter_that_names_nothing_is_told_and_left_out(finder: Finder, typed: str, hint: str) -> None:
    found = finder.find(f"csv export {typed}")

    assert found.query.filters == Filters()
    assert found.hits[0].text in {item.text for item in EXPORTS}
    assert hint in hints(found)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                ["kind:", "account:", "segment:", "source:", "problem:", "score:", '"', " ", "a", "P-1", "<3"]
            ),
            max_size=12,
        ).map("".join),
    )
)
def test_no_line_is_an_error(finder: Finder, line: str) -> None:
    found = finder.find(line, 5)

    assert len(found.hits) <= 5


# -- what is kept ---------------------------------------------------------------------------------------------------


def test_vectors_are_read_once_and_each_query_is_embedded_once(bench: Bench) -> None:
    finder = bench.finder()
    finder.prepare()
    bench.embedder.asked.clear()

    for line in ("e", "ex", "exp", "ex", "exp kind:nps"):
        finder.find(line)

    assert bench.opened == 1
    assert bench.embedder.asked == ["e", "ex", "exp"]


def test_another_process_can_have_the_vectors_between_two_searches(bench: Bench) -> None:
    finder = bench.finder()
    finder.find("csv export")

    with VectorStore(VectorPlace(bench.folder / "vectors")) as vectors:
        assert vectors.count() > 0
        found = finder.find("login loops")

    assert found.hits[0].text == LOGINS[0].text
    assert found.hints == ()


def test_while_another_process_has_them_words_alone_are_searched_and_that_is_said(bench: Bench) -> None:
    finder = bench.finder()

    with VectorStore(VectorPlace(bench.folder / "vectors")):
        found = finder.find("HANGS export")

    assert texts(found) == [EXPORTS[0].text, EXPORTS[2].text, EXPORTS[1].text]
    assert "Another process uses the vector store" in hints(found)
    assert finder.find("HANGS export").hints == ()


def test_what_comes_during_an_analysis_is_found_after_it(bench: Bench) -> None:
    finder = bench.finder()
    finder.find("csv export")
    _add_an_item(bench, "The new invoice is blank")

    with VectorStore(VectorPlace(bench.folder / "vectors")):
        during = finder.find("invoice blank")
    bench.embed()
    after = finder.find("invoice blank")

    assert "The new invoice is blank" not in texts(during)
    assert "not found by meaning yet" in hints(during)
    assert texts(after)[0] == "The new invoice is blank"
    assert after.hints == ()


def test_a_store_that_was_refused_is_left_alone_for_a_while_but_still_told(bench: Bench) -> None:
    finder = bench.finder(retry_seconds=60)

    with VectorStore(VectorPlace(bench.folder / "vectors")):
        told = [hints(finder.find(line)) for line in ("export", "export hangs", "export hangs")]

    assert bench.opened == 1
    assert all("Another process uses the vector store" in hint for hint in told)


def test_a_problem_that_an_item_moved_to_is_told_at_once(bench: Bench) -> None:
    finder = bench.finder()
    before = finder.find("login loops").hits[0]

    Corrections(bench.repository, "ana", lambda: NOW).move(before.feedback_id, source=2, to=1)

    assert (before.problem_id, finder.find("login loops").hits[0].problem_id) == (2, 1)
    assert texts(finder.find("problem:P-2")) == [LOGINS[1].text]


def test_more_vectors_than_may_be_copied_are_searched_in_their_store(bench: Bench) -> None:
    finder = bench.finder(largest_copy=1)

    first, second = finder.find("login loops"), finder.find("csv export kind:nps")

    assert (texts(first)[0], texts(second)[0]) == (LOGINS[0].text, EXPORTS[1].text)
    assert bench.opened == 3


def test_vectors_of_another_embedder_are_told_with_the_remedy(bench: Bench) -> None:
    bench.repository.set_meta(VECTORS_BY, "another")

    found = bench.finder().find("export hangs")

    assert "insights reindex" in hints(found)
    assert len(found.hits) == 3


class Refusing(HashingEmbedder):
    """A server that is away."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        raise InsightsError("The embedding server does not answer.", remedy="Start it.")


def test_an_embedder_that_fails_leaves_the_words(bench: Bench) -> None:
    bench.embedder = Refusing(dimensions=256)

    found = bench.finder().find("csv hangs")

    assert len(found.hits) == 3
    assert hints(found) == "The embedding server does not answer. Start it."


def test_a_database_that_cannot_be_reached_is_an_error(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise Unreachable("The database server cannot be reached.", remedy="Start it.")

    finder = bench.finder()
    monkeypatch.setattr(bench.repository.sought, "stamp", refuse)

    with pytest.raises(Unreachable):
        finder.find("export")


def test_a_closed_finder_reads_anew(bench: Bench) -> None:
    finder = bench.finder()
    finder.find("export")
    finder.close()

    assert finder.find("login loops").hits[0].text == LOGINS[0].text
    assert bench.opened == 2


def _add_an_item(bench: Bench, text: str) -> None:
    """As an analysis does until it embeds; marked as embedded."""
    save(bench.repository, a_draft(text, number=99, created_at=NOW))
    split_whole(bench.repository)
    fresh = [mention.id for mention in bench.repository.mentions.unembedded("test", limit=9)]
    bench.repository.mentions.mark_embedded(fresh, fingerprint="test")
