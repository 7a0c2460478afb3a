"""Tables in Markdown: printed, and kept in the folder of the run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

Cell = str | int | float | None


@dataclass(slots=True)
class Table:
    """Rows under names; `decimals` of the columns that hold fractions, others have 3."""

    columns: Sequence[str]
    decimals: dict[str, int] = field(default_factory=dict)
    rows: list[Sequence[Cell]] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        """One row: None is shown as a dash. Raises ValueError where it does not fit the columns."""
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(cells)

    def __str__(self) -> str:
        is_text = [all(isinstance(cell, str) for cell in column) for column in zip(*self.rows, strict=True)]
        rule = ["---" if text else "---:" for text in is_text or [True] * len(self.columns)]
        shown = [[self._shown(cell, name) for cell, name in zip(row, self.columns, strict=True)] for row in self.rows]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in [list(self.columns), rule, *shown])

    def _shown(self, cell: Cell, column: str) -> str:
        if cell is None:
            return "–"
        if isinstance(cell, str):
            return cell.replace("|", r"\|")
        return f"{cell:,.{self.decimals.get(column, 3)}f}" if isinstance(cell, float) else f"{cell:,}"


def publish(name: str, *parts: Table | str, folder: Path) -> None:
    """Print a section and keep it as NAME.md."""
    text = "\n\n".join(str(part) for part in parts) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    print(f"## {name}\n\n{text}", flush=True)


def percent(share: float) -> str:
    """A share as whole per cent with one decimal."""
    return f"{share:.1%}"
