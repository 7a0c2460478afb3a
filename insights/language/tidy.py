"""Make a title out of a stretch of someone's sentence. Pure."""

import re

from insights.text.clean import one_line

_SUBJECT = r"(?:i|we|you|they|people|users|customers|colleagues|staff|everyone)"
_HEDGES = r"(?: (?:really|just|still|now|also|always|often|would|have|urgently|desperately|currently|already|all))*"
_HOLDS = (
    "(?:have|has|had|need|needs|want|wants|wish|miss|get|got|see|like|love|require|are|is|were|was|am|use|asked for"
    "|are looking for|are missing|notice|noticed|find|found|think|know|report|reported|be)"
)
_ASKED = "(?:you|we|i|someone|it|they)"
_GRANTED = "(?: (?:be able to|add|have|get))?"
_RUN_UPS = (
    # Joints and moods that open a sentence.
    "(?:and|but|so|also|then|again|still|now|well|please|pls|hi|hello|hey|ok|okay|just|today|yesterday|sometimes)",
    "(?:often|always|currently|suddenly|unfortunately|sadly|honestly|basically|apparently|meanwhile|actually)",
    "(?:because|since|when|if|while|that|where|which|whenever|until|after|before|like|even|finally)",
    r"(?:every (?:time|day|morning|week|month|night)|each (?:time|day)|for (?:the )?\w+ (?:days|weeks|months))",
    # Ways to ask.
    "(?:is|are) there (?:any|some|a|an)?(?: ?(?:way|option|possibility|chance|plans?))?(?: (?:to|of|for))?",
    "there (?:is|are|was|were|should be|needs? to be|must be|seems to be|has to be)(?: still)?",
    "(?:is|would) it (?:be )?possible to",
    f"(?:can|could|will|would|may|should) {_ASKED}(?: (?:please|kindly|just|also))?{_GRANTED}",
    r"it (?:would|'d) be (?:\w+ ){1,3}(?:to|if (?:we|i|you) (?:could|can))(?: (?:have|get))?",
    "how (?:do|can|could|should) (?:i|we|you)",
    "(?:why (?:do|does|is|are|did|can't|can)|what (?:is|are|about)|how about)",
    # Someone and what they have, need or see; the rest says it.
    f"{_SUBJECT}{_HEDGES} {_HOLDS}(?: (?:to|that|a|an|the|for|had|could|can|have|see|be able to))*",
    "(?:needs?|wants?|asks?|asked|asking|looking|wishes)(?: (?:for|to|if|whether|about))?(?: (?:a|an|the|proper|add))*",
    "(?:i|we|you|it|they|he|she)(?:'(?:m|re|ve|d|ll|s))?",
    "(?:the|our|my|this) (?:issue|problem|thing|fact|reason|question)s? (?:is|was|with|are|that|of)(?: that)?",
    "(?:the|our|my|your|their|its|a|an|this|these|those|same|other|whole|very)",
    # German and Spanish.
    r"(?:leider|auch|aber|und|bitte|wir|ich|man|es|seit \w+|gibt es|es gibt|weil|dass|wenn|der|die|das|den|dem)",
    "(?:unsere?[nmr]?|meine?[nmr]?|eine?[nmr]?|heute|gestern)",
    "(?:lamentablemente|también|además|y|pero|hola|por favor|necesitamos|necesito|nos gustaría|me gustaría)",
    "(?:quisiéramos|hay|es posible|se puede|que|el|la|los|las|un|una|nuestr[oa]s?|mi|hoy|ayer)",
)
_RUN_UP = re.compile(rf"(?:{'|'.join(_RUN_UPS)})(?![\w'’-]),? *", re.IGNORECASE)
_AFTERTHOUGHT = re.compile(
    r"[\s,;:.!?…–—-]+$"
    r"|[\s,]+(?:again|today|yesterday|now|please|asap|urgently|anymore|any more|at all|at the moment|right now|for us"
    r"|this (?:morning|week|month|afternoon|year)|last (?:week|night|month|year|\w+day)|since \w+"
    r"|every (?:single )?(?:time|day|morning|week|month)|too|though|either|thanks|thank you|bitte|por favor|hoy|heute"
    r"|is|are|was|were|and|or|but|the|a|an|with|of|to|in|on|for|from|by|at|when|if|that|which|who)$",
    re.IGNORECASE,
)
_EDGES = " \"'“”‘’-–—,;:.!?…*_#>/"
_MOST_STEPS = 8


def tidy(stretch: str) -> str:
    """The stretch without its run-up ("we have", "is there a way to"), with a capital, no stop; maybe empty."""
    title = one_line(stretch, 200).strip(_EDGES)
    for _ in range(_MOST_STEPS):
        found = _RUN_UP.match(title)
        cut = _AFTERTHOUGHT.sub("", title[found.end() :] if found else title)
        if cut == title:
            break
        title = cut
    title = title.strip(_EDGES)
    if title.isupper() and " " in title:
        title = title.capitalize()
    is_spelled = any(char.isupper() for char in title.split(" ", 1)[0])
    return title if is_spelled else title[:1].upper() + title[1:]
