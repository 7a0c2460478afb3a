"""Tell how much a problem hurts by the words of those who have it (en, de, es, fr), where no model did.

Work that stops or what is lost *blocks*; a request is a *wish*, any other problem *hurts*. What *annoys* is not told:
the words for it ("minor", "confusing", "no rush") were no better at it than chance. Measured by benchmarks/severity.py.
Few phrases that mean little else; a denial ("not urgent", "no data loss") takes one back. Capitals, marks and swear
words are not looked at, and a letter that is dropped, doubled or has changed places is put right. Ours, written by
hand; no list was copied. Pure and linear.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Literal

from insights.domain.feedback import Stance
from insights.text.folding import fold, words_of
from insights.text.profanity import without_profanity
from insights.text.words import word_set

Severity = Literal["blocks", "hurts", "wish"]

MOST_SEVERE_FIRST: tuple[Severity, ...] = ("blocks", "hurts", "wish")

FEWEST = 3
"""Voices below which a few words decide nothing."""
FEWEST_BLOCKING = 2
"""Voices that say so for a problem to block: none does it alone, however it writes."""
BLOCKING_SHARE = 0.2
"""Of the voices. The rule hears about half of those that are blocked (`benchmarks/severity.py`): a fifth that is heard
is nearer to a half."""

_BACK = 3
"""Words before a phrase in which a denial takes it back; it does not reach past a comma or full stop."""
_REACH = 60
"""Characters in which these words are looked for."""
_SLIPS_FROM = 5
_DROPS_FROM = 7
"""Letters from which a word is put right, and one that lacks a letter: shorter ones are too near to one another."""

_CANNOT = (
    (
        "cannot, canot, can't, cant, can not, can no longer, could not, couldn't, couldnt, unable to, not able to, "
        "aren't able to, isn't able to, impossible to, nobody can, no one can, none of us can, won't let us, "
        "won't let me, doesn't let us, doesn't let me, no way to",
        "log in, login, log on, logon, log into, sign in, get in, get into, access, open, use, work, continue, "
        "proceed, operate, print, export, import, download, upload, ship, dispatch, deliver, pay, pick, book, order, "
        "invoice, save, submit, start, launch, install, connect, reset, send, receive, process, finish, close, do, "
        "run, join, load, sync, post, release",
    ),
    (
        "nicht, nicht mehr, niemand",
        "einloggen, anmelden, zugreifen, offnen, nutzen, verwenden, arbeiten, weiterarbeiten, drucken, exportieren, "
        "importieren, herunterladen, hochladen, verschicken, versenden, ausliefern, liefern, bezahlen, buchen, "
        "abrechnen, speichern, starten, installieren, verbinden, zurucksetzen, abschliessen, bestellen",
    ),
    (
        "no puedo, no podemos, no puede, no pueden, no se puede, no pudimos, no nos deja, no me deja, no deja, "
        "nadie puede, imposible, incapaz de",
        "entrar, acceder, iniciar, abrir, usar, utilizar, trabajar, seguir, imprimir, exportar, importar, descargar, "
        "subir, enviar, pagar, facturar, guardar, cerrar, recibir, preparar, conectarnos, conectarme, conectar",
    ),
    (
        "impossible de, impossible d', peux pas, peux plus, peut pas, peut plus, pouvons pas, pouvons plus, "
        "n'arrive pas a, n'arrive plus a, n'arrivons pas a, n'arrivons plus a, personne ne peut",
        "connecter, acceder, ouvrir, utiliser, travailler, imprimer, exporter, importer, telecharger, envoyer, payer, "
        "facturer, enregistrer, expedier, entrer, d'acceder, d'ouvrir, d'utiliser, d'imprimer, d'exporter, d'importer",
    ),
)  # fmt: skip
"""What is not possible, and to do what; one word may stand between."""

_BLOCKS = """
outage*, outages, crashes, crashed, crashing, urgently, is down, are down, was down, were down, went down, goes
down, keeps going down, system down, server down, sso down, site down, down since, down for, offline since, locked
out, locks us out, locked us out, locking us out, shut out, standstill, work stops, work stopped, work has stopped,
came to a halt, come to a halt, to a halt, halted, unusable, inoperable, blocker*, showstopper*, show stopper*,
dealbreaker, blocks us, blocking us, blocked us, blocking our, blocks our, blocked from, urgent*, asap, emergency,
immediate attention, immediate assistance, immediate action, immediate help, immediate support, immediate
resolution, business critical, mission critical, critical issue*, critical problem*, critical error*, critical
failure*, critical outage*, severe, severely, escalate this, escalating this, escalate it, please escalate, need to
escalate, must escalate, downtime, stopped working, crash*, times out, timing out, timed out, import fails, import
failed, export fails, export failed, login loop*, redirect loop*, data loss, loss of data, lost data, lost our data,
lost my data, lost all, lost everything, loses data, losing data, data is gone, data was gone, lost our work, lost
my work, lost work, lost hours of, is lost, are lost, got lost, get lost, gets lost, was lost, were lost, work gone,
work is gone, everything is gone, deleted our, deleted my, deleted all, wiped our, wiped my, wiped all, corrupted,
lost money, losing money, lose money, loses money, costs us money, paid twice, charged twice, charged us twice,
charged me twice, billed twice, double charged, refuses to pay, refuse to pay, won't pay, lost customers, lost a
customer, lost orders, losing customers, losing orders, production stopped, production is stopped,
ausfall, ausgefallen, komplettausfall, systemausfall, serverausfall, stillstand, steht still, stehen still,
lahmgelegt, legt lahm, ausgesperrt, kein zugriff, keinen zugriff, nicht erreichbar, unbenutzbar, unbrauchbar, nicht
nutzbar, nicht rein, blockiert uns, blockiert unsere*, gesperrt, dringend*, dringende, dringender, dringendes,
notfall, sofortige hilfe, sofortige unterstützung, umgehend*, kritisches problem, kritischer fehler, kritische
störung, geschäftskritisch*, schwerwiegend*, erheblich beeinträchtigt, stürzt ab, abgestürzt, absturz*,
zeitüberschreitung, datenverlust*, daten verloren, daten weg, daten gelöscht, alles weg, verloren gegangen, geht
verloren, gehen verloren, geld verloren, verlieren geld, kostet uns geld, doppelt bezahlt, doppelt abgebucht,
caída del, caída de, está caído, está caída, sistema caído, sin acceso, inaccesible, inutilizable, bloqueados,
parados, estamos parados, nos bloquea, paralizad*, urgente*, urgencia, emergencia, atención inmediata, ayuda
inmediata, problema crítico, error crítico, grave, graves, se cuelga, caídas, pérdida de datos, perdido datos,
perdimos datos, datos perdidos, se pierde todo, se ha perdido, lo escrito perdido, perdemos dinero, pagado dos
veces, cobrado dos veces,
en panne, panne, hors service, à l'arrêt, inaccessible, inutilisable, plus accès, pas accès, aucun accès, sommes
bloqués, nous bloque, paralys*, urgence, immédiate, problème critique, erreur critique, ça plante, l'application
plante, application plante, perte de données, pertes de données, données perdues, tout perdu, perdons de l'argent,
débité deux fois, payé deux fois
"""  # fmt: skip

_DENIALS = word_set(
    "no not never none nobody nothing without neither nor isn't wasn't aren't weren't hasn't haven't hadn't doesn't "
    "don't didn't won't wouldn't prevent prevents preventing avoid avoiding if kein keine keinen keiner keinem nicht "
    "nichts nie niemals ohne vermeiden verhindern falls sin nada nunca ningun ninguna ni evitar si pas jamais sans "
    "rien aucun aucune eviter"
)


def severity_of(text: str, stance: Stance) -> Severity | None:
    """What one mention or item says of its severity; None where it states neither a problem nor a request, or has no
    words."""
    words = _put_right(words_of(fold(without_profanity(text))))
    if not stance.is_ranked or not any(word[0].isalpha() for word in words):
        return None
    line = " ".join(words)
    if _stops().search(line) or any(_undenied(line, _blocking())):
        return "blocks"
    return "wish" if stance is Stance.REQUEST else "hurts"


def problem_severity(counts: Mapping[Severity, int]) -> Severity | None:
    """A problem's severity from how many voices (accounts, or items of no known account) said which. None of fewer
    than `FEWEST`.

    It blocks where `FEWEST_BLOCKING` or more say so and are a `BLOCKING_SHARE` of all; else it is a wish where more
    than half wish for it, and hurts where not."""
    voices, blocking = sum(counts.values()), counts.get("blocks", 0)
    if voices < FEWEST:
        return None
    if blocking >= max(FEWEST_BLOCKING, BLOCKING_SHARE * voices):
        return "blocks"
    return "wish" if 2 * counts.get("wish", 0) > voices else "hurts"


def _undenied(line: str, wanted: re.Pattern[str]) -> Iterator[str]:
    for hit in wanted.finditer(line):
        before = line[max(hit.start() - _REACH, 0) : hit.start()].split()[-_BACK:]
        marks = [place for place, word in enumerate(before) if not word[0].isalnum()]
        if not any(word in _DENIALS for word in before[marks[-1] + 1 if marks else 0 :]):
            yield hit[0]


# -- slips of the hand --------------------------------------------------------------------------------------------


def _put_right(words: list[str]) -> list[str]:
    slips = _slips()
    return [slips.get(word, word) for word in words]


@cache
def _slips() -> dict[str, str]:
    """Each listed word as it comes out with one inner letter dropped or doubled, or two that changed places -> the
    word. What is a listed word itself stays."""
    listed = {word for phrase in _all_phrases() for word in phrase.removesuffix("*").split()} | _DENIALS
    found = {slip: word for word in sorted(listed) if len(word) >= _SLIPS_FROM for slip in _slips_of(word)}
    return {slip: word for slip, word in found.items() if slip not in listed | _NO_SLIPS}


def _slips_of(word: str) -> Iterator[str]:
    for place in range(1, len(word) - 1):
        if len(word) >= _DROPS_FROM:
            yield word[:place] + word[place + 1 :]
        yield word[:place] + word[place] + word[place:]
        if place < len(word) - 2:
            yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


_NO_SLIPS = word_set("pedido pedidos pedimos selling losses noting liefen")
"""Words of their own, met in real texts."""


# -- phrases ------------------------------------------------------------------------------------------------------


@cache
def _stops() -> re.Pattern[str]:
    """Somebody cannot do something."""
    pairs = (rf"(?:{_any(_listed(cannot))})(?: [^\W_]\S*)?? (?:{_any(_listed(verbs))})" for cannot, verbs in _CANNOT)
    return re.compile(rf"(?<!\S)(?:{'|'.join(pairs)})(?!\S)")


@cache
def _blocking() -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{_any(_listed(_BLOCKS))})(?!\S)")


def _all_phrases() -> Iterator[str]:
    for listing in (_BLOCKS, *(part for pair in _CANNOT for part in pair)):
        yield from _listed(listing)


def _listed(listing: str) -> list[str]:
    """Its phrases as texts are folded, the longest first; * stands for any ending."""
    folded = {_folded(phrase.strip()) for phrase in listing.split(",") if phrase.strip()}
    return sorted(folded, key=lambda phrase: (-len(phrase), phrase))


def _folded(phrase: str) -> str:
    bare = " ".join(words_of(fold(phrase.removesuffix("*"))))
    return f"{bare}*" if phrase.endswith("*") else bare


def _any(phrases: Iterable[str]) -> str:
    return "|".join(
        re.escape(phrase.removesuffix("*")) + (r"[^\W_]*" if phrase.endswith("*") else "") for phrase in phrases
    )
