"""What a simulated firm's records hold: items, answers, sales notes and deals, gathered as an analysis would. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import numpy as np

from benchmarks.firm_people import (
    ANSWERS,
    ANSWERS_THAT_STATE,
    DEAL_DAYS,
    DEALS,
    LEAST_ITEMS,
    LOST_DEALS,
    REVENUE,
    SCORES_GIVEN,
    SEGMENT_SHARES,
    SEGMENTS,
    SEVERITIES,
    STATES_ANOTHER,
    TODAY,
    YEAR,
    Array,
    Draft,
    Generator,
    Known,
)
from insights.domain.assessed import Assessed
from insights.domain.customers import Account, Deal, DealStage
from insights.domain.facts import Effort, Facts, Firm
from insights.domain.feedback import FeedbackKind, Stance
from insights.domain.trend import HALF_A_YEAR, weekly_counts
from insights.stages.facts import Evidence, Named, gather_facts, open_deals
from insights.storage.mentions import Heard
from insights.storage.repository import Repository
from insights.text.severity import severity_of
from insights.worth.seen import QUARTER_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidenced:
    """All that the firm knows: what estimates may read. `items` counts items a problem, `weighted` each one by its
    account's annual revenue; `heard` (accounts, items of none) of the last quarter; `weekly` of half a year."""

    facts: Mapping[int, Facts]
    firm: Firm
    items: Mapping[int, int]
    weighted: Mapping[int, float]
    heard: Mapping[int, int]
    weekly: Mapping[int, tuple[int, ...]]
    voices: Mapping[int, Array]
    """Share of a problem's accounts by segment, shape (3,)."""
    accounts: Array
    """Accounts by segment, shape (3,)."""


