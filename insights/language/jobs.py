"""What a describer is given and gives back."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    """What model calls took. `recalled` answers were paid for in an earlier run; `failures` are for people to read."""

    calls: int = 0
    recalled: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0
    quotes_dropped: int = 0
    failures: tuple[str, ...] = ()

    def since(self, earlier: "Totals") -> "Totals":
        """What was added after `earlier`."""
        return Totals(
            calls=self.calls - earlier.calls,
            recalled=self.recalled - earlier.recalled,
            tokens_in=self.tokens_in - earlier.tokens_in,
            tokens_out=self.tokens_out - earlier.tokens_out,
            usd=self.usd - earlier.usd,
            quotes_dropped=self.quotes_dropped - earlier.quotes_dropped,
            failures=tuple(one for one in self.failures if one not in earlier.failures),
        )
