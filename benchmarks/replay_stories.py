"""What the replay plants besides the sample firm's own flow, and what must be told of it, by when.

Delays were stated before the first replay: those of counts from `insights.domain.alarm` on simulated quiet series with
the same plant (35 problems, 24 draws: ten more voices in a week on 2.2 are told by the seventh night, five a week more
on two by the 29th, a new problem at two a day by the second, growth to ten a week more by the 40th), with two or three
nights for the grouping to see that mentions belong together; those of releases from `insights.worth.effect` (two weeks
of settling, four of watching, five mentions to be expected). After a first replay three plants were made stronger:
slow growth, the fix that did not work, and what moves ranks, where the product holds more of them for chance. Since a
move in rank is a problem beside itself, more are told: the customer's revenue was moved out of the four weeks after one
of the same problem, and the two renewals came back with other accounts, of a problem that these move far enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.replay_firm import LAST_DAY, Answer, Plant, World

STOCK, RETURNS, PHOTOS, LABELS = "webshop-stock-mismatch", "returns-handling", "goods-in-photos", "label-print-cropped"
DASHBOARD, SEARCH, CURRENCY, WEBHOOKS = "dashboard-slow", "search-partial-sku", "multi-currency", "webhooks-lost"
LOGOUT, DUPLICATES, OFFLINE = "session-logout", "accounting-duplicates", "offline-mode"
IMPORTS, FORECAST, APPROVALS = "supplier-import-fails", "forecast-reorder", "po-approvals"
PERMISSIONS, RESIDENCY, AUDIT = "coarse-permissions", "data-residency", "audit-log"
TRAINING, EXPIRY, LOGIN = "training-onboarding", "expiry-warnings-false", "sso-login-loop"

FIRST_NIGHT, LAST_NIGHT = date(2026, 1, 4), LAST_DAY
"""Five weeks of the half-year are history."""


def _day(month: int, day: int) -> date:
    return date(2026, month, day)


UNAPPROVED = {
    "Redstone Trail Gear": "Purchase orders need the approval of a second person. Without approvals we will not renew.",
    "Arctic Tern Seafood Trading": "No approval step for purchase orders: anybody can order anything. We may leave.",
    "Tundra Workwear Nordic": "Our auditor wants two approvals on a purchase order. We are looking at other vendors.",
    "Ironbridge Plumbing Stock": "A purchase order over 5,000 needs an approval by a manager, or we cancel.",
    "Feldmark Landtechnik Teile": "Still no approval of purchase orders. We were promised it and we will switch.",
}
"""What the largest accounts say on one day."""

WORLD = World(
    plants=(
        Plant(label=STOCK, first=_day(2, 9), a_week=(10,)),
        Plant(label=STOCK, first=_day(3, 23), a_week=(14,), skip=10),
        Plant(label=PHOTOS, first=_day(2, 23), a_week=(14, 6)),
        Plant(label=RETURNS, first=_day(3, 2), a_week=(5,) * 5),
        Plant(label=LABELS, first=_day(3, 16), a_week=(2, 4, 6, 8, 10, 10, 10)),
        Plant(label=CURRENCY, first=_day(3, 16), a_week=(10,)),
        Plant(label=SEARCH, first=_day(3, 30), a_week=(10,)),
        Plant(label=DASHBOARD, first=_day(4, 13), a_week=(12,)),
        Plant(label=DUPLICATES, first=_day(3, 2), a_week=(2, 2, 3, 3, 3, 3)),
        Plant(label=WEBHOOKS, first=_day(5, 4), a_week=(14,), account="Hudson Fold Packaging"),
    ),
    gone={DASHBOARD: (_day(2, 1), _day(4, 13))},
    doubled=_day(4, 27),
    renewals={name: _day(4, 6) for name in ("Van der Hulst Verpakkingen", "Eisvogel Bürobedarf")},
    revenues={"Cerámicas Peñalba": (_day(3, 24), 4_278_000)},
    answers=(
        Answer(day=_day(2, 5), account="Cartwheel Toys Distribution", words="n/a"),
        *(
            Answer(label=APPROVALS, day=_day(4, 20), account=account, words=words)
            for account, words in UNAPPROVED.items()
        ),
    ),
    missing={"notes": (_day(3, 5), _day(3, 6))},
    reviews_end=_day(4, 6),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person does on the morning before a night: `words` of a command, in which `{label}` is the problem that
    holds most of what states it. `label` is what it is about."""

    day: date
    words: tuple[str, ...]
    label: str = ""


