"""Know by its first words what a sentence does: carry on, turn to something else, or state nothing (en, de, "
"es, fr)."""

import re

_TURNS = re.compile(
    r"(?:(?:and |oh,? (?:and )?|und |y )?"
    r"(?:(?:also|additionally|furthermore|moreover|besides|separately|secondly|thirdly|fourthly|lastly"
    r"|finally)\b"
    r"(?! (?:on|in|with|at|from|when|if|after|tried|happens?|happening|affects?|restarted|checked|the same|not"
    r"|worth)\b)"
    r"|(?:second|third|fourth|fifth|2nd|3rd|first|next)\s?[,:]|(?:first|second|third) (?:issue|problem|thing"
    r"|point)\b"
    r"|(?:another|one (?:more|other|last)|other|a (?:second|further|different|separate|last)|the (?:other"
    r"|second|third|next|last))"
    r" (?:\w+ )?(?:thing|issue|problem|point|question|request|bug|item|topic|concern|matter|annoyance|wish"
    r"|idea)\b"
    r"|on (?:another|a different|a separate|a side|an unrelated|the other|a positive"
    r"|a brighter) (?:\w+ )?(?:note|hand|topic|matter|subject)"
    r"|on top of (?:that|this|it)|in addition|as well as that|apart from (?:that|this)|aside from (?:that|this)"
    r"|other than that|while (?:i'm|i am|we're|we are|i have) (?:at it|here|you)|unrelated(?:ly)?\b|by the way"
    r"|btw\b"
    r"|then there(?:'s| is| are)|plus[, ]|p\.?\s?p?\.?s\.?[:.\s]|what (?:we|i) (?:also|really|would)|(?:i"
    r"|we) (?:would|'d) also"
    r"|(?:i|we) also (?:need|want|wish|have|noticed|found|see|miss)|could you also|can you also|please also"
    r"|meanwhile\b|for (?:billing|security|reporting|pricing)\b"
    r"|außerdem|ausserdem|zusätzlich|zudem|zweitens|drittens|erstens|weiterhin|ferner|des weiteren"
    r"|darüber hinaus"
    r"|noch (?:etwas|was|ein|eine)\b|ein(?:e)? (?:weitere[rs]?|andere[rs]?|zweite[rs]?)\b|nebenbei|übrigens"
    r"|abgesehen davon|und noch\b"
    r"|auch (?:wäre|würde|die|der|das|bei|fehlt)\b|schön wäre"
    r"|además\b|por otr[ao] (?:lado|parte)|también (?:nos|me|necesit|falla|querem|sería|hay)|otr[ao] (?:cosa"
    r"|problema|tema|asunto)"
    r"|en segundo lugar|segundo\s?[,:]|tercero\s?[,:]|asimismo|aparte (?:de eso)?|por cierto|y otra"
    r"|de plus|par ailleurs|en outre|deuxièmement|autre (?:chose|problème|point|souci)|d'autre part|aussi,"
    r"|sinon,))",
    re.IGNORECASE,
)
_CARRIES_ON = re.compile(
    r"[¿¡]?(?:please|unless|i'd (?:be|rather|appreciate)|i would be|happy to|is there|are there|do you"
    r"|can you|could you|may i|what|why"
    r"|how|our (?:contract|renewal)|we (?:renew|can't go on)|average|bitte|gibt es|könnt|könnten|können sie"
    r"|warum|wann|unser vertrag"
    r"|por favor|hay|pueden?|podéis|podrían|cómo|cuándo|nuestro contrato|est-ce que|pouvez-vous|pourquoi"
    r"|s'il vous plaît"
    r"|this|that|it|its|it's|they|these|those|there|he|she|because|since|so|then|but|and|or|however|which"
    r"|same|even|still|yet"
    r"|though|although|otherwise|therefore|hence|thus|as a result|meaning|instead|only|also (?:on|in|with|at"
    r"|from|when|if|after|tried"
    r"|happens?|affects?|checked|the same|not)|e\.g|for (?:example|instance)|i(?:'ve| have)? (?:also )?(?:tried"
    r"|checked|restarted|cleared|reinstalled)"
    r"|we(?:'ve| have)? (?:also )?(?:tried|checked|restarted|cleared|reinstalled|had to|have to|now|currently)"
    r"|tried|every time"
    r"|each time|sometimes|nothing|no error|the (?:same|error|message|result|log|problem|issue)|error|steps"
    r"|expected|actual|in other words"
    r"|until|at least|when (?:i|we|you|that|this|it)|if (?:i|we|you|that|this|it)|after (?:that|this|the|a)"
    r"|any (?:news|idea|update)"
    r"|right now|for now|currently|not (?:only|even|to mention)|which|who|see|screenshot|attached"
    r"|das|dies(?:e[rs]?)?|es|er|sie|weil|denn|deshalb|daher|darum|aber|und|sonst|dabei|dadurch|dann|trotzdem"
    r"|jedoch|obwohl|auch (?:auf|in|mit|nach)"
    r"|danach|somit|so|leider|bisher|seitdem|jedes mal|wenn (?:ich|wir|man|das)|wir (?:haben|mussten|müssen)"
    r"|ich habe|nur|zum beispiel"
    r"|est[oe]s?|es[oa]s?|eso|porque|pero|y|así|por (?:eso|ejemplo|lo tanto)|entonces|aunque|sin embargo|cuando"
    r"|ya (?:hemos|he|lo)|lo|le|nos pasa|pasa|ocurre|sucede"
    r"|cela|ça|c'est|ce|cette|parce|mais|et|donc|alors|il|elle|ils|pourtant|cependant|par exemple|du coup"
    r"|on a)\b",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"(?:\**)(attendees|attendance|participants|present|invitees|next steps?|action items?|actions"
    r"|follow[- ]?ups?|to-?dos?|agenda"
    r"|date|time|duration|location|call recording|recording|teilnehmer(?:innen)?|anwesend|nächste schritte"
    r"|aufgaben|agenda|datum"
    r"|asistentes|participantes|próximos pasos|pasos siguientes|fecha|présents|prochaines étapes"
    r"|ordre du jour)\**\s*:",
    re.IGNORECASE,
)
_PLEASANTRY = re.compile(
    r"(?:(?:i )?hope (?:you|this|all|everyone|your)\b[^.!?]{0,60}(?:well|great|good|week|weekend|finds|fine"
    r"|helps?)"
    r"|(?:many |again,? |ok(?:ay)?,? )?(?:thanks|thank you|thx|cheers|ty)(?: (?:so much|a lot|very much|again"
    r"|in advance|you|all|team|guys|and"
    r"|best regards|kind regards|for (?:your|the|any|all) (?:\w+ )?(?:help|support|time|assistance|patience"
    r"|attention|reply|response|understanding|quick \w+)))*"
    r"(?:,? <?\w+>?){0,2}$"
    r"|(?:please |kindly |just )?(?:let (?:me|us) know|get back to (?:me|us)|advise|call me"
    r"|reply)\b[^.!?]{0,80}$"
    r"|(?:please|pls) (?:help|fix|advise|assist)(?: (?:us|me|this|it|asap|soon|urgently|quickly|with this))*$"
    r"|(?:i|we)? ?(?:am |are |'m |'re )?(?:looking|look) forward\b|(?:any|your) (?:help|assistance|support"
    r"|advice)\b[^.!?]{0,30}(?:appreciated|welcome)"
    r"|(?:can|could|would) (?:you|someone|anyone) (?:please |kindly )?(?:help|assist|advise|look into (?:this"
    r"|it)|check)(?: (?:me|us|this|it|with this|on this|here|out))*$"
    r"|it would be (?:wonderful|great|lovely|nice|kind|good|very kind|much appreciated) if (?:you|some(?:body|one))"
    r" could (?:kindly |please )?(?:(?:have|take) a look|look into|check|help)(?: (?:at|into)? ?(?:this|it|that|us))?"
    r"(?:,? (?:at your (?:earliest )?convenience|when (?:you|they) (?:have|get)[^.!?]{0,20}|soon))*$"
    r"|(?:with )?(?:many|kind) thanks(?: (?:in advance|again|for (?:your|the) (?:time|help|support)))*$"
    r"|(?:best|kind|warm|many) (?:regards|wishes)|regards\b|sincerely\b|have a (?:great|nice|good|lovely)\b"
    r"|happy (?:monday|friday|new year)"
    r"|(?:feel free|don't hesitate|do not hesitate)\b|nice (?:to meet|talking|speaking)|sent from my\b"
    r"|my name is [^.!?]{0,60}$|this is \w+ (?:from|at|of) [^.!?]{0,40}$|(?:i'm|i am) (?:writing|reaching out"
    r"|contacting you)[^.!?]{0,25}$"
    r"|(?:as (?:a|the|our) )?next steps?\b|to move (?:this |things )?forward\b|moving forward\b"
    r"|going forward,? (?:i|we)\b"
    r"|(?:i|we)(?:'ll| will| am going to| agreed to| plan to| scheduled| booked| have scheduled| promised to"
    r"| suggested| proposed)\b[^.!?]{0,160}"
    r"\b(?:follow[- ]?up|call|meeting|demo|demonstration|session|send|share|schedule|coordinate|circle back"
    r"|reach out|prepare|touch base|presentation|proposal)\b"
    r"|(?:ich |wir )?hoffe[n]?,? (?:es|ihnen|sie|dir|euch)\b[^.!?]{0,40}gut|(?:vielen |herzlichen "
    r"|besten )?dank\b[^.!?]{0,40}$|danke\b[^.!?]{0,30}$"
    r"|(?:bitte )?(?:um|ich bitte um|wir bitten um) (?:\w+ )?(?:rückmeldung|hilfe|rückruf|info)\b"
    r"|(?:mit )?(?:freundlichen|besten|vielen|liebe|viele) grü"
    r"|(?:ich|wir) (?:freue|freuen|würde|würden) (?:mich|uns) (?:auf|über)\b|können sie (?:uns "
    r"|mir )?(?:bitte )?helfen|mein name ist [^.!?]{0,40}$"
    r"|espero que (?:est|se enc)|(?:muchas |mil )?gracias\b[^.!?]{0,40}$|(?:un )?(?:cordial )?saludos?\b"
    r"|quedo (?:a la espera|atent)|atentamente"
    r"|(?:me |nos )?pueden? ayudar(?:me|nos)?\W*$|me llamo [^.!?]{0,40}$"
    r"|merci\b[^.!?]{0,40}$|cordialement|bien à vous|(?:je|nous) (?:reste|restons) à votre|pouvez-vous (?:m'"
    r"|nous )aider)",
    re.IGNORECASE,
)
_SALUTATION = re.compile(
    r"(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen)|hola|buen[oa]s (?:días|tardes)"
    r"|bonjour)\b[^.!?,\n]{0,40}[,!]\s+",
    re.IGNORECASE,
)
_PLACEHOLDERS = re.compile(r"(?:[<{\[][A-Za-z ]{2,20}[>}\]][\s,.|/-]*)+$")
_ENDING = ".!?… \t\n,;"
_LONGEST_PLEASANTRY = 260


def turns_to_something_else(sentence: str) -> bool:
    """Whether it announces another thing: "Also,", "On another note", "Außerdem", "Además"."""
    return _TURNS.match(sentence) is not None


def carries_on(sentence: str) -> bool:
    """Whether it points back: "It", "This", "because", "also on Android", "Das", "Esto"."""
    return _CARRIES_ON.match(sentence) is not None


def section_heading(sentence: str) -> str:
    """The heading of a part that states nothing ("Attendees:", "Next steps:"), or nothing."""
    found = _SECTION.match(sentence)
    return found[0] if found else ""


def is_pleasantry(sentence: str) -> bool:
    """Whether it is courtesy or arrangement only, perhaps after a salutation."""
    if len(sentence) > _LONGEST_PLEASANTRY:
        return False
    said = sentence[found.end() :] if (found := _SALUTATION.match(sentence)) else sentence
    return _PLACEHOLDERS.match(sentence) is not None or _PLEASANTRY.match(said.rstrip(_ENDING)) is not None
