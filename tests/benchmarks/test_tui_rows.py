"""Two readings of a database are compared row by row, sealed words by what they say."""

from pathlib import Path

from benchmarks.tui_rows import Tables, decided, differences, read_all
from insights.domain.problem import Action
from insights.storage.encryption import Cipher
from insights.storage.problems import Words
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.builders import MORNING
from tests.stored import KEY, a_stored_problem, a_workspace, an_estimate

CIPHER = Cipher(KEY)


def workspace(folder: Path) -> tuple[Repository, Path]:
    return a_workspace(folder, problems=[a_stored_problem(estimate=an_estimate())]), folder / "insights.db"


def renamed(repository: Repository, title: str) -> None:
    words = Words(title=title, summary="", described_by="offline", described_from="test", quotes=())
    repository.problems.save_words(1, words)


def test_a_decision_is_told_and_once_taken_back_leaves_nothing_but_the_log(tmp_path: Path) -> None:
    repository, database = workspace(tmp_path)
    triage = Triage(repository, "ana", lambda: MORNING)
    before = read_all(database)

    triage.decide(1, Action.DISMISS)
    between = differences(before, read_all(database), cipher=CIPHER)
    triage.undo()

    assert [(one.table, one.key, one.column, one.after) for one in between] == [("problem", (1,), "state", "dismissed")]
    assert differences(before, read_all(database), cipher=CIPHER) == []
    assert [one.action for one in decided(database)] == ["dismiss", "undo"]


def test_words_sealed_anew_are_the_same_and_other_words_are_not(tmp_path: Path) -> None:
    repository, database = workspace(tmp_path)
    renamed(repository, "Export hangs")
    before = read_all(database)

    renamed(repository, "Export hangs")
    assert before["problem"][1,]["sealed"] != read_all(database)["problem"][1,]["sealed"]
    assert differences(before, read_all(database), cipher=CIPHER) == []

    renamed(repository, "Import hangs")
    (found,) = differences(before, read_all(database), cipher=CIPHER)
    assert "Import hangs" in str(found)


def test_a_row_that_is_gone_is_told(tmp_path: Path) -> None:
    _, database = workspace(tmp_path)
    before = read_all(database)

    (found, *_) = differences(before, {**before, "quote": {}}, cipher=CIPHER)

    assert (found.table, found.before, found.after) == ("quote", "a row", None)


def test_what_is_left_out_says_why() -> None:
    assert all(len(why) > 20 for why in {**Tables.LOG, **Tables.COUNTING}.values())
