"""Find what was deleted at a source that forgets without a word, and remove it here: all ids that it still has are
counted, and each that is missing is asked for once more, since a list that shifts while it is read leaves some out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insights.domain.figures import counted
from insights.errors import InsightsError
from insights.ports import PartlySweepable, Progress, Sweepable, contained
from insights.storage.repository import Repository

MOST_SHARE, FEW = 0.5, 20
"""More than this share of the items gone at once, and more than a few, is taken for a lost permission."""
_CHUNK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many ids the source still has, and how many items were removed here."""

    living: int
    removed: int


def sweep(
    source: Sweepable, *, name: str, repository: Repository, progress: Progress, is_expected: bool = False
) -> Swept:
    """Remove what the source no longer has. Raises InsightsError, and removes nothing, where more than half seems gone,
    unless that `is_expected`."""
    kept = repository.source_ids(name)
    if isinstance(source, PartlySweepable):
        with contained(name):
            kept = {source_id for source_id in kept if source.is_covered(source_id)}
    missing, living = set(kept), 0
    for page in _living(source, name):
        living += len(page)
        missing -= set(page)
        progress(f"looking what {name} still has", living, 0)
    if not is_expected and len(missing) > max(FEW, MOST_SHARE * len(kept)):
        raise InsightsError(
            f"{name} shows {counted(living, 'item')}, and {counted(len(missing), 'item')} of {len(kept):,} that are "
            "kept here are not among them: nothing was removed.",
            remedy="See that its login may still read everything. If they were deleted: "
            f"insights pull {name} --sweep --expect-deletions",
        )
    return Swept(living=living, removed=sum(_removed(source, missing, name=name, repository=repository)))


def _living(source: Sweepable, name: str) -> Iterator[Sequence[str]]:
    with contained(name):
        yield from source.living()


def _removed(source: Sweepable, missing: set[str], *, name: str, repository: Repository) -> Iterator[int]:
    ordered = sorted(missing)
    for start in range(0, len(ordered), _CHUNK):
        with contained(name):
            gone = missing.intersection(source.are_gone(ordered[start : start + _CHUNK]))
        with repository.writing() as connection:
            removed = repository.remove(name, sorted(gone), connection=connection)
            if removed:
                repository.audit.record("feedback.sweep", name, facts={"removed": removed}, connection=connection)
        yield removed
