"""Finished work is read, redacted, kept and embedded; a kill in between loses nothing; problems get the effort of what
is near them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from connectors.sources.finished import FinishedWorkFile
from insights.errors import ExitCode, InsightsError
from insights.finished_work import ImportedWork, forget_work, import_work
from insights.ports import Embedder, Vectors
from insights.stages.effort import embed_waiting, similar_effort
from insights.storage.feedback import Saved
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.fakes import HashingEmbedder, quiet
from tests.stored import KEY

HEADER = "Issue key,Summary,Description,Resolved,Time Spent,Story Points\n"
WEEK = 40 * 3600


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


def a_file(folder: Path, *rows: str, header: str = HEADER, name: str = "work.csv") -> Path:
    path = folder / name
    path.write_text(header + "\n".join(rows) + "\n")
    return path


def bring_in(
    repository: Repository,
    path: Path,
    *,
    embedder: Embedder | None = None,
    weeks_per_point: float | None = None,
    overrides: Sequence[str] = (),
) -> ImportedWork:
    return import_work(
        FinishedWorkFile(name="jira", path=path, overrides=overrides, weeks_per_point=weeks_per_point),
        repository=repository,
        embedder=embedder or HashingEmbedder(),
        regions=["US"],
        rejects_folder=path.parent / "rejects",
        progress=quiet,
    )


def test_a_jira_export_gives_weeks_of_forty_hours(tmp_path: Path, repository: Repository) -> None:
    path = a_file(tmp_path, f"PROJ-12,Export times out,The export stops.,2026-03-04 10:00,{2 * WEEK},5")

    done = bring_in(repository, path)

    assert (done.saved, done.embedded, done.refused) == (Saved(1, 0, 0), 1, 0)
    work = repository.finished_work.latest(1)[0]
    assert (work.source, work.source_id, work.title, work.text) == (
        "jira", "PROJ-12", "Export times out", "The export stops.",
    )  # fmt: skip
    assert work.weeks == 2.0
    assert str(work.finished_on) == "2026-03-04"


@pytest.mark.parametrize(
    ("column", "cell", "weeks"),
    [
        ("Weeks", "2", 2),
        ("Days", "10", 2),
        ("Hours", "80", 2),
        ("Completed Work", "20", 0.5),
        ("Time Spent", "72000", 0.5),
    ],
)
def test_effort_is_read_in_the_unit_of_its_column(
    tmp_path: Path, repository: Repository, column: str, cell: str, weeks: float
) -> None:
    path = a_file(tmp_path, f"A-1,Export,{cell}", header=f"Key,Title,{column}\n")

    bring_in(repository, path)

    assert repository.finished_work.latest(1)[0].weeks == pytest.approx(weeks)


def test_story_points_count_only_for_rows_without_time_and_with_weeks_per_point(
    tmp_path: Path, repository: Repository
) -> None:
    path = a_file(tmp_path, f"A-1,Export,x,2026-03-04,{WEEK},8", "A-2,Import,y,2026-03-05,,5")

    refused = bring_in(repository, path)
    told = bring_in(repository, path, weeks_per_point=0.4)

    assert (refused.saved.new, refused.refused) == (1, 1)
    assert "--weeks-per-point" in refused.reasons[0]
    assert (told.saved, told.refused) == (Saved(1, 0, 1), 0)
    assert {work.source_id: work.weeks for work in repository.finished_work.latest(5)} == {"A-1": 1.0, "A-2": 2.0}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A-1,Export,x,2026-03-04,,", "has no effort"),
        ("A-1,Export,x,2026-03-04,0,", "not above 0"),
        ("A-1,Export,x,2026-03-04,-3600,", "not above 0"),
        ("A-1,Export,x,2026-03-04,soon,", "is not a number"),
        ("A-1,Export,x,,144000,", "not finished: 'Resolved' is empty"),
        ("A-1,Export,x,2026-03-04,999999999999,", "more than ten years"),
        ("A-1,,,2026-03-04,144000,", "neither a title nor a text"),
        ("A-2,Another,x,2026-03-04,144000,", "stands in line 2 already"),
    ],
)
def test_a_row_without_a_believable_effort_is_refused_with_its_reason(
    tmp_path: Path, repository: Repository, row: str, reason: str
) -> None:
    others = [f"A-{n},Import {n},y,2026-03-05,144000,5" for n in range(2, 8)]

    done = bring_in(repository, a_file(tmp_path, *others, row), weeks_per_point=0.4)

    assert (done.saved.new, done.refused) == (6, 1)
    assert reason in done.reasons[0]
    assert done.rejects_file is not None
    assert reason in done.rejects_file.read_text()


def test_issues_that_bear_no_end_are_taken_where_no_column_says_when(tmp_path: Path, repository: Repository) -> None:
    path = a_file(tmp_path, "A-1,Export,x,,144000,")

    assert bring_in(repository, path, overrides=["finished_on="]).saved.new == 1


@pytest.mark.parametrize(
    ("header", "remedy"),
    [
        ("Key,Title\n", "--map weeks=COLUMN"),
        ("Key,Title,Story Points\n", "--weeks-per-point"),
        ("Hours\n", "--map title"),
    ],
)
def test_a_file_without_a_column_that_is_needed_is_refused_whole(
    tmp_path: Path, repository: Repository, header: str, remedy: str
) -> None:
    path = a_file(tmp_path, "3,Export,5", header=header)

    with pytest.raises(InsightsError) as refused:
        bring_in(repository, path)

    assert remedy in refused.value.remedy
    assert refused.value.exit_code is ExitCode.USAGE
    assert repository.finished_work.counts() == []


def test_personal_data_is_gone_before_anything_is_embedded_or_kept(tmp_path: Path, repository: Repository) -> None:
    embedder = HashingEmbedder()
    path = a_file(tmp_path, "A-1,Export for ada@example.com,Ask ada@example.com at +1 415 555 2671.,2026-03-04,144000,")

    bring_in(repository, path, embedder=embedder)

    work = repository.finished_work.latest(1)[0]
    assert work.title == "Export for <EMAIL>"
    assert work.text == "Ask <EMAIL> at <PHONE>."
    assert embedder.asked
    assert not any("ada" in text for text in embedder.asked)


class StoppedEmbedder(HashingEmbedder):
    """Stops at the second batch, as a kill would."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        if self.asked:
            raise KeyboardInterrupt
        return super().embed(texts)


