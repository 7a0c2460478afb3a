"""Which words turn what is said beside them, and how far they reach: what a quote may not leave out. Pure.

"Working since Monday" is not what "not working since Monday" says, nor is "the export … works" what "the export never
works" does. In English, German, Spanish and French, roughly: it knows words, marks and no grammar.
"""

import re

from insights.text.words import word_set

_TURNS = word_set(
    "not no never none nobody nothing nowhere neither nor without cannot hardly barely scarcely rarely seldom unable "
    "dont doesnt didnt isnt arent wasnt werent cant wont couldnt wouldnt shouldnt havent hasnt hadnt "
    "fail fails failed failing refuse refuses refused stop stops stopped lack lacks lacking instead "
    "nicht nichts nie niemals niemand kein keine keinen keinem keiner keines keinerlei ohne weder kaum statt anstatt "
    "nunca jamás nada nadie ningún ninguno ninguna tampoco sin ni apenas "
    "ne pas jamais rien aucun aucune sans "
    "non não nem sem senza niente niet geen nooit zonder"
)
_CONDITIONS = word_set("if unless whether wish wishes wished wenn ob si ojalá")
"""What follows them is supposed, not said."""
_WEAKENS = word_set(
    "almost nearly supposedly allegedly hopefully beinahe angeblich hoffentlich casi supuestamente presque"
)
"""What an ellipsis may not leave out either. Not "should" and "would": .3 percent of honest quotes would go."""
_TURNS_BEHIND = word_set(
    "not never nicht nie niemals kein keine keinen keinem keiner keines pas jamais niet geen nooit"
)
"""Those that may stand behind what they turn: "der Export funktioniert nicht"."""
_LINKS = word_set(
    "but because since so when while as until although though whereas however why then which who where or "
    "weil da als während aber sondern obwohl damit warum oder denn "
    "pero porque cuando mientras aunque sino o mais parce quand"
)
_JOINS = word_set("and und y e et")
"""They begin a clause of its own where a subject follows: "never works and the export hangs"."""
_SUBJECTS = word_set(
    "the a an our my your their his her its this that these those i we you it they he she there every each some all "
    "der die das den dem ein eine einen unser unsere wir ich sie es man "
    "el la los las un una nuestro nuestra le les l'on nous je il elle on"
)
_OPENINGS = word_set("and also so then plus but und auch dann y también et aussi")
"""Words at the beginning of a sentence that a quote of it may leave out."""
_ABBREVIATIONS = word_set("approx etc incl excl resp vs ca bzw usw evtl inkl exkl dept min max est inc ltd")
_TITLES = word_set("mr mrs ms dr st prof sr sra")
_BEFORE_NUMBERS = word_set("no nr tel ref ext vol")
_REACH, _REACH_OF_CONDITIONS, _REACH_BEHIND = 4, 2, 3
"""Words."""
_SEEN = 120
"""Characters beside a quote that are looked at: more than that many words."""
_MOST_LEFT_OUT = 20
"""Words within a sentence that an ellipsis may stand for."""

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_BREAK = re.compile(r"[,;:()\[\]{}…]|\.{2,}|[.!?]+(?=\W*(?:\s|$))|\s-+\s|[–—]|\n\s*(?:\n|[-*•])")
_CONTRAST = re.compile(
    r"(?<!\bas )\b(?:but|however|although|though|whereas|except|aber|sondern|jedoch|obwohl|pero|sino|aunque|mais"
    r"|cependant)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?:\s+|$)|\n\s*(?:\n|[-*•])\s*")
_DOTTED = re.compile(r"[^\W\d_]{1,2}\.[^\W\d_]{1,2}")  # e.g, p.m, z.B
_LAST_WORD = re.compile(r"[^\W_]+(?:['.-][^\W_]+)*$")


def is_turned(left: str, quoted: str, right: str) -> bool:
    """Whether the text to the left or right of a quote turns what the quote says."""
    before, behind = _words(_BREAK.split(left[-_SEEN:])[-1]), _words(_BREAK.split(right[:_SEEN])[0])
    first = next(iter(_words(quoted[:_SEEN])), "")
    return _is_turned_from_before(before, first) or _is_turned_from_behind(behind)


def may_be_left_out(text: str, begin: int, end: int) -> bool:
    """Whether an ellipsis may stand for `text[begin:end]` without turning what stands before and behind it.

    Where a sentence ends in there, or something is set against something else, what is quoted next has to begin there:
    else the one's subject gets the other's predicate.
    """
    gap = text[begin:end]
    pieces = [_words(piece) for piece in _BREAK.split(gap)]
    if any(_is_turn(word) or word in _WEAKENS for word in pieces[0]):
        return False
    ends = [found.end() for found in _SENTENCE_END.finditer(text, begin, end) if _ends_a_sentence(text, found)]
    contrasts = [found.end() for found in _CONTRAST.finditer(text, begin, end)]
    if ends or contrasts:
        return all(word in _OPENINGS for word in _words(text[max(ends + contrasts) : end]))
    is_turned = any(_is_turn(word) or word in _WEAKENS | _CONDITIONS for word in pieces[-1])
    return not is_turned and sum(map(len, pieces)) <= _MOST_LEFT_OUT


def _ends_a_sentence(text: str, found: re.Match[str]) -> bool:
    """Not behind an abbreviation or, but for a capital that follows, behind a single letter, a number ("zum 9. mal") or
    several dots."""
    if found[0][0] not in ".…":
        return True
    before = _LAST_WORD.search(text, max(found.start() - _SEEN, 0), found.start())
    word = before[0].casefold() if before else ""
    following = text[found.end() : found.end() + 1]
    if word in _TITLES or _DOTTED.fullmatch(word) or (word in _BEFORE_NUMBERS and following.isdigit()):
        return False
    is_short = len(word) == 1 or word.isdigit() or word in _ABBREVIATIONS
    is_doubtful = is_short or found[0][:2] == ".." or found[0][0] == "…"
    return not is_doubtful or following.isupper()


def _is_turned_from_before(words: list[str], first: str) -> bool:
    """From the quote's first word backwards, until another clause begins."""
    following = first
    for steps, word in enumerate(reversed(words), 1):
        if steps > _REACH:
            return False
        if _is_turn(word):
            return True
        if word in _CONDITIONS:
            return steps <= _REACH_OF_CONDITIONS
        if word in _LINKS or (word in _JOINS and following.split("'")[0] in _SUBJECTS):
            return _is_turn(words[-steps - 1]) if steps < len(words) else False
        following = word
    return False


def _is_turned_from_behind(words: list[str]) -> bool:
    for word in words[:_REACH_BEHIND]:
        if word in _TURNS_BEHIND:
            return True
        if word in _LINKS or word in _JOINS or word in _CONDITIONS:
            return False
    return False


def _is_turn(word: str) -> bool:
    return word in _TURNS or word.endswith("n't") or word.startswith("n'")


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text.replace("’", "'"))]
