"""A session that is recorded shows what the keys did, and the keys are those of the application."""

import re
from xml.etree import ElementTree

import pytest

from insights.errors import InsightsError
from tests.tui.offices import an_office
from tui.actions import ACTS
from tui.film import STORY, Scene, film_svg, still_svg
from tui.keys import PREFIXES, key_name

SVG = "{http://www.w3.org/2000/svg}"


def words_of(picture):
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_a_still_shows_the_inbox(triage):
    picture = still_svg(an_office(triage, workspace="acme-prod"), size=(100, 24))

    words = words_of(picture)
    assert any("CSV export times out" in found for found in words)
    assert "$420k" in " ".join(words)
    assert "acme-prod" in " ".join(words)


def test_a_film_shows_what_each_key_did(triage):
    story = (
        Scene(keys=(), words="the list", seconds=1.0, shown=("insights triage",)),
        Scene(keys=("a",), words="accept", seconds=1.0),
        Scene(keys=("u",), words="undo", seconds=1.0),
    )

    picture = film_svg(an_office(triage), story=story, size=(80, 24))

    words = words_of(picture)
    assert [word for word in words if word in ("the list", "accept", "undo")].count("the list") == 1
    assert any(word.startswith("accepted “CSV export times out over 50k rows”") for word in words)
    assert len(re.findall(r"%\{transform", picture)) == 3
    assert triage.problem(1).state.value == "inbox"


def test_a_story_that_is_no_longer_so_is_not_recorded(triage):
    story = (Scene(keys=("a",), words="dismiss", seconds=1.0, shows="dismissed"),)

    with pytest.raises(InsightsError, match="does not show 'dismissed'"):
        film_svg(an_office(triage), story=story, size=(80, 24))


def test_the_story_presses_keys_that_the_application_has():
    known = {key.strip() for act in ACTS for key in act.keys.split(",")}
    chosen = {choice.key for prefix in PREFIXES.values() for choice in prefix.choices}
    pressed = {key for scene in STORY if scene.shown != () for key in scene.keys}

    typed_into_a_form = {"L"}
    assert pressed <= known | chosen | typed_into_a_form
    assert all(key_name(key) for key in pressed)


def test_the_story_lasts_no_longer_than_one_looks():
    assert sum(scene.seconds * max(len(scene.keys), 1) for scene in STORY) < 28
