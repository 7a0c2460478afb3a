"""What whoever watches a workspace wants to know, in figures.

Labels take their values from closed sets of ours and from names in the settings (models): never a customer's word, an
account or a person.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from insights.config import Settings
from insights.domain.access import Act, use_case
from insights.domain.feedback import FeedbackKind, Stance
from insights.domain.problem import State
from insights.domain.run import Run, RunStatus
from insights.language.completions import ANSWERED, LEAKED, REFUSED, UNREADABLE
from insights.language.faults import Fault
from insights.language.prompts import prompt_names
from insights.metrics.samples import Kind, Metric, Sample, by, counter, gauge
from insights.metrics.stage_seconds import seconds_of
from insights.storage.calls import RECALLED, CallTotals, month_of
from insights.storage.measures import Queue
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY

OTHER = "other"
"""In place of a label's value that is none of those that there may be."""
OUTCOMES = frozenset({ANSWERED, RECALLED, UNREADABLE, REFUSED, LEAKED, *(fault.name.lower() for fault in Fault)})
"""All that may become of a call to a model."""
_EMBEDDED = ("texts",)
_NAME = re.compile(r"[\w.:/+-]{1,120}", re.ASCII)
_MOST_RUNS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is looked at: `data` is the workspace's folder of data."""

    repository: Repository
    settings: Settings
    data: Path
    now: datetime


@use_case(Act.LOOK)
def metrics_of(watched: Watched) -> list[Metric]:
    """All of them, in the order in which they are written. Reads counts and dates, no words."""
    return [
        *_kept(watched),
        *_last_run(watched),
        *_models(watched),
        *_checks(watched.repository.runs.recent(_MOST_RUNS)),
        *_queues(watched),
        *_storage(watched),
    ]


def _kept(watched: Watched) -> Iterator[Metric]:
    counts = watched.repository.feedback.counts()
    states = watched.repository.measures.problems_by_state()
    kinds = {kind.value: counts.get(f"items.{kind.value}", 0) for kind in FeedbackKind}
    stances = {stance.value: counts.get(f"mentions.{stance.value}", 0) for stance in Stance}
    yield gauge("insights_items", "Items of feedback that are kept, by kind.", by("kind", kinds))
    yield gauge("insights_mentions", "What items say, by what it does.", by("stance", stances))
    known = {state.value: states.get(state.value, 0) for state in State}
    yield gauge("insights_problems", "Problems by where they stand.", by("state", known))
    unassigned = counts.get("mentions.unassigned", 0)
    yield gauge("insights_mentions_unassigned", "Problems and requests stated that are in no group.", unassigned)
    yield gauge("insights_redactions", "Pieces of personal data taken out of the items kept.", counts["redacted"])


def _last_run(watched: Watched) -> Iterator[Metric]:
    for run in watched.repository.runs.recent(1):
        states = tuple(
            Sample(float(run.status is status), (("insights_last_run_status", status.value),)) for status in RunStatus
        )
        words = "How the last run stands."
        yield Metric(name="insights_last_run_status", kind=Kind.STATESET, help=words, samples=states)
        age = _age(watched, run.finished_at or run.started_at)
        yield gauge("insights_last_run_age_seconds", "Since the last run ended, or began.", age, unit="seconds")
        name, words = "insights_last_run_duration_seconds", "How long the last run took, where it ended."
        yield gauge(name, words, run.seconds, unit="seconds")
        stages = by("stage", seconds_of(watched.repository, run_id=run.id))
        yield gauge("insights_last_run_stage_seconds", "How long each stage took.", stages, unit="seconds")
        yield gauge("insights_last_run_notes", "What went wrong with the last run, counted.", len(run.failures))


def _models(watched: Watched) -> Iterator[Metric]:
    whole = watched.repository.measures.calls()
    month = watched.repository.measures.calls(since=month_of(watched.now))
    words = "Calls to models by what became of them; recalled ones were paid before."
    yield counter("insights_model_calls", words, by("outcome", _by_outcome(whole)))
    failed = sum(one.calls for one in whole if one.outcome not in (ANSWERED, RECALLED))
    yield counter("insights_model_failures", "Calls to models that brought no answer of use.", failed)
    yield counter("insights_model_tokens", "Tokens of all time.", _tokens(whole))
    yield counter("insights_model_cost_usd", "Dollars of all time.", _cost(whole), unit="usd")
    yield gauge("insights_model_month_tokens", "Tokens of this month (UTC).", _tokens(month))
    yield gauge("insights_model_month_cost_usd", "Dollars of this month (UTC).", _cost(month), unit="usd")
    cap = watched.settings.language.max_usd_month
    yield gauge("insights_model_month_cap_usd", "What a month may cost.", cap, unit="usd")
    spent = sum(one.usd for one in month)
    yield gauge("insights_model_month_used_ratio", "Of that, used.", spent / cap if cap else None, unit="ratio")


