"""What code knows is told field by field; what it does not know is left out."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from insights.domain.brief import Told
from insights.domain.estimate import Estimate, Part, Range
from insights.domain.evidence_gate import Counts, Thresholds, gate_of
from insights.domain.feedback import Stance
from insights.domain.problem import Problem, State
from insights.grounds.known import (
    Known,
    Load,
    OpenDeals,
    Payer,
    Rival,
    SaidRisk,
    asking,
    from_accounts,
    shares_in_words,
    told_by_data,
)

TODAY = date(2026, 11, 20)
WANTED = Thresholds(accounts=3, items=5, sources=2, days=90)
MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
NO_DEALS = OpenDeals(count=0, amount=None, unknown=0, next_close=None)


def a_payer(name: str, revenue: float | None = None, *, renewal: date | None = None, left: bool = False) -> Payer:
    return Payer(name=name, revenue=revenue, segment=None, items=1, renewal=renewal, left=left)


def known(**changes: object) -> Known:
    counts = Counts(accounts=1, items=5, sources=2, newest=TODAY)
    nothing = Known(
        payers=(),
        revenue=None,
        unknown=0,
        left=0,
        segments=(),
        plans=(),
        regions=(),
        quotes=(),
        gate=gate_of(counts, WANTED, today=TODAY),
        load=Load(items=0, days=14, minutes=25, hourly_cost=45),
        risks=(),
        rivals=(),
        deals=NO_DEALS,
        today=TODAY,
    )
    return replace(nothing, **changes)  # type: ignore[arg-type]


def a_problem(*, accounts: int = 0, items: int = 5, estimate: Estimate | None = None) -> Problem:
    return Problem(
        id=1,
        title="Labels",
        summary="",
        described_by="offline",
        stance=Stance.PROBLEM,
        state=State.ACCEPTED,
        version=1,
        first_seen=MOMENT,
        last_seen=MOMENT,
        items=items,
        accounts=accounts,
        mentions=items,
        estimate=estimate,
    )


def worth(*parts: tuple[str, float, str]) -> Estimate:
    one = Range(1, 1, 1)
    some = tuple(Part(name=name, value=Range(value / 2, value, value * 2), words=words) for name, value, words in parts)
    return Estimate(value=one, cost=one, weeks=one, roi=one, parts=some)


def told(field: str, problem: Problem, what: Known) -> list[str]:
    return [one.words for one in told_by_data(problem, what, currency="$")[field]]


def test_of_nobody_known_only_the_items_are_told() -> None:
    assert told("who_hurts", a_problem(), known()) == ["5 items from no known account"]


def test_who_hurts_names_groups_the_largest_first_and_who_pays_most() -> None:
    payers = (a_payer("Initech", 400_000), a_payer("Acme", 120_000), a_payer("Gone", 90_000, left=True))
    what = known(
        payers=payers,
        revenue=520_000,
        unknown=1,
        left=1,
        segments=(("SMB", 2), ("Enterprise", 1)),
        plans=(("Pro", 3),),
    )

    assert told("who_hurts", a_problem(accounts=4), what) == [
        "5 items from 4 accounts paying $520k a year, 1 of them of unknown revenue, 1 of them left",
        "Segments: SMB 2 of 3, Enterprise 1",
        "Plans: Pro 3 of 3",
        "Pays most: Initech, $400k of $520k a year",
    ]


def test_one_payer_pays_all_and_is_not_said_to_pay_most() -> None:
    what = known(payers=(a_payer("Acme", 120_000),), revenue=120_000)

    assert told("who_hurts", a_problem(accounts=1), what) == ["5 items from 1 account paying $120k a year"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (known(unknown=2), "from 2 accounts of unknown revenue"),
        (known(left=2), "from 2 accounts, 2 of them left"),
        (known(revenue=0.0), "from 2 accounts paying $0 a year"),
    ],
)
def test_accounts_without_revenue_are_told_as_such(what: Known, words: str) -> None:
    assert from_accounts(a_problem(accounts=2), what, currency="$") == words


def test_at_most_four_groups_are_named() -> None:
    assert shares_in_words(tuple((f"R{n}", 6 - n) for n in range(6))) == "R0 6 of 21, R1 5, R2 4, R3 3, 2 more"
    assert shares_in_words(()) == ""


def test_what_it_wastes_is_the_load_of_a_year_and_the_parts_of_the_estimate() -> None:
    estimate = worth(("revenue kept", 18_000, "3 accounts"), ("revenue won", 9, "x"), ("support saved", 1_000, "48"))
    what = known(revenue=610_000, load=Load(items=12, days=91, minutes=25, hourly_cost=45))

    lines = told("wasted", a_problem(accounts=3, estimate=estimate), what)

    assert lines[0] == "Support: 12 items in 91 days, 48 a year × 25 min = 20 hours a year, $902"
    assert lines[1].startswith("Saved by a fix: $1") and lines[1].endswith("a year (48)")
    assert lines[2] == "Revenue at stake: accounts that have it pay $610k a year"
    assert lines[3] == "Lost if it stays: $18k a year (3 accounts)"
    assert len(lines) == 4


def test_in_short_the_parts_of_the_estimate_and_passed_checks_are_left_out() -> None:
    problem = a_problem(accounts=1, estimate=worth(("support saved", 1_000, "48")))
    data = told_by_data(
        problem, known(load=Load(items=1, days=14, minutes=25, hourly_cost=45)), currency="$", is_short=True
    )

    assert [one.words for one in data["evidence"]] == ["thin: 1 account of 3 wanted"]
    assert [one.words.split(":")[0] for one in data["wasted"]] == ["Support"]


def test_hours_are_those_of_a_year() -> None:
    load = Load(items=10, days=73, minutes=30, hourly_cost=40)

    assert load.a_year == pytest.approx(50)
    assert load.hours_a_year == pytest.approx(25)
    assert Load(items=1, days=0, minutes=60, hourly_cost=1).a_year == 365


@pytest.mark.parametrize(
    "what", [known(), known(load=Load(items=3, days=14, minutes=0, hourly_cost=45)), known(unknown=2)]
)
def test_without_load_and_revenue_nothing_is_said_to_be_wasted(what: Known) -> None:
    nothing = worth(("support saved", 0, "no item"), ("revenue kept", 0, "unknown"))

    assert told("wasted", a_problem(accounts=1, estimate=nothing), what) == []


def test_every_check_of_the_evidence_is_told_and_thin_evidence_asks() -> None:
    assert told("evidence", a_problem(), known()) == [
        "Thin",
        "short: 1 account of 3 wanted",
        "passed: 5 items, 5 wanted",
        "passed: 2 sources, 2 wanted",
        "passed: newest item 2026-11-20, wanted within 90 days",
    ]
    assert asking(known()) == ("evidence",)


def test_enough_evidence_does_not_ask() -> None:
    enough = gate_of(Counts(accounts=3, items=5, sources=2, newest=TODAY), WANTED, today=TODAY)

    assert asking(known(gate=enough)) == ()
    assert told("evidence", a_problem(), known(gate=enough))[0] == "Enough"


def test_risks_and_competitors_come_with_their_items() -> None:
    what = known(
        risks=(SaidRisk(area="data loss", phrase="data loss", items=2, refs=("t/1", "t/2")),),
        rivals=(
            Rival(name="Shipstone", items=1, lost_deals=1, refs=("t/1", "deals/D-1")),
            Rival(name="Crate", items=0, lost_deals=2, refs=("deals/D-2",)),
        ),
    )
    data = told_by_data(a_problem(), what, currency="$")

    assert data["risks"] == (Told("Data loss: 2 items say “data loss” or the like", refs=("t/1", "t/2")),)
    assert data["competitors"] == (
        Told("Shipstone: named by 1 item, reason of 1 lost deal", refs=("t/1", "deals/D-1")),
        Told("Crate: reason of 2 lost deals", refs=("deals/D-2",)),
    )


def test_the_next_renewals_of_those_who_are_customers_and_open_deals_make_the_timeline() -> None:
    payers = (
        a_payer("Later", 400_000, renewal=date(2027, 3, 1)),
        a_payer("Next", renewal=TODAY),
        a_payer("Past", 1, renewal=date(2026, 11, 19)),
        a_payer("Gone", 1, renewal=date(2026, 12, 1), left=True),
        a_payer("None", 1),
        a_payer("Third", 1_000, renewal=date(2027, 4, 1)),
        a_payer("Fourth", 1_000, renewal=date(2027, 5, 1)),
    )
    deals = OpenDeals(count=3, amount=80_000, unknown=1, next_close=date(2026, 12, 10))

    assert told("timeline", a_problem(), known(payers=payers, deals=deals)) == [
        "Next renewals: Next (2026-11-20), Later (2027-03-01, $400k a year), Third (2027-04-01, $1k a year), 1 more",
        "Open deals: 3 with the same accounts, $80k together, the amount of 1 unknown; the next expected to close on "
        "2026-12-10",
    ]


def test_open_deals_of_unknown_amount_and_day_are_only_counted() -> None:
    deals = OpenDeals(count=1, amount=None, unknown=1, next_close=None)

    assert told("timeline", a_problem(), known(deals=deals)) == [
        "Open deals: 1 with the same accounts, the amount of 1 unknown"
    ]


def test_names_from_outside_stay_on_one_line_and_act_on_no_terminal() -> None:
    hostile = "Ac\x1b[2Jme\r\n## Inc\u202e" + "x" * 200
    what = known(
        payers=(a_payer(hostile, 2, renewal=TODAY), a_payer("B", 1)),
        revenue=3,
        segments=((hostile, 1),),
        rivals=(Rival(name=hostile, items=1, lost_deals=0, refs=()),),
    )

    lines = [one.words for some in told_by_data(a_problem(accounts=2), what, currency="$").values() for one in some]

    assert not any(mark in line for line in lines for mark in ("\x1b", "\n", "\r", "\u202e"))
    assert all(len(line) < 200 for line in lines)
    assert sum("Acme ## Inc" in line for line in lines) == 4
