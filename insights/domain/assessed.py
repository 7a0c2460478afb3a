"""How severe and urgent a problem is and what mending it may take, as a model or a person's answers suggest."""

import json
from dataclasses import dataclass

from insights.domain.estimate import Range


@dataclass(frozen=True, slots=True)
class Assessed:
    """What was said of one problem and by whom. `severity`: blocks, hurts, annoys or wish; `urgency`: now, soon or
    later. `weeks` of one engineer, None where nobody said; reasons may be empty."""

    problem_id: int
    severity: str
    urgency: str
    severity_reason: str
    weeks: Range | None
    effort_reason: str
    is_sure: bool
    by: str

    def to_json(self) -> str:
        """All but whose it is and who said it."""
        weeks = None if self.weeks is None else [self.weeks.low, self.weeks.likely, self.weeks.high]
        return json.dumps(
            {
                "severity": self.severity,
                "urgency": self.urgency,
                "severity_reason": self.severity_reason,
                "weeks": weeks,
                "effort_reason": self.effort_reason,
                "is_sure": self.is_sure,
            }
        )


def assessed_of(text: str, *, problem_id: int, by: str) -> Assessed:
    """The other way."""
    said = json.loads(text)
    return Assessed(
        problem_id=problem_id,
        severity=said["severity"],
        urgency=said["urgency"],
        severity_reason=said["severity_reason"],
        weeks=Range(*said["weeks"]) if said["weeks"] else None,
        effort_reason=said["effort_reason"],
        is_sure=said["is_sure"],
        by=by,
    )
