"""The threat model names, for each threat, a test that shows its control."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]


def _tests(row: str) -> list[str]:
    return re.findall(r"`(tests/[^`]+)`", row)


def test_every_threat_has_a_test_that_exists() -> None:
    for row in ROWS:
        assert _tests(row), row
        for name in _tests(row):
            path, _, function = name.partition("::")
            assert (ROOT / path).exists(), name
            assert not function or f"def {function}(" in (ROOT / path).read_text(encoding="utf-8"), name


def test_every_kind_of_threat_is_thought_of() -> None:
    kinds = {row.split("|")[2].strip() for row in ROWS}

    assert kinds == {"S", "T", "R", "I", "D", "E"}


def test_threats_are_numbered_in_order() -> None:
    assert [int(row.split("|")[1]) for row in ROWS] == list(range(1, len(ROWS) + 1))
