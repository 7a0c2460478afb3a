"""Tell which risks words give reason for: security, privacy, compliance, data loss, money (en, de, es, fr).

Few phrases that mean little else, so that what is found is mostly right and much is not found; a denial shortly before
one ("no data loss") takes it back. Ours, written by hand; no list was copied. Pure and linear.
"""

import re
from functools import cache

from insights.text.folding import fold, words_of
from insights.text.words import word_set

AREAS = ("security", "privacy", "compliance", "data loss", "money")

_BACK = 3
"""Words before a phrase in which a denial takes it back; it does not reach past a comma or full stop."""
_REACH = 60
"""Characters in which these words are looked for."""

_PHRASES = {
    "security": """
security risk*, security issue*, security hole*, security flaw*, security breach*, security incident*, security
problem*, security concern*, vulnerability, vulnerabilities, got hacked, was hacked, were hacked, been hacked,
unauthorized access, unauthorised access, phishing, malware, ransomware, penetration test*, pen test*, brute force
attack*, sicherheitslücke*, sicherheitsrisik*, sicherheitsproblem*, sicherheitsvorfall*, gehackt, unbefugt*,
schadsoftware, vulnerabilidad*, fallo de seguridad, fallos de seguridad, brecha de seguridad, problema de seguridad,
riesgo de seguridad, hackead*, acceso no autorizado, accesos no autorizados, vulnérabilité*, faille de sécurité,
failles de sécurité, problème de sécurité, risque de sécurité, accès non autorisé*
""",
    "privacy": """
personal data, privacy, data leak*, leaked data, data breach*, another customer's, other customer's, wrong
customer's, other customers' data, someone else's data, somebody else's data, each other's data, datenschutz*,
personenbezogen*, datenleck*, datenpanne*, fremde daten, daten anderer, daten eines anderen, datos personales,
privacidad, fuga de datos, filtración de datos, datos de otro*, datos de otra*, données personnelles, vie privée,
fuite de données, données d'un autre, confidential data, confidential information, vertrauliche daten, vertraulichen
daten, datos confidenciales, données confidentielles
""",
    "compliance": """
gdpr, ccpa, hipaa, soc 2, soc2, iso 27001, pci dss, compliance, non compliant, noncompliant, not compliant,
regulator, regulators, regulatory, failed the audit, failed an audit, failed our audit, auditor, auditors, lawsuit*,
legal obligation*, legally required, required by law, dsgvo, gobd, gesetzlich vorgeschrieben*, rechtlich
vorgeschrieben*, bußgeld*, wirtschaftsprüfer*, rechtswidrig*, rgpd, cumplimiento normativo, normativa, obligación
legal, exigido por ley, auditor*, obligation légale, obligations légales, imposé par la loi, mise en conformité,
commissaire aux comptes, not gdpr-compliant, not gdpr compliant, not hipaa-compliant, not hipaa compliant, nicht
dsgvo-konform, nicht dsgvo konform, no cumple con el rgpd, no cumple el rgpd, pas conforme au rgpd
""",
    "data loss": """
data loss, loss of data, lost data, lost our data, lost my data, lost the data, lost all data, loses data, losing
data, data is gone, data was gone, data got lost, data disappeared, data vanished, data was deleted, corrupt data,
corrupted data, data corruption, datenverlust*, daten verloren, daten weg, daten gelöscht, daten verschwunden, daten
überschrieben, pérdida de datos, perdimos datos, perdido datos, perdido los datos, datos perdidos, datos borrados,
borrado los datos, perte de données, pertes de données, données perdues, perdu des données, perdu nos données,
données supprimées, données effacées, lost all our data, lost all our work, lost all our files, lost all my data,
lost all my work, lost all my files, deleted all our data, deleted all our work, deleted all our files, deleted all
my data, deleted all my work, deleted all my files, wiped our data, wiped our work, wiped our files, wiped my data,
wiped my work, wiped my files, deleted our data, wiped all data
""",
    "money": """
overcharge*, overcharging, charged twice, charged us twice, charged me twice, double charged, billed twice, billed
us twice, paid twice, double billing, wrong invoice*, wrong amount*, chargeback*, lost money, lose money, losing
money, loses money, costs us money, penalty fee*, contractual penalt*, doppelt abgebucht, doppelt berechnet, zu viel
berechnet, zu viel abgebucht, geld verloren, kostet uns geld, falscher betrag, falschen betrag, falsche rechnung*,
vertragsstrafe*, cobrado dos veces, cobraron dos veces, doble cobro, cobro duplicado, cobros duplicados, cobraron de
más, perdemos dinero, perdido dinero, perder dinero, importe incorrecto, factura incorrecta, facturas incorrectas,
facturé deux fois, débité deux fois, prélevé deux fois, double facturation, surfactur*, perte d'argent, perdons de
l'argent, montant erroné, facture erronée, factures erronées, money back, want a refund, wants a refund, demand a
refund, demands a refund, asked for a refund, geld zurück, quiero un reembolso, devolución del dinero, être
remboursé, être remboursés
""",
}  # fmt: skip

_DENIALS = word_set(
    "no not never none nobody without neither nor don't doesn't didn't isn't wasn't aren't weren't cannot can't won't "
    "kein keine keinen keiner keinem keinerlei nicht nie niemals ohne sin nunca ningun ninguna ni pas jamais sans "
    "aucun aucune"
)


def risks_in(text: str) -> dict[str, str]:
    """area -> the first phrase of it, as the list above has it, in the order of `AREAS`; without those that are
    denied."""
    line = " ".join(words_of(fold(text)))
    found: dict[str, str] = {}
    for hit in _wanted().finditer(line):
        area = next(name for name, some in hit.groupdict().items() if some).replace("_", " ")
        before = line[max(hit.start() - _REACH, 0) : hit.start()].split()[-_BACK:]
        if area not in found and not _is_denied(before):
            found[area] = _listed(area, hit[0])
    return {area: found[area] for area in AREAS if area in found}


def _is_denied(before: list[str]) -> bool:
    """Whether one of the words before denies what follows; a mark between them ends its reach."""
    marks = [place for place, word in enumerate(before) if not word[0].isalnum()]
    return any(word in _DENIALS for word in before[marks[-1] + 1 if marks else 0 :])


@cache
def _wanted() -> re.Pattern[str]:
    """One group an area; * stands for any ending."""
    areas = (f"(?P<{area.replace(' ', '_')}>{'|'.join(map(_pattern, _phrases(area)))})" for area in AREAS)
    return re.compile(rf"(?<!\S)(?:{'|'.join(areas)})(?!\S)")


def _pattern(phrase: str) -> str:
    return re.escape(phrase.removesuffix("*")) + (r"[^\W_]*" if phrase.endswith("*") else "")


@cache
def _phrases(area: str) -> dict[str, str]:
    """Folded as the texts are -> as listed, without the *; the longest first."""
    listed = (" ".join(phrase.split()) for phrase in _PHRASES[area].split(","))
    folded = {_folded(phrase): phrase.removesuffix("*") for phrase in listed}
    return dict(sorted(folded.items(), key=lambda pair: (-len(pair[0]), pair[0])))


def _folded(phrase: str) -> str:
    bare = " ".join(words_of(fold(phrase.removesuffix("*"))))
    return f"{bare}*" if phrase.endswith("*") else bare


def _listed(area: str, hit: str) -> str:
    some = _phrases(area)
    return some.get(hit) or next(words for key, words in some.items() if re.fullmatch(_pattern(key), hit))
