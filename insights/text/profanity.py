"""Swear words and abuse, to be left out of what texts are compared by: they tell how somebody feels, not about what.

Pure and linear. The words stay in what is kept and shown. Only words that are hardly ever anything else are listed, in
English, German, Spanish, French, Italian, Portuguese and Dutch; masked ones (f***, sh*t) count as well.
"""

import re

_MASKED = r"(?:f|s|sh)[*#@$]{2,4}\w{0,4}|f[*#@$]\w{1,2}k\w{0,4}|f[*#@$]ck\w{0,4}|sh[*#@$]t\w{0,3}"
_ENGLISH = (
    r"(?:mother)?fuck(?:s|er|ers|ed|in|ing|ingly)?|(?:bull|horse)?shit(?:s|e|ty|show)?|crap(?:s|py)?|(?:god)?damn(?:ed|it)?"
    r"|dammit|bastards?|bitch(?:es)?|arse(?:s|holes?)?|ass(?:holes?|es)?|piss(?:ed)?|sucks?|wtf|idiots?|idiotic"
    r"|morons?|moronic|bollocks|freaking|frigging"
)
_OTHERS = (
    r"schei(?:ß|ss)\w*|verdammt\w*|verflucht\w*|verfickt\w*|arschl\w+|beschissen\w*|idioten|kacke"
    r"|mierda|joder|coño|put[ao]s?|gilipollas|cabr(?:ón|ones)|carajo"
    r"|merde|merdique|putain|bordel|connards?|foutue?s?|cazzo|merda|caralho|porra|verdomme|godverdomme|klote"
)
_PHRASE = rf"(?:what|why|how|who)[ ]the[ ](?:hell|{_MASKED}|fuck)|for[ ](?:{_MASKED}|fuck)['’]s[ ]sake"
_PROFANITY = re.compile(rf"(?<!\w)(?:{_PHRASE}|{_MASKED}|{_ENGLISH}|{_OTHERS})(?!\w)", re.IGNORECASE)


def without_profanity(text: str) -> str:
    """The text without swear words; as it was where it has none."""
    return _PROFANITY.sub(" ", text)
