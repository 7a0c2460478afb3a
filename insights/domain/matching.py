"""Find the account behind an item: by id, by the domain of the author's e-mail, by name, by nearly the same name."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from insights.domain.customers import Account
from insights.domain.feedback import AccountMatch

# Mailboxes of persons say nothing about their firm.
PUBLIC_DOMAINS = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com",
        "aol.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "proton.me", "protonmail.com", "mail.com", "orange.fr",
        "free.fr", "mail.example",
    }
)  # fmt: skip

_LEGAL_FORMS = re.compile(
    r"\b(gmbh|ag|kg|ohg|mbh|co|inc|incorporated|corp|corporation|company|ltd|limited|llc|plc|sa|sl|slu|srl|spa|bv|nv|ab|as|aps|oy)\b"
)


@dataclass(slots=True)
class AccountIndex:
    """Look-ups over the known accounts. A name that two accounts share is nobody's."""

    by_id: dict[str, int | None] = field(default_factory=dict)
    by_domain: dict[str, int | None] = field(default_factory=dict)
    by_name: dict[str, int | None] = field(default_factory=dict)
    by_likeness: dict[str, int | None] = field(default_factory=dict)

    @classmethod
    def of(cls, accounts: Iterable[Account]) -> "AccountIndex":
        index = cls()
        for account in accounts:
            _enter(index.by_id, account.source_id, account.id)
            if account.domain:
                _enter(index.by_domain, _domain(account.domain), account.id)
            _enter(index.by_name, account.name.strip().casefold(), account.id)
            _enter(index.by_likeness, likeness(account.name), account.id)
        return index

    def find(self, hint: str | None, email: str | None) -> tuple[int | None, AccountMatch]:
        """The account and how it was found; the surest way first. None where nothing fits, or two do. A hint may be an
        id, a name, or several of them, one a line, the surer one first."""
        hints = [line.strip() for line in (hint or "").splitlines() if line.strip()]
        found = _first(self.by_id, hints)
        if found is not None:
            return found, AccountMatch.ID
        domain = _domain(email.rpartition("@")[2]) if email and "@" in email else ""
        found = self.by_domain.get(domain) if domain and domain not in PUBLIC_DOMAINS else None
        if found is not None:
            return found, AccountMatch.DOMAIN
        found = _first(self.by_name, [hint.casefold() for hint in hints])
        if found is not None:
            return found, AccountMatch.NAME
        found = _first(self.by_likeness, [likeness(hint) for hint in hints])
        if found is not None:
            return found, AccountMatch.NAME_LIKE
        return None, AccountMatch.NONE


def _first(table: dict[str, int | None], keys: Iterable[str]) -> int | None:
    return next((found for key in keys if (found := table.get(key)) is not None), None)


def likeness(name: str) -> str:
    """What is left of a firm's name without case, accents, spaces, marks and legal form: "GTX Pro" is "gtxpro"."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = re.sub(r"[^\w\s]|_", " ", plain)
    short = _LEGAL_FORMS.sub(" ", plain)
    return re.sub(r"\s+", "", short) or re.sub(r"\s+", "", plain)


def _domain(text: str) -> str:
    return text.strip().casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/.")


def _enter(table: dict[str, int | None], key: str, account_id: int) -> None:
    if key:
        table[key] = None if key in table and table[key] != account_id else account_id
