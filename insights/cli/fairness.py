"""Whose the first problems are: shares by segment, region, plan, language and channel."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console

if TYPE_CHECKING:
    from insights.bootstrap import Workspace
    from insights.fairness import Fairness
    from insights.worth.fairness import Group, Ratio

Lensed = tuple[str, str, list[int], int]
"""A lens: its name, how it is told, the order by it, and how many problems it knows something of."""


@app.command(epilog="Example: insights fairness --by segment")
def fairness(
    context: typer.Context,
    by: Annotated[str | None, typer.Option(help="Only this: segment, region, plan, language or channel.")] = None,
    lens: Annotated[
        str | None, typer.Option(help="Another order than by return; `insights lenses` lists them.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Show whether groups of customers get their share of the first ten problems. Changes nothing."""
    from insights.fairness import ATTRIBUTES
    from insights.fairness import fairness as look
    from insights.worth.fairness import TOP

    workspace = context.obj.open()
    name, told, order, known = _lensed(workspace, lens)
    wanted = ATTRIBUTES if by is None else (by.strip().casefold(),)
    found = look(workspace.repository, order=order, by=wanted, top=max(min(TOP, known), 1))
    if json:
        as_json({"lens": name, "attributes": as_data(found)})
        return
    from insights.cli.fairness_page import fairness_page

    console().print(fairness_page(found, order=told))


def _lensed(workspace: "Workspace", name: str | None) -> Lensed:
    """Problems that stand open or accepted, as the lens puts them in order: the one asked for, else the settings'."""
    from insights.fairness import standing_order
    from insights.lenses import chosen_lens, look

    chosen = chosen_lens(workspace.settings, name=name)
    standing = standing_order(workspace.repository)
    if not standing or chosen.name == "roi":
        return chosen.name, chosen.title, standing, len(standing)
    views = [
        view
        for view in look(workspace.repository, chosen, settings=workspace.settings)
        if view.problem.id in set(standing)
    ]
    return chosen.name, chosen.title, [v.problem.id for v in views], sum(view.is_known for view in views)


def as_data(found: "Sequence[Fairness]") -> list[dict[str, Any]]:
    """What a script reads: shares 0..1."""
    return [
        {
            "attribute": one.attribute,
            "first": one.shares.top,
            "problems": one.shares.problems,
            "unknown_of_first": one.shares.unknown_top,
            "unknown_of_problems": one.shares.unknown_problems,
            "groups": [_group(group) for group in one.shares.groups],
        }
        for one in found
    ]


def _group(group: "Group") -> dict[str, Any]:
    return {
        "name": group.name,
        "of_first": group.top,
        "of_problems": group.problems,
        "of_accounts": group.accounts,
        "ratio_to_problems": _ratio(group.to_problems),
        "ratio_to_accounts": _ratio(group.to_accounts),
        "chance_of_so_little": group.chance,
        "flagged": group.is_flagged,
    }


def _ratio(ratio: "Ratio") -> dict[str, Any]:
    return {"value": ratio.value, "low": ratio.low, "high": ratio.high, "verdict": ratio.verdict}