def test_what_was_read_before_a_kill_is_kept_and_embedding_goes_on(tmp_path: Path, repository: Repository) -> None:
    path = a_file(tmp_path, *(f"A-{n},Export {n},text,2026-03-04,{WEEK}," for n in range(1_200)))

    with pytest.raises(KeyboardInterrupt):
        bring_in(repository, path, embedder=StoppedEmbedder())

    embedder = HashingEmbedder()
    count = repository.finished_work.counts(embedder.fingerprint)[0]
    assert (count.issues, count.embedded) == (1_200, 500)
    assert embed_waiting(repository, embedder, quiet) == 700
    assert len(embedder.asked) == 700
    assert embed_waiting(repository, embedder, quiet) == 0
    assert bring_in(repository, path, embedder=embedder).saved == Saved(0, 0, 1_200)


def test_forgetting_an_unknown_source_names_the_known_ones(tmp_path: Path, repository: Repository) -> None:
    with pytest.raises(InsightsError) as none:
        forget_work("jira", repository=repository)
    bring_in(repository, a_file(tmp_path, f"A-1,Export,x,2026-03-04,{WEEK},"))

    with pytest.raises(InsightsError) as other:
        forget_work("github", repository=repository)

    assert "insights work import" in none.value.remedy
    assert "jira" in other.value.remedy
    assert forget_work("jira", repository=repository) == 1


# -- what a problem gets from it ---------------------------------------------------------------------------------------


def a_past(folder: Path, *, each: int = 40) -> Path:
    """Exports took a week, logins ten."""
    exports = [f"E-{n},Export of the report hangs,export report {n},2026-03-04,{WEEK}," for n in range(each)]
    logins = [f"L-{n},Login with password fails,login password {n},2026-03-04,{10 * WEEK}," for n in range(each)]
    return a_file(folder, *exports, *logins)


