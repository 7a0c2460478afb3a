"""What a describer is given and gives back."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from insights.domain.feedback import Mention, Quote
from insights.ports import Vectors


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A problem to describe: its mentions and a vector for each, shape (n, dimensions)."""

    problem_id: int
    mentions: Sequence[Mention]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Described:
    """A problem's words and who wrote them: "offline" or "openai:MODEL". Quotes are spans of redacted copies."""

    problem_id: int
    title: str
    summary: str
    described_by: str
    quotes: tuple[Quote, ...]


@dataclass(slots=True)
class Totals:
    """What model calls took and what became of their answers. `recalled` answers were paid for in an earlier run;
    quotes and sentences were kept or dropped by the check against what the model was shown; `escalated` questions went
    on to the large model; of `audited` answers, which it was asked for as well, `agreed` sums the agreement (0 to 1
    each). `failures` are for people to read."""

    calls: int = 0
    recalled: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0
    quotes_kept: int = 0
    quotes_dropped: int = 0
    sentences_kept: int = 0
    sentences_dropped: int = 0
    escalated: int = 0
    audited: int = 0
    agreed: float = 0.0
    failures: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """What is not zero, by the names that a run shows."""
        numbers = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in ("usd", "failures")}
        return {name: round(number) for name, number in numbers.items() if number}
