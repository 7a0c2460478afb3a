"""Why an item is where it is, and what is in no problem, by command."""

import io
import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from insights.bootstrap import open_workspace
from insights.cli.places import theme_table, unassigned_page
from insights.domain.feedback import Evidence, FeedbackKind, Stance
from insights.domain.placement import Waiting
from insights.domain.theme import Theme
from insights.errors import InsightsError
from insights.explanation import Unassigned
from insights.stages.shaping import ALONE
from insights.storage.groupings import NewProblem, Reason
from insights.themes import Area
from tests.builders import a_problem
from tests.cli.calling import Run, caller, made
from tests.drafts import a_draft, save, split_whole
from tests.stored import NOW

ESC = "\x1b[31m"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls `insights` where T-1 and T-2 are in P-1 and T-3 waits alone; gives stdout, and stderr with `everything`."""
    workspace = made(tmp_path, monkeypatch)
    _fill(workspace)
    return caller(workspace)


def _fill(folder: Path) -> None:
    workspace = open_workspace(folder)
    repository = workspace.repository
    save(repository, *(a_draft(f"It {ESC}hangs {n}", number=n) for n in (1, 2, 3)))
    split_whole(repository)
    mentions = [mention.id for mention in repository.mentions.unembedded("test", limit=9)]
    repository.mentions.mark_embedded(mentions, fingerprint="test")
    started = repository.runs.start(mode="offline", at=NOW)
    born = [(NewProblem(stance=Stance.PROBLEM, mentions=tuple(mentions[:2])), [0.9, 0.7])]
    left = {mentions[2]: Reason(placed_by="grouped", waits=ALONE, runner_up=1, runner_similarity=0.2)}
    repository.groupings.save(started.id, joined={mentions[2]: (None, 0.0)}, born=born, reasons=left)
    repository.themes.save([Theme(id=0, name="Hanging & slow", problems=frozenset({1}))], run_id=started.id)
    workspace.close()


def test_why_tells_each_mention_in_sentences(run: Run) -> None:
    said = " ".join(run("why", "T-1").split())

    assert said.startswith("tickets/T-1 2026-11-02 “It hangs 1”")
    assert "A run put it into P-1" in said
    assert "nearer to the middle of the problem than 100% of what is in it" in said


def test_why_as_data_has_the_figures_beside_the_sentences(run: Run) -> None:
    data = json.loads(run("why", "tickets/T-3", "--json"))

    (mention,) = data["mentions"]
    assert (data["item"], mention["problem"], mention["waits"]) == ("tickets/T-3", None, "alone")
    assert (mention["runner_up"], mention["runner_up_likeness"]) == ("P-1", 0.2)
    assert mention["words"] == "It hangs 3"
    assert any("Nothing else is like it yet" in sentence for sentence in mention["sentences"])


def test_why_shows_what_a_person_said_of_the_item(run: Run) -> None:
    run("move", "T-1", "--from", "P-1", "--to", "none", "--why", "off topic")

    said = " ".join(run("why", "T-1").split())

    assert "A person took it out of its problem." in said
    assert "tickets/T-1 is not in P-1; kept. ada, " in said
    assert said.endswith(": off topic")


def test_what_waits_is_listed_with_the_reason_in_words(run: Run) -> None:
    said = " ".join(run("unassigned", everything=True).split())

    assert "1 mention of 1 item waits for a problem: 33% of the 3 that state a problem or request." in said
    assert "1 alone Nothing else is like it yet." in said
    assert "tickets/T-3 2026-11-02 alone It hangs 3" in said
    assert "insights why tickets/T-3" in said


def test_what_waits_as_data(run: Run) -> None:
    data = json.loads(run("unassigned", "--json"))

    assert (data["mentions"], data["items"], data["ranked"]) == (1, 1, 3)
    assert data["reasons"][0]["reason"] == "alone"
    assert data["newest"] == [
        {
            "ref": "tickets/T-3",
            "day": "2026-11-02",
            "account": None,
            "words": "It hangs 3",
            "gives_orders": False,
            "reason": "alone",
        }
    ]


def test_the_list_of_problems_ends_with_how_much_waits(run: Run) -> None:
    assert run("problems", everything=True).splitlines()[-1] == "1 mention in no problem: insights unassigned"


@pytest.mark.parametrize("width", [60, 80, 130])
def test_what_waits_is_never_wider_than_the_screen_and_is_cleaned(width: int) -> None:
    one = Evidence(
        feedback_id=1,
        text=f"投诉 {ESC}" * 40,
        kind=FeedbackKind.TICKET,
        source="tickets",
        source_id=f"T-1{ESC}",
        created_at=NOW,
        account_name="Stonebridge Catering Equipment and Sons",
    )
    found = Unassigned(
        mentions=1, items=1, ranked=9, share=1 / 9, reasons=(Waiting(ALONE, 1, 1),), newest=((one, ALONE),)
    )
    shown = printed(*unassigned_page(found, width=width), width=width)

    assert "\x1b" not in shown
    assert all(len(line) <= width for line in shown.splitlines())
    assert shown.splitlines()[-1].startswith("tickets/T-1 ")


# -- themes -----------------------------------------------------------------------------------------------------


def test_themes_are_listed_with_their_counts_and_best_problem(run: Run) -> None:
    said = " ".join(run("themes", everything=True).split())

    assert "1 Hanging & slow 1 2 0 P-1" in said
    assert "Words: offline." in said
    assert 'insights problems --theme "Hanging & slow"' in said
    assert json.loads(run("themes", "--json")) == [
        {"id": 1, "theme": "Hanging & slow", "problems": ["P-1"], "items": 2, "accounts": 0, "words": "offline"}
    ]


def test_problems_of_one_theme_are_asked_for_by_its_name_or_id(run: Run) -> None:
    for name in ("hanging & SLOW", "1"):
        (only,) = json.loads(run("problems", "--theme", name, "--json"))
        assert (only["ref"], only["theme"]) == ("P-1", "Hanging & slow")


def test_an_unknown_theme_is_told_with_a_remedy(run: Run) -> None:
    with pytest.raises(InsightsError, match="nope"):
        run("problems", "--theme", "nope")


def test_a_problem_shows_its_theme(run: Run) -> None:
    assert "theme: Hanging & slow" in " ".join(run("show", "P-1").split())
    assert json.loads(run("show", "P-1", "--json"))["theme"] == "Hanging & slow"


@pytest.mark.parametrize("width", [60, 80, 130])
def test_a_list_of_themes_is_never_wider_than_the_screen(width: int) -> None:
    area = Area(id=12, name="Hanging & slow", problems=(a_problem(f"投诉 {ESC}" * 40),), items=1_234, accounts=99)

    lines = printed(theme_table([area], width=width), width=width).splitlines()

    assert all(cell_len(line) <= width for line in lines)
    assert "Hanging & slow" in lines[1]
    assert "\x1b" not in lines[1]


def printed(*parts: RenderableType, width: int) -> str:
    out = Console(file=io.StringIO(), width=width, markup=False, highlight=False)
    for part in parts:
        out.print(part)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()
