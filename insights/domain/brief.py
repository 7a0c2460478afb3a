"""What a product team must know of a problem before it decides: a brief, field by field, and what nobody said. Pure."""

import json
from dataclasses import asdict, dataclass

BRIEF = "brief"
"""Under this name it is kept beside what else was said of a problem."""
NOT_SAID = "not said"
"""What a field reads for which there is no evidence."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What the problem is a risk to (security, privacy, compliance or other), and how."""

    area: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A text is empty where no evidence bears one out; `enough_evidence` is None where nobody judged. `dropped` counts
    what a model wrote and the evidence did not bear out."""

    who_hurts: str = ""
    wasted: str = ""
    bottleneck: str = ""
    outcome: str = ""
    simple_rule: str = ""
    enough_evidence: bool | None = None
    evidence_reason: str = ""
    risks: tuple[Risk, ...] = ()
    competitors: tuple[str, ...] = ()
    by_when: str = ""
    dropped: int = 0

    def lines(self) -> list[tuple[str, str]]:
        """Every field as people read it, in order: its name and its words; `NOT_SAID` for what has none."""
        said = {
            "Who it hurts": self.who_hurts,
            "What it wastes": self.wasted,
            "What it holds up": self.bottleneck,
            "Better without it": self.outcome,
            "Simple rule": self.simple_rule,
            "Enough evidence": self._evidence(),
            "Risks": " ".join(f"{risk.area.capitalize()}: {risk.what}" for risk in self.risks),
            "Competitors": ", ".join(self.competitors),
            "By when": self.by_when,
        }
        return [(name, words or NOT_SAID) for name, words in said.items()]

    def fields(self) -> dict[str, object]:
        """The same as data: a text that has no evidence reads `NOT_SAID`."""
        return {
            "who_hurts": self.who_hurts or NOT_SAID,
            "wasted": self.wasted or NOT_SAID,
            "bottleneck": self.bottleneck or NOT_SAID,
            "outcome": self.outcome or NOT_SAID,
            "simple_rule": self.simple_rule or NOT_SAID,
            "enough_evidence": self.enough_evidence,
            "evidence_reason": self.evidence_reason or NOT_SAID,
            "risks": [asdict(risk) for risk in self.risks],
            "competitors": list(self.competitors),
            "by_when": self.by_when or NOT_SAID,
        }

    def _evidence(self) -> str:
        if self.enough_evidence is None:
            return ""
        word = "Yes" if self.enough_evidence else "No"
        return f"{word}: {self.evidence_reason}" if self.evidence_reason else f"{word}."


def brief_to_json(brief: Brief) -> str:
    """As it is kept."""
    return json.dumps(asdict(brief), ensure_ascii=False)


def brief_from_json(text: str) -> Brief:
    """What `brief_to_json` made."""
    fields = json.loads(text)
    risks = tuple(Risk(**risk) for risk in fields.pop("risks"))
    return Brief(**{**fields, "risks": risks, "competitors": tuple(fields["competitors"])})
