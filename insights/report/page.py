"""A report as one HTML page: everything in it, nothing from elsewhere, and a policy that lets nothing else act.

What customers wrote reaches the page through Jinja's escaping alone; the page's script is given figures, no words of
theirs.
"""

import base64
import hashlib
import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from insights.digest.story import Part, Section, Story
from insights.digest.words import Words
from insights.domain.estimate import Range
from insights.domain.measure import Measure
from insights.domain.problem import State
from insights.domain.range_axis import axis_of
from insights.report.charts import grid_css, measured, spark_of, week_end
from insights.report.contents import LISTED_WEEKS, WATCHED_WEEKS, Listed, Report
from insights.report.effort_map import effort_map
from insights.report.fixes import FixMaker
from insights.report.labels import labels_of
from insights.report.rows import MEASURES, Axes, Row, RowMaker
from insights.text.addresses import web_address
from insights.text.clean import one_line, sanitise

_TEMPLATES = "template"
_TICKS = 5
_REF = re.compile(r"\b(P-[0-9]{1,12})\b")
_SHOWN = 60
"""Characters of an address."""
_RECENT = 4
"""Weeks."""
_POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'"
)


def to_html(report: Report) -> str:
    """The whole page. Pure but for its template, style and script, which are files beside this module."""
    labels = labels_of(report.story.language)
    words = Words(report.story.language, currency=report.currency)
    axes = axes_of(report.listed)
    maker = RowMaker(words, labels, axes)
    fixes = FixMaker(words, labels, maker.weeks_words)
    rows = [maker.row(one) for one in report.listed]
    ticks = {one.value: axes[one].ticks(_TICKS, measure=one, currency="") for one in MEASURES}
    style = _file("report.css") + "".join(grid_css(name, some) for name, some in ticks.items())
    script = _file("report.js")
    marks = {one.value: maker.marks(ticks[one.value], one) for one in MEASURES}
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            story=report.story,
            sections=_sections(report.story, has_fixes=bool(report.fixed)),
            labels=labels,
            words=words,
            say=_sayer(labels),
            policy=_POLICY.format(script=hash_of(script), style=hash_of(style)),
            style=style,
            script=script,
            rows=rows,
            refs=frozenset(row.ref for row in rows),
            measures=[(one.value, labels[one.value]) for one in MEASURES],
            marks=marks,
            themes=themes_of(rows),
            states=[
                (one.value, labels[f"state.{one.value}"]) for one in State if any(row.state == one for row in rows)
            ],
            spark=spark_of,
            map=effort_map(report.listed, maker.amount),
            fixes=[fixes.row(one) for one in report.fixed],
            data=embedded(data_of(report, rows, labels, words)),
        )
    )


def axes_of(listed: Iterable[Listed]) -> Axes:
    """For each measure the axis on which all ranges of the list lie."""
    found: dict[Measure, list[Range]] = {one: [] for one in MEASURES}
    for one in listed:
        estimate = one.problem.estimate
        if estimate is not None:
            for measure, value in measured(estimate.value, estimate.cost, estimate.roi).items():
                found[measure] += [value] if value is not None else []
    return {measure: axis_of(ranges, measure=measure) for measure, ranges in found.items()}


def data_of(report: Report, rows: Sequence[Row], labels: Mapping[str, str], words: Words) -> dict[str, Any]:
    """What the script sorts, filters and reads weeks by: figures in columns, problems in the order of the page; a theme
    is its place among the choices. All weeks end on the same days, the last with the newest item's."""
    themes = {name: place for place, name in enumerate(themes_of(rows))}
    ends = [one.problem.weeks_end for one in report.listed] + [one.weeks_end for one in report.fixed]
    end = max((one for one in ends if one), default=report.made_at.date())
    return {
        "language": report.story.language,
        "days": [words.day(week_end(end, place, WATCHED_WEEKS)) for place in range(WATCHED_WEEKS)],
        "labels": {key: labels[key] for key in ("shown", "week.one", "week.other", "week.hint")},
        "rows": _columns(report.listed) | {"theme": [themes.get(row.theme, -1) for row in rows]},
        "fixes": {str(one.outcome.problem_id): list(one.weekly) for one in report.fixed},
    }


def embedded(data: Any) -> str:
    """JSON that may stand in a script element: no character in it ends the element, opens a comment, or is one that
    old engines take for the end of a line. Raises ValueError where a figure is no number."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def hash_of(text: str) -> str:
    """As a policy names what it allows: 'sha256-…'."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def themes_of(rows: Iterable[Row]) -> list[str]:
    """The names of the list's themes, by their letters."""
    return sorted({row.theme for row in rows if row.theme}, key=str.casefold)


def _columns(listed: Sequence[Listed]) -> dict[str, list[Any]]:
    problems = [one.problem for one in listed]
    estimates = [problem.estimate for problem in problems]
    recent = [(sum(one.weekly[-_RECENT:]), sum(one.weekly[-2 * _RECENT : -_RECENT])) for one in problems]
    return {
        "id": [one.id for one in problems],
        "rank": [estimate.rank if estimate else None for estimate in estimates],
        "value": [_figure(estimate.value.likely) if estimate else None for estimate in estimates],
        "roi": [_figure(estimate.roi.likely) if estimate else None for estimate in estimates],
        "cost": [_figure(estimate.cost.likely) if estimate else None for estimate in estimates],
        "items": [one.items for one in problems],
        "accounts": [one.accounts for one in problems],
        "growth": [after - before for after, before in recent],
        "newest": [one.last_seen.toordinal() for one in problems],
        "state": [one.state.value for one in problems],
        "weeks": [list(one.weekly[-LISTED_WEEKS:]) for one in problems],
    }


def _figure(value: float) -> float | None:
    """Four digits are enough to sort by."""
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _sections(story: Story, *, has_fixes: bool) -> list[Section]:
    """Fixes have charts of their own below where there are any."""
    return [one for one in story.sections if one.part is not Part.FIXES or not has_fixes]


def _sayer(labels: Mapping[str, str]) -> Callable[..., str]:
    def say(key: str, **values: object) -> str:
        return labels[key].format(**values)

    return say


def _linked(text: str, refs: Collection[str]) -> Markup:
    """The text with the ids of listed problems as links to them; all else is escaped."""
    pieces = _REF.split(sanitise(text))
    return Markup("").join(
        Markup('<a class="to" href="#{0}">{0}</a>').format(piece) if piece in refs else escape(piece)
        for piece in pieces
    )


def _bare(address: str) -> str:
    """A web address as people say it."""
    return one_line(address.partition("://")[2], _SHOWN)


def _cleaned(value: object) -> object:
    """Whatever is put into the page: without what hides from a reader. Ours is marked as safe."""
    return sanitise(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _file(name: str) -> str:
    return (files("insights.report") / _TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("insights.report", _TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"linked": _linked, "address": web_address, "bare": _bare}
    return made
