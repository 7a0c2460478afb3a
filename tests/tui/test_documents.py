"""What the documents say of the triage application is so."""

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from insights.config import TriageSettings
from insights.domain.query import HELP, parse_query
from tests.builders import MORNING
from tui.actions import ACTS, Act
from tui.figures import MARK_WORDS
from tui.keys import printed

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "triage.md").read_text(encoding="utf-8")


def a_row(act: Act) -> str:
    keys = " ".join(f"`{key}`" for key in printed(act.keys).split()) or "palette"
    return f"| {keys} | {act.words} | {f'`{act.command}`' if act.command else ''} |".replace("|  |", "| |")


def key_rows() -> list[str]:
    """The table of keys as the page must have it."""
    return [a_row(act) for act in ACTS]


def examples(words: str) -> str:
    """The first block of the page that has these words."""
    return next(block for block in re.findall(r"```\w*\n(.*?)```", PAGE, re.DOTALL) if words in block)


def test_the_page_lists_every_key_with_its_command():
    """Where this fails, put the rows on the left in place of the page's."""
    table = PAGE.split("| Key | Does | Plain command |\n| --- | --- | --- |\n")[1].split("\n\n")[0]

    assert key_rows() == table.splitlines()


def test_the_page_tells_every_mark():
    assert all(f"| `{mark}` | {words} |" in PAGE for mark, words in MARK_WORDS)


def test_the_page_names_every_setting_and_no_other():
    told = tomllib.loads(examples("[triage]"))["triage"]

    assert set(told) == set(TriageSettings.model_fields)
    assert TriageSettings.model_validate(told)


def test_the_page_searches_with_filters_that_there_are():
    lines = [re.split(r"\s{3,}", line)[0] for line in examples("kind:nps").splitlines()]
    queries = [parse_query(line, today=MORNING.date()) for line in lines]

    assert not [hint for query in queries for hint in query.hints]
    assert set(re.findall(r"(\w+):\S", " ".join(lines))) <= set(HELP)


@pytest.mark.parametrize(("name", "kilobytes"), [("triage.svg", 400), ("inbox.svg", 60)])
def test_a_picture_needs_nothing_but_itself(name, kilobytes):
    picture = (DOCS / name).read_text(encoding="utf-8")
    elements = list(ElementTree.fromstring(picture).iter())

    assert len(picture.encode()) < kilobytes * 1000
    assert {element.tag.rpartition("}")[2] for element in elements} <= {
        *("svg", "title", "style", "defs", "clipPath", "g", "rect", "text", "use")
    }
    assert all(value.startswith("#") for element in elements for name, value in element.items() if "href" in name)
    assert "url(" not in picture.replace("url(#in)", "")
    assert "@import" not in picture
