"""What a lens says of a problem: the sum in figures, or why there is none."""

import pytest

from insights.domain.facts import Affected, Firm, Scores
from insights.worth.lens_words import Said, in_words, signed
from insights.worth.lenses import LENSES, custom_lens
from insights.worth.seen import Heard, Seen
from tests.builders import a_problem, an_estimate
from tests.worth.test_lenses import NO_WEEKS, a_year_of, numbered, payers, seen, some_facts, weekly


def said(lens: str, some: Seen, *, currency: str = "$") -> Said:
    """Of the first problem."""
    return in_words(LENSES[lens], some, currency=currency)[0]


def test_money_is_told_in_the_workspaces_currency() -> None:
    some = seen(a_problem(estimate=an_estimate(420_000)))

    assert said("roi", some).words == "ROI 34×: $420k a year for $12k of work"
    assert said("net", some, currency="EUR") == Said("EUR 408k", "net value EUR 408k = EUR 420k − EUR 12k")


def test_rice_shows_its_factors() -> None:
    facts = {1: some_facts(*payers(7), severity="hurts")}

    assert said("rice", seen(a_problem(), facts=facts, heard={1: Heard(accounts=7)})) == Said(
        "16", "RICE 16 = 7 accounts × 2 × 80% ÷ 0.7 months"
    )
    mixed = said("rice", seen(a_problem(), heard={1: Heard(accounts=1, items=2)}))
    assert "= (1 account + 2 items) × 1 × 50% ÷" in mixed.words
    assert "= 2 items × 1 ×" in said("rice", seen(a_problem(), heard={1: Heard(items=2)})).words
    assert said("rice", seen(a_problem())).words == "RICE 0 = 0 accounts × 1 × 50% ÷ 0.7 months"


def test_cost_of_delay_names_what_hangs_on_renewals() -> None:
    assert said("wsjf", seen(a_year_of(1_000))) == Said("$250", "WSJF $250 = $1k a week ÷ 4 weeks")
    facts = {1: some_facts(Affected(account=1, revenue=1.0, renewal_days=30))}
    near = said("wsjf", seen(a_year_of(1_000, kept=400, weeks=1), facts=facts))
    assert near.words == "WSJF $2.2k = $2.2k a week ÷ 1 week; $21k hangs on renewals within 90 days"


def test_customers_are_counted_in_words() -> None:
    one, many = seen(a_problem(accounts=1, items=1)), seen(a_problem(accounts=1_204, items=3_000))
    assert said("accounts", one) == Said("1", "1 account, 1 item")
    assert said("accounts", many) == Said("1,204", "1,204 accounts, 3,000 items")
    leaving = {1: some_facts(*payers(3), Affected(account=9, revenue=None, says_leaving=True), severity="blocks")}
    assert said("severity", seen(a_problem(accounts=4), facts=leaving)) == Said(
        "blocks", "severity: blocks; 25% of 4 accounts speak of leaving"
    )
    assert said("severity", seen(a_problem(), facts={1: some_facts(severity="wish")})).words == "severity: wish"


def test_growth_shows_the_counts_behind_it() -> None:
    assert said("growth", seen(a_problem(weekly=weekly(55, 30)))) == Said(
        "×2.4", "growth ×2.4: 30 items in 4 weeks, 2.5 a week before"
    )


def test_nps_shows_the_score_with_and_without() -> None:
    firm = Firm(scores=Scores(promoters=20, passives=30, detractors=50))
    facts = {1: some_facts(scores=Scores(detractors=10)), 2: some_facts(scores=Scores(promoters=1))}
    worse, better = in_words(LENSES["nps"], seen(*numbered({}, {}), facts=facts, firm=firm), currency="$")

    assert worse == Said("+7.8", "NPS +7.8: −22 without 10 answers, −30 with")
    assert better == Said("−1.3", "NPS −1.3: −31 without 1 answer, −30 with")


def test_custom_shows_each_percentile_with_its_weight() -> None:
    lens = custom_lens({"accounts": 2.0, "severity": 0.5})
    first, _ = in_words(lens, seen(*numbered({"accounts": 9}, {"accounts": 5})), currency="$")

    assert first == Said("70", "custom 70 of 100: accounts 75 × 2, severity not known × 0.5")


@pytest.mark.parametrize(
    ("lens", "words"),
    [
        ("roi", "not estimated yet"),
        ("net", "not estimated yet"),
        ("rice", "not estimated yet"),
        ("wsjf", "not estimated yet"),
        ("accounts", "no known account"),
        ("severity", "severity not known"),
        ("growth", "nothing is older than 4 weeks"),
        ("nps", "nobody answered with it"),
    ],
)
def test_what_is_not_known_says_why(lens: str, words: str) -> None:
    assert said(lens, seen(a_problem(estimate=None, accounts=0, weekly=NO_WEEKS))) == Said("–", words)


def test_there_are_further_reasons_not_to_know() -> None:
    quiet = seen(*numbered({"weekly": NO_WEEKS}, {"weekly": (1,) * 26}))
    every = Scores(promoters=1)
    everybody = seen(a_problem(), facts={1: some_facts(scores=every)}, firm=Firm(scores=every))

    assert said("growth", quiet).words == "no item in 26 weeks"
    assert said("nps", everybody).words == "all who answered have it"
    unknown = in_words(custom_lens({"severity": 1.0}), quiet, currency="$")
    assert unknown[0] == Said("–", "none of these lenses knows it")


def test_points_have_their_sign() -> None:
    assert [signed(points) for points in (1.44, -0.25, 0.0, 12.6)] == ["+1.4", "−0.25", "0", "+13"]
