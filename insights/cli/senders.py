"""Which senders the settings name, and which types there are; send a test message with one."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, say
from insights.domain.access import Act

if TYPE_CHECKING:
    from insights.config import SenderSettings
    from insights.ports import Form, Message

senders = typer.Typer(
    help="What digests are sent with: the [[senders]] of the settings, where their logins are, and the types.",
    epilog="Example: insights senders, or: insights senders test team-mail --to ann@acme.example",
    invoke_without_command=True,
    rich_markup_mode=None,
)
app.add_typer(senders, name="senders")


@senders.callback()
def show(context: typer.Context, json: AsJson = False) -> None:
    """Show the [[senders]] of the settings, with where their logins are, and the types of senders that there are."""
    if context.invoked_subcommand is not None:
        return
    from insights.connecting import FILE, SENDERS, STDOUT, types

    workspace = context.obj.open()
    found: list[dict[str, Any]] = [
        {
            "name": one.name,
            "type": one.type,
            "login": workspace.credentials.place(one.name),
            **_told_of(one),
        }
        for one in workspace.settings.senders
    ]
    known = [FILE, STDOUT, *types(SENDERS)]
    if json:
        as_json({"senders": found, "types": known})
        return
    if not found:
        typer.echo('No [[senders]] in insights.toml; stdout and files need none: channel = "file:digests/"')
    for one in found:
        typer.echo(f"{one['name']}: {one['type']}; {_login(one)}")
    typer.echo(f"Types: {', '.join(known)}")


@senders.command("test", epilog="Example: insights senders test team-mail --to ann@acme.example")
def send_test(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Which: a name of [[senders]], stdout, file:FOLDER/ or file:NAME.md.")],
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="ADDRESS", help="Whom a mail goes to; more than one may be given."),
    ] = None,
) -> None:
    """Send one short message that says that it is a test, and what came of it."""
    from insights.bootstrap import now

    workspace = context.obj.open(Act.MANAGE)
    sender = workspace.sender(name)
    key = f"{workspace.repository.filings.workspace_marker()}.test.{now():%Y%m%d-%H%M%S}"
    receipt = sender.send(_message(key, sender.form, workspace.settings.product.name, tuple(to or ())))
    say(context.obj, f"Sent with {sender.name}: {receipt}")


def _message(key: str, form: "Form", product: str, to: tuple[str, ...]) -> "Message":
    """In a digest's own form, so that it shows whether that is taken."""
    from insights.digest.slack import slack_blocks
    from insights.digest.story import Story
    from insights.digest.teams import teams_card
    from insights.ports import Form, Message
    from insights.text.clean import one_line

    title = f"{one_line(product, 60)}: a test of insights"
    headline = "This is a test: digests of this product are going to arrive here."
    story = Story(language="en", title=title, headline=headline, period="", sections=(), subject=title)
    chats = {Form.SLACK: slack_blocks, Form.TEAMS: teams_card}
    blocks = chats[form](story) if form in chats else None
    return Message(key=key, subject=title, text=f"{headline}\n", blocks=blocks, to=to)


def _told_of(settings: "SenderSettings") -> dict[str, Any]:
    """Whether it needs a login: None where that cannot be told, since its type is not installed or its settings are not
    usable; `trouble` says which, and what mends it."""
    from insights.connecting import login_of_sender
    from insights.errors import InsightsError

    try:
        return {"needs_login": bool(login_of_sender(settings)), "trouble": ""}
    except InsightsError as error:
        return {"needs_login": None, "trouble": f"{error.message} {error.remedy}"}


def _login(told: dict[str, Any]) -> str:
    if told["trouble"]:
        return str(told["trouble"])
    if told["login"]:
        return f"its login is in {told['login']}"
    return "needs no login" if told["needs_login"] is False else f"no login: insights auth {told['name']}"
