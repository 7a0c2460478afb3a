"""File a problem in a tracker once, whatever is cut off in between.

The intent is written first, with the key that the issue will be known by. Then the tracker is asked for the issue, by
the link that is kept, else by marker or key; only where there is none it is created, and then the link is kept. Where
an earlier attempt may have made one that no search shows yet, it is waited for before another one is made. One process
of a workspace does this at a time; machines that share a database share the key, and only one of them sends at a time.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from insights.domain.filed import export_command, quoted
from insights.domain.problem import ExportLink, Problem, Progressed, State, problem_ref
from insights.errors import InsightsError
from insights.ports import Filed, Issue, Sought, Tracker, Unanswered
from insights.storage.filings import Filing
from insights.storage.lock import OwnerLock
from insights.storage.repository import Repository
from insights.text.clean import one_line

MOST_ATTEMPTS = 3
"""How often one export sends an issue that is surely not there."""
IN_FLIGHT_SECONDS = 60.0
"""How long after it was sent a request may still be carried out, though whoever sent it has no answer or is gone."""
LOCK_SECONDS = 300.0
"""How long to wait for another process of this workspace that files a problem."""
LONGEST_WORDS = 120
"""Characters of a status, a name or an estimate that are kept."""
FILING_LOCK = "filing.lock"
"""The file of that lock, beside the database."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_MOST_MOVES = 3
"""How often an issue is followed that was moved and moved again."""


