"""Figures of one problem's estimate as people type them, and back. Pure."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from insights.domain.estimate import Range, Revision
from insights.errors import ExitCode, InsightsError

SIZES = {
    "S": Range(0.5, 1, 2),
    "M": Range(1, 3, 6),
    "L": Range(3, 6, 12),
    "XL": Range(6, 12, 26),
}
"""Effort in weeks of one engineer, for people who think in sizes."""

LONGEST_WORK, SHORTEST_WORK = 520.0, 0.01
"""Weeks of one engineer: ten years, and less than half an hour. Beyond is a slip of the keyboard."""
LONGEST_HANDLING = 6_000.0
"""Minutes of one item: a hundred hours."""

SEVERITIES = ("blocks", "hurts", "annoys", "wish")

FORMS = {
    "effort": "weeks of one engineer: 2-3-6, or S M L XL",
    "churn": "added chance to leave in a year: 2%-5%-10%",
    "win": "added chance to win a deal: 5%-10%-25%",
    "avoided": "share of its items that a fix avoids: 40%-70%-90%",
    "minutes": "handling time of an item in minutes: 20",
    "severity": ", ".join(SEVERITIES),
}
"""The figures of one problem, as people call them, and how each is written; effort first, since it is set most."""

_FIGURE = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(%?)\s*")


def read_figure(name: str, text: str) -> dict[str, Any]:
    """A figure of one problem as people write it, under the name of its field in `Revision`. Raises InsightsError."""
    field = {"effort": "weeks", "churn": "loss", "avoided": "share_avoided"}.get(name.strip(), name.strip())
    if field not in {one.name for one in fields(Revision)}:
        raise InsightsError(
            f"A problem has no figure {name.strip()!r}.",
            remedy="There are effort, churn, win, avoided, minutes and severity.",
            exit_code=ExitCode.USAGE,
        )
    if field == "severity":
        if text.strip() not in SEVERITIES:
            raise InsightsError(
                f"{text!r} is no severity.", remedy=f"Use {', '.join(SEVERITIES)}.", exit_code=ExitCode.USAGE
            )
        return {field: text.strip()}
    if field == "minutes":
        return {field: read_range(text, name, most=LONGEST_HANDLING).likely}
    return {field: read_weeks(text, name) if field == "weeks" else read_range(text, name, most=1.0)}


def read_figures(said: Mapping[str, str]) -> Revision:
    """Figures of one problem as people write them, by name; those that are empty are not said. Raises InsightsError."""
    found: dict[str, Any] = {}
    for name, text in said.items():
        if text.strip():
            found |= read_figure(name, text)
    return Revision(**found)


def weeks_text(weeks: Range) -> str:
    """As a person could type it: 2-3-6, or 3 where all are one."""
    return _joined(*(number_text(end) for end in (weeks.low, weeks.likely, weeks.high)))


def chances_text(chances: Range) -> str:
    """As a person could type it: 2%-5%-10%."""
    return _joined(*(f"{number_text(100 * end)}%" for end in (chances.low, chances.likely, chances.high)))


def _joined(low: str, likely: str, high: str) -> str:
    """Two would be read as low and high with another middle."""
    return likely if low == high else f"{low}-{likely}-{high}"


def number_text(number: float) -> str:
    """Three digits that tell something, without an exponent: 0.5, 3, 12.3, 1230."""
    text = f"{float(f'{number:.3g}'):.12f}"
    return text.rstrip("0").rstrip(".")


def read_weeks(text: str, name: str) -> Range:
    """An effort, which takes some time and ends; S, M, L or XL, too. Raises InsightsError."""
    found = read_size(text) or read_range(text, name, most=LONGEST_WORK)
    if found.likely < SHORTEST_WORK:
        raise InsightsError(
            f"{text!r} is no effort: the likely one must be at least {SHORTEST_WORK:g} weeks.",
            remedy="Write low-likely-high in weeks, such as 0.5-1-2.",
            exit_code=ExitCode.USAGE,
        )
    return found


def read_size(text: str) -> Range | None:
    """The weeks of S, M, L or XL; None for anything else."""
    return SIZES.get(text.strip().upper())


def read_range(text: str, name: str, *, most: float | None = None) -> Range:
    """ "2-3-6" as low, likely and high; "2-6" with the geometric middle; "3" as 3 alone; each figure may be a
    percentage. Raises InsightsError where they do not rise or exceed `most`."""
    written = re.split(r"[-–—…:]", text)
    if written[-1].rstrip().endswith("%"):  # 5-10-15% is meant of all three
        written = [part if part.rstrip().endswith("%") else f"{part}%" for part in written]
    parts = [read_number(part) for part in written]
    figures = [part for part in parts if part is not None]
    if len(figures) != len(parts) or len(figures) > 3:
        raise InsightsError(
            f"{text!r} is no range for {name}.",
            remedy="Write low-likely-high, such as 2-3-6 or 2%-5%-10%.",
            exit_code=ExitCode.USAGE,
        )
    low, high = figures[0], figures[-1]
    likely = figures[1] if len(figures) == 3 else (low * high) ** 0.5
    if not low <= likely <= high or (most is not None and high > most) or (most is None and high <= 0):
        limit = f" and stay within 0 and {most:g}" if most is not None else " and exceed 0"
        raise InsightsError(
            f"{text!r} is no range for {name}: low, likely and high must rise{limit}.",
            remedy="Write low-likely-high, such as 2-3-6 or 2%-5%-10%.",
            exit_code=ExitCode.USAGE,
        )
    return Range(low, likely, high)


def read_number(text: str) -> float | None:
    """A figure, which may be a percentage; None for anything else."""
    found = _FIGURE.fullmatch(text)
    if found is None:
        return None
    digits, percent = found.groups()
    return float(digits) / 100 if percent else float(digits)
