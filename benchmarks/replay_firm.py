"""The sample firm's files as they stood on any day of its half-year, with what the replay plants in them.

A file holds what was there by the end of a day: later items, later deals and what became of deals later are left out.
Every item has labels, the true problems that it states; those of the sample are of `tests/data/demo_truth.csv`.
"""

import csv
import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLE, TRUTH = ROOT / "insights/demo/data", ROOT / "tests/data/demo_truth.csv"
FIRST_DAY, LAST_DAY = date(2025, 12, 1), date(2026, 5, 31)

FILES = {
    "accounts": "account",
    "deals": "deal",
    "tickets": "ticket",
    "nps": "nps",
    "notes": "note",
    "reviews": "review",
}
"""Source -> kind of its rows."""
_DATES = {"tickets": "created_at", "nps": "date", "notes": "date", "reviews": "date"}
_ACCOUNTS = ("company", "account", "account_id")
_IDS = {"tickets": "id", "nps": "response_id", "notes": "note_id", "reviews": "review_id"}

TICKETS = Path(__file__).with_name("replay_tickets.csv")
"""What is planted, in the sample's manner; each is another customer's. None comes from anywhere else."""

PRAISE = (
    "Does what it says.",
    "Good tool for a small warehouse, friendly support.",
    "Happy so far, five stars.",
    "Nice and tidy, my team likes it.",
    "Works well on the tablet.",
    "We are quicker at picking than before. Thanks!",
    "Solid. Would buy again.",
    "Everything fine.",
    "Great value for money.",
    "Easy to like, good people.",
)

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """Tickets of one label: so many in each week from a day on, spread evenly over its days. Each is of another
    account, or all are of the one that is named."""

    label: str
    first: date
    a_week: Sequence[int]
    skip: int = 0
    """So many of the label's texts were used before."""
    account: str = ""

    @property
    def last(self) -> date:
        return self.first + timedelta(days=7 * len(self.a_week) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of 0 to how likely somebody is to recommend the product, and why; of no label where it does not say."""

    day: date
    account: str
    words: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What differs from the sample. `only`: items of these labels and of no other, where any are named. `gone`: label
    -> the days between which nobody states it. `doubled`: the first day of a week in which as much again is said of
    everything. `renewals` and `revenues` are by account, the second from a day on. `missing`: source -> days on which
    its file is not there. `reviews_end`: when reviews cease."""

    plants: Sequence[Plant] = ()
    only: Collection[str] = ()
    gone: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    doubled: date | None = None
    renewals: Mapping[str, date] = field(default_factory=dict)
    revenues: Mapping[str, tuple[date, int]] = field(default_factory=dict)
    answers: Sequence[Answer] = ()
    missing: Mapping[str, Collection[date]] = field(default_factory=dict)
    reviews_end: date = LAST_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A row of feedback, its day and what it is truly about."""

    source: str
    day: date
    labels: tuple[str, ...]
    row: Row

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.row[_IDS[self.source]]

    @property
    def voice(self) -> str:
        """Whom it is from."""
        return next((self.row[name] for name in _ACCOUNTS if self.row.get(name)), self.key[1])


class Firm:
    """All rows of half a year, and the files of each day."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.accounts = _read(SAMPLE / "accounts.csv")
        self._deals, self._texts = _read(SAMPLE / "deals.csv"), _read(TICKETS)
        sample = [item for item in _sample() if _is_wanted(item, world.only) and not _is_gone(item, world.gone)]
        planted = [item for plant in world.plants for item in self._planted(plant)]
        again = self._said_again(sample, world.doubled) if world.doubled else []
        others = [*self._reviews(), *self._answers()]
        self.items = sorted([*sample, *planted, *again, *others], key=lambda item: (item.day, item.key))
        self.labels = {item.key: item.labels for item in self.items}

    def write(self, folder: Path, day: date) -> None:
        """The files as they stand at the end of a day."""
        for source in FILES:
            path = folder / f"{source}.csv"
            if day in self._world.missing.get(source, ()):
                path.unlink(missing_ok=True)
                continue
            rows = list(self._rows(source, day))
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)

    def _rows(self, source: str, day: date) -> Iterable[Row]:
        if source == "accounts":
            return (self._account(row, day) for row in self.accounts)
        if source == "deals":
            return (_as_open(row, day) for row in self._deals if row["created_at"] <= day.isoformat())
        return (item.row for item in self.items if item.source == source and item.day <= day)

    def _account(self, row: Row, day: date) -> Row:
        name = row["name"]
        changed = dict(row)
        if name in self._world.renewals:
            changed["renewal_date"] = self._world.renewals[name].isoformat()
        since, revenue = self._world.revenues.get(name, (day, None))
        if revenue is not None and since <= day:
            changed["annual_revenue"] = str(revenue)
        return changed

    # -- what is planted --------------------------------------------------------------------------------------

    def _planted(self, plant: Plant) -> Iterator[Item]:
        accounts = self._in_turn(f"{plant.label} {plant.first}", only=plant.account)
        texts = [row for row in self._texts if row["label"] == plant.label]
        for number, day in enumerate(_days(plant)):
            text, account = texts[(number + plant.skip) % len(texts)], accounts[number % len(accounts)]
            name = f"{plant.label}-{plant.first:%m%d}-{number}"
            row = _ticket(name, day, text["subject"], text["description"], account)
            yield Item(source="tickets", day=day, labels=(plant.label,), row=row)

    def _said_again(self, sample: Sequence[Item], first: date) -> Iterator[Item]:
        """As many tickets as the sample has in that week, drawn from its first nine, of other accounts."""
        week = [item for item in sample if first <= item.day < first + timedelta(days=7)]
        early = [item for item in sample if item.source == "tickets" and item.day < FIRST_DAY + timedelta(weeks=9)]
        accounts = self._in_turn("doubled")
        for number, old in enumerate(random.Random(1).sample(early, len(week))):
            day = first + timedelta(days=number * 7 // len(week))
            words = f"Hello again. {old.row['description']}"
            row = _ticket(f"again-{number}", day, old.row["subject"], words, accounts[number % len(accounts)])
            yield Item(source="tickets", day=day, labels=old.labels, row=row)

    def _in_turn(self, name: str, *, only: str = "") -> Sequence[Row]:
        """The accounts, or one of them, in an order of a name's own."""
        accounts = [row for row in self.accounts if only in ("", row["name"])]
        return random.Random(name).sample(accounts, len(accounts))

    def _reviews(self) -> Iterator[Item]:
        """One every other day."""
        for number in range(0, (self._world.reviews_end - FIRST_DAY).days + 1, 2):
            day = FIRST_DAY + timedelta(days=number)
            words = PRAISE[number // 2 % len(PRAISE)]
            row = {"review_id": f"review-{number}", "date": day.isoformat(), "rating": "5", "text": words}
            yield Item(source="reviews", day=day, labels=(), row=row)

    def _answers(self) -> Iterator[Item]:
        for number, answer in enumerate(self._world.answers):
            account = next(one for one in self.accounts if one["name"] == answer.account)
            row = {"response_id": f"answer-{number}", "date": answer.day.isoformat(), "score": "0"}
            row |= {"comment": answer.words, "email": f"head@{account['domain']}", "account_id": account["account_id"]}
            yield Item(source="nps", day=answer.day, labels=tuple(filter(None, [answer.label])), row=row)


def _days(plant: Plant) -> Iterator[date]:
    for week, count in enumerate(plant.a_week):
        for place in range(count):
            yield plant.first + timedelta(days=7 * week + place * 7 // count)


def _ticket(name: str, day: date, subject: str, words: str, account: Row) -> Row:
    moment = f"{day}T{8 + sum(name.encode()) % 9:02}:{sum(name.encode()) % 60:02}:00+00:00"
    return {
        "id": name,
        "created_at": moment,
        "subject": subject,
        "description": words,
        "requester_name": "",
        "requester_email": f"office@{account['domain']}",
        "company": account["name"],
        "url": "",
    }


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sample() -> Iterator[Item]:
    labels = {row["id"]: tuple(filter(None, row["problems"].split("|"))) for row in _read(TRUTH)}
    for source in ("tickets", "nps", "notes"):
        for row in _read(SAMPLE / f"{source}.csv"):
            day = date.fromisoformat(row[_DATES[source]][:10])
            yield Item(source=source, day=day, labels=labels[row[_IDS[source]]], row=row)


def _is_wanted(item: Item, only: Collection[str]) -> bool:
    return not only or (bool(item.labels) and set(item.labels) <= set(only))


def _is_gone(item: Item, gone: Mapping[str, tuple[date, date]]) -> bool:
    return any(label in gone and gone[label][0] <= item.day < gone[label][1] for label in item.labels)


def _as_open(row: Row, day: date) -> Row:
    """Nobody knew yet how a deal would end."""
    if not row["closed_at"] or row["closed_at"] <= day.isoformat():
        return row
    return {**row, "stage": "open", "reason_lost": "", "closed_at": ""}