class Did(StrEnum):
    """What became of an issue."""

    CREATED = "created"
    UPDATED = "updated"
    REOPENED = "reopened"
    UNCHANGED = "unchanged"
    LEFT_CLOSED = "left closed"


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """How to file. `lock_file` keeps other processes out; None where there are none. What is gone there is filed anew
    only `again`; what was closed is opened where it `reopens`, else brought up to date as it is; what would stay as it
    is is not sent where it `skips_unchanged`. `meanwhile` is called now and then while other processes are waited for;
    what it or `sleep` raises ends a wait. `clock` is the real time, to which trackers' delays are measured."""

    lock_file: Path | None = None
    again: bool = False
    reopens: bool = True
    skips_unchanged: bool = False
    sleep: Callable[[float], object] = time.sleep
    meanwhile: Callable[[], object] = lambda: None
    clock: Callable[[], datetime] = _utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The issue of a problem, and what was done about it."""

    link: ExportLink
    did: Did
    issue: Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Filer:
    """One tracker, and what is known of it. `now` is when links are said to be made."""

    repository: Repository
    tracker: Tracker
    now: datetime
    once: Once = Once()

    def file(self, problem: Problem, issue_of: Callable[[Sought], Issue]) -> Outcome:
        """File the problem, which is no merged one, or bring its issue up to date. An issue of a problem merged into it
        counts. Raises InsightsError where the tracker refuses or the issue is gone, Unanswered where it is not known
        whether it was made: the same export then looks first and goes on."""
        with self._alone():
            looked_for = self._settle(problem.id)
            links = self._links(problem.id)
            found = self._first_standing(links)
            if found is not None:
                return self._renew(problem, *found, issue_of)
            if links and not looked_for and not self.once.again:
                raise _gone(links[0])
            return self._make(problem, links, looked_for, issue_of)

    def look_up(self, problem_id: int) -> tuple[Filed | None, ExportLink | None]:
        """The issue that an export would bring up to date, and the link that is kept; nothing is written or waited
        for."""
        links = self._links(problem_id)
        found = self._first_standing(links)
        if found is not None:
            return found[1], found[0]
        if links:
            return None, links[0]
        kept = self.repository.filings.get(problem_id, self.tracker.name)
        return self.tracker.find(self.sought(problem_id, kept.key if kept else "")), None

    def close(self, problem_id: int, comment: str) -> Filed:
        """Close the issue of exactly this problem with a comment; it counts as not filed any more. Raises InsightsError
        where it has none, or where the tracker refuses."""
        with self._alone():
            own = [one for one in self.repository.filings.links(self.tracker.name) if one.problem_id == problem_id]
            standing = self._first_standing(own)
            kept = self.repository.filings.get(problem_id, self.tracker.name)
            key = own[0].key if own else kept.key if kept else ""
            found = standing[1] if standing else self.tracker.find(self.sought(problem_id, key))
            if found is None:
                raise self._no_issue(problem_id)
            closed = self.tracker.close(found, comment)
            self.repository.filings.release(problem_id, self.tracker.name, key=key, at=self.now)
        return closed

    # -- what is there --------------------------------------------------------------------------------------------

    def _links(self, problem_id: int) -> list[ExportLink]:
        return self.repository.filings.of_problem(problem_id, self.tracker.name)

    def _first_standing(self, links: Sequence[ExportLink]) -> tuple[ExportLink, Filed] | None:
        found = read_following(self.tracker, [link.external_id for link in links]) if links else {}
        return next(((link, found[link.external_id]) for link in links if link.external_id in found), None)

    def _unknown_of(self, problem_id: int) -> list[Filing]:
        """Intents that were sent, of this problem or of those merged into it: the tracker may have an issue of them."""
        heirs = self.repository.problems.heirs()
        sent = self.repository.filings.open(self.tracker.name)
        return [one for one in sent if heirs.get(one.problem_id, one.problem_id) == problem_id]

    def _settle(self, problem_id: int) -> list[Filing]:
        """Look for all that may have been made, and keep what was; the intents that were looked for. What a merged
        problem surely has no issue of is not asked about again."""
        looked_for = self._unknown_of(problem_id)
        for filing in looked_for:
            found = self._look_for_sent(filing)
            if found is not None:
                self._keep(filing, found)
            elif filing.problem_id != problem_id:
                self.repository.filings.refused(filing)
        return looked_for

    def _look(self, filing: Filing) -> Filed | None:
        """The issue by marker or key, waiting for as long as one that was sent may not show."""
        sought, left, pause = self.sought(filing.problem_id, filing.key), self._patience(filing), _FIRST_PAUSE
        while True:
            found = self.tracker.find(sought)
            if found is not None or left <= 0:
                return found
            step = min(pause, left)
            self.once.sleep(step)
            left, pause = left - step, min(2 * pause, _LONGEST_PAUSE)

    def _patience(self, filing: Filing) -> float:
        """Seconds until what was sent last surely shows, if it was made; 0 where nothing was sent."""
        if not filing.is_sent or filing.tried_at is None:
            return 0.0
        whole = self.tracker.lag_seconds + IN_FLIGHT_SECONDS
        return min(max(whole - (self.once.clock() - filing.tried_at).total_seconds(), 0.0), whole)

    def _look_for_sent(self, filing: Filing) -> Filed | None:
        """Raises Unanswered, with the command that goes on, where the tracker cannot be asked."""
        try:
            return self._look(filing)
        except InsightsError as error:
            raise self._not_known(filing, error) from error

    # -- what is done ---------------------------------------------------------------------------------------------

    def _make(
        self,
        problem: Problem,
        links: Sequence[ExportLink],
        looked_for: Sequence[Filing],
        issue_of: Callable[[Sought], Issue],
    ) -> Outcome:
        filing = self.repository.filings.begin(problem.id, self.tracker.name, self.now)
        meanwhile = [link for link in self._links(problem.id) if link not in links]
        found = self._first_standing(meanwhile)
        if found is not None:  # another machine filed it while we looked
            return self._renew(problem, *found, issue_of)
        there = None
        if filing not in looked_for:
            there = self._look_for_sent(filing) if filing.is_sent else self._look(filing)
        return self._create(filing, issue_of) if there is None else self._adopt(filing, there, issue_of)

    def _create(self, filing: Filing, issue_of: Callable[[Sought], Issue]) -> Outcome:
        """Send it, a few times where there is no answer and it surely was not made."""
        issue = issue_of(self.sought(filing.problem_id, filing.key))
        for _ in range(MOST_ATTEMPTS):
            claimed = self.repository.filings.claim(filing, self.once.clock())
            if claimed is None:
                raise _elsewhere(filing)
            filing = claimed
            try:
                made = self.tracker.create(issue)
            except Unanswered as error:
                last = error
            except InsightsError:
                self.repository.filings.refused(filing)
                raise
            else:
                link = self._keep(filing, made, self._digest(issue))
                return Outcome(link=link, did=Did.CREATED, issue=issue)
            found = self._look_for_sent(filing)
            if found is not None:
                return self._adopt(filing, found, issue_of)
        raise self._not_known(filing, last) from last

    def _adopt(self, filing: Filing, found: Filed, issue_of: Callable[[Sought], Issue]) -> Outcome:
        """Keep the link at once: whatever becomes of the update, there is an issue."""
        kept = self._keep(filing, found)
        return self._renew(self.repository.problems.get(filing.problem_id), kept, found, issue_of)

    def _keep(self, filing: Filing, found: Filed, digest: str = "") -> ExportLink:
        """Without a digest: what it holds is not known. One that was closed before was filed before: what was decided
        since then counts."""
        at = min(found.closed_at, self.now) if found.closed_at else self.now
        link = ExportLink(
            problem_id=filing.problem_id,
            tracker=self.tracker.name,
            external_id=found.external_id,
            url=found.url,
            exported_at=at,
            key=filing.key,
            block_digest=digest,
        )
        self.repository.filings.done(link)
        return link

    def _renew(self, problem: Problem, link: ExportLink, found: Filed, issue_of: Callable[[Sought], Issue]) -> Outcome:
        """Bring an issue up to date. How far the work is stays as it was read last: that it changed is for a sync."""
        issue = issue_of(self.sought(link.problem_id, link.key))
        did, digest = self._due(problem, link, found, issue)
        kept = replace(link, external_id=found.external_id, url=found.url, is_gone=False)
        is_same = link.block_digest == digest and did is Did.LEFT_CLOSED
        if did is not Did.UNCHANGED and not is_same:
            filed = self.tracker.update(found, issue, reopens=did is Did.REOPENED)
            kept = replace(kept, url=filed.url, block_digest=digest)
            if _is_old_news(problem, link, did):
                status = one_line(filed.status, LONGEST_WORDS)
                kept = replace(kept, progress=Progressed.OPEN, status=status, closed_on=None)
        if did in (Did.UPDATED, Did.REOPENED):
            kept = replace(kept, exported_at=self.now)
        if kept != link:
            self.repository.filings.done(kept)
        return Outcome(link=kept, did=did, issue=issue)

    def _due(self, problem: Problem, link: ExportLink, found: Filed, issue: Issue) -> tuple[Did, str]:
        """What is to be done, and what stands for the issue then."""
        digest = self._digest(issue)
        is_finished = found.progress is Progressed.DONE and problem.state is State.SHIPPED
        if found.is_closed:
            return (Did.REOPENED if self.once.reopens and not is_finished else Did.LEFT_CLOSED), digest
        is_same = self.once.skips_unchanged and link.block_digest == digest
        return (Did.UNCHANGED if is_same else Did.UPDATED), digest

    # -- parts ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self.once.lock_file is None:
            yield
            return
        lock = OwnerLock(self.once.lock_file, what="this workspace's exports")
        lock.acquire(wait_seconds=LOCK_SECONDS, meanwhile=self.once.meanwhile)
        try:
            yield
        finally:
            lock.release()

    def sought(self, problem_id: int, key: str = "") -> Sought:
        """How the issue of this problem is found again; by a key that nothing has where there is none."""
        ref = problem_ref(problem_id)
        marker = f"insights-{self.repository.filings.workspace_marker()}-{ref}"
        return Sought(problem=ref, marker=marker, key=key or str(uuid.uuid4()))

    def _digest(self, issue: Issue) -> str:
        return self.repository.filings.digest("\0".join([issue.body, *issue.fields.values()]))

    def _no_issue(self, problem_id: int) -> InsightsError:
        """With the problem that was merged into it and has one, where there is."""
        ref, tracker = problem_ref(problem_id), one_line(self.tracker.name)
        others = [problem_ref(link.problem_id) for link in self._links(problem_id) if not link.is_gone]
        if others:
            return InsightsError(
                f"{ref} has no issue of its own in {tracker}, but that of {', '.join(others)}, merged into it.",
                remedy=f'Name that one: insights export {others[0]} --close "WHY" --to {quoted(self.tracker.name)}',
            )
        return InsightsError(
            f"{ref} has no issue in {tracker}.", remedy=f"Name the tracker it was filed in: insights show {ref}"
        )

    def _not_known(self, filing: Filing, error: InsightsError) -> Unanswered:
        ref = problem_ref(filing.problem_id)
        return Unanswered(
            f"It is not known whether {ref} was filed in {one_line(self.tracker.name)}: {error.message}",
            remedy=f"Export it again, which looks first: {export_command(filing.problem_id, self.tracker.name)}",
            exit_code=error.exit_code,
        )


def read_following(tracker: Tracker, external_ids: Sequence[str]) -> dict[str, Filed]:
    """How issues stand, by the ids asked for; one that was moved, as it stands where it is now. Raises InsightsError
    where that cannot be told."""
    found = dict(tracker.read(external_ids))
    for _ in range(_MOST_MOVES):
        moved = {asked: one.moved_to for asked, one in found.items() if one.moved_to}
        if not moved:
            break
        there = tracker.read(list(dict.fromkeys(moved.values())))
        for asked, place in moved.items():
            found[asked] = there.get(place) or replace(found[asked], external_id=place, moved_to=None)
    return {asked: replace(one, moved_to=None) for asked, one in found.items()}


def _is_old_news(problem: Problem, link: ExportLink, did: Did) -> bool:
    """Whether an issue that was opened was read as closed before, and nothing stands that followed from that."""
    has_followed = link.progress is Progressed.DONE and problem.state is State.SHIPPED
    return did is Did.REOPENED and not has_followed


def _gone(link: ExportLink) -> InsightsError:
    ref, tracker = problem_ref(link.problem_id), one_line(link.tracker)
    anew = export_command(link.problem_id, link.tracker)
    return InsightsError(
        f"The issue of {ref}, {one_line(link.external_id)} in {tracker}, is gone: it was deleted there, or is hidden.",
        remedy=f"File it anew with: {anew} --again",
    )


def _elsewhere(filing: Filing) -> InsightsError:
    ref = problem_ref(filing.problem_id)
    return InsightsError(
        f"{ref} is being filed from another machine at this moment.", remedy="Export it again in a minute."
    )