def test_a_problem_gets_the_effort_of_what_is_near_it_and_is_told_which(tmp_path: Path, repository: Repository) -> None:
    embedder = HashingEmbedder()
    bring_in(repository, a_past(tmp_path), embedder=embedder)
    vectors = embedder.embed(["the export of my report hangs", "my password fails at login"])

    found = similar_effort(repository, embedder, {3: vectors[0] * 5, 9: vectors[1]})

    assert list(found) == [3, 9]
    assert found[3][0].likely == pytest.approx(1)
    assert found[9][0].likely == pytest.approx(10)
    told = [end for weeks, _ in found.values() for end in (weeks.low, weeks.likely, weeks.high)]
    assert told == [float(f"{end:.2g}") for end in told]
    assert " similar finished issues, nearest E-" in found[3][1]
    assert found[3][1].endswith(" (1 wk)")
    assert found[9][1].endswith(" (10 wk)")


def test_no_title_is_kept_with_an_estimate(tmp_path: Path, repository: Repository) -> None:
    embedder = HashingEmbedder()
    bring_in(repository, a_past(tmp_path), embedder=embedder)
    vector = embedder.embed(["the export of my report hangs"])[0]

    [(_, words)] = similar_effort(repository, embedder, {3: vector}).values()

    assert "Export" not in words


def test_a_problem_near_nothing_and_a_past_too_short_give_no_effort(tmp_path: Path, repository: Repository) -> None:
    embedder = HashingEmbedder()
    bring_in(repository, a_past(tmp_path, each=5), embedder=embedder)
    asked = {1: embedder.embed(["the export of my report hangs"])[0]}

    assert similar_effort(repository, embedder, asked) == {}
    bring_in(repository, a_past(tmp_path), embedder=embedder)
    assert list(similar_effort(repository, embedder, asked | {2: -asked[1]})) == [1]
    assert similar_effort(repository, embedder, {}) == {}


def test_where_similar_work_tells_no_more_the_words_say_so(tmp_path: Path, repository: Repository) -> None:
    embedder = HashingEmbedder(dimensions=512)
    rows = [f"K-{n},kind{n // 4} word{n // 4},,2026-03-04,{WEEK * (1 if n % 4 < 2 else 10)}," for n in range(80)]
    bring_in(repository, a_file(tmp_path, *rows), embedder=embedder)

    words = similar_effort(repository, embedder, {1: embedder.embed(["kind3 word3"])[0]})[1][1]

    assert words == "all 80 finished issues: similar ones told no more"


def test_a_vector_without_length_gives_no_effort_and_no_warning(tmp_path: Path, repository: Repository) -> None:
    embedder = HashingEmbedder()
    bring_in(repository, a_past(tmp_path), embedder=embedder)

    assert similar_effort(repository, embedder, {1: np.zeros(embedder.dimensions, dtype=np.float32)}) == {}


def test_work_that_another_embedder_embedded_is_not_compared(tmp_path: Path, repository: Repository) -> None:
    bring_in(repository, a_past(tmp_path), embedder=HashingEmbedder())
    other = HashingEmbedder(dimensions=16)
    asked = {1: other.embed(["the export of my report hangs"])[0]}

    assert similar_effort(repository, other, asked) == {}
    embed_waiting(repository, other, quiet)
    assert list(similar_effort(repository, other, asked)) == [1]


def test_a_hostile_name_is_harmless_in_words(tmp_path: Path, repository: Repository) -> None:
    embedder = HashingEmbedder()
    rows = [f'"E\x1b[31m\x1b]0;x\x07\u202e-{n}",Export hangs,export,2026-03-04,{WEEK},' for n in range(30)]
    bring_in(repository, a_file(tmp_path, *rows), embedder=embedder)

    words = similar_effort(repository, embedder, {1: embedder.embed(["Export hangs export"])[0]})[1][1]

    assert "nearest E" in words
    assert words.isprintable()
