"""Find a customer's own words in an e-mail: cut quoted replies, signatures, disclaimers, empty subjects.

Works line by line on plain text, so that no pattern spans more than three lines. Rules of our own: the package we
tried (mail-parser-reply 1.33) cuts hyphen lists as signatures and joins no wrapped header.
"""

import re

from insights.text.words import word_set

_HEADER_REACH = 3
"""Lines over which mail programs wrap "On Tuesday, Ana wrote:"."""
_LONGEST_HEADER = 300

_WROTE = re.compile(
    r"^[\s>*]*(?:On|Am|El|Le|Il|Op|Em|Den)\b[^\n]{3,}?(?:\bwrote|\bschrieb\b[^\n]{0,120}|\bescribió|\ba écrit"
    r"|\bha scritto|\bschreef\b[^\n]{0,120}|\bescreveu|\bskrev\b[^\n]{0,120})\s*:\s*\**\s*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^[\s>*]*[-_]{2,} ?(?:original message|ursprüngliche nachricht|mensaje original|message d'origine"
    r"|messaggio originale|mensagem original|original-nachricht) ?[-_]{2,}",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^[\s>*]*(?:[-_]{2,} ?(?:forwarded message|weitergeleitete nachricht|mensaje reenviado|message transféré)"
    r"|begin forwarded message:)",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[\s>*]*(from|sent|to|cc|subject|date|von|gesendet|an|betreff|datum|de|enviado|enviado el|para|asunto|fecha"
    r"|envoyé|à|objet)\s?\*?:\**\s+\S",
    re.IGNORECASE,
)
_FROM = re.compile(r"^[\s>*]*(?:from|von|de)\s?\*?:", re.IGNORECASE)
_QUOTED = re.compile(r"^\s*>(?!\s*\d)")
_REPLY_ABOVE = re.compile(r"(?:type|write) your reply (?:above|below)|reply above this line", re.IGNORECASE)
_RULE = re.compile(r"^\s*(?:--|—|––|_{5,}|-{20,})\s*$")
_SENT_FROM = re.compile(
    r"^\s*(?:sent (?:from|via|with) (?:my |the |outlook|yahoo|mail|gmail|proton|superhuman|samsung|front\b)"
    r"|get outlook for|gesendet (?:von|mit) (?:meine|der|dem|outlook)|von meinem \w+ gesendet"
    r"|von (?:unterwegs|iphone) gesendet|enviado desde (?:mi|el|la|outlook|yahoo)"
    r"|envoyé de(?:puis)? (?:mon|ma|outlook|yahoo)|inviato da)[^\n]{0,80}$",
    re.IGNORECASE,
)
_NAME_WORD = r"[^\W\d_a-zß-öø-ÿ][\w.'’-]{1,30}"
_SIGN_OFF = re.compile(
    r"^\s*(?:(?:(?:many|best|kind|kindest|warm|warmest|with|good|all|thanks and|thank you and|with kind"
    r"|with best) )?"
    r"(?:regards|thanks|thank you|wishes|cheers|the best|best|greetings|rgds|thx|br|kr)"
    r"(?: (?:a lot|so much|very much|again|in advance|and regards|and best regards|for your (?:help|time|support)"
    r"|team|all|everyone|guys))*"
    r"|sincerely(?: yours)?|yours(?: (?:sincerely|truly|faithfully))?|respectfully|talk soon|take care|ta"
    r"|(?:mit )?(?:freundlichen?|vielen|besten?|herzlichen?|lieben?|viele|schöne|sonnige) (?:grüßen?|grüssen?|gruß"
    r"|gruss|dank)(?: (?:im voraus|aus \w+))?|mfg|lg|vg|gruß|gruss|grüße|danke(?: schön| im voraus| und gruß)?"
    r"|(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente|un abrazo|(?:muchas )?gracias"
    r"(?: de antemano| por (?:todo|su ayuda|vuestra ayuda))?|quedo a la espera"
    r"|(?:bien )?cordialement|(?:meilleures )?salutations|merci(?: d'avance| beaucoup)?|bien à vous)"
    rf"\b\s*[,.!;]*\s*(?:[-–—]\s*)?(?-i:{_NAME_WORD}(?:[ ,](?:(?:van|von|de|der|del|la) )?{_NAME_WORD}){{0,3}})?"
    r"[,.!]*\s*$",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"@|https?:|www\.|\+?\d[\d\s()./-]{6,}|^\s*(?:t|m|f|e|tel|tel\.|phone|mobile|mob|cell|fax|mail|e-mail"
    r"|web)\s*[:.|]"
    r"|\b(?:gmbh|ltd|inc|llc|s\.?l\.?|s\.?a\.?|b\.?v|ag|corp|co\. kg)\b|[|•·]",
    re.IGNORECASE,
)
_PS = re.compile(r"^\s*p\.?\s?s\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?]\s*$")
_NAMES = re.compile(
    rf"^\s*(?:[-–—]\s?)?{_NAME_WORD}"
    rf"(?:(?:[,|/] {{0,2}}| (?:(?:van|von|de|der|del|la|of|&) )?){_NAME_WORD}){{0,4}},?\s*$"
)
_NAME_LINES = 4
_LONGEST_SIGNATURE = 14
_SIGNATURE_LINE_WORDS = 8
_DISCLAIMER = re.compile(
    r"\bnot (?:be )?the (?:intended|named) (?:recipient|addressee)|intended (?:solely|only) for the (?:use"
    r"|person|named"
    r"|individual|addressee|recipient)|(?:e-?mail|message|communication)[^\n.]{0,80}\b(?:is|are|may be|contains?)\b"
    r"[^\n.]{0,60}\b(?:confidential|privileged)|confidentiality notice|consider the environment before printing"
    r"|(?:e-?mail|nachricht) (?:enthält|kann|ist)[^\n.]{0,60}vertraulich|nicht der (?:richtige"
    r"|vorgesehene) (?:adressat"
    r"|empfänger)|(?:mensaje|correo)[^\n.]{0,80}\bconfidencial|si (?:usted )?no es el destinatario"
    r"|ce (?:message|courriel)[^\n.]{0,80}\bconfidentiel|^\s*\*?(?:disclaimer|caution|legal notice)\b[^\n]{0,40}:"
    r"|external (?:e-?mail|sender)[^\n]{0,80}do not click",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^\s*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|hiya|howdy|morning"
    r"|to whom it may"
    r" concern|hallo|hi zusammen|guten (?:tag|morgen|abend)|moin|servus|sehr geehrte[rs]?|liebe[rs]?|grüezi|hola"
    r"|buenos días|buenas(?: tardes| noches)?|estimad[oa]s?|bonjour|salut|madame"
    r"|ciao)\b[^\n.?!:]{0,45}?)\s*[,.!:–-]*\s*$",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|rv|tr|sv|antw|res|enc)\s?(?:\[\d+\])?\s*:|\[(?:external|extern|ticket|case"
    r"|#)[^\]\n]{0,40}\]"
    r"|\((?:no subject)\)|(?:ticket|case) ?#?\d+\s*[:-])\s*",
    re.IGNORECASE,
)
_NOT_WORD = re.compile(r"[\W_]+")
_USELESS = word_set(
    "help please pls urgent urgently asap issue issues problem problems question questions query support "
    "ticket error bug"
    " hello hi hey none no subject important fyi update request again still another new very need needed needs with"
    " the a an me my our us your it is this i we have has of to for from in on and not working feedback quick"
    " hilfe bitte dringend problem probleme frage fragen anfrage fehler wichtig kein betreff ohne störung support"
    " ein eine mit wir haben hallo"
    " ayuda urgente problema problemas pregunta consulta duda error sin asunto por favor importante hola un una con"
    "aide urgent problème question bonjour sans objet demande untitled crateline na test message mail email "
    "contact"
    " customer inquiry general reply"
)
_WORD = re.compile(r"[^\W_]")


def has_words(text: str) -> bool:
    """Whether anything in the text can be read."""
    return _WORD.search(text) is not None


def own_words(text: str) -> str:
    """The text without quoted replies, greeting, signature and disclaimers; may be empty."""
    lines = _without_disclaimers(text.split("\n"))
    lines = _without_quotes(lines)
    lines = [line for line in lines if not (_SENT_FROM.match(line) or _REPLY_ABOVE.search(line[:200]))]
    lines = _without_signature(_stripped(lines))
    return "\n".join(_stripped(_without_greeting(lines)))


def _stripped(lines: list[str]) -> list[str]:
    """The lines without empty ones at either end."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _without_disclaimers(lines: list[str]) -> list[str]:
    """Drops every paragraph that reads like a lawyer's."""
    kept: list[str] = []
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            paragraph.append(line)
            continue
        if not _is_disclaimer(paragraph):
            kept += [*paragraph, ""]
        paragraph = []
    return kept


def _is_disclaimer(paragraph: list[str]) -> bool:
    """Looks at the first 600 characters only: the cue stands at a disclaimer's head."""
    return bool(paragraph) and _DISCLAIMER.search(" ".join(paragraph)[:600]) is not None


def _without_quotes(lines: list[str]) -> list[str]:
    """Drops earlier messages: marked lines wherever they stand, and all that follows an unmarked header."""
    kept: list[str] = []
    said_something = False
    number = 0
    while number < len(lines):
        header = _header_length(lines, number)
        if not header:
            if not _QUOTED.match(lines[number]):
                kept.append(lines[number])
                said_something = said_something or has_words(lines[number])
            number += 1
            continue
        number += header
        if said_something and not _is_marked(lines, number):
            break
        number = _past_quote(lines, number)
    return kept


def _is_marked(lines: list[str], start: int) -> bool:
    """Whether the first filled line from `start` on is marked as a quotation."""
    first = next((lines[at] for at in range(start, len(lines)) if lines[at].strip()), "")
    return first.lstrip().startswith(">")


def _past_quote(lines: list[str], start: int) -> int:
    """The number of the first line after the marked lines from `start` on."""
    while start < len(lines) and (not lines[start].strip() or lines[start].lstrip().startswith(">")):
        start += 1
    return start


def _header_length(lines: list[str], number: int) -> int:
    """How many lines, from this one on, announce an earlier message; 0 for none."""
    line = lines[number][:_LONGEST_HEADER]
    if _ORIGINAL.match(line) or _FORWARDED.match(line):
        return 1 + _fields_length(lines, number + 1)
    if _FROM.match(line):
        fields = _fields_length(lines, number)
        return fields if fields >= 2 else 0
    joined = ""
    for reach in range(1, _HEADER_REACH + 1):
        joined = f"{joined} {lines[number + reach - 1]}" if number + reach <= len(lines) else joined
        if len(joined) <= _LONGEST_HEADER and _WROTE.match(joined.strip()):
            return reach
    return 0


def _fields_length(lines: list[str], start: int) -> int:
    """How many lines from `start` are fields such as "Sent: Monday"."""
    end = start
    while end < len(lines) and _FIELD.match(lines[end][:_LONGEST_HEADER]):
        end += 1
    return end - start


def _without_signature(lines: list[str]) -> list[str]:
    """Cuts at "-- " or at a sign-off that nothing but a signature follows."""
    first = max(1, len(lines) - _LONGEST_SIGNATURE)
    for number in range(first, len(lines)):
        line = lines[number]
        if _RULE.match(line) and _is_signature(lines[number + 1 :]):
            return lines[:number]
        if is_sign_off(line) and _is_signature(lines[number + 1 :]):
            return lines[:number]
    return _without_names(lines)


def _without_names(lines: list[str]) -> list[str]:
    """Drops names and firms below the last sentence, where nobody said goodbye."""
    end = len(lines)
    while end > 1 and len(lines) - end < _NAME_LINES and (not lines[end - 1].strip() or _NAMES.match(lines[end - 1])):
        end -= 1
    return lines[:end] if end and _SENTENCE_END.search(lines[end - 1][-200:]) else lines


def is_sign_off(line: str) -> bool:
    """Whether the line only says goodbye, perhaps with a name."""
    return len(line) <= 80 and _SIGN_OFF.match(line) is not None


def _is_signature(lines: list[str]) -> bool:
    """Whether every line could stand below a name: short, or a way to reach someone."""
    return all(_is_signature_line(line) for line in lines)


def _is_signature_line(line: str) -> bool:
    if not line.strip():
        return True
    if _PS.match(line) or len(line) > 200:
        return False
    words = len(line.split())
    if _CONTACT.search(line):
        return words <= 2 * _SIGNATURE_LINE_WORDS
    return words <= _SIGNATURE_LINE_WORDS and not (_SENTENCE_END.search(line) and words > 4)


def _without_greeting(lines: list[str]) -> list[str]:
    """Drops a first line that only says hello."""
    lines = _stripped(lines)
    return lines[1:] if len(lines) > 1 and is_greeting(lines[0]) else lines


def is_greeting(line: str) -> bool:
    """Whether the line only says hello."""
    return len(line) <= 80 and _GREETING.match(line) is not None


def telling_subject(subject: str, *, body: str) -> str:
    """The subject as a sentence, or nothing where it says nothing or the body says it already."""
    subject = " ".join(subject.split())[:_LONGEST_HEADER]
    while (shorter := _PREFIX.sub("", subject, count=1)) != subject:
        subject = shorter
    words = _words(subject)
    if all(word in _USELESS or word.isdigit() for word in words):
        return ""
    if f" {' '.join(words)} " in f" {' '.join(_words(body[:1000]))} ":
        return ""
    return subject if subject[-1] in ".!?…" else f"{subject}."


def _words(text: str) -> list[str]:
    return _NOT_WORD.sub(" ", text.casefold()).split()
