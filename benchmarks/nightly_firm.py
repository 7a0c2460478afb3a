"""A made-up firm that many customers write to, as CSV files: some hundred things that go wrong, each said in many ways,
with the praise and small talk that stand around them. No row comes from anywhere else.

Item n is the same in every run, so that a file of more rows begins with the rows of a shorter one.
"""

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

LAST_DAY = date(2026, 5, 31)
"""The day of the newest item that is stored; the rows of the night are of the day after."""
DAYS = 364
ACCOUNTS, DEALS, TOPICS_EACH = 400, 1_500, 4

_PARTS = (
    ("CSV export", "spreadsheet download"), ("invoice page", "billing overview"), ("single sign-on", "SAML login"),
    ("mobile app", "phone app"), ("webhook", "event callback"), ("audit log", "activity history"),
    ("search box", "full-text search"), ("bulk import", "upload of many rows"), ("report builder", "custom report"),
    ("calendar sync", "shared calendar"), ("permission matrix", "role settings"), ("custom field", "extra attribute"),
    ("time zone setting", "clock of the workspace"), ("dashboard widget", "start page chart"),
    ("Slack integration", "chat connector"), ("e-mail notification", "mail alert"), ("API token", "access key"),
    ("attachment preview", "picture viewer"), ("barcode scanner", "handheld reader"),
    ("stock count", "inventory tally"), ("purchase order", "supplier order"), ("price list", "rate table"),
    ("label printer", "shipping sticker"), ("carrier tracking", "parcel status"), ("returns desk", "refund form"),
    ("tax report", "VAT summary"), ("payment terminal", "card reader"), ("customer portal", "self-service site"),
    ("backup download", "archive copy"), ("user invitation", "new seat"), ("password reset", "forgotten login"),
    ("two-factor code", "authenticator prompt"), ("translation of the interface", "language switch"),
    ("keyboard shortcut", "hotkey"), ("print layout", "PDF page"), ("forecast table", "demand outlook"),
    ("delivery route", "driver plan"), ("shift roster", "staff schedule"), ("support chat", "help bubble"),
    ("warehouse map", "aisle plan"), ("discount rule", "coupon setting"),
    ("subscription renewal", "contract extension"), ("sandbox account", "test environment"),
    ("data residency", "EU region"), ("duplicate check", "merge of records"), ("tag manager", "label list"),
    ("quote template", "offer document"), ("approval step", "sign-off flow"), ("lot number", "batch code"),
    ("expiry date", "best-before field"), ("serial number", "unit identifier"), ("pallet height", "stacking limit"),
    ("cold chain sensor", "temperature logger"), ("customs form", "export declaration"),
    ("hazard sheet", "safety document"), ("packing slip", "delivery note"), ("credit note", "reversal voucher"),
    ("dunning letter", "overdue reminder"), ("bank feed", "account statement"), ("exchange rate", "currency table"),
    ("cost centre", "ledger code"), ("asset register", "equipment list"), ("maintenance plan", "service interval"),
    ("fuel card", "mileage entry"), ("vehicle telematics", "truck position"), ("signature pad", "proof of delivery"),
    ("locker pickup", "parcel station"), ("gift wrapping", "ribbon choice"), ("loyalty points", "bonus balance"),
    ("newsletter form", "mailing list"), ("landing page", "campaign site"), ("survey question", "feedback poll"),
    ("knowledge base", "help article"), ("ticket queue", "case backlog"), ("call recording", "phone transcript"),
    ("video meeting", "screen sharing"), ("whiteboard", "sketch canvas"), ("spell checker", "grammar hint"),
    ("voice command", "speech input"), ("face unlock", "fingerprint login"), ("map marker", "branch locator"),
    ("opening hours", "holiday calendar"), ("tip jar", "gratuity split"), ("table booking", "seat reservation"),
    ("recipe card", "ingredient sheet"), ("allergen notice", "nutrition facts"), ("waste bin", "scrap booking"),
    ("recycling fee", "deposit refund"), ("solar meter", "energy reading"), ("door badge", "visitor pass"),
    ("parking permit", "car registration"), ("payslip", "salary run"), ("vacation request", "leave balance"),
    ("overtime sheet", "hours account"), ("training course", "e-learning module"),
    ("job advert", "applicant pipeline"), ("reference letter", "appraisal form"), ("sick note", "absence record"),
    ("insurance claim", "damage report"), ("lease contract", "rental agreement"),
    ("key handover", "inspection protocol"), ("patch note", "release diary"), ("feature flag", "experiment toggle"),
    ("error tracker", "crash dump"), ("cron job", "scheduled task"), ("query console", "SQL editor"),
    ("image optimiser", "thumbnail maker"), ("font upload", "brand typeface"), ("colour picker", "palette editor"),
    ("embed code", "iframe snippet"),
)  # fmt: skip
_DOES = (
    ("loses", "drops"), ("doubles", "repeats"), ("hides", "conceals"), ("rejects", "refuses"),
    ("mixes up", "confuses"), ("delays", "holds back"), ("truncates", "cuts off"), ("overwrites", "replaces"),
    ("ignores", "disregards"), ("garbles", "scrambles"), ("freezes on", "hangs on"), ("crashes on", "dies on"),
    ("miscounts", "adds up wrongly"), ("cannot sort", "will not order"), ("cannot print", "will not put on paper"),
    ("needs an undo for", "has no way back for"), ("overcharges for", "bills too much for"),
    ("warns about", "raises false alarms about"), ("locks", "blocks"), ("should remember", "must not forget"),
    ("should share", "needs a way to share"), ("leaks", "shows strangers"),
)  # fmt: skip
_WHAT = (
    ("decimals", "cents"), ("umlauts", "accents"), ("comments", "remarks"), ("photos", "pictures"),
    ("old orders", "past orders"), ("Polish names", "names from Poland"), ("large files", "big files"),
    ("drafts", "unfinished texts"), ("colours", "shades"), ("weekends", "Sundays"),
    ("foreign currencies", "yen and dollars"), ("empty rows", "blank lines"), ("guests", "visitors"),
    ("managers", "team leads"), ("tablets", "iPads"), ("signatures", "initials"), ("columns", "fields"),
    ("filters", "search terms"), ("phone numbers", "dialling codes"), ("deadlines", "due dates"),
    ("addresses", "street names"), ("units", "kilos and pounds"), ("passwords", "secrets"),
    ("archived clients", "former clients"), ("reminders", "nudges"), ("discounts", "rebates"),
)  # fmt: skip
_WAYS = (
    "{part} {does} {what}", "the {part} {does} {what}", "our {part} {does} {what} again",
    "it {does} {what}, the {part}", "{what}: the {part} {does} them", "since the update the {part} {does} {what}",
    "why is it that the {part} {does} {what}",
)  # fmt: skip
_WHEN = (
    "with more than 50,000 rows", "on Monday mornings", "in Safari", "behind our proxy", "for the Lisbon office",
    "when two people edit at once", "after midnight UTC", "with 30 filters", "on the free plan", "for new hires",
    "in the second warehouse", "once the month is closed", "during stocktaking", "in private windows", "over VPN",
    "on a shared computer", "with a long product name", "after the trial", "for archived clients", "since Tuesday",
    "with three currencies", "in the Polish version", "when the line is busy", "at the end of the quarter",
)  # fmt: skip
_COST = (
    "It costs us {n} hours a week", "{n} colleagues wait for it", "Our auditor asked about it {n} times",
    "We do it by hand now, {n} entries a day", "{n} orders went out late", "A client complained {n} days ago",
    "We paid {n} people overtime", "My manager asks me every {n} days", "This blocks {n} of our sites",
    "We are {n} weeks behind because of it", "If it stays, we will look at other vendors", "We may cancel at renewal",
)  # fmt: skip
_OPEN = ("Hello,", "Hi team,", "Good morning,", "Dear support,", "", "", "", "Quick one.", "As said on the phone,")
_CLOSE = ("", "", "Thanks!", "Any news?", "Please advise.", "Kind regards", "Best wishes", "Sent from my phone")
_PRAISE = (
    "Love the {0}, it saves us {n} hours.", "The {0} is great.", "Very happy with the {0} so far.",
    "Good value, {0} works.", "Best {0} that I used in {n} years.", "All fine here.",
    "Friendly people, fast answers.",
)  # fmt: skip
_FIRMS = ("Harbour", "Alder", "Kestrel", "Quarry", "Linden", "Meridian", "Saffron", "Tundra", "Vesper", "Willow")
_TRADES = ("Foods", "Textiles", "Logistics", "Printing", "Optics", "Joinery", "Pharma", "Cycles", "Tools", "Seeds")
_FIRST = ("Ana", "Ben", "Chloe", "Dario", "Elif", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kaja", "Luis", "Mara")
_LAST = ("Acker", "Brandt", "Costa", "Duarte", "Eklund", "Fabre", "Gruber", "Holm", "Ivers", "Janda", "Keller", "Lund")

_COLUMNS = {
    "tickets": ("id", "created_at", "subject", "description", "requester_name", "requester_email", "company"),
    "nps": ("response_id", "date", "score", "comment", "email"),
    "notes": ("note_id", "date", "account", "author", "note"),
}
KINDS = {"accounts": "account", "deals": "deal", "tickets": "ticket", "nps": "nps", "notes": "note"}
"""File -> what a row of it is."""
_KIND_OF = ("tickets",) * 16 + ("nps",) * 3 + ("notes",)
"""Of twenty items, which goes into which file."""

Row = tuple[str | int | float, ...]
Pair = tuple[str, str]


def firm_name(number: int) -> str:
    return f"{_FIRMS[number % 10]} {_TRADES[number // 10 % 10]} {number // 100 + 1}"


def _domain(number: int) -> str:
    return firm_name(number).lower().replace(" ", "-") + ".example"


@dataclass(frozen=True, slots=True)
class _Topic:
    """One thing that a part of the product does to something, and when; of each pair the first is said mostly."""

    part: Pair
    does: Pair
    what: Pair
    when: Sequence[str]


def _topics() -> list[_Topic]:
    """In the order of how often they are told."""
    chance = random.Random(0)
    made = [
        _Topic(part, chance.choice(_DOES), chance.choice(_WHAT), chance.sample(_WHEN, 2))
        for part in _PARTS * TOPICS_EACH
    ]
    chance.shuffle(made)
    return made


_EVERY = _topics()
_OFTEN = list(accumulate(1 / (place + 40) for place in range(len(_EVERY))))


def _statement(chance: random.Random) -> tuple[str, str]:
    """A sentence that states one of the topics, and a few words for its subject."""
    topic = chance.choices(_EVERY, cum_weights=_OFTEN)[0]
    part, does, what = (_mostly_first(pair, chance) for pair in (topic.part, topic.does, topic.what))
    said = chance.choice(_WAYS).format(part=part, does=does, what=what)
    if chance.random() < 0.4:
        said += f" {chance.choice(topic.when)}"
    return f"{said[0].upper()}{said[1:]}.", chance.choice(
        (part, f"{part} {does} {what}", f"{part} problem", "Question")
    )


def _mostly_first(names: Pair, chance: random.Random) -> str:
    return names[chance.random() < 0.25]


def _cost(chance: random.Random) -> str:
    return f"{chance.choice(_COST).format(n=chance.randrange(2, 40))}."


def _day(number: int, items: int) -> date:
    """Old items first; what is beyond the stored ones is of the day after the last."""
    if number >= items:
        return LAST_DAY + timedelta(days=1)
    return LAST_DAY - timedelta(days=DAYS - 1 - number * DAYS // items)


def row_of(number: int, *, items: int) -> tuple[str, Row]:
    """The file that an item is in, and its row there."""
    chance = random.Random(number)
    name, day = _KIND_OF[number % len(_KIND_OF)], _day(number, items)
    firm = min(int(chance.expovariate(1 / 90)), ACCOUNTS - 1)
    person = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
    mail = f"{person.lower().replace(' ', '.')}@{_domain(firm)}"
    if name == "nps":
        score = chance.choice((0, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10, 10))
        part = chance.choice(chance.choice(_PARTS))
        praise = chance.choice(_PRAISE).format(part, n=chance.randrange(2, 20))
        return name, (f"N-{number}", f"{day}", score, praise if score > 7 else _statement(chance)[0], mail)
    if name == "notes":
        said = " ".join(_statement(chance)[0] for _ in range(chance.randrange(1, 4)))
        note = f"Call with {person} of {firm_name(firm)}. {said} {_cost(chance)} Renewal was talked about."
        return name, (f"C-{number}", f"{day}", firm_name(firm), "Noor Salim", note)
    said, subject = _statement(chance)
    more = [_cost(chance)] if chance.random() < 0.5 else []
    more += [f"Also, {_statement(chance)[0]}"] if chance.random() < 0.15 else []
    words = "\n".join(filter(None, (chance.choice(_OPEN), " ".join([said, *more]), chance.choice(_CLOSE))))
    moment = f"{day}T{chance.randrange(6, 20):02d}:{chance.randrange(60):02d}:00Z"
    return name, (f"T-{number}", moment, subject, words, person, mail, firm_name(firm))


def _accounts() -> Iterator[Row]:
    chance = random.Random(1)
    for number in range(ACCOUNTS):
        renewal = LAST_DAY + timedelta(days=chance.randrange(-100, 300))
        segment = chance.choice(("SMB", "SMB", "Mid-market", "Enterprise"))
        revenue = round(chance.lognormvariate(9.5, 1.1))
        yield f"A-{number}", firm_name(number), _domain(number), revenue, segment, f"{renewal}"


def _deals() -> Iterator[Row]:
    chance = random.Random(2)
    for number in range(DEALS):
        stage = chance.choice(("won", "won", "lost", "open"))
        reason = _statement(chance)[0] if stage == "lost" else ""
        amount, closed = round(chance.lognormvariate(9, 1)), LAST_DAY - timedelta(days=chance.randrange(DAYS))
        firm = firm_name(chance.randrange(ACCOUNTS))
        yield f"D-{number}", firm, amount, stage, reason, "" if stage == "open" else f"{closed}"


def write_firm(folder: Path, *, items: int) -> None:
    """The files of the firm with so many items."""
    _write(folder / "accounts.csv", ("account_id", "name", "domain", "annual_revenue", "segment", "renewal_date"))
    _write(folder / "deals.csv", ("deal_id", "account", "amount", "stage", "reason_lost", "closed_at"))
    for name, columns in _COLUMNS.items():
        _write(folder / f"{name}.csv", columns)
    for name, rows in (("accounts", _accounts()), ("deals", _deals())):
        with (folder / f"{name}.csv").open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    add_items(folder, range(items), items=items)


def add_items(folder: Path, numbers: Iterable[int], *, items: int) -> None:
    """Put the rows of these items behind those that the files have; `items` are stored, further ones are new."""
    with ExitStack() as stack:
        opened = {
            name: csv.writer(stack.enter_context((folder / f"{name}.csv").open("a", encoding="utf-8", newline="")))
            for name in _COLUMNS
        }
        for number in numbers:
            name, row = row_of(number, items=items)
            opened[name].writerow(row)


def _write(path: Path, columns: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(columns)
