"""Tell whether a sentence is about what texts say: by the words that carry a topic, not by its meaning. Pure.

A likeness of meaning would let much pass that nobody said; a shared word is little, but it is there or it is not.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from insights.grouping.languages import languages
from insights.language.background import WORD, is_topical, stem
from insights.text.words import word_set

_UNKNOWN = -1
_DENIALS = word_set(
    "not never cannot can't couldn't won't wouldn't don't doesn't didn't shouldn't without none nicht nie niemals kein "
    "nunca jamás sin pas jamais sans ne"
)
"""They say how it is with a topic, and stand in most complaints."""


def topics(text: str) -> set[str]:
    """Stems of the words that say what a text is about; a number does not."""
    return {stem(word) for word in WORD.findall(text) if _is_topic(word)}


def speaks_of(sentence: str, texts: Sequence[str], *, beyond: AbstractSet[str] = frozenset()) -> bool:
    """Whether a topical word of the sentence stands in one of the texts, in whatever form; topics of `beyond` prove
    nothing where the sentence has others. What is all in another language than the sentence cannot be compared by
    words: that is let pass. A sentence without a topical word speaks of nothing."""
    said = topics(sentence)
    if not said or not texts:
        return False
    comparable = _of_its_language(sentence, texts)
    return not comparable or any((said - beyond or said) & topics(text) for text in comparable)


def _of_its_language(sentence: str, texts: Sequence[str]) -> list[str]:
    """The texts that may be in the language of the sentence: of a short one nobody can tell."""
    own, *others = languages([sentence, *texts]).tolist()
    return [text for text, other in zip(texts, others, strict=True) if _UNKNOWN in (own, other) or own == other]


def _is_topic(word: str) -> bool:
    is_word = any(map(str.isalpha, word)) and word.replace("’", "'").casefold() not in _DENIALS
    return is_word and is_topical(word)
