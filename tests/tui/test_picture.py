"""A picture shows what the screen shows, loads nothing, and moves by style alone."""

import re
from xml.etree import ElementTree

import pytest
from rich.style import Style

from tui.picture import Film, Frame

SVG = "{http://www.w3.org/2000/svg}"
PLAIN = Style.parse("#d8dce2 on #14171c")
STRONG = Style.parse("bold #e0a458 on #14171c")


def a_row(*texts, style=PLAIN, width=20):
    used = sum(len(text) for text in texts)
    return (*((text, style) for text in texts), (" " * (width - used), PLAIN))


def a_frame(*rows, words="", seconds=1.0, keys=()):
    return Frame(rows=tuple(rows), words=words, seconds=seconds, keys=keys)


def drawn(*frames):
    return ElementTree.fromstring(Film(list(frames), title="a session").svg())


def texts(picture):
    return [element.text for element in picture.iter(f"{SVG}text")]


def test_words_stand_where_they_stand_on_the_screen():
    picture = drawn(a_frame(a_row("  CSV export   12 items")))

    found = {element.text: element.get("x") for element in picture.iter(f"{SVG}text")}
    assert found == {"CSV export": "18", "12 items": "135"}


def test_a_wide_character_takes_two_cells():
    (text,) = drawn(a_frame((("日本", PLAIN),))).iter(f"{SVG}text")

    assert text.get("textLength") == "36"


def test_markup_in_words_stays_words():
    hostile = '<script>alert("x")</script> & ]]>'

    assert texts(drawn(a_frame(((hostile, PLAIN),)))) == [hostile]


def test_a_row_that_shows_twice_is_written_once():
    same = a_row("the same")
    picture = drawn(a_frame(same, a_row("one")), a_frame(same, a_row("two")))

    assert sorted(texts(picture)) == ["one", "the same", "two"]
    assert len(list(picture.iter(f"{SVG}use"))) == 4


def test_a_pane_that_stays_while_the_other_turns_is_written_once():
    def beside(words):
        return (("left", PLAIN), ("││", STRONG), (words, PLAIN))

    assert sorted(texts(drawn(a_frame(beside("one")), a_frame(beside("two"))))) == ["left", "one", "two", "││", "││"]


@pytest.mark.parametrize(
    ("style", "css"),
    [
        ("bold #ff0000", "fill:#ff0000;font-weight:bold"),
        ("italic #00ff00", "fill:#00ff00;font-style:italic"),
        ("reverse #00ff00 on #000000", "fill:#000000"),
        ("default", "fill:#d8dce2"),
    ],
)
def test_a_look_becomes_a_class(style, css):
    picture = Film([a_frame((("words", Style.parse(style)),))], title="").svg()

    assert f"{{{css}}}" in picture


def test_one_frame_stands_still():
    assert "@keyframes" not in Film([a_frame(a_row("still"))], title="").svg()


def test_each_frame_stays_for_its_time():
    film = Film([a_frame(a_row(str(n)), seconds=seconds) for n, seconds in enumerate((1, 2, 1))], title="")

    steps = re.findall(r"([\d.]+)%\{transform:translate\((-?\d+)px\)", film.svg())

    assert [(float(at), int(place)) for at, place in steps] == [(0, 0), (25, -film.width), (75, -2 * film.width)]
    assert "animation:play 4.00s" in film.svg()


def test_nothing_moves_for_who_wants_no_motion():
    film = Film([a_frame(a_row("one")), a_frame(a_row("two"))], title="")

    assert "@media(prefers-reduced-motion:reduce){#film{animation:none}}" in film.svg()


def test_the_caption_names_the_keys_and_what_they_do():
    picture = drawn(a_frame(a_row("screen"), words="accept", keys=("a",)))

    captions = {element.get("class"): element.text for element in picture.iter(f"{SVG}text")}
    assert (captions["key"], captions["said"]) == ("a", "accept")
