"""What an issue tells of a problem: who has it, what it is worth, what customers said, and when it is done.

Pure but for the template, which may be the team's. No word from outside acts in what comes out; it is Markdown.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

from insights.domain.brief import Entry, Origin, Told
from insights.domain.estimate import Estimate
from insights.domain.feedback import GIVES_ORDERS, Evidence, Stance
from insights.domain.figures import counted, likely, money, money_range, spark, times, times_range
from insights.domain.problem import COLUMN_TITLES, Problem
from insights.issue_template import Markdown, Template, default_template, filled
from insights.privacy.account_names import without_person
from insights.text.addresses import web_address
from insights.text.markdown import literal

RATE_WEEKS = 12
"""Weeks whose items a week are the rate that is to fall; those before it was heard of do not count."""
_MOST_ASKED = 5
"""Accounts that are named to be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that is told of one problem: `voices` are its mentions, `quotes` those that were verified, `brief` the fields
    of the discovery brief; none for a problem that nobody accepted and no model was asked of. `brief_by` is that
    model. `shows_quotes` is whether the team wants any. `template` None: the one that is part of the program."""

    problem: Problem
    voices: Sequence[Evidence]
    quotes: Sequence[Evidence]
    currency: str
    brief: tuple[Entry, ...] = ()
    brief_by: str = ""
    shows_quotes: bool = True
    template: Template | None = None

    @property
    def known_revenue(self) -> float | None:
        """What the accounts concerned pay a year, as far as it is known; None where it is of none."""
        revenue = {hit.account_id: hit.account_revenue for hit in self.voices if hit.account_revenue is not None}
        return sum(revenue.values()) if revenue else None


def body_of(case: Case) -> str:
    """The issue's text by the case's template. Raises InsightsError where the template is wrong."""
    return filled(case.template or default_template(), values_of(case))


def values_of(case: Case) -> dict[str, Any]:
    """What a template may put in. Texts are put in as words; what is Markdown is our own. Empty where unknown."""
    problem = case.problem
    return {
        "ref": problem.ref,
        "title": problem.title,
        "summary": problem.summary or problem.title,
        "described_by": problem.described_by,
        "state": problem.state.value,
        "column": COLUMN_TITLES[problem.column] if problem.column else "",
        "items": problem.items,
        "accounts": problem.accounts,
        "who": who_in_words(case),
        "when": _when(problem),
        "worth": _worth(problem.estimate, case.currency) if problem.estimate else None,
        "quotes": [_quotation(quote) for quote in case.quotes],
        "shows_quotes": case.shows_quotes,
        "done_when": [Markdown(hint) for hint in _done_when(case)],
        "brief": [_field(entry, case.brief_by) for entry in case.brief if entry.told],
        "questions": [{"name": entry.name, "asks": entry.asks} for entry in case.brief if entry.asks],
    }


def account_in_words(quote: Evidence) -> str:
    """Who said it, and whether that is certain."""
    if not quote.account_name:
        return "account unknown"
    name = without_person(quote.account_name)
    return name if quote.account_is_certain else f"{name} (uncertain)"


def who_in_words(case: Case) -> str:
    """How many items, from how many accounts, and what those pay."""
    problem, revenue = case.problem, case.known_revenue
    paying = "whose revenue is not known" if revenue is None else f"paying {money(revenue, case.currency)} a year"
    unknown = problem.estimate.unknown_revenue_accounts if problem.estimate else 0
    rest = f" ({unknown} of unknown revenue)" if revenue is not None and unknown else ""
    if not problem.accounts:
        return f"{counted(problem.items, 'item')}, from no known account"
    return f"{counted(problem.items, 'item')} from {counted(problem.accounts, 'account')} {paying}{rest}"


def _when(problem: Problem) -> str:
    span = f"first heard {problem.first_seen:%Y-%m-%d}, last {problem.last_seen:%Y-%m-%d}"
    if not problem.weekly:
        return span
    end = f" to {problem.weeks_end:%Y-%m-%d}" if problem.weeks_end else ""
    counts = " ".join(map(str, problem.weekly))
    return f"{span}; items a week{end}, oldest first: {counts} {spark(problem.weekly)} ({problem.movement.value})"


def _worth(estimate: Estimate, currency: str) -> dict[str, Any]:
    return {
        "value": likely(estimate.value, currency),
        "value_range": money_range(estimate.value, currency),
        "cost": likely(estimate.cost, currency),
        "cost_range": money_range(estimate.cost, currency),
        "weeks": f"{estimate.weeks.likely:g}",
        "roi": times(estimate.roi.likely),
        "roi_range": times_range(estimate.roi),
        "parts": [
            {"name": part.name, "value": likely(part.value, currency), "words": part.words} for part in estimate.parts
        ],
        "assumptions": [
            {"name": one.name, "value": one.value, "source": one.source} for one in estimate.main_assumptions
        ],
    }


def _field(entry: Entry, by: str) -> dict[str, Any]:
    """Days, no ages: the same tomorrow."""
    return {"name": entry.name, "told": Markdown("; ".join(_told(one, by) for one in entry.told))}


def _told(told: Told, by: str) -> str:
    """With the items that it rests on, and the model where one says so."""
    some = [by] if told.origin is Origin.MODEL and by else []
    some += [", ".join(told.refs)] if told.refs else []
    return literal(told.words, limit=600) + (f" ({literal(': '.join(some), limit=400)})" if some else "")


# -- quotes -----------------------------------------------------------------------------------------------------


def _quotation(quote: Evidence) -> dict[str, Any]:
    """The words, and who said them where and when; marked where they give orders to a machine, since a machine may read
    the tracker."""
    return {
        "text": Markdown(literal(quote.text)),
        "account": Markdown(literal(account_in_words(quote), limit=120)),
        "item": Markdown(_item(quote)),
        "day": f"{quote.created_at:%Y-%m-%d}",
        "warning": GIVES_ORDERS if quote.is_order else "",
    }


def _item(quote: Evidence) -> str:
    """Its name, which leads to it where its source told an address for the web."""
    name = f"{literal(quote.source, limit=80)} {literal(quote.source_id, limit=80)}"
    address = web_address(quote.url or "")
    return f"[{name}]({address.replace('&', '&amp;')})" if address else name


# -- when it is done --------------------------------------------------------------------------------------------


def _done_when(case: Case) -> Iterator[str]:
    """What can be checked: the situations that were told of, the rate that is to fall, and whom to ask."""
    if case.quotes:
        told = ", ".join(f"{_item(quote)} ({literal(account_in_words(quote), limit=80)})" for quote in case.quotes)
        is_wish = case.problem.stance is Stance.REQUEST
        yield f"What {'is asked for' if is_wish else 'failed'} in {told} works."
    yield from _rate_to_fall(case.problem)
    asked = _accounts_to_ask(case.voices)
    if asked:
        names = ", ".join(literal(without_person(name), limit=80) for name in asked)
        yield f"Accounts that had it say so; ask {names}."


def _rate_to_fall(problem: Problem) -> Iterator[str]:
    # SciPy comes with it.
    from insights.worth.effect import LEAST_EXPECTED, LEAST_WEEKS, SETTLING_WEEKS

    recent = list(dropwhile(lambda count: not count, problem.weekly[-RATE_WEEKS:]))
    if not recent:
        return
    rate = sum(recent) / len(recent)
    weeks = SETTLING_WEEKS + max(LEAST_WEEKS, math.ceil(LEAST_EXPECTED / rate))
    yield (
        f"It is heard of less than {rate:.2g} times a week, the mean of the last {counted(len(recent), 'week')}. The "
        f"first {SETTLING_WEEKS} weeks after the release do not count; whether it fell can be told {weeks} weeks after "
        "it at the earliest."
    )


def _accounts_to_ask(voices: Sequence[Evidence]) -> list[str]:
    """Those that pay most first."""
    known = {
        one.account_name: one.account_revenue or 0.0 for one in voices if one.account_name and one.account_is_certain
    }
    return sorted(known, key=lambda name: (-known[name], name))[:_MOST_ASKED]
