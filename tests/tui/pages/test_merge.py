"""Merging: what may be merged into, and the two beside each other before it is done."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from insights.domain.feedback import GIVES_ORDERS
from insights.domain.problem import State
from insights.errors import InsightsError
from insights.triage import Triage
from tests.builders import a_problem
from tests.tui.parts_builders import HOSTILE, an_evidence
from tui.models.dossier import Neighbour
from tui.models.merging import Meeting, merge_picks, read_meeting
from tui.pages.merge import merge_lines

PART = a_problem("XLSX export fails", id=9, items=12, accounts=4)
WHOLE = a_problem("CSV export times out", id=1, items=118, accounts=41, state=State.ACCEPTED)


def a_meeting(**fields: object) -> Meeting:
    defaults = {
        "part": PART,
        "whole": WHOLE,
        "cosine": 0.91,
        "shared": ("Acme", "Globex"),
        "accounts": 43,
        "part_quote": an_evidence(1, "Only XLSX hangs."),
        "whole_quote": an_evidence(2, "Times out at 60 s.", account_name="Globex", account_revenue=None),
        "is_read": True,
    }
    return Meeting(**{**defaults, **fields})  # type: ignore[arg-type]


def page(meeting: Meeting, width: int = 78, **more: object) -> list[str]:
    lines = merge_lines(meeting, width=width, currency="$", **more)  # type: ignore[arg-type]
    told = ["".join(text for text, _ in line) for line in lines]
    assert max(map(cell_len, told)) <= width
    return told


def test_it_says_what_becomes_part_of_what() -> None:
    assert page(a_meeting())[:4] == [
        "P-9 “XLSX export fails” (12 items, 4 accounts, inbox)",
        "  becomes part of",
        "P-1 “CSV export times out” (118 items, 41 accounts, accepted)",
        "Alike    0.91 alike in meaning · 2 of 43 accounts have both: Acme, Globex",
    ]


def test_a_quote_of_each_stands_below_with_whose_it_is() -> None:
    assert page(a_meeting())[5:] == [
        "▏ “Only XLSX hangs.”",
        "▏ P-9 · Acme · $120k a year · 2026-11-23",
        "▏ “Times out at 60 s.”",
        "▏ P-1 · Globex · 2026-11-23",
    ]


def test_with_room_the_quotes_stand_beside_each_other() -> None:
    line = page(a_meeting(), width=120)[5]

    assert line.startswith("▏ “Only XLSX hangs.”") and line.endswith("▏ “Times out at 60 s.”")


def test_a_long_title_is_told_whole() -> None:
    title = "Exports of more than 50,000 rows end with a time-out after a minute and nobody is told why"
    told = " ".join(page(a_meeting(part=replace(PART, title=title))))

    assert title in told and "…" not in told


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"shared": ()}, "0.91 alike in meaning · no account has both, of 43"),
        ({"cosine": None, "shared": ("Acme",)}, "not among the nearest · 1 of 43 accounts has both: Acme"),
        ({"shared": tuple("ABCDEF")}, "6 of 43 accounts have both: A, B, C, D and 2 more"),
        ({"is_read": False}, "0.91 alike in meaning"),
    ],
)
def test_how_alike_they_are_is_said_as_far_as_it_is_known(fields: dict[str, object], words: str) -> None:
    assert words in " ".join(" ".join(page(a_meeting(**fields))[3:5]).split())


def test_several_become_part_of_one_in_one_step() -> None:
    told = page(a_meeting(), others=[a_problem("Login", id=4, items=8)])

    assert told[1].startswith("P-4 “Login”")
    assert told[2] == "  become part of, 20 items together,"


def test_what_could_not_be_read_and_what_gives_orders_is_said() -> None:
    assert any("! Gone. Look." in line for line in page(a_meeting(error="Gone. Look.")))
    order = a_meeting(part_quote=an_evidence(1, is_order=True), whole_quote=None)
    assert any(GIVES_ORDERS in line for line in page(order))
    assert page(order)[-1] == "P-1: no quote"


@pytest.mark.parametrize("width", [40, 58, 78, 138])
def test_hostile_words_are_inert_and_fit(width: int) -> None:
    hostile = an_evidence(1, HOSTILE, account_name=HOSTILE)
    problem = replace(PART, title=HOSTILE)
    told = page(
        a_meeting(part=problem, whole=problem, shared=(HOSTILE,), part_quote=hostile, whole_quote=hostile), width
    )

    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r", "\x00"} & set("\n".join(told))


# -- the suggestions --------------------------------------------------------------------------------------------


def test_similar_ones_come_first_nearest_first_then_all_others_once() -> None:
    near, nearer, other = (a_problem(title, id=number) for number, title in ((3, "A"), (4, "B"), (5, "C")))
    merged = a_problem("D", id=6, state=State.MERGED)
    picks = merge_picks([Neighbour(near, 0.84), Neighbour(nearer, 0.91)], [other, near, merged, PART], parts={PART.id})

    assert [(pick.value.id, pick.hint) for pick in picks] == [(4, "0.91"), (3, "0.84"), (5, "")]
    assert picks[0].words == "P-4 B" and picks[0].more == "18 items, inbox"


def test_a_meeting_reads_shared_accounts_quotes_and_likeness(triage: Triage) -> None:
    one, three = triage.problem(1), triage.problem(3)
    met = read_meeting(triage, one, three)

    assert met.is_read and met.cosine == 0.91
    assert set(met.shared) <= {"Acme", "Globex", "Initech"} and met.accounts >= len(met.shared) > 0
    assert met.part_quote is not None and met.part_quote.text.startswith("CSV export")
    assert met.whole_quote is not None and met.whole_quote.text.startswith("Dashboard")
    assert read_meeting(triage, three, one).cosine == 0.91


def test_what_cannot_be_read_is_told_and_the_rest_stands(triage: Triage, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise InsightsError("The database is away.", remedy="Start it.")

    monkeypatch.setattr(triage.repository.evidence, "of_problem", broken)
    met = read_meeting(triage, triage.problem(1), triage.problem(3))

    assert (met.error, met.cosine) == ("The database is away. Start it.", 0.91)
