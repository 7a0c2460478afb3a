"""Forge quotes: every way in which words that a customer did not say can look as if they were said. By a seed.

A forger gets a text, another one and chance, and gives what is claimed to stand in the text; None where the text does
not lend itself to it. What happens to be said after all (the words stand there in a row) is no forgery and is left out.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from benchmarks.quote_texts import Text, is_negation, sample_texts, stands_in, words_of

Forger = Callable[[Text, Text, random.Random], str | None]

_SAME_SENSE = {
    "export": "download", "import": "upload", "slow": "sluggish", "fast": "quick", "error": "failure", "price": "cost",
    "customer": "client", "customers": "clients", "screen": "page", "button": "key", "wrong": "incorrect",
    "missing": "absent", "broken": "defective", "fails": "breaks", "works": "functions", "need": "require",
    "want": "would like", "every": "each", "always": "constantly", "often": "frequently", "big": "large",
    "small": "little", "again": "once more", "warehouse": "depot", "order": "purchase", "orders": "purchases",
    "label": "sticker", "labels": "stickers", "scanner": "reader", "invoice": "bill", "invoices": "bills",
    "list": "table", "report": "summary", "we": "our team", "can't": "cannot", "doesn't": "does not",
    "don't": "do not", "it's": "it is", "is": "seems", "and": "as well as", "but": "yet", "the": "this", "our": "my",
}  # fmt: skip
_WITHOUT_NOT = {
    "can't": "can",
    "cannot": "can",
    "won't": "will",
    "not": "",
    "never": "",
    "no": "",
    "nicht": "",
    "kein": "ein",
}
_BEHIND = ("not", "never", "nicht", "nie", "kein", "keine", "keinen", "pas", "jamais")
_AUXILIARIES = ("is", "are", "was", "were", "can", "could", "does", "do", "has", "have", "will", "would", "should")
_LIKE = str.maketrans("aceopxyiABCEHKMOPTX0O1lI", "асеорхуіАВСЕНКМОРТХОО1ІІ")
"""Cyrillic letters that look like Latin ones."""
_BEGIN_CLAUSES = ("and", "but", "so", "then", "also", "und", "aber", "dann", "y", "pero", "et", "mais")
_MARKS = ("…", " … ", "...", " [...] ", " (…) ")
_NEAR = 0.9
_MOST_TRIES = 10_000


@dataclass(frozen=True, slots=True)
class Forged:
    """What is claimed to stand in `source`, and how it was made."""

    kind: str
    source: str
    quoted: str


def forgeries(count: int, *, seed: int) -> Iterator[Forged]:
    """So many, no words twice; kinds in turn, until the texts lend themselves to no more of one."""
    chance = random.Random(seed)
    texts = sample_texts()
    kinds, made, seen = list(FORGERS), 0, set[tuple[str, ...]]()
    while made < count:
        for kind in list(kinds):
            forged = _one(kind, texts, chance, seen=seen)
            if forged is None:
                kinds.remove(kind)
            elif made < count:
                made += 1
                yield forged


def _one(kind: str, texts: tuple[Text, ...], chance: random.Random, *, seen: set[tuple[str, ...]]) -> Forged | None:
    for _ in range(_MOST_TRIES):
        text, other = chance.sample(texts, 2)
        quoted = FORGERS[kind](text, other, chance)
        if quoted is None or (text.text, *words_of(quoted)) in seen:
            continue
        if kind in _ELLIPTIC or kind in _CUT or not stands_in(words_of(quoted), text.text):
            seen.add((text.text, *words_of(quoted)))
            return Forged(kind, text.text, quoted)
    return None


def _run(text: Text, chance: random.Random, *, least: int = 5, most: int = 14) -> tuple[int, int]:
    """Where a run of words begins and ends."""
    size = min(chance.randint(least, most), text.size)
    first = chance.randint(0, text.size - size)
    return first, first + size


def _tokens(text: Text, chance: random.Random, **size: int) -> list[str]:
    first, end = _run(text, chance, **size)
    return [text.token(place) for place in range(first, end)]


# -- other words ------------------------------------------------------------------------------------------------------


def _paraphrase(text: Text, _: Text, chance: random.Random) -> str | None:
    tokens = _tokens(text, chance)
    known = [place for place, token in enumerate(tokens) if token.casefold() in _SAME_SENSE]
    for place in chance.sample(known, min(len(known), chance.randint(1, 3))):
        tokens[place] = _SAME_SENSE[tokens[place].casefold()]
    return " ".join(tokens) if known else None


def _swap(text: Text, _: Text, chance: random.Random) -> str | None:
    tokens = _tokens(text, chance)
    one, two = chance.sample(range(len(tokens)), 2)
    if chance.random() < 0.5:
        one, two = min(one, len(tokens) - 2), min(one, len(tokens) - 2) + 1
    tokens[one], tokens[two] = tokens[two], tokens[one]
    return " ".join(tokens)


def _drop_a_word(text: Text, _: Text, chance: random.Random) -> str | None:
    tokens = _tokens(text, chance, least=6)
    place = chance.randint(1, len(tokens) - 2)
    return " ".join(tokens[:place] + tokens[place + 1 :]) if words_of(tokens[place]) else None


def _drop_negation(text: Text, _: Text, chance: random.Random) -> str | None:
    tokens = _tokens(text, chance, least=6)
    places = [place for place, token in enumerate(tokens[1:-1], 1) if is_negation(token)]
    if not places:
        return None
    place = chance.choice(places)
    plain = words_of(tokens[place])[0]
    tokens[place] = _WITHOUT_NOT.get(plain, plain.removesuffix("n't") if plain.endswith("n't") else "")
    return " ".join(token for token in tokens if token)


def _add_negation(text: Text, _: Text, chance: random.Random) -> str | None:
    tokens = _tokens(text, chance)
    places = [place + 1 for place, token in enumerate(tokens) if token.casefold() in _AUXILIARIES]
    place = chance.choice(places or range(len(tokens) + 1))
    return " ".join([*tokens[:place], chance.choice(["not", "never", "no", "nicht"]), *tokens[place:]])


def _change_number(text: Text, _: Text, chance: random.Random) -> str | None:
    tokens = _tokens(text, chance)
    places = [place for place, token in enumerate(tokens) if any(char.isdigit() for char in token)]
    if not places:
        return None
    place = chance.choice(places)
    digits = [at for at, char in enumerate(tokens[place]) if char.isdigit()]
    at, token = chance.choice(digits), tokens[place]
    other = chance.choice([digit for digit in "0123456789" if digit != token[at]])
    tokens[place] = chance.choice([token[:at] + other + token[at + 1 :], token[:at] + other + token[at:]])
    return " ".join(tokens)


def _near_match(text: Text, _: Text, chance: random.Random) -> str | None:
    """More than nine tenths alike: a letter of a long run left out, doubled or changed."""
    tokens = _tokens(text, chance, least=12, most=20)
    place = chance.randrange(len(tokens))
    letters = [at for at, char in enumerate(tokens[place]) if char.isalpha()]
    if not letters:
        return None
    before, at, token = " ".join(tokens), chance.choice(letters), tokens[place]
    other = chance.choice([letter for letter in "aeinrst" if letter != token[at].casefold()])
    tokens[place] = token[:at] + chance.choice(["", other, other + token[at]]) + token[at + 1 :]
    quoted = " ".join(tokens)
    return quoted if SequenceMatcher(None, before, quoted).ratio() > _NEAR else None


def _homoglyphs(text: Text, _: Text, chance: random.Random) -> str | None:
    """Letters of another alphabet that look alike; a digit raised or ringed: 10² is not 102."""
    tokens = _tokens(text, chance)
    numbers = [place for place, token in enumerate(tokens) if re.search(r"\d\d", token)]
    if numbers and chance.random() < 0.7:
        place = chance.choice(numbers)
        raised = chance.choice(["⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉", "⓪①②③④⑤⑥⑦⑧⑨"])
        tokens[place] = re.sub(r"(?<=\d)\d(?!\d)", lambda found: raised[int(found[0])], tokens[place], count=1)
    else:
        place = chance.randrange(len(tokens))
        tokens[place] = tokens[place].translate(_LIKE)
    return " ".join(tokens)


# -- words of others --------------------------------------------------------------------------------------------------


def _of_another(_: Text, other: Text, chance: random.Random) -> str | None:
    return other.run(*_run(other, chance))


def _splice(text: Text, other: Text, chance: random.Random) -> str | None:
    return f"{text.run(*_run(text, chance, least=3, most=7))} {other.run(*_run(other, chance, least=3, most=7))}"


def _splice_with_ellipsis(text: Text, other: Text, chance: random.Random) -> str | None:
    parts = [text.run(*_run(text, chance, least=3, most=7)), other.run(*_run(other, chance, least=3, most=7))]
    chance.shuffle(parts)
    return None if stands_in(words_of(other.text), text.text) else chance.choice(_MARKS).join(parts)


# -- cut so that it says something else -------------------------------------------------------------------------------


def _cut_inside_a_word(text: Text, _: Text, chance: random.Random) -> str | None:
    """The first word without its beginning, or the last without its end: able of unable, can of can't, 1 of 1,200."""
    tokens = _tokens(text, chance)
    joined = [place for place, token in enumerate(tokens) if re.search(r"\w[.,'’-]\w|\d%|[-+<>~$€£]\d", token)]
    place = chance.choice(joined) if joined and chance.random() < 0.7 else chance.randrange(len(tokens))
    token = tokens[place].strip("\"'“”‘’.,;:!?()[]")
    if len(token) < 3:
        return None
    cuts = [found.end() for found in re.finditer(r"[.,'’-]+|\d(?=%)|[-+<>~$€£](?=\d)", token)]
    at = chance.choice(cuts) if cuts and chance.random() < 0.8 else chance.randint(1, len(token) - 1)
    if chance.random() < 0.5:
        quoted = " ".join([*tokens[:place], token[:at].rstrip(".,'’-")])
    else:
        quoted = " ".join([token[at:].lstrip(".,'’-"), *tokens[place + 1 :]])
    return quoted if _is_long(quoted) and not stands_in(words_of(quoted), text.text) else None


