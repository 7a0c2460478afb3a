"""The skeleton of a source works as it is written."""

import subprocess
import sys
from pathlib import Path

import pytest

from insights.errors import ExitCode, InsightsError
from insights.source_skeleton import write_skeleton


def test_its_own_test_passes_at_once(tmp_path: Path) -> None:
    made = write_skeleton("acme-desk", tmp_path)

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", made[0].parent],
        cwd=made[0].parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout
    assert "3 passed" in ran.stdout
    assert made[0] == tmp_path / "insights-acme-desk" / "pyproject.toml"
    assert 'acme-desk = "insights_acme_desk:ACME_DESK"' in made[0].read_text()
    assert not any("@NAME@" in path.read_text() for path in made)


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    write_skeleton("desk", tmp_path)

    with pytest.raises(InsightsError, match="already") as caught:
        write_skeleton("desk", tmp_path)

    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("name", ["", "Desk", "a b", "../x", "x--y", "-x", "1desk", "a" * 41, "x\n", 'x"'])
def test_a_name_that_is_none_writes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(InsightsError, match="cannot be the name"):
        write_skeleton(name, tmp_path)

    assert list(tmp_path.iterdir()) == []
