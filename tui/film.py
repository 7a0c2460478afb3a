"""A session at the keys, recorded off-screen as an SVG that moves: what the application looks like at work.

The story is told on the sample firm. It presses real keys on a real workspace, so it writes what they decide.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.pilot import Pilot

from insights.errors import InsightsError
from tui.app import InsightsApp
from tui.keys import key_name
from tui.office import Office
from tui.picture import Film, Frame, Row, screen_rows

SIZE = (112, 28)
"""Columns and rows: hardly more than two panes and four columns need, so that letters stay large in a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Keys pressed one after the other, what they do in words, and how long each picture stays; `shown` is what the
    caption has as keys, where that is not what was pressed. `shows` are words that are on the screen in the end."""

    keys: tuple[str, ...]
    words: str
    seconds: float
    shown: tuple[str, ...] | None = None
    shows: str = ""


def _typed(words: str) -> tuple[str, ...]:
    """The keys that write this."""
    names = {" ": "space", ":": "colon", "-": "minus"}
    return tuple(names.get(letter, letter) for letter in words)


_SEARCH = "export slow kind:nps"

STORY = (
    Scene(keys=(), words="problems from customers' words, best return first", seconds=1.6, shown=("insights triage",)),
    Scene(
        keys=("enter",),
        words="what it is worth, and why it ranks here",
        shows="one scale for all problems",
        seconds=2.0,
    ),
    Scene(keys=("J",), words="the next quote, inside what the customer wrote", shows="quote 2 of 3", seconds=1.5),
    Scene(keys=("escape",), words="back", seconds=0.4),
    Scene(keys=("a",), words="accept", shows="to Next", seconds=1.0),
    Scene(keys=("m",), words="merge: the most similar problem first", shows="becomes part of", seconds=1.5),
    Scene(keys=("enter",), words="one problem from now on", shows="merged “", seconds=0.9),
    Scene(keys=("e",), words="estimate", seconds=0.6),
    Scene(keys=("L",), words="a large effort, and what that would change", shows="cost", seconds=1.8),
    Scene(keys=("enter",), words="kept, as your figure", shows="estimated P-", seconds=0.9),
    Scene(keys=("v", "j", "j", "j"), words="select several", seconds=0.22),
    Scene(keys=("a",), words="accept them all", shows="accepted 4 problems", seconds=1.0),
    Scene(keys=("G",), words="the last of the list", seconds=0.4),
    Scene(keys=("d",), words="dismiss: why?", shows="Why?", seconds=0.8),
    Scene(keys=("4",), words="too small", shows="dismissed “", seconds=0.8),
    Scene(keys=("u",), words="undo", shows="waits again", seconds=0.8),
    Scene(keys=("U",), words="redo", shows="is dismissed once more", seconds=0.7),
    Scene(keys=("2",), words="the board: what was accepted", shows="Next 5", seconds=1.2),
    Scene(keys=("H",), words="carry the card to Now", shows="in Now", seconds=1.1),
    Scene(keys=("3",), words="evidence", seconds=0.5),
    Scene(
        keys=_typed(_SEARCH),
        words="found while you type: by meaning, and by filters",
        shows="kind nps",
        seconds=0.09,
        shown=(),
    ),
    Scene(keys=("enter", "j"), words="to the results", seconds=0.8),
    Scene(keys=("5",), words="how the workspace stands", shows="Health", seconds=1.8),
)
_OPENING = (Scene(keys=(), words="", seconds=0.0),)
_REST_SECONDS, _LOOKS = 0.2, 20
"""Between two looks at the screen, and how many there are before it is taken as it is."""


def still_svg(office: Office, *, size: tuple[int, int] = (120, 34)) -> str:
    """What the application opens with, as one picture, `size` in columns and rows."""
    return Film(asyncio.run(_recorded(InsightsApp(office), _OPENING, size)), title="insights triage").svg()


def film_svg(office: Office, *, story: Sequence[Scene] = STORY, size: tuple[int, int] = SIZE) -> str:
    """The story as SVG. Raises InsightsError where the screen does not show what a scene says."""
    frames = asyncio.run(_recorded(InsightsApp(office), story, size))
    return Film(frames, title="A triage session in insights").svg()


async def _recorded(app: InsightsApp, story: Sequence[Scene], size: tuple[int, int]) -> list[Frame]:
    frames: list[Frame] = []
    async with app.run_test(size=size) as pilot:
        await _settled(app, pilot)
        for scene in story:
            for keys, shown in _pressed_in(scene):
                await pilot.press(*keys)
                rows = await _settled(app, pilot)
                frames.append(Frame(rows=rows, keys=shown, words=scene.words, seconds=scene.seconds))
            _check(scene, frames[-1])
    return frames


def _check(scene: Scene, frame: Frame) -> None:
    if not any(scene.shows in "".join(text for text, _ in row) for row in frame.rows):
        words = f"The screen does not show {scene.shows!r} after {scene.words!r}."
        raise InsightsError(words, remedy="Tell the story in tui/film.py as the application is now.")


def _pressed_in(scene: Scene) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Keys to press and keys to show, one picture each."""
    if not scene.keys:
        yield (), scene.shown or ()
    for key in scene.keys:
        yield (key,), scene.shown if scene.shown is not None else (key_name(key),)


async def _settled(app: InsightsApp, pilot: Pilot[None]) -> tuple[Row, ...]:
    """The screen once it stays as it is: some things are worked out a moment after the key."""
    rows: tuple[Row, ...] = ()
    for _ in range(_LOOKS):
        await app.workers.wait_for_complete()
        await pilot.pause(_REST_SECONDS)
        before, rows = rows, screen_rows(app)
        if rows == before:
            break
    return rows
