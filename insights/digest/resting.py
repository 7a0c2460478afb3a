"""What a digest's figures rest on: the data, how fresh each source is, and what models cost."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from insights.config import Settings
from insights.digest.contents import Cost, Data, SourceLine
from insights.domain.customers import Account
from insights.domain.feedback import FeedbackKind, Stance
from insights.domain.health import Check, CheckState
from insights.domain.run import Run
from insights.health import Standing, source_checks, trouble_of
from insights.storage.calls import month_of
from insights.storage.repository import Repository
from insights.text.clean import one_line

NEW_ITEMS = "protected"
"""The count under which a run keeps how many items it saw first or saw changed."""
SETTLED = "settled"
"""The count under which a run keeps how many mentions had waited for a problem and found one."""
QUARTER = timedelta(weeks=13)
_ERROR, _COMMAND, _NAME = 200, 200, 60
"""Characters."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


# -- data -------------------------------------------------------------------------------------------------------


def data_of(
    repository: Repository, *, runs: Sequence[Run], since: datetime | None, accounts: Sequence[Account]
) -> Data:
    """What there is now. `runs` are those of the period; with no `since` that is all the time there was."""
    counts, newest = repository.feedback.counts(), repository.feedback.last_day()
    heard = repository.feedback.heard_accounts(since=(newest - QUARTER).date()) if newest else set()
    return Data(
        items=counts.get("items", 0),
        items_since=counts.get("items", 0) if since is None else _summed(NEW_ITEMS, runs),
        by_kind=_by(FeedbackKind, counts, "items"),
        by_stance=_by(Stance, counts, "mentions"),
        unassigned=counts.get("mentions.unassigned", 0),
        unassigned_items=repository.placements.items_waiting(),
        ranked=repository.placements.ranked(),
        settled=_summed(SETTLED, runs),
        uncertain_accounts=counts.get("items.uncertain_account", 0),
        redacted=counts.get("redacted", 0),
        covered=coverage(accounts, heard, today=newest.date()) if newest else None,
        covers_revenue=any((one.annual_revenue or 0.0) > 0 for one in accounts),
        newest=newest,
    )


def _by(names: Any, counts: Mapping[str, int], prefix: str) -> dict[Any, int]:
    found = {name: counts.get(f"{prefix}.{name}", 0) for name in names}
    return {name: number for name, number in found.items() if number}


def _summed(name: str, runs: Sequence[Run]) -> int | None:
    """A count of the runs; None where none of them has it."""
    said = [run.counts[name] for run in runs if name in run.counts]
    return sum(said) if said else None


def coverage(accounts: Sequence[Account], heard: Collection[int], *, today: date) -> float | None:
    """The share, 0..1, of what customers pay that those pay who were heard; of their number where nothing is known of
    what any pays. None without customers."""
    is_known = any((one.annual_revenue or 0.0) > 0 for one in accounts)
    customers = [one for one in accounts if one.left_on is None or one.left_on > today]
    weights = {one.id: (one.annual_revenue or 0.0) if is_known else 1.0 for one in customers}
    whole = sum(weights.values())
    return sum(weight for number, weight in weights.items() if number in heard) / whole if whole else None


# -- sources ----------------------------------------------------------------------------------------------------


def sources_of(standing: Standing, *, since: datetime | None, runs: Sequence[Run]) -> list[SourceLine]:
    """How fresh each source is, what is wrong first. `runs` are all, newest first."""
    well = _last_look(runs, since)
    checks = [check for check in source_checks(standing) if "source" in check.facts]
    lines = [_source(check, since=since, well=well) for check in checks]
    return sorted(lines, key=lambda line: not line.trouble)


def _last_look(runs: Sequence[Run], since: datetime | None) -> datetime | None:
    """The night before the one that the last digest told of: what was read to its end after it was well then."""
    before = [run.started_at for run in runs if since is not None and run.started_at <= since]
    return before[1] if len(before) > 1 else None


def _source(check: Check, *, since: datetime | None, well: datetime | None) -> SourceLine:
    facts: Mapping[str, Any] = check.facts
    trouble = trouble_of(check) if facts["is_configured"] else ""
    is_wrong = bool(trouble) and check.state is CheckState.WRONG
    error = one_line(str(facts["error"] or check.remedy), _ERROR) if is_wrong else ""
    return SourceLine(
        name=one_line(str(facts["source"]), _NAME),
        items=facts["rows"],
        newest=facts["newest"],
        silent_days=facts["silent_days"],
        is_stale=facts["is_stale"],
        trouble=one_line(trouble, 2 * _ERROR),
        error=error,
        command=one_line(check.command, _COMMAND) if trouble else "",
        is_news=bool(trouble) and (_broke(facts, since, well) if is_wrong else _fell_silent(facts, since)),
    )


def _broke(facts: Mapping[str, Any], since: datetime | None, well: datetime | None) -> bool:
    """Whether it failed in the period and was read to its end in the night before."""
    failed, read = facts["failed_at"], facts["read_at"]
    if since is None or failed is None:
        return since is None
    return failed > since and (well is None or (read is not None and read > well))


def _fell_silent(facts: Mapping[str, Any], since: datetime | None) -> bool:
    """Whether its silence was not long enough to be told when the period began."""
    return since is None or (since.date() - facts["newest"]).days < facts["stale_from_days"]


# -- cost -------------------------------------------------------------------------------------------------------


def cost_of(repository: Repository, settings: Settings, *, since: datetime | None, now: datetime) -> Cost:
    """What was spent on models, of what may be; nothing may be where no model is set."""
    language = settings.language
    spent = repository.calls.spent_usd(since=since or _BEGINNING)
    month = repository.calls.spent_usd(since=month_of(now))
    if not language.model.strip():
        return Cost(spent=spent, month=month)
    return Cost(spent=spent, of_run=language.max_usd, month=month, of_month=language.max_usd_month)
