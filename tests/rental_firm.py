"""A small firm for counterfactual tests: software for bicycle hire, its customers, and what they say of eight problems.

The texts were written for these tests. `analysed` runs the whole analysis on them, offline, with the default embedder.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from insights.bootstrap import Workspace, make_workspace, open_workspace
from insights.domain.customers import AccountRecord
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.ports import Page
from insights.stages.collect import collect
from tests.fakes import ListSource, quiet

WRITTEN = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
ITEMS_A_TOPIC = 11

TOPICS: Mapping[str, tuple[str, ...]] = {
    "export": (
        "The CSV export of bookings stops half way and the file ends in the middle of a row.",
        "Exporting bookings to CSV times out as soon as I pick more than one month.",
        "Our accountant Anna Smith gets a broken CSV file, the booking export is cut off after 5,000 rows.",
        "I cannot export the bookings of last year, the export hangs at 48 percent and never finishes.",
        "The booking export loses rows: 1,200 bookings in the list, only 900 in the CSV file.",
        "Export to CSV fails with a time-out every evening, so we copy the bookings by hand.",
        "When I export all bookings, the download never starts and the page just spins.",
        "The exported CSV is incomplete, the last weeks of bookings are missing from the file.",
        "Big exports of bookings break. Small ones work, but a whole season never comes out.",
        "The CSV export stopped in the middle again and we had to send the report late.",
        "Booking export is stuck since Tuesday, we need that CSV file for the tax office.",
    ),
    "login": (
        "The login code by text message does not arrive, so nobody at the desk can sign in.",
        "I wait ten minutes for the sign-in code and when it comes it has expired.",
        "Two of our staff cannot log in because the text message with the code never reaches their phones.",
        "The security code for signing in comes too late, the login page says it is invalid.",
        "Signing in takes three tries, the first codes sent to my phone do not work.",
        "No login code on my phone since yesterday, I am locked out of my own account.",
        "The text message with the sign-in code does not come to numbers abroad.",
        "Every morning we are logged out and then the code for the login does not arrive.",
        "My code is refused at sign-in although I type it within a minute.",
        "We cannot sign in on the second phone, the code is only sent to the old number.",
        "The login codes come so late that nobody is signed in when the shop opens.",
    ),
    "reader": (
        "The card reader loses its connection in the middle of a payment.",
        "Card payments fail at the counter, the terminal says not connected.",
        "Our card reader disconnects from the tablet several times a day and customers must pay in cash.",
        "The payment terminal drops the Bluetooth connection whenever the tablet goes to sleep.",
        "Paying by card breaks off and the customer is charged twice after the reader reconnects.",
        "The card terminal needs a restart before each payment or it is not found.",
        "Card reader not found again this morning, a queue of ten people waited to pay.",
        "After the update the reader pairs but the card payment is declined at once.",
        "The terminal freezes on 'processing payment' and the card has to be tapped again.",
        "We lost three card payments today because the reader went offline.",
        "The connection between tablet and card reader is gone after every lunch break.",
    ),
    "timezone": (
        "The calendar shows pick-up times one hour early since the clocks changed.",
        "Bookings appear in the wrong time zone, a nine o'clock hire is shown at ten.",
        "The calendar mixes up summer time, all pick-ups next week are off by an hour.",
        "Customers come an hour late because the confirmation has another time zone than the calendar.",
        "Our island shop is in another time zone and the calendar shows mainland hours.",
        "Pick-up times in the calendar jump by one hour when I open them on my phone.",
        "The time of return is wrong in the calendar after the change to winter time.",
        "Guests from abroad book at ten and our calendar says eleven, the time zone is wrong.",
        "The calendar day starts at one in the morning, it must be the time zone setting.",
        "All bookings moved by one hour over night and the calendar is not right any more.",
        "The clock change broke our calendar: start times are an hour off.",
    ),
    "labels": (
        "The label printer cuts the barcode off at the right edge.",
        "Printed labels for the bikes are too small and the barcode cannot be scanned.",
        "Half of the barcode is missing on each printed label.",
        "The printer puts the bike label sideways, so the barcode does not fit.",
        "Labels come out blank when I print more than ten barcodes at once.",
        "The barcode on the sticker is blurred and no scanner reads the label.",
        "Printing labels shifts by a few millimetres, the barcode slips off the sticker.",
        "The new label size is ignored and the printer cuts the barcode in two.",
        "Our label printer prints every bike sticker twice and wastes the roll.",
        "The barcode labels print in the wrong order and end up on the wrong bikes.",
        "Label printing leaves a white stripe through the barcode.",
    ),
    "crash": (
        "The mobile app crashes when I take a photo of a damaged bike.",
        "The app closes itself on Android as soon as I add damage pictures.",
        "Uploading damage photos kills the app and the report is lost.",
        "The phone app freezes on the damage report and has to be reinstalled.",
        "Every time I attach a photo the app shuts down without a message.",
        "The app crashes at the third picture of a damaged frame.",
        "Since the last version the Android app crashes when the camera opens.",
        "Taking pictures of scratches makes the app quit, so damages are not recorded.",
        "The mobile app crashed five times today while we photographed returned bikes.",
        "The damage report in the app vanishes after a crash and we start over.",
        "On my phone the app stops responding once a photo is added.",
    ),
    "tax": (
        "Invoices show the wrong tax rate for helmets.",
        "The invoice adds tax twice on the deposit.",
        "The total on the invoice is wrong because tax is rounded per line.",
        "Our invoices lack the tax number, the customer refuses to pay.",
        "Tax on invoices to companies abroad should be zero but 19 percent is charged.",
        "The invoice counts the tax of the old year, the rate changed in January.",
        "A credit note has a different tax than its invoice.",
        "Invoices for groups show no tax at all, our bookkeeper sends them back.",
        "The tax line on the invoice does not match the sum of the items.",
        "Wrong tax on every invoice with a discount.",
        "The invoice puts the reduced tax rate on repairs.",
    ),
    "search": (
        "Searching for a customer takes half a minute.",
        "The customer search is so slow that we keep a paper list at the counter.",
        "Search results for a name load very slowly on Saturdays.",
        "The search box finds no customer unless the name is spelled exactly.",
        "Looking up a customer by phone number is slow and often finds nobody.",
        "Since we have 20,000 customers the search crawls.",
        "Customer search is slow in the morning, the results take ages to load.",
        "Typing a name into the search makes the whole page slow.",
        "The search shows old customers first and the right one on page three, slowly.",
        "It takes forever to find a customer in the search while people queue.",
        "Slow search: 25 seconds for one customer name.",
    ),
}

DEAREST, STEP = 60_000.0, 0.93
PRICES: Mapping[str, float] = {topic: DEAREST * STEP**place for place, topic in enumerate(TOPICS)}
"""What an account of the topic pays a year. Returns are so near to each other that a problem which loses one of its
eleven accounts falls behind the next."""

SEGMENTS = ("SMB", "Mid-market", "Enterprise")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One item: what its customer wrote, and who that is."""

    topic: str
    number: int
    text: str
    author: str = "Sam Taylor"

    @property
    def source_id(self) -> str:
        return f"{self.topic}-{self.number}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """After an analysis: each item's kinds and problems, each problem's rank, and the annual revenue that stands behind
    it by account."""

    stances: Mapping[str, frozenset[str]]
    problems: Mapping[str, frozenset[int]]
    ranks: Mapping[int, int]
    weights: Mapping[int, Mapping[str, float | None]]


def everything() -> list[Heard]:
    return [Heard(topic=topic, number=n, text=text) for topic, texts in TOPICS.items() for n, text in enumerate(texts)]


def changed(items: list[Heard], source_id: str, text: str, *, author: str | None = None) -> list[Heard]:
    """The same items, one of them in other words."""
    return [
        replace(one, text=text, author=author or one.author) if one.source_id == source_id else one for one in items
    ]


@contextmanager
def analysed(folder: Path, items: list[Heard]) -> Iterator[Workspace]:
    """A workspace of its own in which all of them were imported and analysed."""
    make_workspace(folder)
    workspace = open_workspace(folder)
    try:
        for records in ([*_accounts()], [_record(one) for one in items]):
            collect(
                ListSource([Page(records)]),
                repository=workspace.repository,
                rejects_folder=folder / "rejects",
                now=WRITTEN + timedelta(days=30),
                progress=quiet,
            )
        workspace.analyze(progress=quiet)
        yield workspace
    finally:
        workspace.close()


def outcome(folder: Path, items: list[Heard]) -> Outcome:
    with analysed(folder, items) as workspace:
        return _outcome(workspace)


def _outcome(workspace: Workspace) -> Outcome:
    repository = workspace.repository
    memberships = repository.groupings.memberships()
    stances: dict[str, set[str]] = {}
    problems: dict[str, set[int]] = {}
    items = repository.feedback.get(list(range(1, 1_000)))
    for mention in repository.mentions.ranked():
        name = items[mention.feedback_id].source_id
        stances.setdefault(name, set()).add(mention.stance.value)
        if mention.id in memberships:
            problems.setdefault(name, set()).add(memberships[mention.id])
    names = {account.id: account.source_id for account in repository.customers.accounts()}
    return Outcome(
        stances={name: frozenset(some) for name, some in stances.items()},
        problems={name: frozenset(some) for name, some in problems.items()},
        ranks={p.id: p.estimate.rank for p in repository.problems.all() if p.estimate and p.estimate.rank},
        weights={
            number: {names[one.account]: one.revenue for one in facts.accounts}
            for number, facts in repository.problems.facts().items()
        },
    )


def _accounts() -> Iterator[AccountRecord]:
    for topic, price in PRICES.items():
        for number in range(ITEMS_A_TOPIC):
            yield AccountRecord(
                source="crm",
                source_id=f"A-{topic}-{number}",
                name=f"{topic.title()} Cycles {number}",
                annual_revenue=round(price),
                segment=SEGMENTS[number % len(SEGMENTS)],
            )


def _record(one: Heard) -> FeedbackRecord:
    return FeedbackRecord(
        source="tickets",
        source_id=one.source_id,
        kind=FeedbackKind.TICKET,
        text=one.text,
        created_at=WRITTEN + timedelta(days=one.number),
        author_name=one.author,
        account=f"A-{one.topic}-{one.number}",
    )
