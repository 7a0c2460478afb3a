"""A digest as a mail: HTML that reads without images and without styles, the same as plain text, and one chart.

Every word is escaped where it is put in; links lead to issues alone, and nothing is loaded from anywhere.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from insights.digest.mail_text import text_of
from insights.digest.mail_words import MailWords
from insights.digest.story import Part, Story, Tone
from insights.ports import Image
from insights.text.addresses import web_address

if TYPE_CHECKING:
    from css_inline import CSSInliner
    from jinja2 import Template

MOST_BYTES = 78_500
"""Of all parts as they are sent: headers add one or two thousand, and 80 KB is the most that a mail should weigh. Gmail
cuts HTML off at 102 KB."""
WEEKS = 13
"""Bars beside an entry; the chart shows half a year."""

_EVERY = frozenset(Part)
_NEWS = frozenset({Part.FRESH, Part.MOVERS, Part.FIXES})
_FRESH = frozenset({Part.FRESH})
_DETAIL = (
    (1, _EVERY),
    (1, _NEWS),
    (1, _FRESH),
    (0.8, _FRESH),
    (0.6, _FRESH),
    (0.3, frozenset[Part]()),
    (0.1, frozenset[Part]()),
)
"""The share of the usual letters and the sections with bars: the first that is small enough is taken."""
_NOW = 4
"""Weeks in the colour of the tone: those that the words beside them are about."""
_HIGHEST = 26
"""Pixels."""
_FULL_BAR = 4
"""Items a week from which a bar may be full: a single one is no peak."""
_EARLIER = "#79a"
_COLOURS = {Tone.ALERT: "#d43", Tone.BAD: "#c70", Tone.GOOD: "#295", Tone.PLAIN: "#37c"}
"""Each stands out from a white page and from a dark one, and is short: a bar has it, and there are hundreds."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")


def mail_of(story: Story, *, chart: bool) -> tuple[str, str, tuple[Image, ...]]:
    """Plain text, HTML, and the images that it names: one where a `chart` is wanted and there are trends to compare."""
    images = _charts(story) if chart else ()
    left = MOST_BYTES - sum(len(image.content) * 137 // 100 for image in images)
    text = html = ""
    for room, with_bars in _DETAIL:
        words = MailWords(room)
        text, html = text_of(story, words), _html(story, images, words=words, with_bars=with_bars)
        if weight_of(text) + weight_of(html) <= left:
            break
    return text, html, images


def weight_of(text: str) -> int:
    """Bytes as quoted-printable (RFC 2045): three for an equals sign and for each byte beyond ASCII, and three more for
    a line that is broken."""
    whole = text.encode("utf-8", "replace")
    tripled = sum(byte > 126 for byte in whole) + whole.count(b"=")
    return (len(whole) + 2 * tripled) * 79 // 76 + text.count("\n")


def _charts(story: Story) -> tuple[Image, ...]:
    from insights.digest.mail_chart import chart_of

    image = chart_of(story, colours=_COLOURS, earlier=_EARLIER)
    return () if image is None else (image,)


def _html(story: Story, images: Sequence[Image], *, words: MailWords, with_bars: frozenset[Part]) -> str:
    laid_out = _template().render(
        story=story,
        images=images,
        words=words,
        with_bars=with_bars,
        language=story.language if _LANGUAGE.fullmatch(story.language) else "en",
        styles=_file("mail.css"),
        screens=_screens(),
        bars=bars,
        link=web_address,
    )
    return _inliner().inline(laid_out)


def bars(weekly: Sequence[int], tone: Tone) -> Iterator[tuple[int, str]]:
    """Of each of the last 13 weeks its height in pixels, 0 for no item, and its colour."""
    shown = weekly[-WEEKS:]
    top = max([*shown, _FULL_BAR])
    for at, count in enumerate(shown):
        colour = _COLOURS[tone] if at >= len(shown) - _NOW else _EARLIER
        yield max(round(count * _HIGHEST / top), min(count, 1)), colour


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_file("mail.html"))


@cache
def _inliner() -> "CSSInliner":
    """Puts the styles into their elements; asks for no file."""
    from css_inline import CSSInliner

    return CSSInliner(load_remote_stylesheets=False, minify_css=True)


@cache
def _screens() -> str:
    """Rules for small and for dark screens, which no element can hold, without needless space."""
    return re.sub(r"\s+", " ", _file("mail_screens.css")).strip()


@cache
def _file(name: str) -> str:
    return files("insights.digest").joinpath("templates", name).read_text("utf-8")
