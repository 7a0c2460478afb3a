"""`insights fairness` says whose the first problems are, flags who is short of its share, and what helps."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from insights.cli.fairness_page import MOST_ROWS, closing_line, fairness_page
from insights.errors import InsightsError
from insights.fairness import ATTRIBUTES, Fairness, fairness
from tests.cli.calling import Run, caller, made
from tests.rental_firm import TOPICS, analysed, everything
from tests.stored import a_stored_problem, a_workspace, an_account_record, an_estimate, an_item

ESC = "\x1b[31m"


@pytest.fixture(scope="module")
def rental(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Calls `insights` where the firm of bicycle hire was analysed: eight problems."""
    folder = tmp_path_factory.mktemp("rental")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
        environment.setenv("COLUMNS", "80")
        environment.delenv("INSIGHTS_KEY", raising=False)
        with analysed(folder / "w", everything()):
            pass
        yield caller(folder / "w")


def by_segment(folder: Path, owners: str, **segments: str) -> list[Fairness]:
    """A problem for each letter in `owners`, best first, each of the one account of that name."""
    repository = a_workspace(
        folder,
        accounts=[an_account_record(name, revenue=1.0, segment=segment) for name, segment in segments.items()],
        problems=[
            a_stored_problem(f"Problem {n}", items=[an_item(f"It hangs {n}", account=name)], estimate=an_estimate())
            for n, name in enumerate(owners)
        ],
    )
    return fairness(repository, by=["segment"])


def page(found: list[Fairness]) -> str:
    console = Console(width=80, file=io.StringIO(), markup=False, highlight=False, emoji=False)
    console.print(fairness_page(found, order="ROI"))
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def words(text: str) -> str:
    """Without line breaks."""
    return " ".join(text.split())


def test_who_is_kept_from_the_top_by_the_order_is_flagged_with_figures_and_a_remedy(tmp_path: Path) -> None:
    said = words(page(by_segment(tmp_path, "A" * 10 + "B" * 10, A="Enterprise", B="SMB")))

    assert "SMB: 0% of the first 10, 50% of problems: ratio 0.0" in said
    assert "below 0.8" in said
    assert "insights problems --lens accounts" in said
    assert "worth.account_limit" in said
    assert "Enterprise:" not in said


def test_who_merely_says_less_gets_another_remedy(tmp_path: Path) -> None:
    owners = "BAAAAAAAAA" * 2
    silent = dict.fromkeys("CDEFG", "SMB")

    said = words(page(by_segment(tmp_path, owners, A="Enterprise", B="SMB", **silent)))

    assert "SMB: 10% of the first 10, 86% of accounts: ratio 0.1, below 0.8" in said
    assert "it says less" in said
    assert "worth.reach_silent" in said
    assert "account_limit" not in said


def test_where_nothing_is_low_it_says_so(tmp_path: Path) -> None:
    assert "Nothing is below 0.8." in page(by_segment(tmp_path, "AB" * 10, A="Enterprise", B="SMB"))


def test_where_all_problems_are_among_the_first_it_judges_nothing_and_explains_no_ratio(tmp_path: Path) -> None:
    said = page(by_segment(tmp_path, "AB", A="Enterprise", B="SMB"))

    assert "no group can be judged" in said
    assert "ratio: share" not in said
    assert "Nothing is below" not in said


def test_names_from_outside_are_shown_as_text_within_80_cells(tmp_path: Path) -> None:
    hostile = f"{ESC}[bold]Enterprise and very large customers of the northern regions"

    said = page(by_segment(tmp_path, "A" * 10 + "B" * 10, A="客户" * 30, B=hostile))

    assert ESC not in said
    assert "[bold]Enterpri" in said
    assert max(map(cell_len, said.splitlines())) <= 80


def test_of_many_groups_the_small_ones_are_counted(tmp_path: Path) -> None:
    names = "ABCDEFGHIJKL"

    said = page(by_segment(tmp_path, names, **{name: f"Segment {name}" for name in names}))

    assert f"and {len(names) - MOST_ROWS} smaller" in said


def test_without_a_segment_it_says_how_there_would_be_one(tmp_path: Path) -> None:
    assert "No segment is known" in page(by_segment(tmp_path, "A" * 12))


def test_a_run_ends_with_a_line_only_where_a_group_is_clearly_low(tmp_path: Path) -> None:
    (tmp_path / "low").mkdir()
    (tmp_path / "even").mkdir()

    line = closing_line(by_segment(tmp_path / "low", "A" * 10 + "B" * 10, A="Enterprise", B="SMB"))

    assert line == "Less than 0.8 of their share of the first 10: SMB. See `insights fairness`."
    assert closing_line(by_segment(tmp_path / "even", "AB" * 10, A="Enterprise", B="SMB")) is None


def test_the_command_shows_every_attribute(rental: Run) -> None:
    said = rental("fairness")

    assert all(name in said for name in ATTRIBUTES)
    assert f"There are {len(TOPICS)} problems" in said
    assert max(map(cell_len, said.splitlines())) <= 80


def test_json_holds_shares_that_sum_to_one(rental: Run) -> None:
    data = json.loads(rental("fairness", "--by", "Segment", "--json"))

    [segment] = data["attributes"]
    assert data["lens"] == "roi"
    assert segment["attribute"] == "segment"
    assert sum(group["of_first"] for group in segment["groups"]) == pytest.approx(1.0)
    assert {"value", "low", "high", "verdict"} == set(segment["groups"][0]["ratio_to_accounts"])


def test_any_lens_can_be_looked_through(rental: Run) -> None:
    assert json.loads(rental("fairness", "--lens", "accounts", "--json"))["lens"] == "accounts"


def test_an_unknown_lens_or_attribute_is_refused(rental: Run) -> None:
    with pytest.raises(InsightsError, match="shoes"):
        rental("fairness", "--by", "shoes")
    with pytest.raises(InsightsError, match="tea leaves"):
        rental("fairness", "--lens", "tea leaves")


def test_before_an_analysis_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InsightsError) as refused:
        caller(made(tmp_path, monkeypatch))("fairness")

    assert "insights analyze" in refused.value.remedy
