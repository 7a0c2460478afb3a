"""Whoever pastes the settings of a page gets what it describes: each ```toml block is loaded as a workspace's settings
are, and what it says for a service is checked by the connector's own model."""

import re
from pathlib import Path
from typing import Any

import pytest

from insights.config import SETTINGS_FILE, Settings, load_settings, own_settings
from insights.config.blocks import DigestSettings
from insights.config.sections import Alerts, Nightly, Section
from insights.connecting import SENDERS, SOURCES, TRACKERS, sender_kind, source_kind, tracker_kind, types

DOCS = Path(__file__).parents[1] / "docs"
OF_SERVICES = sorted([*DOCS.glob("sources/*.md"), *DOCS.glob("trackers/*.md")])
PAGES = [*sorted(DOCS.glob("*.md")), *OF_SERVICES]
LONGEST_PAGE = 40
"""Lines of the page of one service."""
_BLOCK = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMENTED = re.compile(r"^# (?=\w+ = )", re.MULTILINE)
"""Before a setting that a page shows as a comment: it is to be right as well."""


def named(page: Path) -> str:
    return str(page.relative_to(DOCS))


def blocks(page: Path) -> list[str]:
    return _BLOCK.findall(page.read_text("utf-8"))


def check(text: str, folder: Path) -> Settings:
    """Raises InsightsError for a setting that nothing has, or a value that is not usable."""
    (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")
    settings = load_settings(folder / SETTINGS_FILE, environment={})
    for source in settings.sources:
        if source.type != "file":
            own_settings(source, source_kind(source.type).settings)
    for tracker in settings.trackers:
        own_settings(tracker, tracker_kind(tracker.type).settings)
    for sender in settings.senders:
        own_settings(sender, sender_kind(sender.type).settings)
    return settings


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=named)
def test_the_settings_of_a_page_can_be_pasted(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        assert check(block, tmp_path).model_fields_set


@pytest.mark.parametrize("page", OF_SERVICES, ids=named)
def test_settings_that_a_page_shows_as_comments_exist(page: Path, tmp_path: Path) -> None:
    """One after the other, since some exclude each other."""
    for block in blocks(page):
        for match in _COMMENTED.finditer(block):
            name = block[match.end() :].partition(" = ")[0]
            others = re.sub(rf"^{name} = .*\n", "", block[: match.start()], flags=re.MULTILINE)
            settings = check(others + block[match.end() :], tmp_path)
            assert name in [*settings.sources, *settings.trackers][0].model_fields_set


@pytest.mark.parametrize("page", OF_SERVICES, ids=named)
def test_the_page_of_a_service_begins_with_settings_of_its_type(page: Path, tmp_path: Path) -> None:
    settings = check(blocks(page)[0], tmp_path)
    tables = settings.sources if page.parent.name == "sources" else settings.trackers
    assert [table.type for table in tables] == [page.stem]


@pytest.mark.parametrize(("folder", "group"), [("sources", SOURCES), ("trackers", TRACKERS)])
def test_every_type_has_a_page_that_is_linked(folder: str, group: str) -> None:
    about = DOCS / {"sources": "connect-sources.md", "trackers": "file-issues.md"}[folder]
    pages = {page.stem for page in DOCS.glob(f"{folder}/*.md")}
    assert pages == set(types(group))
    assert set(re.findall(rf"\]\({folder}/([\w-]+)\.md\)", about.read_text("utf-8"))) == pages


@pytest.mark.parametrize("page", OF_SERVICES, ids=named)
def test_the_page_of_a_service_is_short(page: Path) -> None:
    assert len(page.read_text("utf-8").splitlines()) <= LONGEST_PAGE


@pytest.mark.parametrize(
    ("page", "section"),
    [
        ("run-every-night", "alerts"),
        ("run-every-night", "nightly"),
        ("send-digests", "digests"),
        *(("send-digests", type_) for type_ in types(SENDERS)),
    ],
)
def test_every_setting_of_the_night_is_on_its_page(page: str, section: str) -> None:
    models: dict[str, type[Section]] = {"alerts": Alerts, "nightly": Nightly, "digests": DigestSettings}
    model: Any = models.get(section) or sender_kind(section).settings
    text = (DOCS / f"{page}.md").read_text("utf-8")
    assert [name for name in model.model_fields if not re.search(rf"`{name}[` =]|^{name} = ", text, re.MULTILINE)] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", OF_SERVICES, ids=named)
def test_the_page_of_a_service_says_on_what_it_was_tried(page: Path) -> None:
    assert "**Tried**" in page.read_text("utf-8")
