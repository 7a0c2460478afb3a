"""Find persons' names: those that accounts told us, and those that a text announces ("my name is …", a sign-off).

Pure. Known names are looked up word by word in one pass, so their number costs memory, not time.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from insights.privacy.patterns import Span
from insights.text.words import word_set

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PART = re.compile(r"\w+")
_LONGEST_NAME_GAP = 3
_CAPITAL = "[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪİŁŃŇŌŐŒŘŚŞŠŤŪŮŰŹŻŽΑ-ΩА-Я]"
_PARTICLE = "(?:van|von|de|der|den|del|la|di|da|dos|el|al|bin)"
_PERSON = (
    rf"{_CAPITAL}[\w'’-]{{1,30}}"
    rf"(?:[ \t](?:{_PARTICLE}[ \t]){{0,2}}{_CAPITAL}(?:[\w'’-]{{1,30}}|\.)){{0,3}}"
)
_FULL_NAME = (
    rf"{_CAPITAL}[\w'’-]{{1,30}}"
    rf"(?:[ \t](?:{_PARTICLE}[ \t]){{0,2}}{_CAPITAL}(?:[\w'’-]{{1,30}}|\.)){{1,3}}"
)
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Herr|Herrn|Frau|Señora?|Sra?|Srta|Don|Doña|Monsieur|Madame|Mme|Mlle"
    r"|mr|mrs|ms|herr|frau|señora?|sra|srta)"
)
_TITLED = re.compile(rf"(?<!\w){_TITLE}\.?[ \t]+(?:(?:Dr|Prof|Dipl)\.?[ \t]+)?(?P<name>{_PERSON})")
_ANNOUNCED = re.compile(
    r"\b(?i:my (?:full )?name(?:'s| is)|my name:|(?:full |contact |customer |driver )?"
    r"(?<!product )(?<!file )(?<!company )(?<!domain )(?<!host )(?<!field )name:|(?:der "
    r"|den )?name ist|mein name ist|ich heiße|ich heisse"
    r"|mi chiamo|il mio nome è|nazywam się|meu nome é|ik heet|mijn naam is|jag heter|mit navn er"
    r"|me llamo|mi nombre es|nombre:|je m'appelle|mon nom est|contact(?: person)?:|ansprechpartner(?:in)?:"
    r"|ask for|attn\.?:?)"
    rf"[ \t]{{1,2}}(?P<name>{_PERSON})"
)
_INTRODUCED = re.compile(
    rf"\b(?i:this is|it's|i am|i'm|hier ist|hier spricht|ich bin|soy|ici|je suis|sono)[ \t](?=\w[^A-Z])"
    rf"(?P<name>{_PERSON})[ \t](?i:from|of|at|here|von|de la|vom|aus|du|della|di)\b"
    rf"|\b(?i:je suis|ich bin|sono|soy)[ \t](?P<whole>{_FULL_NAME})(?=[,.])"
)
_GREETED = re.compile(
    r"(?:^|\n|[.!?][ \t])[ \t]*(?i:dear|hi|hello|hey"
    r"|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|guten (?:tag|morgen)"
    rf"|hola|buenos días"
    rf"|buenas tardes|estimad[oa]|querid[oa]|bonjour|bonsoir|ch(?:er|ère)|ciao|buongiorno|gentile|car[oa]"
    rf"|cześć|dzień dobry)[ \t](?P<name>{_PERSON})(?=[ \t]*[,!\n:]|[ \t]*$)"
)
_MET = re.compile(
    r"\b(?i:spoke (?:with|to)|talked (?:with|to)|spoken (?:with|to)|met with|chatted with|on behalf of|hablé con"
    rf"|gesprochen mit|parlé (?:à|avec)|parlato con)[ \t](?P<name>{_FULL_NAME})"
)
_SIGNED = re.compile(
    r"(?:^|[.!?,][ \t])[ \t]*(?i:(?:(?:many|best|kind|kindest|warm|with kind) )?(?:regards|thanks|thank you"
    r"|wishes|cheers|best(?=[ \t]*[,–\n-])|sincerely|yours(?: \w+)?)"
    r"(?: (?:again|in advance|a lot|so much))?|mit freundlichen grüßen|mit freundlichem gruß|(?:viele|beste"
    r"|liebe|freundliche|schöne) grüße|mfg|lg|vg|gruß|grüße"
    r"|danke(?: im voraus)?|vielen dank|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|un abrazo"
    r"|(?:muchas )?gracias|cordialement|bien à vous|merci(?: d'avance)?)"
    rf"[ \t]*[,.!–-]*[ \t]*\n?[ \t]*(?:[-–—][ \t]?)?(?P<name>{_PERSON})(?=[ \t]*(?:[.,;|(]|$))",
    re.MULTILINE,
)
_FIRM_AFTER = re.compile(
    r"[ \t,]{1,3}(?:&[ \t]|(?:and|und|y|et)[ \t](?:Co|Sons?|Söhne|Hijos|Fils)\b|(?:GmbH|AG|KG|OHG|UG|SE|e\.K"
    r"|Ltd|Limited|Inc|LLC|LLP|Corp|Co|PLC|plc"
    r"|S\.?L|S\.?A|SARL|SAS|B\.?V|N\.?V|Oy|AB|A/S|Group|Holding|Logistics|Trading|Foods?|Supplies|Wholesale"
    r"|Warehouse|Imports?|Distribution|Industries)\b)"
)
_ROLES = re.compile(
    r"team|support|service|servici|serviç|soporte|suporte|kunden|assist|department|abteilung|^desk$|^agent|^help|^store$"
    r"|^online$|^ihr|^atención$|^atendimento$|^clientes?$|^equip[eo]|^sinc|^technical$|^google$|^microsoft$|^apple$|^amazon$"
    r"|^spotify$|^salesforce$|^hubspot$|^zendesk$",
)
"""In the name of an office or firm, of which a person's name is no part."""