def _cut_off_negation(text: Text, _: Text, chance: random.Random) -> str | None:
    """It begins right behind a "not": working of not working. Or ends before one that its clause goes on with."""
    places = [place for place in range(text.size) if is_negation(text.token(place))]
    if not places:
        return None
    place = chance.choice(places)
    if chance.random() < 0.7:
        quoted = text.run(place + 1, min(place + 1 + chance.randint(3, 9), text.size)) if place + 1 < text.size else ""
        goes_on = not re.search(r"[,;:.!?…)\"”-]$", text.token(place))
    else:
        quoted = text.run(max(place - chance.randint(3, 9), 0), place) if place else ""
        goes_on = (
            bool(place)
            and text.token(place).casefold() in _BEHIND
            and not re.search(r"[,;:.!?…(\"“-]$", text.token(place - 1))
        )
    return quoted if goes_on and _are_once(text, (quoted,)) else None


# -- ellipses ---------------------------------------------------------------------------------------------------------


def _reversed(text: Text, _: Text, chance: random.Random) -> str | None:
    first, middle, end = sorted(chance.sample(range(text.size + 1), 3))
    if min(middle - first, end - middle) < 3:
        return None
    parts = text.run(middle, min(end, middle + 7)), text.run(max(first, middle - 7), middle)
    return chance.choice(_MARKS).join(parts) if _are_once(text, parts) else None


