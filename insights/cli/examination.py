"""What the doctor found, for the terminal and for scripts. Text from outside is literal, never markup."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from insights.doctor import Examined
from insights.domain.figures import counted
from insights.domain.health import Check, CheckState
from insights.text.clean import one_line, sanitise

_STYLES = {
    CheckState.OK: "green",
    CheckState.NOTE: "yellow",
    CheckState.WRONG: "bold red",
    CheckState.SKIPPED: "dim",
}
_MODELS = 5
"""Models of a local server that are named; `--json` names all."""


def examination_page(found: Examined) -> Iterator[RenderableType]:
    """A row a check with what to do below it, what is here and not used, and whether all is well."""
    yield checks_table(found.checks)
    unused = list(_unused(found))
    if unused:
        yield Text("\nHere, and not used", style="bold")
        yield from (Text(f"  {line}") for line in unused)
    yield Text(f"\n{_verdict(found)}", style="bold")


def checks_table(checks: Sequence[Check], *, is_named: bool = True) -> Table:
    """A row a check: its state, its name where they differ, and what was found with what to do below it."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for _ in range(2 if is_named else 1):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for check in checks:
        name = [check.name] if is_named else []
        table.add_row(Text(check.state.value, style=_STYLES[check.state]), *name, _told(check))
    return table


def as_data(found: Examined) -> dict[str, Any]:
    return {
        "ok": not found.wrong,
        "exit_code": int(found.exit_code),
        "checks": found.checks,
        "unused": {
            "keys": found.unused_keys,
            "servers": [
                {"name": server.name, "base_url": server.base_url, "models": server.models}
                for server in found.unused_servers
            ],
        },
    }


def _told(check: Check) -> Text:
    words = Text(sanitise(check.words))
    for below in filter(None, (check.remedy, check.command)):
        words.append(f"\n{sanitise(below)}", style="dim")
    return words


def _unused(found: Examined) -> Iterator[str]:
    for key in found.unused_keys:
        yield f"a key for {key.provider} in {key.place}"
    for server in found.unused_servers:
        more = f" and {len(server.models) - _MODELS:,} more" if len(server.models) > _MODELS else ""
        yield f"{server.name} at {server.address}: {one_line(', '.join(server.models[:_MODELS]), 300)}{more}"


def _verdict(found: Examined) -> str:
    if not found.wrong:
        return "All that was looked at works."
    verb = "does" if len(found.wrong) == 1 else "do"
    return f"{len(found.wrong)} of {counted(len(found.checks), 'check')} {verb} not pass."
