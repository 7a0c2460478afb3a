"""Which language a text is written in, as far as its commonest small words tell.

Good enough to keep languages from becoming groups; not a detector for anything that a person sees.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SMALL_WORDS = (
    "the and to is it of in that for we my not with this on are have you",
    "der die das und ist nicht ich wir es ein zu den mit auf für bei haben sie",
    "el la los de que y en es no un una por con para se lo las del",
    "le les des et est pas je nous une pour dans que qui sur vous du",
    "il di che non per una sono con è della gli ho",
    "o que não uma para com os do da em é um",
    "de het een en van niet ik wij is dat op voor met",
)
"""English, German, Spanish, French, Italian, Portuguese, Dutch."""

_LANGUAGES_OF: dict[str, list[int]] = {}
for _number, _words in enumerate(SMALL_WORDS):
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_number)


def languages(texts: Sequence[str]) -> NDArray[np.int64]:
    """The place of each text's language in `SMALL_WORDS`, shape (n,); -1 where no small word was found."""
    return np.asarray([_language(text) for text in texts], dtype=np.int64)


def _language(text: str) -> int:
    counts = [0] * len(SMALL_WORDS)
    for word in re.findall(r"\w+", text.lower()):
        for language in _LANGUAGES_OF.get(word, ()):
            counts[language] += 1
    most = max(counts)
    return counts.index(most) if most else -1
