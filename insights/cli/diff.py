"""What changed from one night to another."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.cli.diff_page import Names
    from insights.domain.night import News, Night, Reason, Seen
    from insights.news.differences import Difference
    from insights.storage.nights import NightStore

_MOST = 15
_LONGEST_RUN = 9


@app.command(epilog="Example: insights diff --since 2026-06-01")
def diff(
    context: typer.Context,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE|RUN", help="The night to compare with; default: the last one before --until."),
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="RUN", help="The night to look at; default: the newest.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many problems to list.")] = _MOST,
    json: AsJson = False,
) -> None:
    """Show what changed between two nights: the news, and how ranks, values and items moved, with the reason."""
    from insights.cli.diff_page import Names, diff_page
    from insights.digest.words import Words
    from insights.news.between import news_between
    from insights.news.differences import differences

    workspace = context.obj.open()
    repository, settings = workspace.repository, workspace.settings
    first, last = _nights(repository.nights, since, until)
    news = news_between(repository, after_run=first.run_id, until=last)
    heirs, days = repository.problems.heirs(), settings.worth.renewal_days
    changed = [one for one in differences(first, last, heirs=heirs, renewal_days=days) if one.is_change]
    listed = changed if json else changed[:limit]
    named = _accounts(news, listed)
    names = Names(
        titles=repository.problems.titles(_problems(news, listed)),
        accounts={one.id: one.name for one in repository.customers.delivered_accounts() if one.id in named},
        words=Words("en", currency=settings.product.currency),
        currency=settings.product.currency,
    )
    if json:
        as_json(_as_data(first, last, news, listed, names))
        return
    screen = console()
    for part in diff_page(first, last, news, listed, names, width=screen.width, total=len(changed)):
        screen.print(part)


def _nights(nights: "NightStore", since: str | None, until: str | None) -> "tuple[Night, Night]":
    from insights.storage.nights import no_such_night

    last = nights.last() if until is None else _night(nights, until, is_end=True)
    if last is None:
        raise no_such_night("any run")
    first = nights.last(before_run=last.run_id) if since is None else _night(nights, since, is_end=False)
    if first is None:
        raise InsightsError(
            f"Run {last.run_id} is the first night that is kept: there is none to compare it with.",
            remedy="Run `insights analyze` again when there is new feedback.",
            exit_code=ExitCode.USAGE,
        )
    if first.run_id >= last.run_id:
        raise InsightsError(
            f"Run {first.run_id} is not before run {last.run_id}.",
            remedy="Name the earlier night with --since, the later one with --until.",
            exit_code=ExitCode.USAGE,
        )
    return first, last


def _night(nights: "NightStore", said: str, *, is_end: bool) -> "Night":
    """Of a run; or the newest before a day, or before its end."""
    from datetime import UTC, datetime, timedelta

    from insights.storage.nights import no_such_night

    if said.isascii() and said.isdigit() and len(said) <= _LONGEST_RUN:
        found, what = nights.get(int(said)), f"run {int(said)}"
    else:
        try:
            day = datetime.fromisoformat(said).replace(tzinfo=UTC)
        except ValueError as error:
            raise InsightsError(
                f"{said!r} is neither a day nor a run.",
                remedy="Write 2026-06-01, or a run's number; `insights runs` lists them.",
                exit_code=ExitCode.USAGE,
            ) from error
        moment = day + timedelta(days=1) if is_end else day
        found, what = nights.at(moment), f"{said} or before"
    if found is None:
        raise no_such_night(what, oldest=nights.oldest())
    return found


def _problems(news: "Sequence[News]", listed: "Sequence[Difference]") -> set[int]:
    named = {number for one in news for number in (one.problem_id, one.other_id) if number is not None}
    return named | {number for one in listed for number in (one.problem_id, one.heir) if number is not None}


def _accounts(news: "Sequence[News]", listed: "Sequence[Difference]") -> set[int]:
    every = [one.reasons for one in news] + [one.reasons for one in listed]
    return {number for reasons in every for reason in reasons for number in reason.accounts}


# -- as JSON --------------------------------------------------------------------------------------------------------


def _as_data(
    first: "Night", last: "Night", news: "Sequence[News]", listed: "Sequence[Difference]", names: "Names"
) -> dict[str, Any]:
    return {
        "since": _moment(first),
        "until": _moment(last),
        "settings_changed": first.settings != last.settings,
        "news": [_of_news(one, names) for one in news],
        "problems": [_of_problem(one, names) for one in listed],
    }


def _moment(night: "Night") -> dict[str, Any]:
    return {"run": night.run_id, "at": night.at, "newest_item": night.day, "problems": len(night.problems)}


def _of_news(one: "News", names: "Names") -> dict[str, Any]:
    from insights.domain.problem import problem_ref

    return {
        "problem": problem_ref(one.problem_id),
        "title": names.title(one.problem_id),
        "kind": one.kind,
        "day": one.day,
        "before": one.before,
        "after": one.after,
        "times": one.times,
        "other": problem_ref(one.other_id) if one.other_id is not None else None,
        "words": names.news(one),
        "reasons": _of_reasons(one.reasons, names),
    }


def _of_problem(one: "Difference", names: "Names") -> dict[str, Any]:
    from insights.domain.problem import problem_ref

    return {
        "problem": problem_ref(one.problem_id),
        "title": names.title(one.problem_id),
        "rise": one.rise,
        "before": _of_seen(one.before),
        "after": _of_seen(one.after),
        "merged_into": problem_ref(one.heir) if one.heir is not None else None,
        "reasons": _of_reasons(one.reasons, names),
    }


def _of_seen(seen: "Seen | None") -> Mapping[str, Any] | None:
    if seen is None:
        return None
    return {name: getattr(seen, name) for name in ("rank", "value", "roi", "items", "accounts", "state", "movement")}


def _of_reasons(reasons: "Sequence[Reason]", names: "Names") -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind,
            "count": one.count,
            "amount": one.amount,
            "days": one.days,
            "word": one.word,
            "accounts": [names.accounts[number] for number in one.accounts if number in names.accounts],
            "words": names.reason(one),
        }
        for one in reasons
    ]
