"""Does somebody speak of leaving: cancelling, switching, not renewing? A short list of phrases, told from their denial.

Pure. English, German, Spanish and French. It errs to the quiet side: a phrase that is missed leaves the chance as it
was.
"""

import re

_OTHER = r"(?:an?other|(?:a |some )?different|other|a competitor|a rival)"
_END = r"(?=\s*(?:[.,;:!?)]|$)| (?:if|unless|because|soon|next|in|at|by|for|this)\b)"
_CONTRACT = r"(?:subscription|contract|account|plan|licen[cs]es?|membership|seats?)"
_WILL = (
    r"(?:we|i|they|he|she|customer|client)(?:['’](?:re|m|ll|ve|d|s))? (?:also |just |now |seriously )?"
    r"(?:(?:are|am|is|will|may|might|would|could|have|want|going|about|plan|planning|consider|considering|think|thinking|"
    r"intend|need|likely|forced)\b ?(?:to|of|about)? ?)*"
)

_PHRASES = (
    # English
    rf"{_WILL}(?:be )?(?:leav(?:e|ing) you\b|leav(?:e|ing){_END}|cancel(?:l?ing)?{_END}|churn(?:ing)?\b)",
    rf"{_WILL}(?:be )?(?:switch|mov|migrat)(?:e|ing)? (?:over |away )?"
    rf"(?:to {_OTHER}\b|(?:our )?(?:provider|vendor|supplier)s?\b)",
    rf"cancel(?:l?ing|l?ed)? (?:our|my|the|their|this) (?:\w+ )?{_CONTRACT}",
    rf"(?:switch|mov|migrat)(?:e|ing|ed)? (?:over )?to {_OTHER} (?:tool|product|vendor|provider|supplier|software)",
    r"(?:won['’]?t|will not|not going to|don['’]?t (?:plan|intend) to|unlikely to|may not|might not) renew\b"
    r"(?! the (?:certificate|token))",
    r"(?:threatens?|threatening|considering|close to|planning) (?:to )?"
    r"(?:leav(?:e|ing)|churn(?:ing)?|cancel(?:l?ing)?)\b",
    r"(?:at risk of|risk of) (?:churn\w*|leaving|losing (?:them|(?:this|the) (?:account|customer)))",
    rf"(?:looking|shopping) (?:around )?(?:for|at) (?:an? |some )?"
    rf"(?:alternative|replacement|{_OTHER} (?:tool|product|vendor|provider))s?",
    # German
    r"(?:wir|ich) (?:werden|wollen|möchten|müssen)\b(?:(?!nicht|kein).){0,40}\b(?:kündigen|wechseln)",
    r"(?:vertrag|abo|abonnement|konto)\b.{0,20}\bkündigen|kündigung|nicht (?:mehr )?verlängern|"
    r"(?:zu|zum) (?:einem anderen anbieter|wettbewerber|mitbewerber|konkurrenten)\b",
    # Spanish
    r"(?:vamos a|voy a|queremos|tendremos que|pensamos) (?:cancelar|cambiar(?:nos)?|dejar|irnos)|"
    r"cancelar (?:la|nuestra|mi) (?:suscripción|cuenta|contrato)|no (?:vamos a )?renovar|(?:dar(?:nos)? de baja)",
    # French
    r"(?:nous allons|je vais|on va|nous pensons|nous devrons) (?:résilier|annuler|changer|quitter|partir)|"
    r"résili(?:er|ation|ons)|ne (?:pas )?(?:renouvel\w+)|passer (?:à|chez) (?:un )?(?:concurrent|autre)",
)
_LEAVING = re.compile("|".join(f"(?:{phrase})" for phrase in _PHRASES), re.IGNORECASE)
_SIGNS = (
    *("leav", "cancel", "churn", "switch", "mov", "migrat", "renew", "looking", "shopping", "losing"),
    *("kündig", "wechseln", "verlängern", "anbieter", "bewerber", "konkurrenten"),
    *("cambiar", "dejar", "irnos", "renovar", "baja"),
    *("résili", "annuler", "changer", "quitter", "partir", "renouvel", "passer"),
)
"""Whatever is found holds one of these. Most texts hold none, and the phrases take fifty times as long."""

_DENIED = re.compile(
    r"(?:\b(?:not|never|no|nicht|kein\w*|nunca|jamais)|n['’]t)\s+"
    r"(?:plans?\s+|going\s+|want\s+|planning\s+)?(?:to\s+)?$",
    re.IGNORECASE,
)


def speaks_of_leaving(text: str) -> bool:
    """Whether a text says that its customer leaves or may leave; "we will not cancel" does not."""
    plain = text.replace("İ", "i").replace("ı", "i").casefold()  # what IGNORECASE takes for an i
    if not any(sign in plain for sign in _SIGNS):
        return False
    return any(not _DENIED.search(text[: found.start()]) for found in _LEAVING.finditer(text))


_RENEWAL = re.compile(r"renew|verlängerung|renovaci|renouvel|prolong", re.IGNORECASE)


def is_renewal(deal_name: str) -> bool:
    """Whether a deal renews a contract that is paid already, by its name."""
    return _RENEWAL.search(deal_name) is not None