def _by_outcome(calls: Iterable[CallTotals]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for one in calls:
        counts[one.outcome if one.outcome in OUTCOMES else OTHER] += one.calls
    return dict(counts)


def _summed(calls: Iterable[CallTotals], figure: Callable[[CallTotals], float]) -> Iterator[tuple[str, str, float]]:
    sums: dict[tuple[str, str], float] = {}
    for one in calls:
        key = (safe_name(one.model), prompt_label(one.prompt))
        sums[key] = sums.get(key, 0.0) + figure(one)
    for (model, prompt), value in sorted(sums.items()):
        yield model, prompt, value


def _tokens(calls: Sequence[CallTotals]) -> list[Sample]:
    sent = [(*one, "in") for one in _summed(calls, lambda call: call.tokens_in)]
    got = [(*one, "out") for one in _summed(calls, lambda call: call.tokens_out)]
    return [
        Sample(value, (("model", model), ("prompt", prompt), ("direction", way)))
        for model, prompt, value, way in [*sent, *got]
    ]


def _cost(calls: Sequence[CallTotals]) -> list[Sample]:
    found = _summed(calls, lambda call: call.usd)
    return [Sample(value, (("model", model), ("prompt", prompt))) for model, prompt, value in found]


def safe_name(text: str) -> str:
    """The name of a model, as the settings gave it, where it is one."""
    return text if _NAME.fullmatch(text) else OTHER


def prompt_label(text: str) -> str:
    """Name and version of a prompt file that there is; "texts" for what an embedder is given."""
    name, _, version = text.partition(" ")
    is_ours = name in _prompts() and (not version or version.isdecimal())
    return text.replace(" ", "_") if is_ours or text in _EMBEDDED else OTHER


@cache
def _prompts() -> frozenset[str]:
    return frozenset(prompt_names())


def _checks(runs: Sequence[Run]) -> Iterator[Metric]:
    """Quotes and sentences that models wrote, by whether they stand in what they were shown."""
    for what in ("quotes", "sentences"):
        counts = {result: _sum(runs, f"{what}_{result}") for result in ("kept", "dropped")}
        words = f"{what.capitalize()} that models wrote, by whether the check kept them; of all runs."
        yield counter(f"insights_model_{what}", words, by("result", counts))
        checked = sum(counts.values())
        share = counts["kept"] / checked if checked else None
        yield gauge(f"insights_model_{what}_pass_ratio", "Of these, kept.", share, unit="ratio")


def _sum(runs: Iterable[Run], name: str) -> float:
    return sum(run.counts.get(name, 0) for run in runs)


def _queues(watched: Watched) -> Iterator[Metric]:
    fingerprint = watched.repository.get_meta(VECTORS_BY)
    waiting = [*watched.repository.measures.queues(fingerprint=fingerprint), _deliveries(watched), _outbox(watched)]
    counts = {one.name: float(one.count) for one in waiting}
    yield gauge("insights_queue_entries", "What waits for its next step.", by("queue", counts))
    ages = {one.name: _age(watched, one.since) if one.since else 0.0 for one in waiting}
    yield gauge("insights_queue_age_seconds", "How long the oldest of it waits.", by("queue", ages), unit="seconds")


def _deliveries(watched: Watched) -> Queue:
    made = [one.made_at for one in watched.repository.deliveries.waiting()]
    return Queue(name="deliveries", count=len(made), since=min(made, default=None))


def _outbox(watched: Watched) -> Queue:
    """Decisions that wait in files while the database is away; since when is that of the file's last change."""
    count, moments = 0, []
    for path in watched.data.glob("outbox-*.jsonl"):
        try:
            lines, changed = path.read_bytes().count(b"\n"), path.stat().st_mtime
        except OSError:  # written to the database meanwhile
            continue
        if lines:
            count += lines
            moments.append(datetime.fromtimestamp(changed, watched.now.tzinfo))
    return Queue(name="outbox", count=count, since=min(moments, default=None))


def _storage(watched: Watched) -> Iterator[Metric]:
    sizes = {"database": _size(watched.data.glob("insights.db*")), "vectors": _size(_below(watched.data / "vectors"))}
    there = by("part", {name: size for name, size in sizes.items() if size})
    yield gauge(
        "insights_storage_bytes", "What files of the workspace take; of a server, nothing.", there, unit="bytes"
    )
    proved = [one for one in watched.repository.backups.all() if one.checked_at is not None]
    age = _age(watched, proved[-1].made_at) if proved else None
    words = "Since the newest backup was made that was restored on trial."
    yield gauge("insights_backup_age_seconds", words, age, unit="seconds")
    yield gauge("insights_audit_head", "The number of the newest entry of the audit log.", _head(watched.repository))


def _head(repository: Repository) -> int:
    return repository.audit.head().number


def _below(folder: Path) -> Iterator[Path]:
    return folder.rglob("*")


def _size(paths: Iterable[Path]) -> float:
    """Bytes; what goes away meanwhile is not counted."""
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return float(total)


def _age(watched: Watched, moment: datetime) -> float:
    """Seconds, to the millisecond; 0 for a moment to come, as after a clock was set back."""
    return max(round((watched.now - moment).total_seconds(), 3), 0.0)
