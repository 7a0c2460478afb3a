"""`insights metrics` and `insights card` print, or write a whole file."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import caller, made


def test_metrics_end_as_open_metrics_do_and_a_file_holds_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_NOW", "2026-11-20T09:00:00+00:00")
    call = caller(made(tmp_path, monkeypatch))
    assert call("metrics").endswith("# EOF\n")
    assert call("metrics", "--to", str(tmp_path / "insights.prom")) == ""
    assert (tmp_path / "insights.prom").read_text().splitlines()[0] == "# TYPE insights_items gauge"
    assert {"name", "type", "unit", "help", "samples"} == set(json.loads(call("metrics", "--json"))[0])


def test_both_cards_are_printed_unless_one_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call = caller(made(tmp_path, monkeypatch))
    titles = [line for line in call("card").splitlines() if line.startswith("# ")]
    assert titles == ["# Model card", "# Data card"]
    assert "# Model card" not in call("card", "--data")
    assert [card["title"] for card in json.loads(call("card", "--model", "--json"))] == ["Model card"]
