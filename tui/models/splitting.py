"""Choose which items of a problem become a problem of their own. Pure: no widget, no storage.

The parts that were found in it stand above as ready choices; whatever is checked in the end is what is split off.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from insights.domain.feedback import Evidence
from insights.domain.figures import counted
from insights.domain.problem import Problem

if TYPE_CHECKING:
    from insights.parts import Part, Split

    Row = Part | Evidence  # a part, or one item by its first words


class Check(StrEnum):
    """How much of a row is checked."""

    NONE = " "
    SOME = "-"
    ALL = "x"


@dataclass
class Splitting:
    """`items` are all of the problem, one evidence each, newest first. `checked` are ids of items. `parts` is None
    until they were looked for; `refused` is why what was asked for cannot be."""

    problem: Problem
    items: Sequence[Evidence] = ()
    parts: "Sequence[Part] | None" = None
    checked: set[int] = field(default_factory=set)
    cursor: int = 0
    is_read: bool = False
    refused: str = ""

    # -- filling ----------------------------------------------------------------------------------------------

    def lay_out(self, items: Sequence[Evidence]) -> None:
        """The items were read."""
        self.items, self.is_read = list(items), True
        self.move_to(self.cursor)

    def offer(self, split: "Split") -> None:
        """The parts were found; the cursor stays with its row. Where splitting would not make parts that stand apart,
        there are none."""
        current = self.current
        known = {one.feedback_id for one in self.items}
        found = split.parts if split.is_split else ()
        self.parts = [part for part in found if known.issuperset(part.feedback_ids)]
        place = next((place for place, row in enumerate(self.rows) if row is current), self.cursor)
        self.move_to(place if self.checked or place != len(self.parts) else 0)

    # -- looking ----------------------------------------------------------------------------------------------

    @property
    def rows(self) -> "list[Row]":
        """The parts, then the items."""
        return [*(self.parts or ()), *self.items]

    @property
    def current(self) -> "Row | None":
        rows = self.rows
        return rows[self.cursor] if self.cursor < len(rows) else None

    def check(self, row: "Row") -> Check:
        ids = _ids(row)
        inside = sum(number in self.checked for number in ids)
        return Check.ALL if inside == len(ids) else Check.SOME if inside else Check.NONE

    @property
    def chosen(self) -> list[int]:
        """Ids of the items that would be split off, in the order they are shown."""
        return [one.feedback_id for one in self.items if one.feedback_id in self.checked]

    @property
    def refusal(self) -> str:
        """Why it cannot be split so, in words; empty where it can."""
        if not self.is_read:
            return "Its items are still being read."
        if len(self.items) < 2:
            return f"{self.problem.ref} has {counted(len(self.items), 'item')}: there is nothing to split."
        if not self.chosen:
            return "Nothing is checked: check the items that are another problem."
        if len(self.chosen) == len(self.items):
            return f"All {len(self.items):,} items are checked: leave at least one in {self.problem.ref}."
        return ""

    # -- acting -----------------------------------------------------------------------------------------------

    def move(self, step: int) -> None:
        self.move_to(self.cursor + step)

    def move_to(self, place: int) -> None:
        self.cursor = min(max(place, 0), max(len(self.rows) - 1, 0))

    def toggle(self) -> None:
        """Check what is under the cursor, or no longer, and go on to the next row; of a part all items or none."""
        current = self.current
        if current is None:
            return
        ids = set(_ids(current))
        self.checked = self.checked - ids if ids <= self.checked else self.checked | ids
        self.refused = ""
        if isinstance(current, Evidence):
            self.move(1)

    def turn_over(self) -> None:
        """What was checked is not, and the other way round."""
        self.checked = {one.feedback_id for one in self.items} - self.checked
        self.refused = ""

    def ask(self) -> list[int]:
        """The items to split off; none, with `refused` set, where it cannot be. With nothing checked the part under the
        cursor is meant."""
        if not self.checked and self.current is not None and not isinstance(self.current, Evidence):
            self.checked = set(self.current.feedback_ids)
        self.refused = self.refusal
        return [] if self.refused else self.chosen


def _ids(row: "Row") -> tuple[int, ...]:
    return (row.feedback_id,) if isinstance(row, Evidence) else row.feedback_ids
