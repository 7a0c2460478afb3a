"""The picture shows every title as it was written, depends on nothing around it, and loads nothing from elsewhere."""

import hashlib
import math
import re
import struct
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from insights.cli.chart_picture import MOST, draw
from insights.domain.estimate import Range
from insights.domain.measure import Measure
from insights.domain.problem import Problem
from insights.errors import ExitCode, InsightsError
from tests.builders import a_problem, an_estimate
from tests.cli.calling import Run
from tests.cli.ranked import ranked

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "costs $5_000 or $6^2$",
    r"$\frac{1}{0$ \href{x}{y}",
    '<script>alert("1")</script> & "quotes"',
    "]]><image href='http://x.example/a.png'/>",
    "100 % of {braces} #1 ~ \\",
]
WIDE = "投诉 导出 🚀 تصدير"


def a_list(*titles: str, **fields: object) -> list[Problem]:
    estimates = [an_estimate(50_000.0 * n, rank=n, **fields) for n in range(1, len(titles) + 1)]
    return [a_problem(title, id=n, estimate=estimates[n - 1]) for n, title in enumerate(titles, 1)]


def size_of(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def words_of(svg: bytes) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_png_has_its_signature_and_grows_with_the_list() -> None:
    one, five = (draw(a_list(*HOSTILE[:n]), form="png", currency="$").data for n in (1, 5))

    assert one.startswith(b"\x89PNG\r\n\x1a\n")
    assert size_of(one)[0] == size_of(five)[0] == 1500
    assert size_of(one)[1] < size_of(five)[1] < 1500


def test_an_svg_holds_each_title_literally_with_its_range_and_rank() -> None:
    said = words_of(draw(a_list(*HOSTILE, WIDE), form="svg", currency="$").data)

    for title in (*HOSTILE, WIDE):
        assert title in said or any(word.endswith("…") and title.startswith(word[:-1]) for word in said)
    assert "costs $5_000 or $6^2$" in said
    assert {"1", "P-1", "$25k–100k", "Value in a year"} <= set(said)


def test_an_svg_tells_its_content_in_words_and_refers_to_nothing_outside() -> None:
    data = draw(a_list(*HOSTILE), form="svg", currency="EUR").data
    root = ET.fromstring(data)
    description = root.findtext(f"{SVG}desc") or ""

    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "Value in a year of 5 problems"
    assert f"1 P-1 {HOSTILE[0]}: EUR 25k–100k" in description
    assert not {node.tag.removeprefix(SVG) for node in root.iter()} & {"image", "script", "foreignObject", "a"}
    links = [value for node in root.iter() for name, value in node.attrib.items() if name.endswith(("href", "src"))]
    assert all(link.startswith("#") for link in links)
    assert all(found.startswith(b"#") for found in re.findall(rb"url\(([^)]*)\)", data))
    assert b"<!DOCTYPE" not in data
    assert b"@import" not in data


@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_same_problems_give_the_same_bytes(form: str) -> None:
    first, second = (draw(a_list(*HOSTILE), form=form, currency="$").data for _ in range(2))

    assert first == second
    assert not re.search(rb"20\d\d-\d\d-\d\d", first)


def test_letters_that_the_font_has_not_are_boxes_that_are_told_of_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = draw(a_list("Export hangs, größer, Экспорт", WIDE), form="png", currency="$")

    assert picture.unreadable == ("P-2",)
    assert draw(a_list(WIDE), form="svg", currency="$").unreadable == ()


def test_ties_are_shaded_and_told_only_where_there_are_any() -> None:
    alone, tied = (draw(a_list("A", "B", tie=tie), form="svg", currency="$").data.decode() for tie in (None, 1))

    assert "cannot be told apart" in tied
    assert "cannot be told apart" not in alone
    assert words_of(tied.encode()).count("1=") == 2
    shades = [len(re.findall("fill: #eef3f8", svg)) for svg in (alone, tied)]
    assert shades == [0, 1]


@pytest.mark.parametrize("form", ["png", "svg"])
def test_what_has_no_range_below_zero_or_no_estimate_is_drawn(form: str) -> None:
    below = a_problem(estimate=replace(an_estimate(), value=Range(-500, 0, 900), roi=Range(-1, -0.5, 4)))
    endless = a_problem(estimate=replace(an_estimate(), value=Range(1, 2, math.inf)))
    for problems in ([], [a_problem(estimate=None)], [below, endless, a_problem(estimate=None)]):
        for measure in Measure:
            assert draw(problems, form=form, currency="$", measure=measure).data


def test_a_long_list_is_drawn_as_far_as_a_picture_goes() -> None:
    said = words_of(draw(a_list(*(f"Problem {n}" for n in range(MOST + 5))), form="svg", currency="$").data)

    assert sum(word.startswith("Problem ") for word in said) == MOST


def test_a_title_of_any_length_stays_in_its_column() -> None:
    said = words_of(draw(a_list("W" * 300, "i" * 300), form="svg", currency="$").data)
    wide, narrow = (next(word for word in said if word.startswith(letter * 5)) for letter in "Wi")

    assert wide.endswith("…")
    assert len(wide) < len(narrow)


def test_settings_of_the_user_and_of_the_working_folder_are_not_read(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "config" / "matplotlib"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "matplotlibrc").write_bytes(b"font.size: 40\nsavefig.dpi: 10\nbackend: nonsense \xff\xfe\n")
    code = (
        "import hashlib; from insights.cli.chart_picture import draw; from tests.cli.test_chart_picture import a_list;"
        "print(hashlib.sha256(draw(a_list('A', 'B'), form='png', currency='$').data).hexdigest())"
    )
    root = Path(__file__).parents[2]
    environment = {"PYTHONPATH": str(root), "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    environment |= {"MPLCONFIGDIR": str(tmp_path), "MPLBACKEND": "TkAgg"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    plain = draw(a_list("A", "B"), form="png", currency="$").data

    assert done.stderr == ""
    assert done.stdout.strip() == hashlib.sha256(plain).hexdigest()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls `insights` where three problems are ranked."""
    return ranked(tmp_path, monkeypatch, {title: an_estimate(50_000) for title in ("Export hangs", HOSTILE[0], WIDE)})


def test_the_command_draws_by_the_ending_and_tells_how_many_and_what_is_not_legible(run: Run, tmp_path: Path) -> None:
    said = run("problems", "--save", str(tmp_path / "chart.png"), everything=True)
    run("problems", "--save", str(tmp_path / "chart.svg"), "--of", "roi", "--limit", "2")

    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert "3 of 3 problems drawn" in said
    assert "letters of P-3 are boxes" in said
    words = words_of((tmp_path / "chart.svg").read_bytes())
    assert {"Return on investment", HOSTILE[0]} <= set(words)
    assert WIDE not in words


@pytest.mark.parametrize("name", ["none/chart.png", "none/list.csv", "."])
def test_where_nothing_can_be_written_it_says_so_before_it_draws(run: Run, tmp_path: Path, name: str) -> None:
    with pytest.raises(InsightsError) as caught:
        run("problems", "--save", str(tmp_path / name))

    assert caught.value.exit_code is ExitCode.USAGE
    assert list(tmp_path.glob("none*")) == []
