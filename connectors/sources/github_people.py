"""Whose words count in a repository, and what of them are words. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.reading.threads import Said

_OUR_ASSOCIATIONS = ("OWNER", "MEMBER", "COLLABORATOR")
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
"""What a form tells its writer and nobody sees afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """`our_people` are logins, in lower case, that count as ours whatever GitHub says of them; with `everyone` all but
    those and bots are customers."""

    our_people: frozenset[str]
    everyone: bool = False

    def is_customer(self, login: str | None, *, is_bot: bool, association: str | None) -> bool:
        """One without a login deleted their account."""
        if is_bot or (login or "").lower().endswith("[bot]") or (login or "").lower() in self.our_people:
            return False
        return self.everyone or association not in _OUR_ASSOCIATIONS

    def wrote(self, row: Mapping[str, Any]) -> bool:
        """Whether a customer wrote an issue or a comment of the REST API."""
        user = row.get("user") or {}
        return self.is_customer(
            user.get("login"), is_bot=user.get("type") == "Bot", association=row.get("author_association")
        )

    def wrote_node(self, node: Mapping[str, Any]) -> bool:
        """The same of GraphQL's."""
        author = node.get("author") or {}
        is_bot = author.get("__typename") == "Bot"
        return self.is_customer(author.get("login"), is_bot=is_bot, association=node.get("authorAssociation"))


def said(body: str | None, *, is_customer: bool) -> Said:
    return Said(text=_HIDDEN.sub("", body or "").strip(), is_customer=is_customer, is_html=False)


def has_labels(row: Mapping[str, Any], wanted: Sequence[str]) -> bool:
    """Whether an issue has all of these labels. GitHub does not look at their case."""
    names = {str(one.get("name") if isinstance(one, dict) else one).lower() for one in row.get("labels") or []}
    return names >= {name.lower() for name in wanted}
