"""Problems through a lens, and the lenses there are, as tables for the terminal."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from insights.cli.estimates import moved
from insights.cli.tables import DASH, TITLE, fitted_table
from insights.domain.figures import likely, times
from insights.lenses import Agreement, View, what_moves
from insights.text.clean import one_line
from insights.worth.lenses import Lens

HOW = "how"


def lens_page(views: Sequence[View], lens: Lens, *, currency: str, width: int, most: int) -> Iterable[RenderableType]:
    """What moves among all these, in words, and the first `most` of them as a table."""
    yield Text(what_moves(views, lens), style="bold")
    yield view_table(views[:most], lens, currency=currency, width=width)


def view_table(views: Sequence[View], lens: Lens, *, currency: str, width: int) -> Table:
    """One line a problem in at most `width` cells: its place by the lens, where it came from, title, score, return and
    value; on a wide screen how the score came about. What the lens knows nothing of has no place."""
    made = [view.problem.estimate for view in views]
    cells = {
        "#": [f"{view.place}" if view.is_known else DASH for view in views],
        "move": [move_in_words(view.move) for view in views],
        "id": [view.problem.ref for view in views],
        TITLE: [one_line(view.problem.title, 90) for view in views],
        lens.title: [view.short for view in views],
        "ROI": [times(one.roi.likely) if one else DASH for one in made],
        "value/yr": [likely(one.value, currency) if one else DASH for one in made],
        HOW: [view.words for view in views],
    }
    return fitted_table(cells, width)


def move_in_words(move: int | None) -> str:
    """▲5, ▼2, = or –."""
    return DASH if move is None else moved(move)


def lenses_table(found: Sequence[Agreement], *, default: str) -> Table:
    """One line a lens: what it counts, how far it agrees with the return, of how many problems it knows something."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("lens", no_wrap=True)
    table.add_column("what it counts", ratio=1)
    table.add_column("agrees", justify="right", no_wrap=True)
    table.add_column("known of", justify="right", no_wrap=True)
    for one in found:
        name = f"{one.lens.name} *" if one.lens.name == default else one.lens.name
        tau = DASH if one.tau is None else f"{one.tau:.2f}".replace("-", "−")
        table.add_row(Text(name), Text(one_line(one.lens.formula)), tau, f"{one.known:,} of {one.problems:,}")
    return table
