"""Matplotlib without a display, with the settings and fonts that it ships with, whatever a user or the working folder
configures. Loaded when something is drawn. Text is literal, never mathematics.
"""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties


@contextlib.contextmanager
def as_shipped() -> Iterator[None]:
    """Matplotlib with its own defaults, silent about letters that its font has not. On import it reads a settings file
    from the working folder first: there it is the one that it ships with."""
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with contextlib.chdir(_shipped()):
            import matplotlib as mpl
            import matplotlib.figure
        with mpl.rc_context(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mpl.rcParams.update({name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"})
            mpl.rcParams.update({"text.parse_math": False, "svg.fonttype": "none", "svg.hashsalt": "insights"})
            yield
    finally:
        log.setLevel(level)


def font(size: float, *, bold: bool = False) -> "FontProperties":
    """DejaVu Sans in points."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(
        family=["DejaVu Sans", "sans-serif"],
        weight="bold" if bold else "normal",
        size=size,
        fname=str(_font_file("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")),
    )


def is_legible(text: str) -> bool:
    """Whether the font has all of its letters."""
    return all(ord(char) in _letters() for char in text)


@cache
def _letters() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(_font_file("DejaVuSans.ttf"))).get_charmap())


def _font_file(name: str) -> Path:
    return _shipped() / "fonts" / "ttf" / name


def _shipped() -> Path:
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("matplotlib")
    return Path(spec.origin).parent / "mpl-data"
