"""What a digest holds, for whatever form shows it: figures, ids, and words from outside that every form must escape.

Nothing here is worded: `insights.digest.words` does that, in the reader's language. Titles, names, quotes and reasons
that people gave were cleaned of what acts on a terminal; escaping them for HTML, Markdown or a chat is the form's part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from insights.domain.estimate import Range
from insights.domain.feedback import FeedbackKind, Stance
from insights.domain.night import News
from insights.domain.problem import Action, Column, Movement, State
from insights.domain.run import OFFLINE, Run

MOST = 5
"""Entries of each list."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One sentence, and who worded it: "offline" or "openai:MODEL"."""

    words: str
    mode: str = OFFLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One problem in a list: what is told of it and what it is worth. `news` are those of the period, the weightiest
    first; none where it is in the list for another reason. `weekly` are items of half a year, oldest first. `owners`
    are who accepted it and who works on its issues. `quote` is a checked, redacted quote, empty where none is wanted.
    `is_tied`: it cannot be told apart from its neighbour in rank. `severity` is blocks, hurts, annoys or wish, empty
    where nobody knows."""

    problem_id: int
    ref: str
    title: str
    state: State
    movement: Movement
    items: int
    accounts: int
    weekly: tuple[int, ...]
    news: tuple[News, ...] = ()
    rank: int | None = None
    is_tied: bool = False
    value: Range | None = None
    roi: Range | None = None
    severity: str = ""
    theme: str = ""
    owners: tuple[str, ...] = ()
    quote: str = ""
    url: str = ""
    """Of its issue, where it has one."""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The first few lines of a list, and how many there are in all."""

    lines: tuple[Line, ...] = ()
    total: int = 0

    @property
    def more(self) -> int:
        return self.total - len(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A problem that has shipped: whether its mentions fell. `avoided` is the share of items that do not come any more,
    None where too little was seen; `predicted` the same as it was estimated when it was accepted. `came_true` is None
    where that cannot be told yet. `verdict` is a `worth.effect.Verdict`: fell, rose, no clear change, too early to say.
    `is_news`: it shipped or its verdict changed in the period, or it is back (`line.news` says so)."""

    line: Line
    shipped_on: date
    verdict: str
    weeks_watched: int = 0
    avoided: Range | None = None
    predicted: Range | None = None
    came_true: bool | None = None
    is_news: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision of the period that still stands, or the undo of an older one; `words` say in English what was done,
    `column` where on the board it was put, `is_again` that it was redone."""

    problem_id: int
    ref: str
    title: str
    action: Action
    who: str
    at: datetime
    why: str = ""
    until: date | None = None
    words: str = ""
    column: Column | None = None
    is_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """How fresh one source is. `trouble` is what is wrong with it and the command that mends it, empty where nothing
    is: `error` why it could not be read (empty where it fell silent) and `command`. `is_news`: the trouble began in the
    period."""

    name: str
    items: int
    newest: date | None
    silent_days: int | None
    is_stale: bool = False
    trouble: str = ""
    error: str = ""
    command: str = ""
    is_news: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What the figures rest on. Praise, questions and noise are counted here and ranked nowhere. `unassigned` are
    mentions that wait for a problem, of `ranked` that could be in one; `settled` those that had waited and found one in
    the period; None where no run says. `covered` is the share (0..1) of the accounts' revenue, or of accounts where
    none is known, that was heard from in the last quarter, `covers_revenue` which of both; None without accounts."""

    items: int = 0
    items_since: int | None = None
    by_kind: Mapping[FeedbackKind, int] = field(default_factory=dict)
    by_stance: Mapping[Stance, int] = field(default_factory=dict)
    unassigned: int = 0
    unassigned_items: int = 0
    ranked: int = 0
    settled: int | None = None
    uncertain_accounts: int = 0
    redacted: int = 0
    covered: float | None = None
    covers_revenue: bool = True
    newest: datetime | None = None

    @property
    def unassigned_share(self) -> float:
        """Of what could be in a problem, 0..1."""
        return self.unassigned / self.ranked if self.ranked else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Dollars spent on models: in the period, of the most a run may cost; in the calendar month, of its most."""

    spent: float = 0.0
    of_run: float = 0.0
    month: float = 0.0
    of_month: float = 0.0

    @property
    def is_spent(self) -> bool:
        """The month's money is gone: words are made offline."""
        return self.of_month > 0 and self.month >= self.of_month


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whom a digest is for, and what of it. Empty: everything. `theme`, `segment` and `owner` are matched by name,
    whatever their case; `language` is one of `insights.digest.words.LANGUAGES`."""

    name: str = ""
    theme: str = ""
    segment: str = ""
    owner: str = ""
    language: str = "en"
    quotes: bool = False

    @property
    def filters(self) -> tuple[str, ...]:
        return tuple(one for one in (self.theme, self.segment, self.owner) if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What changed between `since` (None: the beginning) and `now`. In the order in which it is told: `opening` is one
    sentence; `fresh` is new or spiking; `movers` grew, faded, moved, were merged or split, came back from a snooze;
    `fixes` did or did not work; `waiting` waits for a decision, `unfiled` was decided and is in no tracker; `decided`
    is what people decided, newest first; then data and cost. `accounts` names those that reasons speak of, `titles`
    those problems that news speak of besides their own.
    `troubles` are sentences on what failed, each with the command that mends it. `is_first`: no night was kept
    before."""

    opening: Opening
    since: datetime | None
    now: datetime
    reader: Reader = Reader()
    currency: str = "$"
    product: str = ""
    fresh: Shortlist = Shortlist()
    movers: Shortlist = Shortlist()
    fixes: tuple[Fix, ...] = ()
    fixes_total: int = 0
    waiting: Shortlist = Shortlist()
    unfiled: Shortlist = Shortlist()
    decided: tuple[Decided, ...] = ()
    decided_total: int = 0
    sources: tuple[SourceLine, ...] = ()
    troubles: tuple[str, ...] = ()
    data: Data = Data()
    cost: Cost = Cost()
    run: Run | None = None
    runs: int = 0
    """How many in the period."""
    problems: int = 0
    """How many there are that the reader sees."""
    accounts: Mapping[int, str] = field(default_factory=dict)
    titles: Mapping[int, str] = field(default_factory=dict)
    is_first: bool = False
    until_run: int = 0
    """The last run whose news are in it; 0 where none is."""

    @property
    def decisions(self) -> tuple[Decided, ...]:
        """Those listed that nothing else tells of: that a fix shipped is told with it."""
        shipped = {fix.line.problem_id for fix in self.fixes if fix.is_news}
        return tuple(one for one in self.decided if one.action is not Action.SHIP or one.problem_id not in shipped)

    @property
    def is_quiet(self) -> bool:
        """Nothing happened that a reader must be told: no news, no decision, no new trouble."""
        told = self.fresh.total + self.movers.total + self.decided_total
        is_said = any(fix.is_news for fix in self.fixes) or any(source.is_news for source in self.sources)
        return not (told or is_said or self.is_first)
