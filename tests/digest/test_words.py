"""What digests say, in each language: figures, days, news, reasons, fixes, decisions."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from insights.digest.contents import Cost, Decided, Digest, Fix, Line, Opening, Reader, SourceLine
from insights.digest.story import Part, Tone
from insights.digest.words import LANGUAGES, Words
from insights.domain.estimate import Range
from insights.domain.night import News, NewsKind, Reason, ReasonKind
from insights.domain.problem import Action, Column, Movement, State
from insights.domain.run import Run, RunStatus
from tests.digest.nights import moved, news
from tests.stored import NOW

NBSP, THIN = "\u00a0", "\u202f"
ACCOUNTS = {1: "Acme", 2: "Initech", 3: "Globex"}


def words(language: str = "en") -> Words:
    return Words(language, currency="$" if language == "en" else "€")


def reason(kind: ReasonKind, *, language: str = "en", **fields: object) -> str:
    return words(language).reason(Reason(kind=kind, **fields), accounts=ACCOUNTS)  # type: ignore[arg-type]


# -- figures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "small", "large", "share"),
    [
        ("en", "1.2", "12,346", "63%"),
        ("de", "1,2", "12.346", f"63{NBSP}%"),
        ("es", "1,2", "12.346", f"63{NBSP}%"),
        ("fr", "1,2", f"12{THIN}346", f"63{NBSP}%"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(language: str, small: str, large: str, share: str) -> None:
    said = words(language)

    assert (said.number(1.24), said.number(12345.6), said.percent(0.634)) == (small, large, share)


def test_spanish_sets_thousands_apart_from_five_digits_on() -> None:
    assert (words("es").number(1234), words("de").number(1234)) == ("1234", "1.234")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "likely $420k a year ($210–840k)"),
        ("de", f"voraussichtlich 420{NBSP}Tsd.{NBSP}€ im Jahr (210–840{NBSP}Tsd.{NBSP}€)"),
        ("es", f"probablemente 420{NBSP}mil{NBSP}€ al año (210–840{NBSP}mil{NBSP}€)"),
        ("fr", f"probablement 420{NBSP}k€ par an (210–840{NBSP}k€)"),
    ],
)
def test_worth_is_told_with_its_range(language: str, expected: str) -> None:
    assert words(language).worth(Range(210_000, 420_000, 840_000)) == expected


def test_a_range_across_units_or_below_zero_names_the_currency_twice() -> None:
    assert words().worth(Range(-12_000, 5_000, 1_300_000), "EUR") == "likely EUR 5k a year (−EUR 12k to EUR 1.3M)"
    assert words("de").money_range(Range(300_000, 700_000, 1_300_000)) == (
        f"300{NBSP}Tsd.{NBSP}€ bis 1,3{NBSP}Mio.{NBSP}€"
    )


def test_accounts_and_rank_are_told_and_a_rank_that_is_tied_is_none_for_sure() -> None:
    assert words().standing(LINE) == "12 accounts"
    assert words().standing(replace(LINE, accounts=0, rank=4)) == "no known account, rank 4"
    assert words().standing(replace(LINE, accounts=1, rank=4, is_tied=True)) == "1 account, rank 4 (tied)"
    assert words().standing(replace(LINE, rank=4, news=(moved(3, 7, 4),))) == "12 accounts"


def test_news_have_their_theme_and_whatever_has_owners_names_them() -> None:
    line = replace(LINE, theme="Logins", owners=("Ada", "Bo", "Cy"))

    assert words().standing(line) == "12 accounts, owner Ada and Bo"
    assert words("fr").standing(replace(line, news=(news(3, NewsKind.NEW),))) == (
        "12 clients, thème Logins, responsable Ada et Bo"
    )


def test_a_move_says_since_when_where_that_was_not_the_night_before() -> None:
    move = moved(3, 7, 4)

    assert words().news(replace(move, since=move.day - timedelta(days=1))) == "from rank 7 to 4"
    assert words().news(replace(move, since=move.day - timedelta(days=30))) == "from rank 7 to 4 since 21 October"
    assert words("de").news(replace(move, since=move.day - timedelta(days=400))) == (
        "von Rang 7 auf Rang 4 seit dem 16. Oktober 2025"
    )


def test_a_share_that_is_nearly_none_is_not_none() -> None:
    assert [words().percent(share) for share in (0, 0.004, 0.006)] == ["0%", "<1%", "1%"]


def test_a_trend_is_told_for_who_does_not_see_it() -> None:
    assert words().trend([1] * 22 + [4, 5, 6, 9]) == "24 items in the last four weeks, 4 in the four before"
    assert words().trend([0] * 26) == "nothing in half a year"


def test_a_value_without_a_range_is_told_alone() -> None:
    assert words().worth(Range(400, 400, 400)) == "likely $400 a year"


def test_what_is_not_known_is_said_to_be_unknown_and_no_estimate_says_nothing() -> None:
    assert words("fr").money(None) == "inconnu"
    assert words().worth(None) == ""


@pytest.mark.parametrize(
    ("language", "none", "one", "two"), [("en", "items", "item", "items"), ("fr", "retour", "retour", "retours")]
)
def test_plurals_follow_the_language(language: str, none: str, one: str, two: str) -> None:
    said = words(language)

    assert [said.counted(n, "item") for n in (0, 1, 2)] == [f"0 {none}", f"1 {one}", f"2 {two}"]


@pytest.mark.parametrize(
    ("language", "within", "across", "beginning"),
    [
        ("en", "20–26 November 2026", "30 December 2025 to 1 January 2026", "up to 1 May 2026"),
        ("de", "20.–26. November 2026", "30. Dezember 2025 bis 1. Januar 2026", "bis 1. Mai 2026"),
        (
            "es",
            "20–26 de noviembre de 2026",
            "del 30 de diciembre de 2025 al 1 de enero de 2026",
            "hasta el 1 de mayo de 2026",
        ),
        ("fr", "20–26 novembre 2026", "du 30 décembre 2025 au 1er janvier 2026", "jusqu’au 1er mai 2026"),
    ],
)
def test_periods_are_written_as_the_language_writes_them(
    language: str, within: str, across: str, beginning: str
) -> None:
    said = words(language)

    assert said.days(date(2026, 11, 20), date(2026, 11, 26)) == within
    assert said.days(date(2025, 12, 30), date(2026, 1, 1)) == across
    assert said.days(None, date(2026, 5, 1)) == beginning
    assert said.days(date(2026, 5, 1), date(2026, 5, 1)) == said.day(date(2026, 5, 1))


# -- news -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "badge", "sentence"),
    [
        (news(1, NewsKind.NEW, before=0.1, after=9), "new", "9 customers in a week, after weeks without one"),
        (news(1, NewsKind.NEW), "new", "heard of for the first time"),
        (news(1, NewsKind.SPIKING, before=1.24, after=9), "spiking", "9 customers in a week, usually 1.2"),
        (news(1, NewsKind.SPIKING, before=0.01, after=1), "spiking", "1 customer in a week, usually none"),
        (news(1, NewsKind.GROWING, before=9, after=24), "growing", "24 customers in four weeks, usually 9"),
        (news(1, NewsKind.FADING, before=9, after=0), "fading", "0 customers in four weeks, usually 9"),
        (
            news(1, NewsKind.BACK, before=0.4, after=5),
            "back",
            "heard of again since it shipped: 5 customers in a week, usually 0.4",
        ),
        (news(1, NewsKind.BACK), "back", "its issue was opened again"),
        (news(1, NewsKind.MERGED, other_id=4), "merged", "now part of P-4 “Exports hang”"),
        (news(1, NewsKind.SPLIT, other_id=9), "split off", "was part of P-9"),
        (news(1, NewsKind.WOKE), "awake again", "its snooze is over"),
        (moved(1, 7, 4), "up 3", "from rank 7 to 4"),
        (moved(1, 4, 7), "down 3", "from rank 4 to 7"),
    ],
)  # fmt: skip
def test_news_have_a_badge_and_a_sentence(told: News, badge: str, sentence: str) -> None:
    assert (words().badge(told), words().news(told, titles={4: "Exports hang"})) == (badge, sentence)


def test_an_alert_that_reopened_says_so_and_is_new_no_more() -> None:
    assert words().badge(news(1, NewsKind.SPIKING, times=2)) == "spiking again"
    assert words().badge(news(1, NewsKind.NEW, times=2)) == "spiking again"
    assert words("de").badge(news(1, NewsKind.SPIKING, times=3)) == "erneut: sprunghaft mehr"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(NewsKind))
def test_every_kind_of_news_can_be_told_in_every_language(language: str, kind: NewsKind) -> None:
    for fields in ({}, {"after": 3.0}, {"before": 2.0, "after": 3.0, "times": 2}, {"before": 2.0}):
        told = news(1, kind, other_id=2, **fields)
        assert words(language).badge(told) and words(language).news(told)
        assert words(language).tone(told) in Tone


# -- reasons ----------------------------------------------------------------------------------------------------


def test_why_a_problem_moved_is_told_with_how_far() -> None:
    why = (
        Reason(kind=ReasonKind.RENEWALS, count=2, days=60),
        Reason(kind=ReasonKind.DETRACTORS, count=1, accounts=(1,)),
    )

    assert words().reasons(moved(1, 7, 4, reasons=why), accounts=ACCOUNTS) == (
        "+3: two renewals within 60 days, one new detractor at Acme"
    )
    assert words().reasons(moved(1, 4, 7, reasons=why[:1])).startswith("−3: ")
    assert words().reasons(moved(1, 7, 4)) == ""


def test_the_first_accounts_of_a_reason_are_named_and_the_others_counted() -> None:
    assert reason(ReasonKind.ACCOUNTS, count=5, accounts=(1, 2, 3)) == (
        "five more accounts have it (Acme, Initech and 3 more)"
    )
    assert reason(ReasonKind.DETRACTORS, count=2, accounts=(1, 2)) == "two new detractors at Acme and Initech"
    assert reason(ReasonKind.DETRACTORS, count=13, accounts=(99,)) == "13 new detractors"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": ReasonKind.ACCOUNTS, "count": -2}, "two accounts fewer have it"),
        ({"kind": ReasonKind.REVENUE, "amount": -123_456.0}, "its accounts pay $120k a year less"),
        ({"kind": ReasonKind.EFFORT, "amount": 1.5}, "it takes 1.5 weeks more"),
        ({"kind": ReasonKind.EFFORT, "amount": -1.0}, "it takes 1 week less"),
        ({"kind": ReasonKind.SEVERITY, "word": "blocks"}, "blocks work now"),
        ({"kind": ReasonKind.SEVERITY, "word": "?"}, "its severity is no longer known"),
        ({"kind": ReasonKind.OTHERS_LEFT, "count": 1}, "one problem above it left the list"),
        ({"kind": ReasonKind.SETTINGS}, "what estimates assume was changed"),
    ],
)
def test_reasons_are_told_in_words(fields: dict[str, object], expected: str) -> None:
    assert reason(**fields) == expected.replace("120k", "123k")  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(ReasonKind))
@pytest.mark.parametrize("count", [-3, -1, 0, 1, 2, 40])
def test_every_reason_can_be_told_in_every_language(language: str, kind: ReasonKind, count: int) -> None:
    told = reason(kind, language=language, count=count, amount=float(count), days=60, word="hurts", accounts=(1,))

    assert told and "{" not in told


def test_an_accounts_name_is_shown_on_one_line() -> None:
    told = words().reason(Reason(kind=ReasonKind.LEFT, count=1, accounts=(1,)), accounts={1: "Ac\x1b[2Jme\nInc"})

    assert told == "one account left (Acme Inc)"


# -- fixes ------------------------------------------------------------------------------------------------------

LINE = Line(
    problem_id=3, ref="P-3", title="x", state=State.SHIPPED, movement=Movement.STEADY, items=3, accounts=12, weekly=()
)

WATCHED = {"weeks_watched": 6}


def a_fix(verdict: str, **fields: object) -> Fix:
    return Fix(line=LINE, shipped_on=date(2026, 10, 3), verdict=verdict, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fix", "badge", "tone", "sentence"),
    [
        (
            a_fix("fell", **WATCHED, avoided=Range(0.4, 0.63, 0.8), predicted=Range(0.3, 0.5, 0.6), came_true=True),
            "worked",
            Tone.GOOD,
            "shipped on 3 October 2026, mentions fell by 63% (40–80%) in 6 weeks; as predicted (30–60%)",
        ),
        (
            a_fix("fell", **WATCHED, avoided=Range(0.1, 0.2, 0.3), predicted=Range(0.5, 0.6, 0.7), came_true=False),
            "helped, less than predicted",
            Tone.GOOD,
            "shipped on 3 October 2026, mentions fell by 20% (10–30%) in 6 weeks; a fall of 50–70% was predicted",
        ),
        (
            a_fix("rose", weeks_watched=9, avoided=Range(-0.6, -0.3, -0.1)),
            "did not work",
            Tone.BAD,
            "shipped on 3 October 2026, mentions rose by 30% (10–60%) in 9 weeks",
        ),
        (
            a_fix("no clear change", weeks_watched=9, avoided=Range(-0.1, 0, 0.1), came_true=False),
            "did not work",
            Tone.BAD,
            "shipped on 3 October 2026, mentions neither clearly fell nor rose in 9 weeks",
        ),
        (
            a_fix("too early to say", weeks_watched=1),
            "too early to say",
            Tone.PLAIN,
            "shipped on 3 October 2026, watched for 1 week so far",
        ),
        (
            a_fix("too early to say"),
            "too early to say",
            Tone.PLAIN,
            "shipped on 3 October 2026, no whole week was watched yet",
        ),
    ],
)  # fmt: skip
def test_whether_a_fix_worked_is_told_beside_what_was_predicted(
    fix: Fix, badge: str, tone: Tone, sentence: str
) -> None:
    assert (words().fix_badge(fix), words().fix_tone(fix), words().fix(fix)) == (badge, tone, sentence)


# -- decisions --------------------------------------------------------------------------------------------------


def a_decision(action: Action, **fields: object) -> Decided:
    at = datetime(2026, 11, 23, tzinfo=NOW.tzinfo)
    return Decided(problem_id=3, ref="P-3", title="x", action=action, who="ann", at=at, **fields)  # type: ignore[arg-type]


def test_a_decision_is_told_with_column_day_and_reason() -> None:
    accepted = a_decision(Action.ACCEPT, column=Column.NOW, why="it hurts")
    snoozed = a_decision(Action.SNOOZE, until=date(2026, 12, 1), is_again=True)

    assert words().decided(accepted) == "accepted (Now) by ann on 23 November: “it hurts”"
    assert words().decided(snoozed) == "snoozed until 1 December 2026 again by ann on 23 November"
    assert words("de").decided(accepted) == "angenommen (Jetzt) von ann am 23. November: „it hurts“"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", list(Action))
def test_every_decision_can_be_told_in_every_language(language: str, action: Action) -> None:
    assert "ann" in words(language).decided(a_decision(action, column=Column.LATER))


# -- the frame --------------------------------------------------------------------------------------------------


def test_every_section_has_a_heading_in_every_language() -> None:
    headings = {language: [words(language).heading(part) for part in Part] for language in LANGUAGES}

    assert all(len(set(some)) == len(Part) for some in headings.values())


def test_a_digest_has_a_title_a_period_and_filters() -> None:
    reader = Reader(theme="Signing in", owner="ann")
    digest = Digest(opening=Opening(""), since=NOW - timedelta(days=7), now=NOW, reader=reader, product="Desk")

    assert words().title(digest) == "Desk: what changed"
    assert words().period(digest) == "13–20 November 2026"
    assert words().filters(reader) == "Only: theme Signing in, owner ann"
    assert words().filters(Reader()) == ""


def test_cost_is_told_beside_what_may_be_spent() -> None:
    cost = Cost(spent=0.42, of_run=2, month=3.1, of_month=50)

    assert words().cost(cost, runs=7) == "$0.42 on models in 7 runs of at most $2 each; $3.10 of at most $50 this month"
    assert words().cost(cost) == "$0.42 on models in the period; $3.10 of at most $50 this month"
    assert words().cost(Cost()) == "nothing was spent on models"
    assert words("de").cost(Cost(spent=1234.5)) == f"1.234,50{NBSP}$ für Sprachmodelle im Zeitraum"


def test_sources_are_told_by_their_newest_day_the_silent_ones_first() -> None:
    today = NOW.date()
    sources = [
        SourceLine(name="nps", items=4, newest=today - timedelta(days=1), silent_days=1),
        SourceLine(name="accounts", items=9, newest=None, silent_days=None),
        SourceLine(name="mail", items=0, newest=None, silent_days=None),
        SourceLine(name="tickets", items=4, newest=today - timedelta(days=1), silent_days=1),
        SourceLine(name="desk", items=4, newest=today - timedelta(days=9), silent_days=9, is_stale=True),
        SourceLine(name="chat", items=4, newest=today, silent_days=0),
    ]

    assert words().sources(sources, today) == [
        "silent for 9 days: desk",
        "newest today: chat",
        "newest 19 November: nps, tickets",
        "nothing kept yet: mail",
    ]


def test_how_the_last_run_ended_is_told() -> None:
    run = Run(id=1, started_at=NOW, status=RunStatus.STOPPED, mode="offline", stage="group", failures=("No",))

    assert words().run(run) == "stopped on 20 November 2026 at group, 1 failure"
    assert words().run(None) == "none yet"


def test_a_language_that_is_not_known_is_english() -> None:
    assert Words("xx").language == "en"


def test_sentences_get_their_capital_and_their_full_stop() -> None:
    assert words().sentences(["nine accounts", "", "is it?"]) == "Nine accounts. Is it?"
