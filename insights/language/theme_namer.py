"""Have a model name themes after their problems' titles, many in one question; what fails a check gets no name here."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from insights.language import small_words as small
from insights.language.answers import ThemeNamesDraft
from insights.language.background import WORD
from insights.language.checked import backed
from insights.language.questions import Desk, Question, Task, halved
from insights.language.theme_names import LONGEST
from insights.text.clean import one_line
from insights.text.orders import is_order
from insights.text.words import word_set

PROMPT = "name_themes"
BATCH = 40
"""Themes in one question."""
_MOST_TITLES = 12
_LONGEST_TITLE = 80
_MOST_WORDS = 4
_MOST_UNUSABLE = 0.3
"""Of the names of an answer; above it the large model is asked."""
_EMPTY = word_set(
    "theme themes other others misc miscellaneous general various issues problems requests feedback everything "
    "sonstiges allgemein verschiedenes otros varios divers autres"
)
"""Names that would fit every theme."""


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A theme that needs a name: its place among those that do, and the titles of its problems."""

    place: int
    titles: tuple[str, ...]

    @property
    def line(self) -> str:
        return " / ".join(self.titles)


@dataclass(frozen=True, slots=True)
class Named:
    """A name that passed the checks, and who gave it."""

    name: str
    by: str


class ThemeNamer:
    """`name` is "openai:MODEL"."""

    def __init__(self, desk: Desk) -> None:
        self.name = desk.name
        self._desk = desk
        self.task: Task[Sequence[Unnamed], ThemeNamesDraft] = Task(
            stage="theme",
            prompt=PROMPT,
            output=ThemeNamesDraft,
            holds=lambda shown, draft: len(_names(shown, draft)) >= (1 - _MOST_UNUSABLE) * len(shown),
            halves=lambda question: [self._question(part) for part in _halves(question.subject)],
            tokens_out=lambda shown: 20 * len(shown),
        )

    def names(
        self,
        themes: Sequence[Sequence[str]],
        *,
        customers: AbstractSet[str] = frozenset(),
        taken: AbstractSet[str] = frozenset(),
        run_id: int | None,
    ) -> dict[int, Named]:
        """place in `themes`, each a theme's titles, best first -> its name, no two alike and none of those `taken`
        (folded case); `customers` are words of customers' names, folded too. A theme without a usable name is in none.
        Raises InsightsError for a refused key."""
        found: dict[int, Named] = {}
        used = set(taken)
        for place, named in sorted(self._answers(themes, run_id=run_id)):
            if _is_free(named.name, customers=customers, used=used):
                used.add(named.name.casefold())
                found[place] = named
        return found

    def questions(self, themes: Sequence[Sequence[str]]) -> list[Question[Sequence[Unnamed]]]:
        """What would be asked. A theme all of whose titles give orders to a machine is shown to none."""
        waiting = [one for one in (_unnamed(place, titles) for place, titles in enumerate(themes)) if one.titles]
        return [self._question(waiting[start : start + BATCH]) for start in range(0, len(waiting), BATCH)]

    def _answers(self, themes: Sequence[Sequence[str]], *, run_id: int | None) -> Iterator[tuple[int, Named]]:
        for question, answered in self._desk.ask_many(self.task, self.questions(themes), run_id=run_id):
            if answered.value is None or answered.by is None:
                continue
            for place, name in _names(question.subject, answered.value).items():
                yield place, Named(name, answered.by)

    def _question(self, shown: Sequence[Unnamed]) -> Question[Sequence[Unnamed]]:
        return self._desk.question(PROMPT, shown, [one.line for one in shown])


def _unnamed(place: int, titles: Sequence[str]) -> Unnamed:
    usable = [one_line(title, _LONGEST_TITLE) for title in titles if not is_order(title)]
    return Unnamed(place, tuple(title for title in usable if title)[:_MOST_TITLES])


def _halves(shown: Sequence[Unnamed]) -> list[Sequence[Unnamed]]:
    return list(halved(shown)) if len(shown) > 1 else []


def _names(shown: Sequence[Unnamed], draft: ThemeNamesDraft) -> dict[int, str]:
    """place -> its name, where the answer gives one that holds; what is named twice is not believed."""
    numbers = [one.item for one in draft.themes]
    found: dict[int, str] = {}
    for one in draft.themes:
        if numbers.count(one.item) > 1 or not 1 <= one.item <= len(shown):
            continue
        theme = shown[one.item - 1]
        name = _tidy(one.name)
        if name and _is_fit(name, theme.titles):
            found[theme.place] = name
    return found


def _tidy(text: str) -> str:
    """On one line, with a capital, without a stop."""
    name = one_line(text, 200).strip(" \"'“”„.,;:–-")
    return name[:1].upper() + name[1:] if name.split(" ", 1)[0].islower() else name


def _is_fit(name: str, titles: Sequence[str]) -> bool:
    """One to four words that say something, with no figure or address that the titles do not hold."""
    words = WORD.findall(name)
    is_short = len(name) <= LONGEST and 1 <= len(words) <= _MOST_WORDS
    says = {word.casefold() for word in words} - _EMPTY
    is_clean = "<" not in name and not small.PROFANITY.search(name)
    return is_short and bool(says) and is_clean and bool(backed([name], titles)[0])


def _is_free(name: str, *, customers: AbstractSet[str], used: AbstractSet[str]) -> bool:
    """No other theme's, and no customer's."""
    return name.casefold() not in used and not customers & {word.casefold() for word in WORD.findall(name)}
