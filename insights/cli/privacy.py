"""What is kept about persons, and how it goes away."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, progress_bar, say
from insights.text.clean import one_line

if TYPE_CHECKING:
    from insights.data_rights.preview import Leaving
    from insights.data_rights.retain import Planned, Retained

NAME_OF_EXPORT = "person-export"

privacy = typer.Typer(
    help="What is kept about a person: see it, hand it out, erase it.",
    epilog="Example: insights privacy erase ann@acme.example",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(privacy, name="privacy")


@privacy.command("export", epilog="Example: insights privacy export ann@acme.example --to for-ann")
def export_all(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="PERSON", help="An e-mail address, or a name.")],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Where both files go; readable by you alone.")] = Path(
        NAME_OF_EXPORT
    ),
    json: AsJson = False,
) -> None:
    """Write down all that is kept about a person, in their own words: as JSON and as Markdown.

    The audit log notes that it was done. With --json it is printed and no file is written.
    """
    from insights.bootstrap import now
    from insights.data_rights.person_export import as_document, export_person, write_export

    workspace = context.obj.open()
    with progress_bar(context.obj) as progress:
        progress("looking through what is kept", 0, 0)
        found = export_person(workspace.repository, who, rules=workspace.settings.retention, now=now)
    if json:
        typer.echo(as_document(found))
        return
    say(context.obj, f"{len(found.items)} items of theirs, {len(found.named_in)} of others that name them.")
    for path in write_export(found, to):
        typer.echo(str(path))


@privacy.command("retain", epilog="Example: insights privacy retain --yes")
def let_go(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it. Without it, only say what would go.")] = False,
    json: AsJson = False,
) -> None:
    """Let old words go by the [[retention]] rules; counts, trends and estimates stay.

    Without --yes nothing is changed. The night does it, too. What went cannot be brought back.
    """
    from insights.bootstrap import now
    from insights.data_rights.erase import clean_files_of
    from insights.data_rights.retain import plan, retain

    workspace = context.obj.open()
    rules = workspace.settings.retention
    planned = plan(workspace.repository, rules, now())
    if not json:
        _show_plan(context.obj, planned)
    if not yes:
        if json:
            as_json({"done": False, "rules": _as_data(planned)})
        elif rules:
            say(context.obj, "Nothing was changed. To do it: add --yes")
        return
    with workspace.run_lock(), progress_bar(context.obj) as progress:
        bench = workspace.bench(progress=progress)
        done = retain(
            workspace.repository, rules, now=now, progress=progress, files=lambda words: clean_files_of(bench, words)
        )
    if json:
        as_json({"done": True, "rules": _as_data(planned), "retained": done})
        return
    if rules:
        _show_done(context.obj, done)


def _show_done(options: Globals, done: "Retained") -> None:
    typer.echo(f"The words of {done.gone.items:,} items went, {done.pseudonyms:,} pseudonyms with them.")
    for name in done.yours:
        say(options, f"{one_line(name, 200)} is yours and still holds such words: clean or delete it.")
    if done.gone.problems:
        say(options, f"{done.gone.problems} problems are described anew by the next `insights analyze`.")


def _as_data(planned: "list[Planned]") -> list[dict[str, object]]:
    return [
        {"rule": one.rule.model_dump(), "before": one.before, "items": one.items, "due": one.due} for one in planned
    ]


def _show_plan(options: Globals, planned: "list[Planned]") -> None:
    if not planned:
        say(options, "insights.toml has no [[retention]] rule: words are kept.")
    for one in planned:
        typer.echo(f"source {one.rule.source}, kind {one.rule.kind}, {one.rule.days} days: {one.items:,} items")
        for due in one.due:
            when = f"{due.first:%Y-%m-%d} to {due.last:%Y-%m-%d}"
            typer.echo(f"  {due.items:>8,}  {due.kind} of {one_line(due.source, 80)}, {when}")


@privacy.command("preview", epilog="Example: insights privacy preview --limit 3")
def show_leaving(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="Only items of this source.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many items.")] = 5,
    json: AsJson = False,
) -> None:
    """Show what would leave this machine of some real items; nothing is sent.

    The original words, with what is taken out marked, are for whoever may see persons.
    """
    from insights.bootstrap import now
    from insights.data_rights.preview import preview
    from insights.embedding.static import StaticEmbedder
    from insights.language.choose import desk_for
    from insights.text.clean import sanitise

    workspace = context.obj.open()
    kept = workspace.repository
    found = preview(
        kept,
        workspace.settings,
        desk=desk_for(workspace.settings, answers=kept.answers, calls=kept.calls, now=now()),  # it asks nothing
        embed=StaticEmbedder().embed,
        source=source,
        limit=limit,
    )
    if json:
        as_json(found)
        return
    for line in _leaving_lines(found):
        typer.echo(sanitise(line))


def _leaving_lines(found: "Leaving") -> Iterator[str]:
    yield from (f"May be sent to: {one_line(place, 300)}" for place in found.places)
    if not found.places:
        yield "No model, embedding server, tracker or sender is set: nothing leaves this machine."
    if found.unprotected:
        yield f"{found.unprotected} items have no redacted copy yet: `insights analyze` makes it."
    for item in found.items:
        yield f"\n{one_line(item.ref, 200)}"
        if item.original is not None:
            yield f"original: {item.original}"
        yield f"redacted: {item.redacted}"
    for stage, prompts in found.prompts.items():
        yield from (f"\nAs sent to a model ({stage}):\n{prompt}" for prompt in prompts)
    groups = (("an embedding server", found.embedded), ("issues", found.issues), ("digests", found.digests))
    for what, texts in groups:
        yield from (f"\nTo {what}: {text}" for text in texts)
