"""A helpdesk as it is behind any service: items that are written, edited, answered and deleted while they are read.

The clock is the server's own and moves only when something happens. What each vendor's interface shows of it is up to a
dialect; `truth` is what must be stored in the end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock

START = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)


@dataclass
class Reply:
    number: int
    text: str
    at: datetime
    is_customer: bool = True


@dataclass
class Item:
    """`committed` is its place in the order in which changes became visible; `hidden` is not committed yet."""

    number: int
    subject: str
    text: str
    created: datetime
    changed: datetime
    replies: list[Reply] = field(default_factory=list)
    is_deleted: bool = False
    is_hidden: bool = False
    committed: int = 0

    @property
    def author(self) -> str:
        return f"person{self.number}@firm{self.number % 7}.example"


@dataclass
class World:
    """Times are whole multiples of `resolution`: what happens within one has the same time."""

    now: datetime = START
    resolution: timedelta = timedelta(seconds=1)
    items: dict[int, Item] = field(default_factory=dict)
    plan: list[Callable[["World"], object]] = field(default_factory=list)
    """What happens between the requests of a reader, one at a time."""
    lock: RLock = field(default_factory=RLock)
    _changes: int = 0
    _replies: int = 0
    _version: int = 0

    def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)

    @property
    def moment(self) -> datetime:
        """The time as the service writes it."""
        since = self.now - START
        return START + self.resolution * (since // self.resolution)

    def between_requests(self) -> None:
        """The next thing of the plan happens."""
        with self.lock:
            if self.plan:
                self.plan.pop(0)(self)

    # -- what happens ---------------------------------------------------------------------------------------------

    def add(self, count: int = 1, *, apart: float = 1.0, is_hidden: bool = False) -> list[int]:
        """New items, `apart` seconds after each other. Numbers count up."""
        made = []
        for _ in range(count):
            number = len(self.items) + 1
            at = self.moment
            self.items[number] = Item(
                number=number,
                subject=f"Subject s{number}",
                text=self._words(number),
                created=at,
                changed=at,
                is_hidden=is_hidden,
                committed=self._commit(),
            )
            made.append(number)
            self.pass_time(seconds=apart)
        return made

    def edit(self, *numbers: int, apart: float = 0.0) -> None:
        """Other words; all at one time where nothing lies between them."""
        for number in numbers:
            self.items[number].text = self._words(number)
            self._touch(number)
            self.pass_time(seconds=apart)

    def reply(self, number: int, *, is_customer: bool = True, is_silent: bool = False) -> None:
        """A message in an item; `is_silent` leaves the item's own time as it is."""
        self._replies += 1
        self.items[number].replies.append(
            Reply(self._replies, f"Reply r{self._replies} of s{number} stops again.", self.moment, is_customer)
        )
        if not is_silent:
            self._touch(number)

    def delete(self, *numbers: int) -> None:
        for number in numbers:
            self.items[number].is_deleted = True
            self._touch(number)

    def commit(self, *numbers: int) -> None:
        """What was written earlier becomes visible now, with the time at which it was written."""
        for number in numbers:
            self.items[number].is_hidden = False
            self.items[number].committed = self._commit()

    # -- what is there --------------------------------------------------------------------------------------------

    def visible(self) -> list[Item]:
        return [item for item in self.items.values() if not item.is_hidden and not item.is_deleted]

    def visible_or_deleted(self) -> list[Item]:
        return [item for item in self.items.values() if not item.is_hidden]

    def truth(self) -> dict[int, list[str]]:
        """Number -> what its stored text must contain, in this order."""
        return {
            item.number: [item.text, *(reply.text for reply in item.replies if reply.is_customer)]
            for item in self.visible()
        }

    def unwanted(self) -> Iterator[str]:
        """What our own people wrote."""
        return (reply.text for item in self.items.values() for reply in item.replies if not reply.is_customer)

    def _touch(self, number: int) -> None:
        self.items[number].changed = self.moment
        self.items[number].committed = self._commit()

    def _commit(self) -> int:
        self._changes += 1
        return self._changes

    def _words(self, number: int) -> str:
        self._version += 1
        return f"The export w{self._version} of s{number} hangs."