ACTS = (
    Act(day=_day(1, 25), words=("decide", "{label}", "accept"), label=DASHBOARD),
    Act(day=_day(1, 26), words=("shipped", "{label}", "--on", "2026-01-26", "--weeks", "3"), label=DASHBOARD),
    Act(day=_day(2, 2), words=("decide", "{label}", "snooze", "--until", "2026-02-09"), label=OFFLINE),
    Act(day=_day(2, 5), words=("decide", "{label}", "accept"), label=IMPORTS),
    Act(day=_day(2, 6), words=("export", "{label}", "--to", "{backlog}"), label=IMPORTS),
    Act(day=_day(2, 8), words=("decide", "{label}", "accept"), label=LOGOUT),
    Act(day=_day(2, 9), words=("shipped", "{label}", "--on", "2026-02-09", "--weeks", "2"), label=LOGOUT),
    Act(day=_day(2, 11), words=("decide", "{label}", "accept"), label=FORECAST),
    Act(day=_day(2, 14), words=("decide", "{label}", "accept"), label=DUPLICATES),
    Act(day=_day(2, 15), words=("shipped", "{label}", "--on", "2026-02-15", "--weeks", "4"), label=DUPLICATES),
    Act(day=_day(2, 24), words=("done",), label=IMPORTS),
    Act(day=_day(2, 27), words=("decide", "{label}", "dismiss", "--why", "out of strategy"), label=CURRENCY),
    Act(day=_day(3, 4), words=("merge", "{second}", "{label}", "--why", "one cause"), label=PERMISSIONS),
    Act(day=_day(3, 10), words=("split", "{mixed}", "{items}", "--why", "another cause"), label=AUDIT),
    Act(day=_day(3, 23), words=("decide", "{label}", "snooze", "--until", "2026-04-22"), label=SEARCH),
)
"""`done`: somebody writes into the backlog that it is done. `{second}`: the problem that holds most of the rest;
`{mixed}` the one with most items of the label among others, `{items}` these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that must be told: how (`told`, any of these), from which night on, within how many nights; of the
    problem with this label or, of a source, by its name. Or, where `is_silent`, what must not be told until then."""

    what: str
    night: date
    within: int
    told: tuple[str, ...]
    label: str = ""
    is_silent: bool = False

    @property
    def last(self) -> date:
        return self.night + timedelta(days=self.within)


WEEK = 7
VERDICT = 56
"""Nights from a release to what came of it."""
BURSTS = ("new", "spiking", "back")
TRENDS = ("growing", "fading")

EVENTS: Sequence[Event] = (
    Event(what="accepted, and filed nowhere", night=_day(2, 11), within=0, told=("unfiled",), label=FORECAST),
    Event(what="a fix ships", night=_day(1, 26), within=0, told=("ship",), label=DASHBOARD),
    Event(
        what="two renewals within 60 days, one new detractor",
        night=_day(2, 5),
        within=3,
        told=("moved: renewals",),
        label=LOGIN,
    ),
    Event(what="a snooze ends", night=_day(2, 9), within=1, told=("woke",), label=OFFLINE),
    Event(what="a filed problem is done in the backlog", night=_day(2, 24), within=1, told=("ship",), label=IMPORTS),
    Event(what="a known problem, × 5 over a week", night=_day(2, 9), within=WEEK, told=("spiking",), label=STOCK),
    Event(what="merged by a person", night=_day(3, 4), within=0, told=("merge",), label=PERMISSIONS),
    Event(what="a new problem, two voices a day", night=_day(2, 23), within=5, told=("new", "spiking"), label=PHOTOS),
    Event(what="dismissed", night=_day(2, 27), within=0, told=("dismiss",), label=CURRENCY),
    Event(
        what="a known problem, × 3 for five weeks",
        night=_day(3, 2),
        within=35,
        told=("growing", "spiking"),
        label=RETURNS,
    ),
    Event(what="a source fails for two nights", night=_day(3, 5), within=0, told=("source",), label="notes"),
    Event(what="split by a person", night=_day(3, 10), within=0, told=("split by hand",), label=RESIDENCY),
    Event(
        what="a customer's revenue, hundredfold", night=_day(3, 24), within=1, told=("moved: revenue",), label=TRAINING
    ),
    Event(what="a dismissed problem spikes", night=_day(3, 16), within=14, told=BURSTS, label=CURRENCY, is_silent=True),
    Event(
        what="slow growth over five weeks, then a plateau",
        night=_day(3, 16),
        within=42,
        told=("growing", "spiking"),
        label=LABELS,
    ),
    Event(what="a fix that worked: mentions fell", night=_day(1, 26), within=VERDICT, told=("fell",), label=DASHBOARD),
    Event(
        what="the spike again, within eight weeks", night=_day(3, 23), within=WEEK, told=("spiking again",), label=STOCK
    ),
    Event(what="a snoozed problem spikes", night=_day(3, 30), within=21, told=BURSTS, label=SEARCH, is_silent=True),
    Event(
        what="a fix fades out what it fixed (sample)",
        night=_day(2, 9),
        within=42,
        told=("fading", "fell"),
        label=LOGOUT,
    ),
    Event(what="the same: mentions fell (sample)", night=_day(2, 9), within=VERDICT, told=("fell",), label=LOGOUT),
    Event(what="a source falls silent", night=_day(4, 9), within=1, told=("source",), label="reviews"),
    Event(what="a fix that did not work", night=_day(2, 15), within=VERDICT, told=("stayed",), label=DUPLICATES),
    Event(what="back after its release", night=_day(4, 13), within=WEEK, told=("back",), label=DASHBOARD),
    Event(
        what="five of the largest accounts become detractors",
        night=_day(4, 20),
        within=1,
        told=("moved: detractors",),
        label=APPROVALS,
    ),
    Event(what="a longer snooze ends", night=_day(4, 22), within=1, told=("woke",), label=SEARCH),
    Event(
        what="one account shouts", night=_day(5, 4), within=10, told=(*BURSTS, *TRENDS), label=WEBHOOKS, is_silent=True
    ),
    Event(what="a new problem (sample)", night=_day(5, 18), within=5, told=("new", "spiking"), label=EXPIRY),
)

DOUBLED_NIGHTS = tuple(_day(4, 27) + timedelta(days=number) for number in range(9))
"""In which no problem may spike that has no event of its own."""