def _overlapping(text: Text, _: Text, chance: random.Random) -> str | None:
    first, end = _run(text, chance, least=8, most=14)
    middle = chance.randint(first + 3, end - 3)
    parts = text.run(first, middle + 1), text.run(middle - 1, end)
    return chance.choice(_MARKS).join(parts) if _are_once(text, parts) else None


def _hiding_a_not(text: Text, _: Text, chance: random.Random) -> str | None:
    """Words of one clause, with its negation among those left out."""
    places = [place for place in range(3, text.size - 3) if is_negation(text.token(place))]
    if not places:
        return None
    place = chance.choice(places)
    first, end = max(place - chance.randint(0, 3), 2), min(place + 1 + chance.randint(0, 3), text.size - 2)
    gap = text.run(first - 1, end)
    before, behind = text.run(max(first - 6, 0), first), text.run(end, min(end + 6, text.size))
    if re.search(r"[,;:.!?…–—]\W|[()]|[,;:.!?…]$|\s-", gap) or not _are_once(text, (before, behind)):
        return None
    return before + chance.choice(_MARKS) + behind


def _hiding_a_but(text: Text, _: Text, chance: random.Random) -> str | None:
    """What one thing is, said of another: the login … crashes daily, of "the login is great but the app crashes"."""
    turns = {"but", "however", "although", "though", "aber", "pero", "mais", "whereas"}
    tokens = [text.token(place).strip(",;").casefold() for place in range(text.size)]
    places = [place for place in range(3, text.size - 3) if tokens[place] in turns and tokens[place - 1] != "as"]
    if not places:
        return None
    place = chance.choice(places)
    begin, end = text.sentence_of(place)
    if place - begin < 3 or end - place < 5:
        return None
    if end - place < 6 or is_negation(text.run(begin, end)):
        return None
    second = place + chance.randint(3, end - place - 2)
    parts = text.run(begin, begin + chance.randint(2, place - begin)), text.run(second, end)
    return chance.choice(_MARKS).join(parts) if _are_once(text, parts) and all(map(_is_long, parts)) else None


