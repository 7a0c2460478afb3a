"""What changed, in half a minute."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from datetime import datetime

    from insights.bootstrap import Workspace
    from insights.digest.contents import Reader
    from insights.storage.repository import Repository

_DAYS = 7
_RUN = re.compile(r"#?\d{1,7}")


@app.command(epilog="Example: insights digest --since 2026-05-01 --markdown > digest.md")
def digest(
    context: typer.Context,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE|RUN", help="From then on; default: since the last digest that was sent, else a week."
        ),
    ] = None,
    theme: Annotated[str, typer.Option(help="Only problems of this theme: its name or id.")] = "",
    segment: Annotated[str, typer.Option(help="Only problems that accounts of this segment have.")] = "",
    owner: Annotated[str, typer.Option(help="Only problems that this person accepted or works on.")] = "",
    language: Annotated[str, typer.Option(help="Of labels and sentences: en, de, es or fr.")] = "en",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no model for the opening sentence.")] = False,
    json: AsJson = False,
) -> None:
    """Show what is new or spiking, what moved and why, whether fixes worked, what was decided and what waits, what it
    rests on and what it cost."""
    from insights.bootstrap import now
    from insights.digest.changes import changes
    from insights.digest.data import to_json
    from insights.digest.markdown import to_markdown
    from insights.digest.opening import opened
    from insights.digest.story_of import story_of
    from insights.digest.terminal import to_terminal

    workspace = context.obj.open()
    found = changes(
        workspace.repository,
        workspace.settings,
        reader=reader_for(workspace, theme=theme, segment=segment, owner=owner, language=language),
        **start_of(workspace.repository, since, now()),
        now=now(),
        standing=workspace.standing(now()),
    )
    opener = None if offline else workspace.opener()
    found = opened(found, opener=opener, currency=found.currency)
    if json:
        as_json(to_json(found))
    elif markdown:
        typer.echo(to_markdown(story_of(found)), nl=False)
    else:
        screen = console()
        screen.print(to_terminal(story_of(found), width=screen.width))
    for failure in opener.failures if opener else ():
        say(context.obj, f"note: {failure}")


def reader_for(workspace: "Workspace", *, theme: str, segment: str, owner: str, language: str) -> "Reader":
    """Raises InsightsError for a theme or a language that there is not."""
    from insights.digest.contents import Reader
    from insights.digest.words import LANGUAGES

    if language not in LANGUAGES:
        raise InsightsError(
            f"There is no digest in {language!r}.",
            remedy=f"Use one of {', '.join(LANGUAGES)}.",
            exit_code=ExitCode.USAGE,
        )
    named = workspace.repository.themes.find(theme).name if theme.strip() else ""
    return Reader(theme=named, segment=segment.strip(), owner=owner.strip(), language=language)


def start_of(repository: "Repository", since: str | None, now: "datetime") -> dict[str, Any]:
    """From when on: `since_run`, `since` or both, as `changes` takes them. Raises InsightsError."""
    from datetime import timedelta

    from insights.storage.deliveries import DeliveryStatus
    from insights.storage.nights import no_such_night

    if since is None:
        sent = next((one for one in repository.deliveries.recent() if one.status is DeliveryStatus.SENT), None)
        week = {"since": now - timedelta(days=_DAYS)}
        return week if sent is None else {"since_run": sent.until_run, "since": sent.made_at}
    if not _RUN.fullmatch(since.strip()):
        return {"since": _day(since)}
    run = int(since.strip().removeprefix("#"))
    if repository.nights.get(run) is None:
        raise no_such_night(f"run {run}")
    return {"since_run": run}


def _day(text: str) -> "datetime":
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InsightsError(
            f"{text!r} is neither a day nor a run.",
            remedy="Write a day as 2026-05-01; `insights runs` lists runs by their numbers.",
            exit_code=ExitCode.USAGE,
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
