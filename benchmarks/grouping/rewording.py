"""Small changes of wording that leave the meaning: what the same complaint looks like from another person."""

import re
from collections.abc import Callable

import numpy as np

Random = np.random.Generator

GREETINGS = ("Hi, ", "Hello, ", "Hi there, ", "Dear team, ", "Good morning, ", "Hey - ")
ENDINGS = (" Thanks!", " Please advise.", " Thank you in advance.", " Any ideas?", " Regards", " Please help.")
SYNONYMS = {
    "can't": "cannot",
    "cannot": "can't",
    "doesn't": "does not",
    "don't": "do not",
    "hasn't": "has not",
    "haven't": "have not",
    "i'm": "i am",
    "isn't": "is not",
    "it's": "it is",
    "want": "would like",
    "help": "assist",
    "get": "receive",
    "show": "display",
    "why": "how come",
    "money": "funds",
    "buy": "purchase",
    "wrong": "incorrect",
    "happened": "occurred",
}


def reword(text: str, random: Random) -> str:
    """The text with one to three changes: a typing error, a greeting, a synonym, another case, words at the end."""
    count = int(random.integers(1, 4))
    for change in random.choice(len(_CHANGES), size=count, replace=False):
        text = _CHANGES[change](text, random)
    return text


def _typing_error(text: str, random: Random) -> str:
    """Two neighbouring letters change places, one is missing, or one stands twice, in a word of five or more."""
    words = list(re.finditer(r"[A-Za-z]{5,}", text))
    if not words:
        return text
    word = words[random.integers(len(words))]
    at = word.start() + int(random.integers(1, len(word.group()) - 1))
    kind = random.integers(3)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at + 1 :] if kind == 1 else text[:at] + text[at] + text[at:]


def _greeting(text: str, random: Random) -> str:
    return GREETINGS[random.integers(len(GREETINGS))] + text


def _synonym(text: str, random: Random) -> str:
    known = [word for word in re.finditer(r"[A-Za-z']+", text) if word.group().lower() in SYNONYMS]
    if not known:
        return text
    word = known[random.integers(len(known))]
    return text[: word.start()] + SYNONYMS[word.group().lower()] + text[word.end() :]


def _case(text: str, random: Random) -> str:
    return (text.lower(), text.upper(), text[:1].lower() + text[1:])[random.integers(3)]


def _ending(text: str, random: Random) -> str:
    return text.rstrip(" .?!") + (".", "?", "")[random.integers(3)] + ENDINGS[random.integers(len(ENDINGS))]


_CHANGES: tuple[Callable[[str, Random], str], ...] = (_typing_error, _greeting, _synonym, _case, _ending)
