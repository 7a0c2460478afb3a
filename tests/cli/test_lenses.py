"""Problems through a lens by command: the order, what moves, and what a script reads."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len

from insights.bootstrap import open_workspace
from insights.domain.estimate import Range
from insights.domain.facts import Facts, Firm
from insights.errors import InsightsError
from insights.worth.lenses import LENSES, NAMES
from tests.builders import an_estimate
from tests.cli.calling import Run, caller, made
from tests.stored import StoredProblem, a_stored_problem, an_account_record, an_item, fill

NAMES_OF_ACCOUNTS = [f"Account {number}" for number in range(12)]
LONG = "Weekly stock CSV export is late or \x1b[31mtimes out since the warehouse moved to [red]town[/]"


def problems() -> Sequence[StoredProblem]:
    """Twelve by return; P-12 has the most accounts, then P-11, and so on."""
    return [
        a_stored_problem(
            f"{number} {LONG}",
            items=[an_item(f"{name} {number}", account=name) for name in NAMES_OF_ACCOUNTS[:number]],
            estimate=an_estimate(1e6 / number, roi=Range(0, 50 - number, 99)),
        )
        for number in range(1, 13)
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """P-2 blocks; of no other problem the severity is known."""
    folder = made(tmp_path, monkeypatch)
    workspace = open_workspace(folder)
    fill(workspace.repository, problems(), accounts=[an_account_record(name) for name in NAMES_OF_ACCOUNTS])
    workspace.repository.problems.save_facts({2: Facts(items=2, days=91, severity="blocks")}, Firm())
    workspace.close()
    return folder


@pytest.fixture
def run(folder: Path) -> Run:
    return caller(folder)


def test_the_first_line_says_what_moves_most_and_the_table_where_to(run: Run) -> None:
    told = run("problems", "--lens", "accounts", "--limit", "2").splitlines()

    assert told[0] == "By accounts, 2 of the first ten are not there by ROI; P-12 rises most: #12 → #1."
    assert told[1].split() == ["#", "move", "id", "problem", "accounts", "ROI", "value/yr"]
    assert told[2].split()[:3] == ["1", "▲11", "P-12"]
    assert told[2].split()[-3:] == ["12", "38×", "$83k"]
    assert len(told) == 4


@pytest.mark.parametrize("lens", [name for name in NAMES if name != "roi"])
def test_every_lens_fits_80_cells_and_runs_no_markup(run: Run, lens: str) -> None:
    told = run("problems", "--lens", lens)

    assert max(cell_len(line) for line in told.splitlines()) <= 80
    assert len(told.splitlines()) >= 14
    assert "\x1b" not in told


def test_on_a_wide_screen_the_sum_is_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "180")

    told = run("problems", "--lens", "rice")

    assert "[red]town[/]" in told
    assert "RICE 8.7 = 12 accounts × 1 × 50% ÷ 0.7 months" in told


def test_a_script_reads_score_words_and_move(run: Run) -> None:
    last, *_ = json.loads(run("problems", "--lens", "accounts", "--limit", "1", "--json"))

    told = {name: last[name] for name in ("ref", "lens", "score", "words", "place", "roi_place", "move")}
    assert told == {
        "ref": "P-12",
        "lens": "accounts",
        "score": 12.0,
        "words": "12 accounts, 12 items",
        "place": 1,
        "roi_place": 12,
        "move": 11,
    }


def test_without_a_lens_the_order_is_by_return_and_says_nothing_of_lenses(run: Run) -> None:
    found = json.loads(run("problems", "--json"))

    assert [problem["ref"] for problem in found] == [f"P-{number}" for number in range(1, 13)]
    assert "lens" not in found[0]
    assert run("problems", "--lens", "roi") == run("problems")


def test_what_the_lens_knows_nothing_of_is_marked_and_last(run: Run) -> None:
    told = run("problems", "--lens", "severity", everything=True).splitlines()

    assert " ".join(" ".join(told[:2]).split()).endswith("Of 11 it knows nothing; they come last, by ROI.")
    rows = [line.split() for line in told[3:15]]
    assert rows[0][:3] == ["1", "▲1", "P-2"]
    assert [row[:3] for row in rows[1:3]] == [["–", "–", "P-1"], ["–", "–", "P-3"]]


def test_places_are_among_all_also_where_some_are_decided(run: Run) -> None:
    run("decide", "P-12", "dismiss")

    rows = run("problems", "--lens", "accounts").splitlines()

    assert rows[0].startswith("By accounts, 1 of the first ten is not there by ROI; P-11 rises most")
    assert [row.split()[:3] for row in rows if "P-11" in row][-1] == ["2", "▲9", "P-11"]


def test_own_weights_make_an_order(run: Run) -> None:
    found = json.loads(run("problems", "--lens", "custom", "--weights", "accounts=3,severity=1", "--json"))

    assert (found[0]["ref"], found[0]["lens"]) == ("P-12", "custom")
    assert found[0]["words"] == "custom 84 of 100: accounts 96 × 3, severity not known × 1"
    assert json.loads(run("problems", "--weights", "accounts=3,severity=1", "--json")) == found


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("--lens", "nonsense"), "wsjf"),
        (("--lens", "rice", "--weights", "roi=1"), "custom"),
        (("--weights", "roi=-1"), "net=2"),
        (("--weights", ""), "net=2"),
    ],
)
def test_what_is_no_lens_or_no_weight_is_refused(run: Run, arguments: tuple[str, ...], remedy: str) -> None:
    with pytest.raises(InsightsError) as refused:
        run("problems", *arguments)

    assert refused.value.exit_code == 2
    assert remedy in refused.value.remedy


def test_the_settings_may_name_another_lens(folder: Path, run: Run) -> None:
    path = folder / "insights.toml"
    path.write_text(path.read_text().replace('# default = "roi"', 'default = "accounts"'))

    assert run("problems").startswith("By accounts, ")
    assert "accounts *" in run("lenses")
    assert json.loads(run("problems", "--lens", "roi", "--json"))[0]["ref"] == "P-1"


def test_a_table_is_written_in_the_order_of_the_lens(run: Run, tmp_path: Path) -> None:
    import pandas as pd

    run("problems", "--lens", "accounts", "--save", str(tmp_path / "p.csv"))

    assert list(pd.read_csv(tmp_path / "p.csv")["problem"])[:2] == ["P-12", "P-11"]


def test_the_lenses_are_listed_with_formula_and_agreement(run: Run) -> None:
    told = run("lenses")

    rows = {line.split()[0]: line for line in told.splitlines()[1:] if not line.startswith(" ")}
    assert list(rows) == list(NAMES)
    assert "roi *" in told
    assert rows["roi"].split()[-4:] == ["1.00", "12", "of", "12"]
    assert rows["accounts"].split()[-4:] == ["−1.00", "12", "of", "12"]
    assert rows["severity"].split()[-4:] == ["–", "1", "of", "12"]
    assert max(cell_len(line) for line in told.splitlines()) <= 80


def test_a_script_reads_the_lenses(run: Run) -> None:
    told = {one["lens"]: one for one in json.loads(run("lenses", "--json"))}

    assert told["accounts"] == {
        "lens": "accounts",
        "formula": LENSES["accounts"].formula,
        "agrees_with_roi": pytest.approx(-1.0),
        "known": 12,
        "problems": 12,
    }
    assert told["severity"]["agrees_with_roi"] is None


def test_an_empty_list_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = caller(made(tmp_path, monkeypatch))

    assert "insights analyze" in run("problems", "--lens", "rice", everything=True)
    assert json.loads(run("problems", "--lens", "rice", "--json")) == []
    assert "0 of 0" in run("lenses")
