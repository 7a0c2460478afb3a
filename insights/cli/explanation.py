"""Tell why an item is where it is, show what is in no problem, and the themes over the problems."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say

if TYPE_CHECKING:
    from insights.explanation import Explanation, Unassigned
    from insights.themes import Area


@app.command(epilog="Example: insights why tickets/T-31")
def why(
    context: typer.Context,
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The item's name, as `show --items` has it.")],
    json: AsJson = False,
) -> None:
    """Tell why each mention of an item is in its problem, or in none."""
    from insights.explanation import explain

    repository = context.obj.open().repository
    found = explain(repository.feedback.find_ref(item), repository=repository)
    if json:
        as_json(_explained(found))
        return
    from insights.cli.places import explanation_page

    screen = console()
    for part in explanation_page(found):
        screen.print(part)


@app.command(epilog="Example: insights unassigned --limit 50")
def unassigned(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 20,
    json: AsJson = False,
) -> None:
    """Show what states a problem or request and is in no problem: how much, why, and the newest."""
    from insights.explanation import unassigned as waiting

    found = waiting(context.obj.open().repository, limit=limit)
    if json:
        as_json(_waiting(found))
        return
    from insights.cli.places import unassigned_page

    screen = console()
    for part in unassigned_page(found, width=screen.width):
        screen.print(part)
    if found.newest:
        say(context.obj, f"See why with: insights why {found.newest[0][0].ref}")


@app.command(epilog="Example: insights themes")
def themes(context: typer.Context, json: AsJson = False) -> None:
    """Show the themes over the problems: how many problems, items and accounts, and the best ranked problem of each."""
    from insights.themes import areas

    found = areas(context.obj.open().repository)
    if json:
        as_json([_area(one) for one in found])
    elif found:
        from insights.cli.places import theme_table

        screen = console()
        screen.print(theme_table(found, width=screen.width))
        screen.print(f"\nWords: {', '.join(sorted({one.named_by for one in found}))}.", style="dim")
        say(context.obj, f'Open one with: insights problems --theme "{found[0].name}"')
    else:
        say(context.obj, "No theme yet: `insights analyze` makes them.")


def _area(area: "Area") -> dict[str, Any]:
    from insights.text.clean import one_line

    return {
        "id": area.id,
        "theme": one_line(area.name, 60),
        "problems": [problem.ref for problem in area.problems],
        "items": area.items,
        "accounts": area.accounts,
        "words": area.named_by,
    }


def _explained(found: "Explanation") -> dict[str, Any]:
    from dataclasses import asdict

    from insights.text.clean import one_line, sanitise

    mentions = [
        {
            **asdict(one),
            "words": one_line(one.words, 300),
            "copy_of": sanitise(one.copy_of) if one.copy_of else None,
        }
        for one in found.mentions
    ]
    data = asdict(found)
    data["gives_orders"] = data.pop("is_order")
    return {
        **data,
        "item": sanitise(found.item),
        "account": one_line(found.account, 120) if found.account else None,
        "mentions": mentions,
    }


def _waiting(found: "Unassigned") -> dict[str, Any]:
    from dataclasses import asdict

    from insights.explanation import reason_in_words
    from insights.text.clean import one_line, sanitise

    return {
        "mentions": found.mentions,
        "items": found.items,
        "ranked": found.ranked,
        "share": found.share,
        "reasons": [{**asdict(one), "explanation": reason_in_words(one.reason)} for one in found.reasons],
        "newest": [
            {
                "ref": sanitise(one.ref),
                "day": one.created_at.date(),
                "account": one_line(one.account_name, 120) if one.account_name else None,
                "words": one_line(one.text, 300),
                "gives_orders": one.is_order,
                "reason": reason,
            }
            for one, reason in found.newest
        ],
    }
