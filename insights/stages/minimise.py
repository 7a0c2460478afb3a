"""Of what a source delivers, keep only the fields that its settings name: cut before anything is stored."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from insights.domain.feedback import AccountMatch
from insights.ports import Page
from insights.storage.feedback import Draft

Keep = Collection[str] | None
"""Names of fields; None: all that are used."""

WITHHELD = "(not kept: the source's settings name the fields that are)"


def minimised(draft: Draft, keep: Keep) -> Draft:
    """The item with the named fields and its text, date and kind. Without `body` its text is only what is analysed.
    Without `account` it belongs to none; without `author_email` it belongs to the account that the address led to."""
    if keep is None:
        return draft
    cut: dict[str, Any] = {name: None for name in ("author_name", "author_email", "score", "url") if name not in keep}
    if "body" not in keep:
        cut["text"] = draft.body
    if "account" not in keep:
        cut |= {"account_hint": None, "account_id": None, "account_match": AccountMatch.NONE}
    return replace(draft, **cut)


def without_rows(page: Page, keep: Keep) -> Page:
    """Which field of a refused row is which, nobody knows: only its line and the reason are kept."""
    if keep is None or not page.rejects:
        return page
    return replace(page, rejects=[replace(one, raw=WITHHELD) for one in page.rejects])
