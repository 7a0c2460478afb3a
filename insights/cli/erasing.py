"""Erase a person or an account, and verify the receipt of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, Globals
from insights.cli.output import as_json, can_ask, progress_bar, say
from insights.cli.privacy import privacy
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.bootstrap import Workspace
    from insights.data_rights.erase import Erasure, Preview
    from insights.data_rights.whose import Subject

_WORD = "erase"
_MOST_NAMES = 8


@privacy.command("erase", epilog="Example: insights privacy erase ann@acme.example")
def erase_person(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="PERSON", help="An e-mail address, or a name.")] = "",
    account: Annotated[str, typer.Option(help="Instead: an account, by name or id, with all its people.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="End an erasure that was cut off, and nothing else.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Erase all that is kept of a person or an account, everywhere in the workspace, so that nothing brings it back.

    What would go is shown first. A signed receipt says what went from where, and that no file holds it any more.
    """
    options, workspace = context.obj, context.obj.open()
    if resume:
        _resume(options, workspace, json=json)
        return
    if bool(who) is bool(account):
        raise InsightsError(
            "Say whom to erase.",
            remedy="insights privacy erase ann@acme.example, or: insights privacy erase --account ACME",
            exit_code=ExitCode.USAGE,
        )
    from insights.data_rights.erase import erase, preview

    subject = _subject(options, workspace, who=who, account=account)
    with progress_bar(options) as progress:
        found = preview(workspace.bench(progress=progress), subject)
    if not json:
        _show(options, found, _names(subject))
    if not yes and (json or not _is_confirmed(options)):
        _unwanted(options, found, json=json)
        return
    with progress_bar(options) as progress:
        done = erase(workspace.bench(progress=progress), subject)
    _done(options, done, json=json)


@privacy.command("receipt", epilog="Example: insights privacy receipt .insights/receipts/20261126T090000-1a2b3c4d.json")
def verify_receipt(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The .json file of a receipt.")],
    json: AsJson = False,
) -> None:
    """Say whether a receipt is as it was written, and what it says."""
    from insights.data_rights.receipt import minute, verified

    content = verified(context.obj.open().repository, file)
    if json:
        as_json({"verified": True, "receipt": content})
        return
    after = sum(content["proof"]["after"].values())
    typer.echo(f"The seal fits: {content['kind']} erased on {minute(content['done_at'])}; hits after: {after:,}.")


def _subject(options: Globals, workspace: "Workspace", *, who: str, account: str) -> "Subject":
    from insights.data_rights.erase import find_account, find_person
    from insights.data_rights.whose import Several

    if account:
        return find_account(workspace.repository, account)
    try:
        return find_person(workspace.repository, who)
    except Several as several:
        if not can_ask(options):
            raise
        return find_person(workspace.repository, _chosen(several.choices))


def _chosen(choices: tuple[str, ...]) -> str:
    from insights.text.clean import one_line

    typer.echo("Several persons have this name:", err=True)
    for number, one in enumerate(choices, 1):
        typer.echo(f"  {number}  {one_line(one, 120)}", err=True)
    wanted: int = typer.prompt("Which one", type=int, err=True)
    if not 1 <= wanted <= len(choices):
        raise InsightsError("There is no such choice.", remedy="Type one of the numbers.", exit_code=ExitCode.USAGE)
    return choices[wanted - 1]


def _is_confirmed(options: Globals) -> bool:
    """Typed in full: it cannot be taken back."""
    if not can_ask(options):
        return False
    typed: str = typer.prompt(f"This cannot be undone. Type {_WORD} to do it", default="", show_default=False, err=True)
    return typed.strip().casefold() == _WORD


def _names(subject: "Subject") -> list[str]:
    """By which addresses, names and numbers they are known, each once however it is written."""
    from insights.text.personal import normal

    names: dict[str, str] = {}
    for one in subject.values:
        names.setdefault(normal(one.text), one.text)
    return list(names.values())


def _is_known(found: "Preview") -> bool:
    """Whether anything of theirs is there; answers of models go whoever it is."""
    return bool(set(found.gone) - {"model answers"})


def _show(options: Globals, found: "Preview", names: list[str]) -> None:
    from insights.text.clean import one_line

    say(options, f"What goes of this {found.kind}:" if _is_known(found) else "Nothing is kept that is known as theirs.")
    shown = [one_line(name, 80) for name in names[:_MOST_NAMES]]
    more = f", and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    say(options, f"  known as: {', '.join(shown)}{more}")
    for name, count in found.gone.items():
        say(options, f"  {count:>8,}  {name}")
    for name in found.yours:
        say(options, f"  yours to clean: {one_line(name, 200)}")
    for url in found.issues:
        say(options, f"  an issue that may hold their words: {one_line(url, 200)}")
    if found.backups:
        say(options, f"  {found.backups} backups keep it until they are deleted.")
    if found.batches:
        say(options, f"  {found.batches} batches of questions are at a model's server.")
    if found.shared or found.untelling:
        say(options, "  Names that others have too, or of one word, stay where others wrote them.")


def _unwanted(options: Globals, found: "Preview", *, json: bool) -> None:
    if json:
        as_json({"erased": False, "preview": found})
    else:
        later = "" if _is_known(found) else "; that keeps out what would come of them later, too"
        say(options, f"Nothing was erased. To do it: add --yes{later}")


def _resume(options: Globals, workspace: "Workspace", *, json: bool) -> None:
    from insights.data_rights.erase import resume

    with progress_bar(options) as progress:
        done = resume(workspace.bench(progress=progress))
    if done is not None:
        _done(options, done, json=json)
    elif json:
        as_json({"erased": False})
    else:
        say(options, "No erasure is half-way.")


def _done(options: Globals, done: "Erasure", *, json: bool) -> None:
    proof = done.receipt["proof"]
    if json:
        as_json({"erased": True, "receipt_file": done.path, "receipt": done.receipt})
    else:
        before, after = sum(proof["before"].values()), sum(proof["after"].values())
        typer.echo(f"Erased. Searched {proof['files']:,} files: {before:,} hits before, {after:,} after.")
        for name in done.receipt["yours"]:
            say(options, f"  yours to clean: {name}")
        say(options, f"The receipt is {done.path}.")
    if sum(proof["after"].values()):
        raise typer.Exit(ExitCode.PARTIAL)
