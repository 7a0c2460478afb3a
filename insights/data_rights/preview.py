"""Show what would leave this machine of some real items, and what stays: nothing is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from insights.config import Settings
from insights.domain.access import Act, use_case
from insights.domain.feedback import Feedback, Mention
from insights.language.kinds import KindTeller
from insights.language.questions import Desk
from insights.language.statements import Embed, Restater
from insights.storage.repository import Repository
from insights.text.clean import one_line
from insights.text.meaning import meaning_of
from insights.text.placeholders import PLACEHOLDER

OUT = ("[-", "-]")
"""Around what was taken out of the original."""
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One item: its copy without personal data, and the original with what was taken out marked; that is None for
    whoever may not see persons."""

    ref: str
    redacted: str
    original: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """`places` are what the settings name beyond this machine or beside us; `prompts` by stage are as they would be
    sent; `embedded` are texts for an embedding server; `quotes` may stand in issues and digests. Each is empty where
    the settings send nothing there."""

    places: tuple[str, ...]
    items: tuple[Shown, ...]
    prompts: dict[str, tuple[str, ...]]
    embedded: tuple[str, ...]
    issues: tuple[str, ...]
    digests: tuple[str, ...]
    unprotected: int = 0
    """Items that have no redacted copy yet: of these nothing leaves before an analysis makes one."""


@use_case(Act.LOOK)
def preview(
    repository: Repository, settings: Settings, *, desk: Desk | None, embed: Embed, source: str = "", limit: int = 5
) -> Leaving:
    """Of up to `limit` items, the first of a source or of all, that have words."""
    items = _items(repository, source, limit)
    mentions = repository.mentions.get(repository.erasing.mentions_of([one.id for one in items]))
    shown = [one for one in mentions if not one.is_order and one.text]
    sees = repository.actor.may(Act.PERSONS)
    is_embedded = settings.embedding.embedder.startswith("openai:")
    quotes = tuple(one.text for one in shown)
    return Leaving(
        places=tuple(_places(settings)),
        items=tuple(
            Shown(
                ref=f"{one.source}/{one.source_id}",
                redacted=one.redacted or "",
                original=marked(one.body, one.redacted or "") if sees else None,
            )
            for one in items
        ),
        prompts=_prompts(desk, settings, shown, embed),
        embedded=tuple(meaning_of(one.text) for one in mentions if one.text) if is_embedded else (),
        issues=quotes if settings.trackers else (),
        digests=quotes if any(one.quotes for one in settings.digests) else (),
        unprotected=repository.feedback.count_unprotected(),
    )


def marked(original: str, redacted: str) -> str:
    """The original, with [- -] around what the copy has placeholders for; where they cannot be told apart, around all
    of it."""
    pieces = [redacted[start:end] for start, end in _between(redacted)]
    parts, at = [], 0
    for number, piece in enumerate(pieces):
        found = original.find(piece, at) if piece else (at if not number else len(original))
        if found < 0 or (not number and found):
            return f"{OUT[0]}{original}{OUT[1]}"
        if number:
            parts.append(f"{OUT[0]}{original[at:found]}{OUT[1]}")
        parts.append(piece)
        at = found + len(piece)
    rest = original[at:]
    return "".join(parts) + (f"{OUT[0]}{rest}{OUT[1]}" if rest else "")


def _between(redacted: str) -> list[tuple[int, int]]:
    """Where the text between placeholders is: before the first, and after each."""
    found = list(PLACEHOLDER.finditer(redacted))
    starts = [0, *(one.end() for one in found)]
    return list(zip(starts, [*(one.start() for one in found), len(redacted)], strict=True))


def _items(repository: Repository, source: str, limit: int) -> list[Feedback]:
    found: list[Feedback] = []
    last = 0
    while len(found) < limit and (page := repository.feedback.protected(_PAGE, after=last)):
        found += [one for one in page if one.text and source in ("", one.source)]
        last = page[-1].id
    return found[:limit]


def _prompts(
    desk: Desk | None, settings: Settings, mentions: Sequence[Mention], embed: Embed
) -> dict[str, tuple[str, ...]]:
    """Questions about single remarks, by the code that asks them."""
    if desk is None or not mentions:
        return {}
    found = {}
    if settings.language.unsure_below:
        found["kinds"] = tuple(one.prompt for one in KindTeller(desk).questions(mentions))
    if settings.language.statements != "off":
        found["restate"] = tuple(one.prompt for one in Restater(desk, embed=embed).questions(mentions))
    return found


def _places(settings: Settings) -> list[str]:
    language, embedding = settings.language, settings.embedding
    found = []
    for name, url in ((language.model, language.base_url), (language.large_model, language.large_base_url)):
        if name:
            found.append(f"model {one_line(name, 120)} at {one_line(url, 200) or 'its own address'}")
    if embedding.embedder.startswith("openai:"):
        found.append(f"embedder {embedding.embedder} at {one_line(embedding.base_url, 200) or 'its own address'}")
    found += [f"tracker {one.name} ({one.type})" for one in settings.trackers]
    return found + [f"sender {one.name} ({one.type})" for one in settings.senders]
