"""Correcting the groups by command: names people can copy, words that say what was done, data as JSON."""

import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from insights.bootstrap import open_workspace
from insights.cli.books import item_table, rule_lines, time_line
from insights.domain.feedback import Evidence, FeedbackKind, Stance
from insights.domain.rule import RuleKind
from insights.errors import InsightsError
from insights.history import Moment
from insights.rulebook import Saying, Status
from insights.storage.groupings import NewProblem
from tests.cli.calling import Run, caller, made
from tests.drafts import a_draft, save, split_whole
from tests.stored import NOW

ESC = "\x1b[31m"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls `insights` in a workspace of two problems, P-1 with items 1 to 3 and P-2 with 4 and 5; gives stdout, or
    stderr as well with `everything`."""
    workspace = made(tmp_path, monkeypatch)
    _fill(workspace)
    return caller(workspace)


def _fill(folder: Path) -> None:
    workspace = open_workspace(folder)
    repository = workspace.repository
    drafts = [a_draft(f"It {ESC}hangs {n}", number=n, created_at=NOW - timedelta(days=n)) for n in range(1, 6)]
    save(repository, *drafts)
    split_whole(repository)
    mentions = [mention.id for mention in repository.mentions.unembedded("test", limit=9)]
    repository.mentions.mark_embedded(mentions, fingerprint="test")
    run = repository.runs.start(mode="offline", at=NOW)
    groups = (tuple(mentions[:3]), tuple(mentions[3:]))
    born = [(NewProblem(stance=Stance.PROBLEM, mentions=some), [0.9] * len(some)) for some in groups]
    repository.groupings.save(run.id, joined={}, born=born)
    workspace.close()


def printed(part: RenderableType, *, width: int = 80) -> str:
    out = Console(file=io.StringIO(), width=width, markup=False, highlight=False)
    out.print(part)
    assert isinstance(out.file, io.StringIO)
    return "\n".join(line.rstrip() for line in out.file.getvalue().splitlines())


# -- commands ---------------------------------------------------------------------------------------------------


def test_the_items_of_a_problem_have_names_that_the_other_commands_take(run: Run) -> None:
    listed = json.loads(run("show", "P-1", "--items", "--json"))
    assert [item["ref"] for item in listed] == ["tickets/T-1", "tickets/T-2", "tickets/T-3"]

    run("split", "P-1", listed[0]["ref"], "T-2", "--why", "another cause")

    assert [item["ref"] for item in json.loads(run("show", "P-3", "--items", "--json"))] == [
        "tickets/T-1",
        "tickets/T-2",
    ]


def test_the_items_of_a_problem_fit_a_narrow_screen_and_are_cleaned(run: Run) -> None:
    lines = run("show", "P-1", "--items").splitlines()

    assert [line.split()[0] for line in lines] == ["item", "tickets/T-1", "tickets/T-2", "tickets/T-3"]
    assert all(len(line) <= 80 for line in lines)
    assert "It hangs 1" in lines[1]


def test_merging_says_what_was_done_and_how_to_take_it_back(run: Run) -> None:
    words = run("merge", "P-2", "P-1", "--why", "one cause", everything=True)

    assert "P-2 is part of P-1 now, with 2 items." in words
    assert "insights analyze" in words
    assert "insights undo" in words
    assert "the merge of P-2 into it was taken back: 2 items left" in run("undo", everything=True)
    assert [item["ref"] for item in json.loads(run("show", "P-2", "--items", "--json"))] == [
        "tickets/T-4",
        "tickets/T-5",
    ]


def test_a_correction_can_be_read_as_data(run: Run) -> None:
    done = json.loads(run("move", "T-1", "--from", "P-1", "--to", "P-2", "--json"))
    assert (done["problem_id"], done["other_id"], done["items"], done["decision"]["who"]) == (1, 2, 1, "ada")

    rules = json.loads(run("rules", "--json"))
    assert [rule["words"] for rule in rules] == ["tickets/T-1 is not in P-1", "tickets/T-1 belongs to P-2"]

    moments = json.loads(run("history", "P-2", "--json"))
    assert [moment["event"] for moment in moments] == ["born", "moved"]


def test_moving_to_none_takes_an_item_out(run: Run) -> None:
    assert "tickets/T-1 is out of P-1." in run("move", "T-1", "--from", "P-1", "--to", "None", everything=True)
    assert len(json.loads(run("show", "P-1", "--items", "--json"))) == 2


def test_what_a_correction_overrules_is_told(run: Run) -> None:
    run("split", "P-1", "T-1")

    assert "note: overrules ada" in run("merge", "P-3", "P-1", everything=True)
    assert "P-1 and P-3 are two problems" in run("rules", "--all")
    assert "P-1 and P-3 are two problems" not in run("rules")


def test_a_title_is_cleaned_before_it_is_said(run: Run) -> None:
    words = run("rename", "P-1", f"Exports {ESC}stop", everything=True)

    assert "P-1 is called “Exports stop” now." in words
    assert "Exports stop" in run("show", "P-1")
    assert "title: ada" in " ".join(run("show", "P-1").split())


def test_without_rules_it_says_what_makes_them(run: Run) -> None:
    assert "insights merge" in run("rules", everything=True)


@pytest.mark.parametrize("arguments", [("move", "T-9", "--from", "P-1", "--to", "P-2"), ("split", "P-1", "T-9")])
def test_an_item_that_is_not_there_is_told_with_a_remedy(run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(InsightsError, match="T-9") as caught:
        run(*arguments)

    assert "--items" in caught.value.remedy


# -- pages ------------------------------------------------------------------------------------------------------


def a_saying(**fields: object) -> Saying:
    defaults = Saying(
        rule_id=1,
        kind=RuleKind.SAME,
        words="P-2 and P-1 are one problem",
        status=Status.KEPT,
        reason="",
        who="ada",
        at=NOW,
        why="one cause",
        decision_id=1,
        problem_id=2,
        other_id=1,
    )
    return replace(defaults, **fields)  # type: ignore[arg-type]


def test_a_rule_is_marked_with_how_it_stands() -> None:
    page = printed(rule_lines([a_saying(status=Status.BROKEN, reason="P-2 and P-1 are two problems."), a_saying()]))

    assert page.splitlines() == [
        "broken  P-2 and P-1 are one problem.",
        "        P-2 and P-1 are two problems.",
        "        ada, 2026-11-20: one cause",
        "kept    P-2 and P-1 are one problem.",
        "        ada, 2026-11-20: one cause",
    ]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "tickets/T-1 belongs to P-2."),
        (2, "tickets/T-1 and tickets/T-2 belong to P-2."),
        (5, "tickets/T-1, tickets/T-2, tickets/T-3 and 2 more belong to P-2."),
    ],
)
def test_what_one_decision_said_of_many_items_is_one_sentence(count: int, words: str) -> None:
    some = [
        a_saying(rule_id=n, kind=RuleKind.BELONGS, item=f"tickets/T-{n}", words=f"tickets/T-{n} belongs to P-2")
        for n in range(1, count + 1)
    ]

    assert printed(rule_lines(some)).splitlines()[0] == f"kept  {words}"


def test_a_time_line_names_the_problem_where_there_are_several() -> None:
    moment = Moment(at=NOW, problem_id=1, event="accept", words="accepted", who="ada", why=f"{ESC}now")
    other = replace(moment, problem_id=2, event="grew", words="+3 mentions", who=None, why=None, run_id=7)

    assert printed(time_line([moment])).splitlines() == ["2026-11-20 09:00  accepted", f"{' ' * 18}ada: now"]
    assert "2026-11-20 09:00  P-2  grew: +3 mentions" in printed(time_line([moment, other]))


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("width", [50, 80, 140])
def test_a_list_of_items_is_never_wider_than_the_screen_and_keeps_names_whole(width: int, elsewhere: bool) -> None:
    one = Evidence(
        feedback_id=1,
        text=f"投诉 {ESC}" * 40,
        kind=FeedbackKind.TICKET,
        source="tickets",
        source_id=f"T-1{ESC}",
        created_at=NOW,
        account_name="Stonebridge Catering Equipment and Sons",
        problem_id=1234,
    )

    lines = printed(item_table([one], width=width, elsewhere=elsewhere), width=width).splitlines()

    assert lines[1].startswith("P-1234 tickets/T-1 " if elsewhere else "tickets/T-1 ")
    assert "\x1b" not in lines[1]
    assert all(len(line) <= width for line in lines)
