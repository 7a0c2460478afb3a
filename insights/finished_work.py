"""Bring finished work in: read, take personal data out, keep, embed.

Rows are kept page by page before anything is embedded: whoever is stopped in between loses nothing, and the next import
or analysis goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.sources.finished import FinishedWorkFile
from insights.domain.access import Act, use_case
from insights.domain.finished_work import FinishedWork
from insights.errors import ExitCode, InsightsError
from insights.ports import Embedder, Progress
from insights.privacy.redaction import Redactor
from insights.stages.effort import embed_waiting
from insights.stages.rejects import keep_rejects
from insights.storage.feedback import Saved
from insights.storage.repository import Repository
from insights.text.clean import analysed_body, one_line, sanitise

LONGEST_TEXT = 10_000
"""Characters of a description that are kept."""
_LONGEST_ID = 200
_REASONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedWork:
    """What came of one file: counts, and where the refused rows are kept."""

    source: str
    saved: Saved
    embedded: int = 0
    refused: int = 0
    rejects_file: Path | None = None
    reasons: tuple[str, ...] = ()


@use_case(Act.BRING)
def import_work(
    file: FinishedWorkFile,
    *,
    repository: Repository,
    embedder: Embedder,
    regions: Sequence[str],
    rejects_folder: Path,
    progress: Progress,
) -> ImportedWork:
    """Read the file to its end, then embed what waits. `regions` are the countries whose telephone numbers are taken
    out. A second import changes nothing. Raises InsightsError where the file cannot be read; the pages before the
    damage are kept."""
    redactor = Redactor(names=repository.feedback.author_names(), regions=tuple(regions))
    done, total = 0, ImportedWork(source=file.name, saved=Saved())
    for page in file.pages():
        kept = keep_rejects(
            rejects_folder, source=f"work-{file.name}", rejects=page.rejects, is_first=not total.refused
        )
        saved = repository.finished_work.save([_protected(work, redactor) for work in page.works])
        reasons = dict.fromkeys([*total.reasons, *(reject.reason for reject in page.rejects)])
        total = replace(
            total,
            saved=total.saved + saved,
            refused=total.refused + len(page.rejects),
            rejects_file=kept or total.rejects_file,
            reasons=tuple(reasons)[:_REASONS],
        )
        done += len(page.works) + len(page.rejects)
        progress(f"reading {file.name}", done, 0)
    return replace(total, embedded=embed_waiting(repository, embedder, progress))


@use_case(Act.BRING)
def forget_work(name: str, *, repository: Repository) -> int:
    """Delete what that source brought. Returns how many; raises InsightsError for a name that there is not."""
    gone = repository.finished_work.forget(name)
    if not gone:
        known = [count.source for count in repository.finished_work.counts()]
        raise InsightsError(
            f"No finished work came from {name!r}.",
            remedy=f"Known: {', '.join(known)}." if known else "Bring some in with `insights work import FILE`.",
            exit_code=ExitCode.USAGE,
        )
    return gone


def _protected(work: FinishedWork, redactor: Redactor) -> FinishedWork:
    """Its words without mark-up, quoted replies and personal data."""
    return replace(
        work,
        source_id=one_line(work.source_id, _LONGEST_ID) or "-",
        title=one_line(redactor.redact(one_line(work.title)).text),
        text=redactor.redact(analysed_body(sanitise(work.text[:LONGEST_TEXT]))).text,
    )