class Records:
    """The items, answers, notes and deals of a firm, and what follows from them by the analysis' own functions."""

    def __init__(self, rng: Generator, draft: Draft, known: Known) -> None:
        self._rng, self.draft, self._known = rng, draft, known
        n = draft.size[0]
        self.evidence: dict[int, Evidence] = defaultdict(Evidence)
        self.knows_revenue = rng.random(n) < known.revenue
        self.deals: list[Deal] = []
        self.lost: dict[int, list[float | None]] = defaultdict(list)
        self._problems = [np.flatnonzero(row) for row in draft.has]
        self._by_account: dict[tuple[int, int], int] = defaultdict(int)
        self._latest: dict[tuple[int, int], int] = {}
        self._answers: list[tuple[int, int | None, int, float]] = []
        self._number = 0
        self._last = draft.start

    def write(self) -> None:
        """Everything of the history, in no order of days."""
        self._write_items()
        self._write_answers()
        self._open_deals()
        self._lose_deals()
        heard = {k: some for k, some in self.evidence.items() if len(some.items) >= LEAST_ITEMS}
        self.evidence = dict(sorted(heard.items()))

    def _write_items(self) -> None:
        d, rng = self.draft, self._rng
        account, problem = np.nonzero(d.has)
        begin = np.maximum(np.maximum(d.onset[problem], d.since[account]), d.start)
        end = np.minimum(d.left[account], TODAY)
        years = np.maximum(end - begin, 0) / YEAR
        counts = rng.poisson(d.rate[account, problem] * years)
        rows = np.repeat(np.arange(len(account)), counts)
        days = np.floor(begin[rows] + rng.random(len(rows)) * (end - begin)[rows]).astype(np.int64)
        says = d.intends[account, problem][rows] & (rng.random(len(rows)) < self._known.intent)
        more = rng.random(len(rows)) < STATES_ANOTHER
        for row, day, leaving, also in zip(rows.tolist(), days.tolist(), says.tolist(), more.tolist(), strict=True):
            who, what = int(account[row]), int(problem[row])
            stated = [what]
            others = self._problems[who]
            if also and len(others) > 1:
                stated.append(int(rng.choice(others[others != what])))
            self._add(who, stated, day, FeedbackKind.TICKET, is_leaving=leaving)

    def _write_answers(self) -> None:
        d, rng = self.draft, self._rng
        for who in np.flatnonzero((d.left > TODAY) & (rng.random(d.size[0]) < self._known.attitude)).tolist():
            day = int(rng.integers(max(TODAY - 364, int(d.since[who]), d.start), TODAY))
            score = float(rng.integers(*SCORES_GIVEN[int(d.attitude[who])]))
            some = self._problems[who]
            states = len(some) > 0 and rng.random() < ANSWERS_THAT_STATE * ANSWERS / self._known.attitude
            stated = [int(rng.choice(some))] if states else []
            number = self._add(who, stated, day, FeedbackKind.NPS, score=score)
            self._answers.append((number, who, day, score))

    def _open_deals(self) -> None:
        """A deal is with a customer; its note states one to three of the customer's problems."""
        d, rng = self.draft, self._rng
        here = (d.left > TODAY) & d.has.any(axis=1)
        for who in np.flatnonzero(here & (rng.random(len(here)) < DEALS)).tolist():
            some = self._problems[who]
            stated = rng.choice(some, size=min(len(some), int(rng.integers(1, 4))), replace=False).tolist()
            day = int(rng.integers(max(TODAY - int(DEAL_DAYS), int(d.since[who])), TODAY))
            self._add(who, stated, day, FeedbackKind.NOTE)
            name = "Renewal" if rng.random() < 0.2 else "Expansion"
            self.deals.append(
                Deal(
                    id=len(self.deals) + 1,
                    source="crm",
                    source_id=str(len(self.deals)),
                    stage=DealStage.OPEN,
                    name=name,
                    amount=self._amount(int(d.segment[who])),
                    account_id=who + 1,
                )
            )

    def _lose_deals(self) -> None:
        d, rng = self.draft, self._rng
        often = d.has.mean(axis=0) + 1e-9
        for _ in range(rng.poisson(LOST_DEALS * d.size[0])):
            problem = int(rng.choice(d.size[1], p=often / often.sum()))
            self.lost[problem + 1].append(self._amount(int(rng.choice(3, p=SEGMENT_SHARES))))

    def _amount(self, segment: int) -> float | None:
        amount = round(float(REVENUE[segment] * np.exp(self._rng.normal(-0.5, 0.8))))
        return amount if self._rng.random() < self._known.amount else None

    def _add(
        self,
        who: int,
        stated: Sequence[int],
        day: int,
        kind: FeedbackKind,
        *,
        is_leaving: bool = False,
        score: float | None = None,
    ) -> int:
        self._number += 1
        self._last = max(self._last, day)
        for what in stated:
            heard = Heard(
                problem_id=what + 1,
                mention_id=self._number * 4,
                feedback_id=self._number,
                account_id=who + 1,
                day=day,
                kind=kind,
                stance=Stance.REQUEST if self.draft.is_request[what] else Stance.PROBLEM,
                score=score,
                text="",
                item="",
            )
            self.evidence[what + 1].add(heard, is_leaving=is_leaving, severity=severity_of(heard.text, heard.stance))
            self._by_account[what + 1, who] += 1
            self._latest[what + 1, who] = max(day, self._latest.get((what + 1, who), day))
        return self._number

    def gathered(self, efforts: Mapping[int, Effort]) -> Evidenced:
        """By `insights.stages.facts`, from a repository that holds nothing else."""
        d = self.draft
        accounts = self._accounts()
        answers = sorted(
            ((n, who + 1, day, score) for n, who, day, score in self._answers if who is not None), key=_day
        )
        repository = SimpleNamespace(
            customers=SimpleNamespace(accounts=lambda: accounts),
            feedback=SimpleNamespace(
                answers=lambda: answers,
                heard_accounts=lambda: {who for some in self.evidence.values() for who in some.since},
                first_day=lambda: d.start,
                last_day=lambda: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=TODAY),
            ),
        )
        amounts, renewals = open_deals(self.deals, self.evidence)
        facts, firm = gather_facts(
            self.evidence,
            cast("Repository", repository),
            named=Named(open=amounts, lost=self.lost, renewals=renewals),
            efforts=efforts,
            assessed=self._assessed(),
        )
        return self._with_counts(facts, firm)

    def _with_counts(self, facts: Mapping[int, Facts], firm: Firm) -> Evidenced:
        weighted: dict[int, float] = defaultdict(float)
        for (problem, who), count in self._by_account.items():
            weighted[problem] += count * (float(self.draft.revenue[who]) if self.knows_revenue[who] else 0.0)
        heard: dict[int, int] = defaultdict(int)
        for (problem, _), day in self._latest.items():
            heard[problem] += TODAY - day < QUARTER_DAYS
        speaking = sorted({who - 1 for some in self.evidence.values() for who in some.since})
        there = (self.draft.left > TODAY) | np.isin(np.arange(self.draft.size[0]), speaking)
        return Evidenced(
            facts=facts,
            firm=firm,
            items={problem: len(some.items) for problem, some in self.evidence.items()},
            weighted={problem: weighted[problem] for problem in self.evidence},
            heard={problem: heard[problem] for problem in self.evidence},
            weekly={
                problem: weekly_counts(list(some.items.values()), last_day=TODAY, weeks=HALF_A_YEAR)
                for problem, some in self.evidence.items()
            },
            voices={
                problem: np.bincount(self.draft.segment[[who - 1 for who in some.since]], minlength=3) / len(some.since)
                for problem, some in self.evidence.items()
            },
            accounts=np.bincount(self.draft.segment[there], minlength=3).astype(np.float64),
        )

    def _accounts(self) -> list[Account]:
        d = self.draft
        renewal = d.renewal_days(TODAY)
        knows = self._rng.random(d.size[0]) < self._known.renewal
        return [
            Account(
                id=who + 1,
                source="crm",
                source_id=str(who),
                name=f"account {who}",
                annual_revenue=float(d.revenue[who]) if self.knows_revenue[who] else None,
                segment=SEGMENTS[int(d.segment[who])],
                renewal_date=_date(TODAY + int(renewal[who])) if knows[who] else None,
                customer_since=_date(int(d.since[who])),
                left_on=None if np.isinf(d.left[who]) else _date(int(d.left[who])),
            )
            for who in range(d.size[0])
        ]

    def _assessed(self) -> dict[int, Assessed]:
        knows = self._rng.random(self.draft.size[1]) < self._known.severity
        return {
            problem: Assessed(
                problem_id=problem,
                severity=SEVERITIES[int(self.draft.severity[problem - 1])],
                urgency="soon",
                severity_reason="",
                weeks=None,
                effort_reason="",
                is_sure=True,
                by="model",
            )
            for problem in self.evidence
            if knows[problem - 1]
        }


def _day(answer: tuple[int, int, int, float]) -> tuple[int, int]:
    return answer[2], answer[0]


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)
