"""What came of sources, in lines: counts, warnings, where refused rows are."""

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from insights.cli.app import Globals
from insights.cli.output import as_json, console, say

if TYPE_CHECKING:
    from insights.stages.collect import Collected


def report(options: Globals, results: "Sequence[Collected]", *, json: bool, noted: Set[str] = frozenset()) -> None:
    """The counts of each source; warnings that were `noted` before are not said twice."""
    if json:
        as_json(results)
        return
    for done in results:
        counts(options, done, noted=noted)


def counts(options: Globals, done: "Collected", *, noted: Set[str] = frozenset(), gone: int = 0) -> None:
    """One source; `gone` are items that a look for deletions removed besides."""
    from insights.text.clean import one_line

    saved, removed = done.saved, done.removed + gone
    console().print(
        f"{done.source}: {saved.new:,} new, {saved.changed:,} changed, {saved.unchanged:,} unchanged, "
        f"{done.refused:,} refused"
        + (f", {removed:,} removed" if removed else "")
        + (f", {done.erased:,} skipped: erased" if done.erased else ""),
        markup=False,
        highlight=False,
    )
    for warning in done.warnings:
        if warning not in noted:
            say(options, f"  note: {warning}")
    if done.rejects_file:
        say(options, f"  refused rows are in {done.rejects_file}: {one_line('; '.join(done.reasons), 160)}")
