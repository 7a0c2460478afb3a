"""Make texts comparable however they are written: case, accents, widths, unseen characters, letters that look alike.

Pure and linear. What comes out is for comparing only, never for showing.
"""

import re
import unicodedata

STOP, ASKED, MARK, QUOTE, COLON = ".", "?", ",", '"', ":"
"""What marks become in `words_of`."""

_UNSEEN = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]+"
)
_ACCENTS = re.compile("[\u0300-\u036f\u064b-\u065f]+")
_TOKEN = re.compile(r"[^\W_]+(?:['@$][^\W_]+)*|[^\w\s]|_")
_DOT_INSIDE = re.compile(r"(?<=\w)\.(?=\w)")
_APOSTROPHE = str.maketrans("’‘`´", "''''")
_MARKS = (
    dict.fromkeys(".!;。¡¿…", STOP) | dict.fromkeys("?؟;", ASKED) | dict.fromkeys("\"'“”„«»「」", QUOTE) | {":": COLON}
)
_LEET = str.maketrans("01345789@$", "oieastbgas")
_LOOK_ALIKE = str.maketrans("аеорсухіјѕԁɡαεορτυνικ", "aeopcyxijsdgaeoptuvik")
"""Cyrillic and Greek letters for the Latin ones that they pass for."""


def fold(text: str) -> str:
    """NFKC, small letters, no accents, no unseen characters, single spaces."""
    if not text.isascii():
        text = _UNSEEN.sub("", unicodedata.normalize("NFKC", _UNSEEN.sub("", text)))
        bare = _ACCENTS.sub("", unicodedata.normalize("NFD", text.casefold()))
        text = unicodedata.normalize("NFC", bare).translate(_APOSTROPHE)
    return " ".join(text.casefold().split())


def words_of(folded: str) -> list[str]:
    """Words and marks, in order. Of marks only full stop, question mark, colon, quotation mark and any other are told
    apart; a full stop between two letters, as in shop.example, is any other."""
    tokens = _TOKEN.findall(_DOT_INSIDE.sub(",", folded))
    return [token if token[0].isalnum() else _MARKS.get(token, MARK) for token in tokens]


def meant(word: str) -> str:
    """The word without digits and foreign letters that stand for letters of it: ign0re, ignоre."""
    if not word.isalpha() and not word.isdigit():
        word = word.translate(_LEET)
    if not word.isascii() and re.search("[a-z]", word):
        word = word.translate(_LOOK_ALIKE)
    return word
