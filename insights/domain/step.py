"""How far a long piece of work is, and as one line of JSON for whoever follows it from another process. Pure."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

_MOST_BYTES = 4_000
_LONGEST = 120
_MOST = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`stage` of `stages` (from 1 on), its `name`, and `what` it is doing: `done` of `of` pieces, None where it is not
    known how many there are. `spent_usd` is what models cost so far."""

    stage: int
    stages: int
    name: str
    what: str
    done: int
    of: int | None = None
    spent_usd: float = 0.0


def step_line(step: Step) -> str:
    """One line of JSON, without its end."""
    return json.dumps(asdict(step), ensure_ascii=True)


def read_step(line: str) -> Step | None:
    """The step that a line tells; None for every other line, whatever it holds. Its words are not cleaned."""
    if not line.startswith("{") or len(line) > _MOST_BYTES:
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return _step(found) if isinstance(found, dict) else None


def _step(found: dict[str, Any]) -> Step | None:
    stage, stages, done = (_count(found.get(name)) for name in ("stage", "stages", "done"))
    name, what, spent = found.get("name"), found.get("what"), found.get("spent_usd", 0.0)
    if stage is None or stages is None or done is None or not isinstance(name, str) or not isinstance(what, str):
        return None
    return Step(
        stage=stage,
        stages=stages,
        name=name[:_LONGEST],
        what=what[:_LONGEST],
        done=done,
        of=_count(found.get("of")),
        spent_usd=_amount(spent),
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST else None


def _amount(value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return 0.0
    return float(value) if math.isfinite(value) and 0 <= value <= _MOST else 0.0
