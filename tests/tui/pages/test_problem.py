"""The detail of a problem: what it tells, in which order, and that it fits whatever a customer wrote."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from insights.domain.assessed import Assessed
from insights.domain.estimate import Assumption, Estimate, Factor, Part, Range
from insights.domain.feedback import GIVES_ORDERS, Evidence, FeedbackKind
from insights.domain.problem import Action, ExportLink, Movement, Problem
from insights.history import Moment
from insights.triage import Triage
from tests.builders import MORNING, a_problem, an_estimate
from tui.cells import shown
from tui.figures import compared
from tui.models.dossier import Dossier, Neighbour, read_dossier
from tui.pages.page import packed
from tui.pages.pieces import Line, Role
from tui.pages.problem import BRIEF_LINES, Page, border_title, brief, first_line_of_quote, full

NARROW, PANE, WHOLE = 78, 59, 76
HOSTILE = (
    "\x1b]52;c;aGk=\x07 \x1b[2J\x9b31m [@click=app.quit]x[/] [/] \u202e\u200b 日本語の長い長い長い題名 " + "z" * 400
)


def a_quote(text: str = "We gave up exporting and hired a temp.", **fields: Any) -> Evidence:
    context = fields.pop("context", text)
    start = context.index(text)
    defaults: dict[str, Any] = {
        "feedback_id": 1,
        "text": text,
        "context": context,
        "start": start,
        "end": start + len(text),
        "kind": FeedbackKind.TICKET,
        "source": "zendesk",
        "source_id": "48121",
        "created_at": datetime(2026, 11, 19, tzinfo=UTC),
        "account_id": 1,
        "account_name": "Acme",
        "account_revenue": 120_000.0,
        "renewal_date": date(2027, 1, 31),
    }
    return Evidence(**{**defaults, **fields})


def a_rich_estimate(**fields: Any) -> Estimate:
    parts = (
        Part(name="revenue kept", value=Range(1e5, 2.7e5, 6e5), words="7 accounts paying $610k a year × 45%"),
        Part(name="support saved", value=Range(1e4, 3.8e4, 6e4), words="118 items × $325"),
    )
    defaults: dict[str, Any] = {
        "rank": 1,
        "tie": 1,
        "parts": parts,
        "chance_positive": 0.97,
        "chance_top": 0.9,
        "outranks_next": 0.61,
        "flip": "chance to leave below 25% (now 45%) drops it to #3",
        "worth_knowing": "worth finding out: effort (up to $4k)",
        "capped": 40_000.0,
        "beyond": Part(name="beyond those heard", value=Range(10, 30, 80), words="not counted"),
        "notes": ("$40k is left out: counted once", "severity: blocks, told by a rule"),
        "factors": (
            Factor(name="effort", share=0.0, words="3 weeks"),
            Factor(name="revenue at stake", share=5.4, words="7 accounts"),
            Factor(name="support load", share=-0.3, words="$38k saved"),
        ),
        "assumptions": (
            Assumption(
                name="effort in weeks",
                value="1 – 3 – 8 (4 similar finished issues, nearest LIN-7 (2 wk))",
                source="similar work",
                setting="worth.weeks_*",
            ),
        ),
        "cost_source": "similar work",
    }
    return an_estimate(**{**defaults, **fields})


def a_moment(day: int, words: str, **fields: Any) -> Moment:
    at = datetime(2026, 11, day, tzinfo=UTC)
    return Moment(**{"at": at, "problem_id": 1, "event": "grew", "words": words, "run_id": 4, **fields})


def a_dossier(**fields: Any) -> Dossier:
    neighbours = (
        Neighbour(a_problem("Export to XLSX fails", id=9), 0.91),
        Neighbour(a_problem("Scheduled exports", id=31), 0.84),
    )
    defaults: dict[str, Any] = {
        "problem": a_problem(estimate=a_rich_estimate(), items=118, accounts=41),
        "quotes": (a_quote(), a_quote("Times out at 60 s every Monday.", account_name="Globex", renewal_date=None)),
        "similar": neighbours,
        "history": (a_moment(2, "118 mentions in no known problem", event="born"),),
        "is_read": True,
    }
    return Dossier(**{**defaults, **fields})


def page(width: int = WHOLE, **fields: Any) -> Page:
    return Page(**{"width": width, "currency": "$", **fields})


def texts(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def whole(dossier: Dossier, **fields: Any) -> str:
    return "\n".join(texts(full(dossier, page(**fields), every_quote=True)))


# -- below the list -----------------------------------------------------------------------------------------------


def test_ten_lines_tell_figures_why_quote_likeness_and_history_in_this_order():
    told = texts(brief(a_dossier(), page(NARROW)))

    assert [line[:9].strip() for line in told] == [
        "+ growing", "Value", "Return", "Why #1", "", "", "▌ “We gav", "▌  Acme ·", "Similar", "History",
    ]  # fmt: skip
    assert told[1].startswith("Value    $420k a year  p10 $210k ├")
    assert told[1].endswith("┤ p90 $840k  3 wk (1–8), similar work")
    assert "pays off 97% · beats #2 61%" in told[2]
    assert told[5].strip() == "flips: chance to leave below 25% (now 45%) drops it to #3"
    assert told[8].endswith("P-9 Export to XLSX fails  0.91  inbox  m merges into P-9")


def test_a_title_that_the_border_cannot_hold_goes_on_below_it():
    problem = a_problem("CSV export times out over 50k rows whenever anybody else exports at the same time as well")
    told = texts(brief(a_dossier(problem=problem), page(NARROW, title_room=56)))

    assert border_title(problem, 56) == "P-1 CSV export times out over 50k rows whenever …"
    assert told[0] == "… anybody else exports at the same time as well"
    assert told[1].startswith("+ growing")


def test_a_title_that_the_border_holds_is_not_said_twice():
    assert border_title(a_problem("Webhooks"), 12) == "P-1 Webhooks"
    assert texts(brief(a_dossier(problem=a_problem("Webhooks")), page(NARROW)))[0].startswith("+ growing")


@given(st.text(max_size=200), st.integers(min_value=10, max_value=60))
def test_border_and_page_tell_a_title_whole_but_for_a_very_long_one(title, room):
    problem = a_problem(title)
    first, lines = border_title(problem, room), brief(Dossier(problem=problem), page(NARROW, title_room=room))
    rest = "".join(text for line in lines for text, role in line if role is Role.STRONG and text.startswith("…"))

    assert cell_len(first) <= room
    if shown(title) and len(title) < 60:
        begun = first.removesuffix(" …") if rest else first
        assert "".join((begun + rest.removeprefix("…")).split()) == "".join(f"{problem.ref}{shown(title)}".split())


@pytest.mark.parametrize("width", [10, 30, 58, NARROW, 120])
@pytest.mark.parametrize(
    "dossier",
    [
        a_dossier(),
        Dossier(problem=a_problem()),
        Dossier(problem=a_problem(estimate=None, summary="")),
        a_dossier(error="The database is locked. " * 9, quotes=(), similar=(), history=()),
        a_dossier(problem=a_problem(HOSTILE, summary=HOSTILE, estimate=a_rich_estimate(reason=HOSTILE, rank=12_345))),
        a_dossier(quotes=tuple(a_quote(HOSTILE, account_name=HOSTILE, is_order=True) for _ in range(3))),
    ],
)
def test_the_brief_is_ten_lines_and_no_line_is_too_wide(dossier, width):
    lines = brief(dossier, page(width))

    assert len(lines) == BRIEF_LINES
    assert all(cell_len(line) <= width for line in texts(lines))


# -- beside the list ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("height", [34, 44, 60])
@pytest.mark.parametrize("quotes", [0, 1, 3])
def test_the_pane_holds_its_last_section_at_any_height(height, quotes):
    dossier = a_dossier(quotes=tuple(a_quote("It is slow. " * 30) for _ in range(quotes)))
    lines = texts(full(dossier, page(PANE, height=height), every_quote=False))

    assert len(lines) <= height
    assert lines[-1].startswith("History")
    assert all(cell_len(line) <= PANE for line in lines)


def test_what_the_pane_has_no_room_for_are_details_before_quotes():
    low, high = (texts(full(a_dossier(), page(PANE, height=height), every_quote=False)) for height in (30, 60))

    assert any("beside the typical problem" in line for line in high)
    assert not any("beside the typical problem" in line for line in low)
    assert any("We gave up exporting" in line for line in low)


# -- the whole page -----------------------------------------------------------------------------------------------


def test_bars_of_all_problems_stand_on_one_scale():
    small = a_problem("small", id=2, estimate=an_estimate(4_000, rank=2))
    large = a_problem("large", estimate=an_estimate(420_000, rank=1))
    beside = compared([large, small])
    pages = [texts(full(Dossier(problem=one), page(comparison=beside), every_quote=True)) for one in (large, small)]
    bars, scales = ([next(line for line in lines if sign in line) for lines in pages] for sign in ("●", "Scale"))

    assert scales[0] == scales[1] == scales[0].strip()
    assert scales[0].split() == ["Scale", "$1k", "$10k", "$100k", "$1M"]
    assert bars[0].index("├") > bars[1].index("┤")
    assert len(bars[0]) == len(bars[1]) == len(scales[0])


@pytest.mark.parametrize(
    ("rank", "tie", "last", "words"),
    [
        (1, 1, 5, "tied with #2–#5"),
        (5, 1, 5, "tied with #1–#4"),
        (3, 1, 5, "tied within #1–#5"),
        (2, 1, 2, "tied with #1"),
        (1, 1, 1, "tied with others"),
        (1, None, 1, ""),
    ],
)
def test_ties_are_told_by_rank(rank, tie, last, words):
    group = [a_problem(id=n, estimate=a_rich_estimate(rank=n, tie=tie)) for n in range(1, last + 1)]

    assert compared(group).tie(a_rich_estimate(rank=rank, tie=tie)) == words


def test_why_tells_each_part_the_effort_with_its_source_and_what_would_move_it():
    told = " ".join(whole(a_dossier()).split())

    for part in (
        "Why #1",
        "+ revenue kept",
        "7 accounts paying $610k a year × 45%",
        "+ support saved 118 items × $325 $38k",
        "- effort 3 wk (1–8), similar work $12k",
        "effort by 4 similar finished issues, nearest LIN-7 (2 wk)",
        "flips: chance to leave below 25% (now 45%) drops it to #3",
        "worth finding out: effort (up to $4k)",
        "beyond those heard: $10–80, not counted",
        "$40k is left out: counted once",
        "severity: blocks, told by a rule",
    ):
        assert part in told


def test_what_sets_it_apart_stands_largest_first_and_nothing_where_it_rounds_to_nothing():
    lines = texts(full(a_dossier(), page(), every_quote=True))
    first = next(number for number, line in enumerate(lines) if "beside the typical problem" in line)

    assert [line.split()[0] for line in lines[first + 1 : first + 4]] == ["+5.4×", "−0.3×", "0"]


@pytest.mark.parametrize(
    ("source", "words"), [("you", "set by a person"), ("default, new work", "default, new work"), ("gpt-x", "gpt-x")]
)
def test_effort_says_who_says_so(source, words):
    estimate = a_rich_estimate(cost_source=source, assumptions=())

    assert f"3 wk (1–8), {words}" in whole(a_dossier(problem=a_problem(estimate=estimate)))


def test_what_a_model_says_of_severity_is_told_with_its_doubt_and_its_name():
    said = Assessed(1, "hurts", "soon", "people lose an hour", None, "", is_sure=False, by="gpt-x")

    assert "Severity hurts, soon (not sure), says gpt-x: people lose an hour" in whole(a_dossier(assessed=said))


def test_the_trend_has_the_days_of_its_ends_and_its_peak():
    assert "Trend    09-26 ▃▃▄▄▅▇██ 11-20  peak 7 a week" in whole(
        a_dossier(problem=a_problem(weekly=(2, 2, 3, 3, 4, 6, 7, 7)))
    )
    half_a_year = whole(a_dossier(weekly=(1,) * 25 + (9,)))
    assert "Trend    05-23 ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂█ 11-20  peak 9 a week" in half_a_year


def test_marks_are_told_in_words_with_their_signs():
    few = a_problem(items=2, movement=Movement.FADING, is_spike=True)

    told = " ".join(texts(full(Dossier(problem=few), page(), every_quote=True))[:2])
    assert "- fading · ! spike: 8 last week" in told
    assert "? low confidence (2 items)" in told


def test_the_current_quote_stands_inside_its_item_and_tells_whose_it_is():
    quote = a_quote("Every export times out.", context="Hi team,\n\nEvery export times out. It is Monday again.")
    lines = full(a_dossier(quotes=(a_quote(), quote)), page(quote=1), every_quote=True)
    said = [line for line in lines if ("“Every export times out.”", Role.QUOTE) in line]

    assert said == [
        [
            ("▌", Role.MARK),
            (" ", Role.PLAIN),
            ("Hi team, ", Role.MUTED),
            ("“Every export times out.”", Role.QUOTE),
            (" It is Monday again.", Role.MUTED),
        ]
    ]
    told = "\n".join(texts(lines))
    assert "Evidence 118   quote 2 of 2   J K next, previous   o open" in told
    assert "▌  Acme · $120k a year · zendesk 48121 · 2026-11-19 · renews 2027-01-31" in told
    assert lines[first_line_of_quote(a_dossier(quotes=(a_quote(), quote)), page(quote=1))] in said


def test_a_quote_of_an_item_that_gives_orders_is_marked():
    assert f"▌  {GIVES_ORDERS}  Acme" in whole(a_dossier(quotes=(a_quote(is_order=True),)))


def test_only_the_nearest_problem_tells_the_key_that_merges():
    lines = texts(full(a_dossier(), page(merge_key="M"), every_quote=True))

    assert "Similar  P-9 Export to XLSX fails  0.91  inbox  M merges into P-9" in lines
    assert "         P-31 Scheduled exports  0.84  inbox" in lines


def test_history_is_newest_first_at_most_six_with_who():
    moments = [
        *(a_moment(day, f"+{day} mentions") for day in range(1, 6)),
        a_moment(6, "renamed", event="renamed", who="ana", title="Exports time out", run_id=None),
        a_moment(7, "snoozed until 2026-12-01", event=Action.SNOOZE.value, who="ben", why="later", run_id=None),
    ]
    lines = texts(full(a_dossier(history=tuple(moments)), page(), every_quote=True))
    first = next(number for number, line in enumerate(lines) if line.startswith("History"))

    assert [line[9:] for line in lines[first:]] == [
        "2026-11-07  ben snoozed until 2026-12-01: later",
        "2026-11-06  ana: renamed: “Exports time out”",
        *(f"2026-11-0{day}  run 4: grew, +{day} mentions" for day in (5, 4, 3, 2)),
    ]


def test_the_issues_that_carry_it_are_named_with_their_backlog():
    link = ExportLink(problem_id=1, tracker="file:backlog.md", external_id="LIN-482", url=None, exported_at=MORNING)

    assert "Filed    LIN-482 in backlog.md, 2026-11-23" in whole(a_dossier(problem=a_problem(exported=(link,))))


def test_how_its_issue_stood_when_it_was_read_is_told_with_who_works_on_it() -> None:
    link = ExportLink(
        problem_id=1,
        tracker="linear",
        external_id="LIN-482",
        url=None,
        exported_at=MORNING,
        status="In review",
        assignee="Ann\x1b[2J",
        seen_at=MORNING,
    )

    told = whole(a_dossier(problem=a_problem(exported=(link,))))

    assert "Filed    LIN-482 in linear: In review, Ann (read 2026-11-23 09:00)" in told


@given(st.text(max_size=300), st.integers(min_value=10, max_value=140))
def test_no_words_of_a_customer_widen_a_line_or_bring_an_escape(text, width):
    problem = a_problem(text, summary=text, estimate=a_rich_estimate(reason=text, flip=text, notes=(text,)))
    quote = a_quote(text, account_name=text, source=text, source_id=text)
    dossier = a_dossier(problem=problem, quotes=(quote,), history=(a_moment(1, text, who=text, why=text, title=text),))

    for line in texts(full(dossier, page(width), every_quote=True)) + texts(brief(dossier, page(width))):
        assert cell_len(line) <= width
        assert not set(line) & {"\x1b", "\x9b", "\x00", "\r", "\n", "\u202e"}


def test_parts_are_packed_on_lines_that_hold_them():
    assert packed(["one", "", "two", "three", "x" * 30], 11) == ["one · two", "three", "x" * 10 + "…"]


# -- read from storage --------------------------------------------------------------------------------------------


def test_a_dossier_holds_what_runs_and_people_did_and_half_a_year_of_weeks(triage: Triage):
    triage.decide(1, Action.SNOOZE, until=date(2026, 12, 1))
    dossier = read_dossier(triage, triage.problem(1))

    assert {(moment.who, moment.words) for moment in dossier.history} == {
        (None, "3 mentions in no known problem"),
        ("ana", "snoozed until 2026-12-01"),
    }
    assert len(dossier.weekly) == 26
    assert sum(dossier.weekly) == dossier.problem.items
    assert [neighbour.problem.id for neighbour in dossier.similar] == [3, 6]
    assert dossier.error is None


def test_what_cannot_be_read_is_said_and_the_rest_stands(triage: Triage):
    gone = replace(triage.problem(1), id=99)
    dossier = read_dossier(triage, gone)

    assert dossier.is_read
    assert "P-99" in (dossier.error or "")
    assert texts(brief(dossier, page(NARROW)))[0].startswith("! There is no problem P-99")


def test_a_problem_is_any_problem_of_the_inbox(triage: Triage):
    problems: list[Problem] = triage.inbox()
    beside = compared(problems)

    for problem in problems:
        lines = full(read_dossier(triage, problem), page(PANE, comparison=beside), every_quote=False)
        assert len(lines) <= 34


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (a_rich_estimate(), "! words and figures are from before a correction: N renews them"),
        (None, "! no figures yet: N makes them"),
    ],
)
def test_a_problem_that_was_corrected_says_that_its_figures_are_older(estimate, words):
    dossier = a_dossier(problem=replace(a_dossier().problem, is_changed=True, estimate=estimate))
    assert words in whole(dossier) and words in texts(brief(dossier, page(76)))
    assert words not in whole(a_dossier())
