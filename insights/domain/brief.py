"""What a product team must know of a problem before it decides: field by field, each with where it comes from. Pure.

Three speak: the data, as code counted it; a model, with the items that it rests on; and where neither has anything to
say, nobody yet: then the field asks.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

BRIEF = "brief"
"""Under this name it is kept beside what else was said of a problem."""
NOT_SAID = "not said"
"""What a field reads as data for which there is no evidence."""


class Origin(StrEnum):
    """Who says so."""

    DATA = "data"
    MODEL = "model"
    NOBODY = "nobody yet"


@dataclass(frozen=True, slots=True)
class Cited:
    """Words, and the items that bear them out (tickets/T-12); none in briefs of an earlier form."""

    words: str
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Risk:
    """What the problem is a risk to (security, privacy, compliance, data loss, money or other), how, and which items
    bear it out."""

    area: str
    what: str
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a model read out of the remarks, sentence by sentence. A field is empty where no evidence bears one out;
    `enough_evidence` is None where nobody judged. `dropped` counts what a model wrote and the evidence did not bear
    out."""

    who_hurts: tuple[Cited, ...] = ()
    wasted: tuple[Cited, ...] = ()
    bottleneck: tuple[Cited, ...] = ()
    outcome: tuple[Cited, ...] = ()
    simple_rule: tuple[Cited, ...] = ()
    enough_evidence: bool | None = None
    evidence_reason: str = ""
    risks: tuple[Risk, ...] = ()
    competitors: tuple[Cited, ...] = ()
    by_when: tuple[Cited, ...] = ()
    dropped: int = 0

    def fields(self) -> dict[str, object]:
        """As data: a text that has no evidence reads `NOT_SAID`."""
        return {
            **{name: _joined(getattr(self, name)) or NOT_SAID for name in _SENTENCES[:-1]},
            "enough_evidence": self.enough_evidence,
            "evidence_reason": self.evidence_reason or NOT_SAID,
            "risks": [{"area": risk.area, "what": risk.what} for risk in self.risks],
            "competitors": [one.words for one in self.competitors],
            "by_when": _joined(self.by_when) or NOT_SAID,
        }


_SENTENCES = ("who_hurts", "wasted", "bottleneck", "outcome", "simple_rule", "by_when")


def _joined(some: Sequence[Cited]) -> str:
    return " ".join(one.words for one in some)


# -- field by field ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that is said in a field: by whom, and on which items it rests."""

    words: str
    origin: Origin = Origin.DATA
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One field of the brief. `asks` is a question to a person: where nobody has told anything, or not enough; else
    empty."""

    key: str
    name: str
    told: tuple[Told, ...]
    asks: str = ""

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Who tells of it, the data first; `NOBODY` where none does."""
        some = {one.origin for one in self.told}
        return tuple(origin for origin in Origin if origin in some) or (Origin.NOBODY,)


@dataclass(frozen=True, slots=True)
class Field:
    """A field's name for people, and its question."""

    name: str
    asks: str


FIELDS: Mapping[str, Field] = {
    "who_hurts": Field("Who hurts", "Who has it, doing which work, and how often?"),
    "wasted": Field("Time and money wasted", "What does it cost them, in hours or money? Whom can you ask?"),
    "bottleneck": Field("Bottleneck", "What does it hold up, in their work or in yours?"),
    "outcome": Field("Outcome", "What will be better when it is solved, and by which figure will you see it?"),
    "simple_rule": Field(
        "Simple rule or workflow change",
        "Could a limit, a default or a warning do instead of a feature? Who decides?",
    ),
    "evidence": Field("Evidence", "Which accounts should be asked before anyone decides?"),
    "risks": Field("Risks", "Does it touch security, privacy, compliance, data or money? Who would know?"),
    "competitors": Field("Competitors", "Which other products do customers compare it with?"),
    "timeline": Field("Timeline", "By when do customers need it, and what happens then?"),
}
"""In the order in which they are read."""


def entries_of(data: Mapping[str, Sequence[Told]], brief: Brief, *, asking: Collection[str] = ()) -> tuple[Entry, ...]:
    """Every field: what the data tells of it (by the keys of `FIELDS`), then what a model does. Those in `asking` ask
    in any case."""
    suggested = _suggested(brief)
    told = {key: (*data.get(key, ()), *suggested.get(key, ())) for key in FIELDS}
    return tuple(
        Entry(key=key, name=field.name, told=told[key], asks="" if told[key] and key not in asking else field.asks)
        for key, field in FIELDS.items()
    )


def _suggested(brief: Brief) -> dict[str, tuple[Told, ...]]:
    cited: dict[str, Sequence[Cited]] = {
        **{name: getattr(brief, name) for name in _SENTENCES[:-1]},
        "evidence": _judgement(brief),
        "risks": [Cited(f"{risk.area.capitalize()}: {risk.what}", risk.refs) for risk in brief.risks],
        "competitors": brief.competitors,
        "timeline": brief.by_when,
    }
    return {key: tuple(Told(one.words, Origin.MODEL, one.refs) for one in some) for key, some in cited.items()}


def _judgement(brief: Brief) -> list[Cited]:
    if brief.enough_evidence is None:
        return []
    verdict = "the remarks suffice to decide" if brief.enough_evidence else "the remarks do not suffice to decide"
    return [Cited(f"{verdict}: {brief.evidence_reason}" if brief.evidence_reason else f"{verdict}.")]


# -- as it is kept ----------------------------------------------------------------------------------------------


def brief_to_json(brief: Brief) -> str:
    """As it is kept."""
    return json.dumps(asdict(brief), ensure_ascii=False)


def brief_from_json(text: str) -> Brief:
    """What `brief_to_json` made, in this version or in an earlier one, whose fields were plain texts without items."""
    said = json.loads(text)
    return Brief(
        **{name: _cited(said.get(name)) for name in (*_SENTENCES, "competitors")},
        enough_evidence=said.get("enough_evidence"),
        evidence_reason=said.get("evidence_reason") or "",
        risks=tuple(Risk(one["area"], one["what"], tuple(one.get("refs", ()))) for one in said.get("risks", ())),
        dropped=said.get("dropped") or 0,
    )


def _cited(said: Any) -> tuple[Cited, ...]:
    """A text, texts, or words with items."""
    some = [said] if isinstance(said, str) else said or []
    read = (Cited(one) if isinstance(one, str) else Cited(one["words"], tuple(one.get("refs", ()))) for one in some)
    return tuple(one for one in read if one.words)