_NOT_NAMES = word_set(
    "the a an and or but you your i it we they all team support customer everyone everybody guys folks there "
    "sir madam help please again very much so for from in on if when how why what who where this that these "
    "our my not no yes also still will would can monday tuesday wednesday thursday friday saturday sunday "
    "january february march april may june july august september october november december crm api csv url "
    "app ios android windows mac chrome excel hr ceo cto coo vp warehouse manager lead owner director "
    "operations sales purchasing logistics finance accounting office sent phone tel mobile e-mail email mail "
    "order invoice regards thanks best kind bitte danke das die der ich wir sie es ein eine und aber "
    "kundenservice kundendienst montag dienstag mittwoch donnerstag freitag el la los las un una y pero "
    "gracias equipo por favor merci bonjour le les une et mais name card iban id ip secret address mark grant "
    "chase rich bill price page banks case long young brown black white green stone field church rose grace "
    "joy hope faith summer autumn dawn drew frank jack jean rob sue pat art ray gene dean earl guy miles cook "
    "baker carter mason park parks wood woods rivers lake hill bush ford sharp swift short small little good "
    "noble king prince duke knight bishop pope major marshall love day week winter frost snow rain bell ball "
    "bond box bridge brook burns cash cross fisher fox french german english england holland ireland wales "
    "gold silver golden hall hand hart hunt hunter kitchen land lane law moon moss nice north west south east "
    "penny pike pool power press rice rush sage ship shore singer speed star street strong temple towns "
    "tanner turner van walker wall ward waters way weeks wise worth klein gross lang kurz jung alt wolf koch "
    "vogel sommer herbst stark weiss schwarz braun roth fuchs berg bach stein sonne cruz rey flores campo "
    "rios luz sol mar paz blanco rojo moreno delgado rubio leon petit grand blanc noir max min dot data chris "
    "drive do chance christian hello hi dear feedback beste saludos cordialement security bug login hola bonjour hallo "
)
"""Words that are also names: alone they are left, beside a title or the rest of the name they are not."""


