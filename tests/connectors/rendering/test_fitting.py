"""Bodies that are longer than a tracker takes."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.trackers.rendering.adf import adf
from connectors.trackers.rendering.document import parsed, text_of
from connectors.trackers.rendering.fitting import CUT, LEAST_LIMIT
from connectors.trackers.rendering.html import asana_html, azure_html
from connectors.trackers.rendering.markdown import gfm, redmine
from connectors.trackers.rendering.plain import plain
from connectors.trackers.rendering.textile import textile
from insights.text.markdown import literal
from tests.connectors.rendering.hostile import WORDS, body_with, seen

RENDERERS = [gfm, redmine, azure_html, asana_html, textile, plain, adf]
LONG = {
    "words": "The export hangs. " * 17_000,
    "mentions": "@a " * 20_000,
    "mark-up": "<a @x #1 [b](http://c) `d` *e* " * 2_000,
    "one word": "a" * 300_000,
    "dots": "a." * 150_000,
    "brackets": "[" * 30_000,
    "two bytes": "漢字" * 150_000,
}


def size(rendered) -> int:
    text = json.dumps(rendered, ensure_ascii=False) if isinstance(rendered, dict) else rendered
    return len(text.encode("utf-8"))


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize("limit", [1_000, 5_000])
def test_what_is_too_long_ends_with_whole_blocks_and_says_so(render, limit):
    body = "\n\n".join(f"**Part {number}** of the text.\n\n- one\n- two" for number in range(1000))
    rendered = render(body, limit=limit)

    assert limit * 0.5 < size(rendered) <= limit
    assert CUT[2:20] in seen(json.dumps(rendered, ensure_ascii=False))
    assert "one" in json.dumps(rendered) and "Part 999" not in json.dumps(rendered)


@pytest.mark.parametrize("render", RENDERERS)
def test_what_fits_is_whole(render):
    body = "**Part** of the text.\n\n- one\n- two"

    assert render(body, limit=1_000) == render(body)


@settings(deadline=None, max_examples=60)
@given(words=WORDS, times=st.integers(1, 40), limit=st.integers(LEAST_LIMIT, 3_000), render=st.sampled_from(RENDERERS))
def test_no_words_make_it_longer_than_the_limit(words, times, limit, render):
    assert size(render(body_with(words * times), limit=limit)) <= limit


def assert_cut(render, words: str) -> None:
    rendered = render(f"The first.\n\n> {literal(words, limit=300_000)}", limit=32_767)

    assert 20_000 < size(rendered) <= 32_767


@pytest.mark.parametrize("words", LONG.values(), ids=LONG.keys())
def test_one_customer_s_words_alone_are_cut_to_the_limit(words):
    assert_cut(gfm, words)


@pytest.mark.parametrize("render", RENDERERS)
def test_300_kb_of_words_are_cut_to_the_limit(render):
    assert_cut(render, LONG["words"])


@pytest.mark.parametrize("render", [gfm, textile])
@pytest.mark.parametrize("words", ["The export hangs @a #1 www.x.com ", "a", "h1.x", "[{", ":a", "a-1"])
def test_time_grows_with_the_length_alone(render, words):
    def seconds(length: int) -> float:
        body = literal(words * (length // len(words)), limit=length)
        took = []
        for _ in range(2):
            began = time.process_time()
            render(body)
            took.append(time.process_time() - began)
        return min(took)

    assert seconds(40_000) < 12 * max(seconds(8_000), 0.004)


def test_a_limit_below_which_nothing_fits_is_a_defect():
    with pytest.raises(ValueError, match="no body fits"):
        gfm("a", limit=10)


def test_blocks_hold_their_words():
    assert text_of(parsed("# a\n\n> b **c**\n\n- d\n- e")) == "a\nb c\nd\ne"
