"""Reports in memory, and what a browser makes of a page. Not a test."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from insights.digest.story import Story
from insights.domain.estimate import Assumption, Estimate, Factor, Part, Range
from insights.domain.feedback import FeedbackKind
from insights.outcomes import Leaving, Outcome, Rate
from insights.report.contents import Fixed, Listed, Quoted, Report
from insights.worth.calibration import Compared, Quantity
from insights.worth.effect import Effect
from tests.builders import MORNING, a_problem, an_estimate
from tests.connectors.rendering.hostile import Page
from tests.digest.stories import a_story

WEEKLY = (0,) * 30 + (1, 0, 2, 1, 3, 2, 1, 0, 1, 2, 2, 1, 3, 2, 4, 3, 2, 5, 4, 6, 5, 8)
"""Items of a year."""
END = date(2026, 11, 20)


def a_full_estimate(value: float = 420_000, **fields: Any) -> Estimate:
    """With all that explains it."""
    defaults: dict[str, Any] = {
        "parts": (
            Part(name="revenue kept", value=Range(100_000, 400_000, 800_000), words="7 accounts, $610k a year × 3%"),
            Part(name="support saved", value=Range(1_000, 2_000, 4_000), words="21 items in 91 days × 25 min"),
        ),
        "factors": (
            Factor(name="revenue at stake", share=5.4, words="7 accounts paying $610k a year"),
            Factor(name="effort", share=-0.8, words="3 weeks (default)"),
            Factor(name="deals", share=0.001, words="$5 won, likely"),
        ),
        "assumptions": (Assumption(name="loss", value=".03", source="settings", setting="worth.loss_*"),),
        "flip": "effort above 4.3 weeks (now 3) drops it to #2",
        "worth_knowing": "worth finding out: effort (up to $3.7k): it decides whether this belongs in the first ten",
        "notes": ("severity: blocks, told by a rule from the words of 7 of 32 customers",),
        "chance_positive": 0.99,
        "chance_top": 0.88,
        "outranks_next": 0.62,
    }
    return an_estimate(value, **{**defaults, **fields})


def a_listed(title: str = "CSV export times out", *, number: int = 1, **fields: Any) -> Listed:
    """One problem of the list; `fields` of the problem, but for theme, owners, quotes and is_whole."""
    own = {name: fields.pop(name) for name in ("theme", "owners", "quotes", "is_whole") if name in fields}
    defaults: dict[str, Any] = {
        "id": number,
        "weekly": WEEKLY,
        "weeks_end": END,
        "estimate": a_full_estimate(rank=number),
    }
    return replace(Listed(problem=a_problem(title, **{**defaults, **fields})), **own)


def a_quote(words: str = "It hangs at half of the rows.", **fields: Any) -> Quoted:
    return replace(Quoted(words=words, kind=FeedbackKind.TICKET, day=END, account="Acme"), **fields)


def a_fix(title: str = "Login loops", *, number: int = 9, weekly: Sequence[int] = WEEKLY, **fields: Any) -> Fixed:
    """Released fourteen weeks before the last one, after which fewer items came."""
    outcome = Outcome(
        problem_id=number,
        ref=f"P-{number}",
        title=title,
        shipped_on=date(2026, 8, 14),
        weeks=2,
        predicted_on=None,
        predicted_late=False,
        effect=Effect(
            ratio=Range(0.2, 0.4, 0.7),
            helped=0.97,
            weeks_before=20,
            weeks_after=12,
            items_before=60,
            items_after=12,
            expected=36,
            fewer=Range(11, 22, 29),
            slope=0,
            whole=1,
            overdispersion=1,
        ),
        before=Rate(items=60, tickets=30, days=140),
        after=Rate(items=14, tickets=6, days=98),
        leaving=Leaving(accounts=9, left=0, years=2, chance=Range(0, 0.1, 0.2), expected=None),
        deals_won=0,
        deals_lost=0,
        won=None,
        saved=None,
        compared=(
            Compared(
                quantity=Quantity.AVOIDED,
                predicted=Range(0.4, 0.7, 0.9),
                realised=Range(0.3, 0.6, 0.8),
                setting="share_avoided",
                problem_id=number,
            ),
        ),
        came_true=True,
        is_verified=True,
        verdict="mentions fell",
    )
    return Fixed(outcome=replace(outcome, **fields), weekly=tuple(weekly), weeks_end=END)


def a_report(*listed: Listed, story: Story | None = None, **fields: Any) -> Report:
    """With one problem where none are given."""
    rows = listed or (a_listed(quotes=(a_quote(),), theme="Billing", owners=("ada",)),)
    defaults: dict[str, Any] = {"of_all": len(rows), "currency": "$", "made_at": MORNING}
    return Report(story=story or a_story(), listed=rows, **{**defaults, **fields})


def problems(page: Page) -> list[str]:
    """The ids of the list, in its order."""
    return [str(attributes["id"]) for tag, attributes in page.elements if tag == "li" and attributes.get("id")]


def code_of(page: Page) -> list[str]:
    """Style, data and script."""
    return [text for text in page.texts if _is_code(text)]


def words_of(page: Page) -> str:
    """What a reader is told."""
    return "".join(text for text in page.texts if not _is_code(text))


def _is_code(text: str) -> bool:
    return '"use strict"' in text or "color-scheme: light" in text or '"rows":' in text
