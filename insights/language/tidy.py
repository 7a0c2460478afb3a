"""Make a title out of a stretch of someone's sentence. Pure."""

import re

from insights.text.clean import one_line

_LEAD = re.compile(
    r"(?:(?:and|but|so|also|then|again|still|now|well|please|pls|hi|hello|hey|ok|okay|just|today|yesterday|sometimes"
    r"|often|always|currently|suddenly|unfortunately|sadly|honestly|basically|apparently|meanwhile|actually|because"
    r"|since|when|if|while|that|where|which|whenever|until|after|before"
    r"|every (?:time|day|morning|week|month|night)|each (?:time|day)|for (?:the )?\w+ (?:days|weeks|months)"
    r"|(?:is|are) there (?:any|some|a|an)? ?(?:way|option|possibility|chance|plans?)?(?: to| of| for)?"
    r"|there (?:is|are|was|were|should be|needs? to be|must be|seems to be|has to be)(?: still)?"
    r"|(?:is|would) it (?:be )?possible to"
    r"|(?:can|could|will|would|may|should) (?:you|we|i|someone|it|they)(?: please| kindly| just| also)?(?: (?:be able to|add|have|get))?"
    r"|it (?:would|'d) be (?:\w+ ){1,3}(?:to|if (?:we|i|you) (?:could|can))(?: have| get)?"
    r"|how (?:do|can|could|should) (?:i|we|you)|why (?:do|does|is|are|did|can't|can)|what (?:is|are|about)|how about"
    r"|(?:i|we|you|they|people|users|customers|colleagues|staff)(?: (?:really|just|still|now|also|always|often|would|'d|have|urgently|desperately|currently|already))*"
    r" (?:have|has|had|need|needs|want|wants|wish|miss|get|got|see|like|love|require|are|is|were|was|am|use|asked for|are looking for|are missing|notice|noticed|find|found|think|know|report|reported|be)"
    r"(?: (?:to|that|a|an|the|for|to have|to be able to|to see|had|could|can))*"
    r"|(?:i|we|you|it|they|he|she)(?:'m|'re|'ve|'d|'ll|'s)?|im|ive"
    r"|(?:the|our|my|your|their|its|his|her|a|an|this|these|those|some|any) (?:issue|problem|thing|fact|reason|question)s? (?:is|was|with|are|that|of)(?: that)?"
    r"|the|our|my|your|their|its|a|an|this|these|those|same|other|whole|very"
    r"|(?:leider|auch|aber|und|bitte|wir|ich|man|es|seit \w+|gibt es|es gibt|es wäre \w+,? wenn|weil|dass|wenn|der|die|das|den|dem|unsere?n?|meine?n?|ein|eine|einen|heute|gestern)"
    r"|(?:lamentablemente|también|además|y|pero|hola|por favor|necesitamos|necesito|nos gustaría|me gustaría|quisiéramos|hay|es posible|se puede|que|el|la|los|las|un|una|nuestro|nuestra|nuestros|nuestras|mi|hoy|ayer))"
    r"(?:,|\b)(?![-'’]) *",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,;:.!?…–—-]+$|[\s,]+(?:again|today|yesterday|now|please|asap|urgently|anymore|any more|at all|at the moment|right now|for us"
    r"|this (?:morning|week|month|afternoon|year)|last (?:week|night|month|year|friday|monday|tuesday|wednesday|thursday|weekend)|since \w+|every (?:time|day|morning|week|month|single time)|too|though|either|thanks|thank you|bitte|mehr|por favor|hoy|heute|is|are|was|were|and|or|but|the|a|an|with|of|to|in|on|for|from|by|at|when|if|that|which|who)$",
    re.IGNORECASE,
)
_MOST_STEPS = 8


def tidy(stretch: str) -> str:
    """The stretch without its run-up ("we have", "is there a way to"), with a capital, no stop; maybe empty."""
    title = one_line(stretch, 200).strip(" \"'“”‘’-–—,;:.!?…*_#>/")
    for _ in range(_MOST_STEPS):
        cut = _LEAD.sub("", title, count=1) if _LEAD.match(title) else title
        cut = _TAIL.sub("", cut)
        if cut == title:
            break
        title = cut
    title = title.strip(" \"'“”‘’-–—,;:.!?…*_#>/")
    if title.isupper() and len(title.split()) > 1:
        title = title.capitalize()
    first = title.split(" ", 1)[0]
    return title if any(char.isupper() for char in first) else title[:1].upper() + title[1:]
