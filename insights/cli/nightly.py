"""The whole night in one command, for cron, systemd or a CI job."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, followed, say
from insights.domain.access import Act
from insights.errors import ExitCode

if TYPE_CHECKING:
    from insights.nightly.night import NightDone, NightStep


@app.command(epilog="Example: insights nightly, or: insights schedule install")
def nightly(
    context: typer.Context,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Take this for today: to replay what was.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no model for a digest's opening sentence.")] = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit code 5 where something changed, 0 where nothing did.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Pull, analyse, read trackers, make and send the digests. Run again after anything: it goes on where it was, and
    sends no digest twice. Exit codes: 0 fine, 1 error, 3 some sources or trackers failed, 4 a login is needed, 6 your
    roles do not allow it."""
    from insights.bootstrap import moment_in, now, set_clock
    from insights.nightly.night import Nightly, refuse_past, summary
    from insights.text.clean import sanitise

    workspace = context.obj.open(Act.BRING)
    if as_of is not None:
        set_clock(moment_in(as_of, said_by="--as-of"))
        refuse_past(workspace.repository.nights, now())
    printed = _Printed() if json else None
    with followed(context.obj) as (progress, follow):
        done = Nightly(
            workspace=workspace,
            now=now,
            progress=progress,
            follow=follow,
            step=lambda step: _begin(context.obj, step),
            ask_model=not offline,
            senders={"stdout": printed} if printed else {},
        ).run()
    if printed:
        as_json({**_as_data(done), "audit_head": workspace.repository.audit.head(), "printed": printed.texts})
    for name, error in done.failed:  # with --quiet, too: it is what cron mails
        typer.echo(sanitise(f"{name}: {error.message} {error.remedy}"), err=True)
    say(context.obj, summary(done))
    workspace.close()
    if done.defects:
        raise done.defects[0] if len(done.defects) == 1 else ExceptionGroup("defects of a night", done.defects)
    is_fine = done.exit_code is ExitCode.OK
    raise typer.Exit(ExitCode.CHANGED if is_fine and detailed_exitcode and done.is_changed else done.exit_code)


class _Printed:
    """Keeps what would go to stdout, where that is to be one document of JSON."""

    name = "stdout"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def send(self, message: Any) -> str:
        self.texts.append(message.text)
        return "stdout"


def _begin(options: Globals, step: "NightStep") -> None:
    say(options, f"{step.value} …")


def _as_data(done: "NightDone") -> dict[str, Any]:
    return {
        "at": done.at,
        "exit_code": int(done.exit_code),
        "changed": done.is_changed,
        "news": done.news,
        "run": done.run,
        "sources": [
            {
                "source": one.collected.source,
                "saved": one.collected.saved,
                "removed": one.collected.removed + (one.swept.removed if one.swept else 0),
            }
            for one in done.pulled
        ],
        "trackers": [
            {"tracker": one.tracker, "read": one.read, "of": one.of, "changes": len(one.changes)} for one in done.synced
        ],
        "sent": [
            {"digest": one.digest, "period": one.period, "status": one.status, "receipt": one.receipt}
            for one in done.sent
        ],
        "quiet": done.quiet,
        "retained": done.retained,
        "backup": done.backup,
        "failed": [
            {"step": step, "name": name, "error": error.message, "remedy": error.remedy}
            for step, some in done.failures.items()
            for name, error in some.items()
        ],
        "seconds": {step.value: seconds for step, seconds in done.seconds.items()},
    }
