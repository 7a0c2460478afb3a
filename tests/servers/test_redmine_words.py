"""What Redmine, the real one, makes of an issue's body in Markdown, to which its default data sets it."""

import re
import urllib.request

import pytest

from connectors.trackers.rendering.markdown import redmine as rendered
from connectors.trackers.rendering.words import title
from tests.connectors.rendering.hostile import STRINGS, Page, acting, as_said, body_with, seen
from tests.servers.others import Redmine

pytestmark = pytest.mark.servers

TAGS = {"p", "strong", "ul", "ol", "li", "blockquote", "h2", "a", "br"}
OWN = ("#1", "##1", "r1", "issue:1", "user:admin", "@admin", "version#1", "{{toc}}", "[[Wiki]]", "attachment:a.png")
"""What the server would make a link of, each in one place: it has an issue 1 and a user admin."""


@pytest.mark.parametrize("words", [*STRINGS, " ".join(OWN)])
def test_hostile_words_show_as_they_are_written_and_nothing_else(redmine: Redmine, words: str) -> None:
    issue = {"project_id": redmine.project, "subject": title(words), "description": rendered(body_with(words))}
    created, answer = redmine.ask("POST", "/issues.json", {"issue": issue})
    html = shown(f"{redmine.url}/issues/{answer['issue']['id']}")
    page = Page(html)

    assert created == 201
    assert {tag for tag, _ in page.elements} <= TAGS
    assert set(page.links()) == {"https://ours.example/a_b?c=1&d=%282%29"}
    assert not acting(page.texts) and not page.comments
    assert seen(page.text).count(as_said(words)) >= 7


def shown(address: str) -> str:
    """The description as the page of the issue shows it."""
    with urllib.request.urlopen(address, timeout=30) as answer:
        page = answer.read().decode("utf-8")
    found = re.search(r'<div class="description">.*?<div class="wiki">\s*(.*?)\s*</div>', page, re.DOTALL)
    assert found is not None
    return re.sub(r'<a href="#[^"]*" class="wiki-anchor">&para;</a>', "", found[1])
