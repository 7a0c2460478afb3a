"""What changed and the whole ranked list as one page that works from a file."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from insights.cli.app import Globals, app
from insights.cli.output import check_place, say

_DAYS = 7
_SINCE = "From this day, or from this run on; default: a week back."
_LANGUAGE = "Of labels and sentences: de, en, es or fr. Estimates explain themselves in English."


@app.command(epilog="Example: insights report --out report.html --theme Billing")
def report(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("report.html"),
    since: Annotated[str | None, typer.Option(metavar="DATE|RUN", help=_SINCE)] = None,
    theme: Annotated[str, typer.Option(help="Only problems of this theme: its name or id.")] = "",
    segment: Annotated[str, typer.Option(help="Only problems that accounts of this segment have.")] = "",
    owner: Annotated[str, typer.Option(help="Only problems that this person accepted or works on.")] = "",
    language: Annotated[str, typer.Option(help=_LANGUAGE)] = "en",
    no_quotes: Annotated[bool, typer.Option("--no-quotes", help="Leave quotes of customers out.")] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Write what changed and the whole ranked list as one HTML page, with charts, that works from a file."""
    from datetime import timedelta

    from insights.bootstrap import now
    from insights.cli.digest import reader_for, start_of
    from insights.digest.changes import changes
    from insights.digest.story_of import story_of
    from insights.domain.figures import counted
    from insights.report.gather import chosen_by, gather
    from insights.report.page import to_html

    check_place(out)
    workspace = context.obj.open()
    repository, settings, moment = workspace.repository, workspace.settings, now()
    reader = reader_for(workspace, theme=theme, segment=segment, owner=owner, language=language)
    reader = replace(reader, quotes=not no_quotes)
    start = start_of(repository, since, moment) if since else {"since": moment - timedelta(days=_DAYS)}
    only = chosen_by(repository, reader)
    standing = workspace.standing(moment)
    digest = changes(repository, settings, reader=reader, **start, now=moment, standing=standing)
    found = gather(repository, settings, story=story_of(digest), now=moment, only=only, quotes=not no_quotes)
    _write(out, to_html(found))
    say(context.obj, f"{counted(len(found.listed), 'problem')} of {found.of_all} written to {out}.")
    if open_it:
        _open(context.obj, out)


def _write(path: Path, html: str) -> None:
    """The whole file or none, for its owner alone: it holds what customers wrote."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".html", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(html)
            file.close()
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def _open(options: Globals, path: Path) -> None:
    import webbrowser

    from tui.web.server import has_display

    if has_display():
        webbrowser.open(path.resolve().as_uri())
    else:
        say(options, "note: there is no display here to show it on.")