def _across_sentences(text: Text, _: Text, chance: random.Random) -> str | None:
    """The beginning of one sentence with the end of a later one."""
    if len(text.sentences) < 2:
        return None
    one, two = sorted(chance.sample(range(len(text.sentences)), 2))
    (first, first_end), (second, second_end) = (text.sentence_of(text.sentences[n]) for n in (one, two))
    if first_end - first < 5 or second_end - second < 6:
        return None
    telling = [word for word in words_of(text.run(second, second + 3)) if word not in _BEGIN_CLAUSES]
    if re.search(r"\W$", text.token(second + 2)) or text.token(second + 2).casefold() in _BEGIN_CLAUSES or not telling:
        return None
    parts = text.run(first, first + chance.randint(2, 3)), text.run(second + 3, second_end)
    return chance.choice(_MARKS).join(parts) if _are_once(text, parts) else None


def _picked_words(text: Text, _: Text, chance: random.Random) -> str | None:
    """Single words, in their order: with enough of them anything can be said."""
    words = [place for place in range(text.size) if len(text.token(place).strip(".,;:!?\"'()")) >= 4]
    if len(words) < 8:
        return None
    places = sorted(chance.sample(words, chance.randint(3, 5)))
    if any(later == sooner + 1 for sooner, later in pairwise(places)):
        return None
    return chance.choice(_MARKS).join(text.token(place).strip(".,;:!?\"'()") for place in places)


def _repeated(text: Text, _: Text, chance: random.Random) -> str | None:
    part = text.run(*_run(text, chance, least=3, most=6))
    return chance.choice(_MARKS).join((part, part)) if _are_once(text, (part,)) else None


def _are_once(text: Text, parts: tuple[str, ...]) -> bool:
    """Whether each part stands there once, so that there is one way to read the quote."""
    folded = text.text.casefold()
    return all(_is_long(part) and folded.count(part.strip(" \"'.,;:!?-…").casefold()) == 1 for part in parts)


def _is_long(quoted: str) -> bool:
    """Long enough to count: what is too short is refused for that alone."""
    return sum(char.isalnum() for char in quoted) >= 8 and " " in quoted.strip()


FORGERS: dict[str, Forger] = {
    "paraphrase": _paraphrase,
    "words swapped": _swap,
    "a word left out": _drop_a_word,
    "negation left out": _drop_negation,
    "negation added": _add_negation,
    "negation cut off": _cut_off_negation,
    "number changed": _change_number,
    "more than .9 alike": _near_match,
    "homoglyphs": _homoglyphs,
    "another remark": _of_another,
    "two remarks spliced": _splice,
    "spliced by an ellipsis": _splice_with_ellipsis,
    "cut inside a word": _cut_inside_a_word,
    "ellipsis reversed": _reversed,
    "ellipsis overlapping": _overlapping,
    "ellipsis repeated": _repeated,
    "ellipsis hides a not": _hiding_a_not,
    "ellipsis hides a but": _hiding_a_but,
    "ellipsis across sentences": _across_sentences,
    "ellipsis of picked words": _picked_words,
}
_ELLIPTIC = frozenset(kind for kind in FORGERS if "ellipsis" in kind)
_CUT = frozenset(("negation cut off",))
"""Kinds whose words do stand there, part by part or in a row: forged is what is left out of them."""