@dataclass(slots=True)
class KnownNames:
    """Names by their first word, for one pass over a text. `eager`: any single capitalised word of a name "
    "counts."""

    eager: bool = False
    phrases: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, names: Iterable[str], *, eager: bool = False) -> "KnownNames":
        """Reads names such as "Lucía Ortega", "Ortega, Lucía" and "Dr. L. Ortega"."""
        known = cls(eager=eager)
        for name in names:
            known._add(name)
        return known

    def _add(self, name: str) -> None:
        if "," in name:
            last, _, first = name.partition(",")
            name = f"{first} {last}"
        parts = tuple(part for part in (_folded(word) for word in _WORD.findall(name)) if part not in _TITLE_WORDS)
        if not parts:
            return
        self.words.update(part for part in parts if len(part) > 2)
        for phrase in {parts, parts[::-1], (parts[0], parts[-1])}:
            if len(phrase) > 1:
                self.phrases.setdefault(phrase[0], set()).add(phrase)

    def find(self, text: str) -> Iterator[Span]:
        """Spans of known names, whole words only."""
        if not self.words:
            return
        tokens = [(found.start(), found.end(), _folded(found[0])) for found in _WORD.finditer(text)]
        number = 0
        while number < len(tokens):
            count = self._phrase_length(tokens, number, text=text) or self._alone(tokens, number, text=text)
            if count:
                start, end = tokens[number][0], _without_genitive(text, tokens[number + count - 1][1])
                if not _FIRM_AFTER.match(text, end):
                    yield start, end, "NAME"
            number += max(1, count)

    def _phrase_length(self, tokens: list[tuple[int, int, str]], number: int, *, text: str) -> int:
        """How many words from here are a full name; 0 for none."""
        longest = 0
        for phrase in self.phrases.get(tokens[number][2], ()):
            size = len(phrase)
            if size > longest and _stands_here(tokens[number : number + size], phrase, text=text):
                longest = size
        return longest

    def _alone(self, tokens: list[tuple[int, int, str]], number: int, *, text: str) -> int:
        """1 where a single word counts as a name."""
        start, _, word = tokens[number]
        if word not in self.words or not text[start].isupper():
            return 0
        return int(self.eager or word not in _NOT_NAMES)


def _stands_here(tokens: list[tuple[int, int, str]], phrase: tuple[str, ...], *, text: str) -> bool:
    """Whether the words follow each other with nothing but blanks, a comma or an initial's dot between."""
    if tuple(token[2] for token in tokens) != phrase:
        return False
    gaps = (text[left[1] : right[0]] for left, right in pairwise(tokens))
    return all(len(gap) <= _LONGEST_NAME_GAP and not gap.strip(" \t\n.,") for gap in gaps)


def _without_genitive(text: str, end: int) -> int:
    """Leaves the "'s" of "Ortega's" outside."""
    return end - 2 if text[end - 2 : end] in ("'s", "’s") else end


def _folded(word: str) -> str:
    """For comparison: lower case, without accents or genitive."""
    if word[-2:] in ("'s", "’s"):
        word = word[:-2]
    if not word.isascii():
        word = "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))
    return word.casefold()


_TITLE_WORDS = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "sr", "sra", "mme"))


def announced_names(text: str) -> Iterator[Span]:
    """Spans of names that a title, an introduction or a sign-off announces."""
    for pattern in (_TITLED, _ANNOUNCED, _INTRODUCED, _SIGNED, _GREETED, _MET):
        for found in pattern.finditer(text):
            group = found.lastgroup or "name"
            words = _PART.findall(found[group])
            if _is_name(words) and not _FIRM_AFTER.match(text, found.end(group)):
                yield found.start(group), _without_genitive(text, found.end(group)), "NAME"


def _is_name(words: list[str]) -> bool:
    """Whether they can be a person's: the first is no ordinary word, none names an office."""
    is_ordinary = any(_folded(word) in _NOT_NAMES for word in words[:1])
    return not is_ordinary and not any(_ROLES.search(word.casefold()) for word in words)
