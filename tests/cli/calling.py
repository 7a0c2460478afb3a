"""Call `insights` in a workspace of the test's own, as a user would."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from insights.bootstrap import make_workspace
from insights.cli.main import app

Run = Callable[..., str]
"""Called with the words of a command; gives stdout, or stderr as well with `everything`."""


def made(folder: Path, monkeypatch: pytest.MonkeyPatch, *, columns: int = 80) -> Path:
    """An empty workspace in `folder`, its key beside it; commands print `columns` cells a line."""
    workspace = reached(folder, monkeypatch, columns=columns)
    make_workspace(workspace)
    return workspace


def reached(folder: Path, monkeypatch: pytest.MonkeyPatch, *, columns: int = 80) -> Path:
    """The workspace that `made` made in this folder, or in one that this is a copy of."""
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
    monkeypatch.setenv("INSIGHTS_USER", "ada")
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.delenv("INSIGHTS_KEY", raising=False)
    return folder / "w"


def caller(workspace: Path) -> Run:
    """What calls `insights` there. What a command raises is raised, but for its exit."""

    def call(*arguments: str, everything: bool = False) -> str:
        done = CliRunner().invoke(app, ["-C", str(workspace), *arguments])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output if everything else done.stdout

    return call
