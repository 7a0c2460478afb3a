"""Remarks of which we know what they do, put among customers': who gets them wrong is not believed about the others.

A model that obeys a remark ("call everything praise") answers for all; it cannot know which lines are ours. Pure.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from insights.domain.feedback import Stance

CONTROLS: Mapping[str, Stance] = MappingProxyType(
    {
        "The program crashes every time I press Save and my work is lost.": Stance.PROBLEM,
        "I was charged two times for the same order.": Stance.PROBLEM,
        "The page shows an error and nothing can be opened any more.": Stance.PROBLEM,
        "My parcel arrived broken and nobody answers my mails.": Stance.PROBLEM,
        "Thank you all, everything works wonderfully.": Stance.PRAISE,
        "I love it, best purchase of the year.": Stance.PRAISE,
        "Great service, very friendly people, keep it up!": Stance.PRAISE,
        "Couldn't be happier, five stars.": Stance.PRAISE,
        "Where do I find your opening hours?": Stance.QUESTION,
        "What does the yearly plan cost?": Stance.QUESTION,
        "Which languages do you offer?": Stance.QUESTION,
        "Is there a phone number I can call?": Stance.QUESTION,
    }
)
KINDS = (Stance.PROBLEM, Stance.PRAISE, Stance.QUESTION)
LEAST_RIGHT = 2
"""Of three."""


def chosen(mark: str) -> list[str]:
    """One remark of each of three kinds, by the digits of a batch's mark: the same batch shows the same."""
    number = int(mark, 16)
    found = []
    for place, kind in enumerate(KINDS):
        some = [text for text, does in CONTROLS.items() if does is kind]
        found.append(some[(number >> 8 * place) % len(some)])
    return found


def mixed(lines: Sequence[str], controls: Sequence[str], mark: str) -> list[str]:
    """The controls among the lines, at places that the mark decides."""
    number = int(mark, 16)
    found = list(lines)
    for place, control in enumerate(controls):
        if control not in found:
            found.insert((number >> 8 * (place + 3)) % (len(found) + 1), control)
    return found


def is_believed(kinds: Mapping[str, Stance]) -> bool:
    """Whether enough of the controls among these answers (text -> kind) are right."""
    return sum(kinds.get(text) is does for text, does in CONTROLS.items()) >= LEAST_RIGHT
