"""Progress for a program that follows: a line of JSON a step, on stderr, whatever stderr is."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from insights.cli.main import app
from insights.cli.output import StepLines
from insights.domain.step import Step, read_step
from tests.cli.calling import made


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Imports a file with these global options; gives the steps that were told on stderr."""
    folder = made(tmp_path, monkeypatch)
    (tmp_path / "t.csv").write_text("id,text\n1,The export hangs\n2,The login loops\n")

    def call(*options: str) -> list[Step]:
        words = ["import", str(tmp_path / "t.csv"), "--kind", "ticket", "--source", "desk", "-y"]
        done = CliRunner().invoke(app, ["-C", str(folder), *options, *words])
        assert done.exit_code == 0, done.output
        return [step for line in done.stderr.splitlines() if (step := read_step(line))]

    return call


@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_steps_are_told_as_lines(steps, quiet):
    assert steps("--progress", "json", *quiet) == [
        Step(stage=1, stages=1, name="reading desk", what="reading desk", done=2, of=None)
    ]


@pytest.mark.parametrize("options", [(), ("--progress", "none"), ("--progress", "bar")])
def test_none_are_told_unasked(steps, options):
    assert steps(*options) == []


def test_of_many_steps_the_first_and_the_last_of_each_thing_are_told(capsys):
    lines = StepLines()
    for what in ("embedding", "describing"):
        for done in range(1001):
            lines.progress(what, done, 1000)

    told = [step for line in capsys.readouterr().err.splitlines() if (step := read_step(line))]
    assert {(step.what, step.done) for step in told} >= {(w, d) for w in ("embedding", "describing") for d in (0, 1000)}
    assert len(told) < 50


def test_where_nobody_follows_any_more_the_work_ends_in_order(monkeypatch):
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("insights.cli.output.typer.echo", gone)
    with pytest.raises(KeyboardInterrupt):
        StepLines().progress("embedding", 1, 2)
