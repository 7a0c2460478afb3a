"""Say counts, amounts, shares and days in a language, from its texts. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import Any

from insights.domain.estimate import Range
from insights.domain.figures import likely, money, span

Text = str | tuple[str, str]
"""A pattern; or singular and plural."""

_FIGURE = re.compile(r"(?P<minus>−?)(?P<digits>\d+(?:\.\d+)?)(?P<unit>[kMB]?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language: its ISO 639-1 code, how numbers are written, and its texts by key. `numbers` are the words from
    none to twelve, `units` those of thousands (k), millions (M) and billions (B), a space before them included.
    `is_none_singular`: "0 client", as in French. `first_day` is how the first of a month is written."""

    code: str
    decimal: str
    thousands: str
    numbers: Sequence[str]
    months: Sequence[str]
    units: Mapping[str, str]
    texts: Mapping[str, Text]
    is_currency_first: bool = False
    grouped_from: int = 4
    """Digits from which thousands are set apart."""
    is_none_singular: bool = False
    first_day: str = "1"


class Catalogue:
    """Texts with their placeholders filled in; figures as the language writes them."""

    def __init__(self, language: Language, *, currency: str = "$") -> None:
        self.language = language.code
        self.currency = currency
        self._own = language

    def has(self, key: str) -> bool:
        return key in self._own.texts

    def say(self, key: str, *, n: float = 1, **values: object) -> str:
        """The text of a key. `n` chooses between singular and plural and stands for {n} and {word}."""
        text = self._own.texts[key]
        pattern = text if isinstance(text, str) else text[not self._is_singular(n)]
        return pattern.format(n=self.number(n), word=self.number_word(n), **values)

    def counted(self, n: float, noun: str) -> str:
        """9 accounts; 1 account. The noun is one of those that the texts have."""
        return self.say(f"noun.{noun}", n=n)

    def _is_singular(self, n: float) -> bool:
        return abs(n) < 2 if self._own.is_none_singular else abs(n) == 1

    # -- figures ----------------------------------------------------------------------------------------------------

    def number(self, value: float) -> str:
        """1,234; one decimal below ten where there is something to tell: 1.2."""
        rounded = round(value, 1 if abs(value) < 10 else 0)
        digits = f"{abs(rounded):,.1f}".removesuffix(".0") if abs(value) < 10 else f"{abs(rounded):,.0f}"
        return f"{'−' if rounded < 0 else ''}{self._localised(digits)}"

    def number_word(self, value: float) -> str:
        """two, three; digits beyond twelve."""
        words = self._own.numbers
        return words[int(value)] if value == int(value) and 0 <= value < len(words) else self.number(value)

    def _localised(self, digits: str) -> str:
        """Of digits as English writes them."""
        whole, _, rest = digits.partition(".")
        is_grouped = len(whole.replace(",", "")) >= self._own.grouped_from
        whole = whole.replace(",", self._own.thousands if is_grouped else "")
        return f"{whole}{self._own.decimal}{rest}" if rest else whole

    def percent(self, share: float) -> str:
        """Of 0..1, to the nearest whole; what is nearer to none, and is not none, is less than one."""
        if 0 < share < 0.005:
            return self.say("percent", digits="<1")
        return self.say("percent", digits=self.number(round(share * 100)))

    def percent_range(self, low: float, high: float) -> str:
        """40–80%; −10% to 30%."""
        first, last = round(low * 100), round(high * 100)
        if first == last:
            return self.percent(high)
        if first < 0 or last < 0:
            return self.say("amount.to", low=self.percent(low), high=self.percent(high))
        return self.say("percent", digits=f"{self.number(first)}–{self.number(last)}")

    def likely(self, value: Range) -> str:
        """The likely amount, in the digits that its range supports."""
        return self._amount(likely(value, ""))

    def money(self, amount: float | None, *, currency: str | None = None) -> str:
        """Of the digest's currency, or of another."""
        told = money(amount, "")
        return self._amount(told, currency=currency) if _FIGURE.fullmatch(told) else self.say("unknown")

    def dollars(self, amount: float) -> str:
        """What models cost: to the cent below ten."""
        whole, cents = f"{amount:,.2f}".split(".")
        digits = self._localised(whole) if cents == "00" else self._localised(f"{whole}.{cents}")
        return self._wrapped(digits, "", currency="$")

    def money_range(self, value: Range) -> str:
        """Low to high of an amount, in the digits that the range supports."""
        told = span(value, "")
        figures = list(_FIGURE.finditer(told))
        if len(figures) < 2:
            return self._amount(told) if figures else self.say("unknown")
        first, last = figures[0], figures[-1]
        if first["minus"] or last["minus"] or first["unit"] != last["unit"]:
            return self.say("amount.to", low=self._amount(first[0]), high=self._amount(last[0]))
        digits = f"{self._localised(first['digits'])}–{self._localised(last['digits'])}"
        return self._wrapped(digits, last["unit"])

    def _amount(self, figure: str, *, currency: str | None = None) -> str:
        found = _FIGURE.fullmatch(figure)
        if found is None:
            return self.say("unknown")
        return f"{found['minus']}{self._wrapped(self._localised(found['digits']), found['unit'], currency=currency)}"

    def _wrapped(self, digits: str, unit: str, *, currency: str | None = None) -> str:
        sign = self.currency if currency is None else currency
        if self._own.is_currency_first and sign[-1:].isalpha():
            sign += " "
        if not unit:
            return self.say("amount", currency=sign, amount=digits)
        return self.say("amount.unit", currency=sign, amount=f"{digits}{self._own.units[unit]}")

    # -- days -------------------------------------------------------------------------------------------------------

    def day(self, day: date, *, with_year: bool = True) -> str:
        """26 November 2026."""
        return self.say("day" if with_year else "day.short", **self._parts(day))

    def days(self, first: date | None, last: date) -> str:
        """20–26 November 2026; without a first day, all up to the last."""
        if first is None:
            return self.say("days.beginning", last=self.day(last))
        if first >= last:
            return self.day(last)
        if (first.year, first.month) == (last.year, last.month):
            parts = self._parts(last) | {"first": self._parts(first)["day"], "last": self._parts(last)["day"]}
            return self.say("days.within_month", **parts)
        return self.say("days", first=self.day(first, with_year=first.year != last.year), last=self.day(last))

    def _parts(self, day: date) -> dict[str, Any]:
        written = self._own.first_day if day.day == 1 else str(day.day)
        return {"day": written, "month": self._own.months[day.month - 1], "year": day.year}

    # -- lists ------------------------------------------------------------------------------------------------------

    def listed(self, some: Sequence[str]) -> str:
        """a, b and c."""
        if len(some) < 2:
            return "".join(some)
        return self.say("list.and", some=", ".join(some[:-1]), last=some[-1])


def placeholders(text: Text) -> set[str]:
    """The names in braces of a text."""
    patterns = (text,) if isinstance(text, str) else text
    return {name for pattern in patterns for _, name, _, _ in Formatter().parse(pattern) if name}
