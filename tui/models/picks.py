"""Something to pick from a list by typing a part of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

T = TypeVar("T")

_NEAR_ENOUGH = 75


@dataclass(frozen=True, slots=True)
class Pick(Generic[T]):
    """What it gives, its words, what stands at the right of them, and what else it is found by."""

    value: T
    words: str
    hint: str = ""
    more: str = ""


def matching(picks: Sequence[Pick[T]], typed: str) -> list[Pick[T]]:
    """Those with all the words as typed, those that begin with them first; where there is none, those with a slip."""
    wanted = typed.casefold().split()
    if not wanted:
        return list(picks)
    texts = [f"{pick.words} {pick.more}".casefold() for pick in picks]
    literal = [n for n, text in enumerate(texts) if all(word in text for word in wanted)]
    if literal:
        return [picks[n] for n in sorted(literal, key=lambda n: not texts[n].startswith(wanted[0]))]
    found = process.extract(
        " ".join(wanted), texts, scorer=fuzz.partial_ratio, score_cutoff=_NEAR_ENOUGH, limit=len(texts)
    )
    return [picks[index] for _, _, index in found]
