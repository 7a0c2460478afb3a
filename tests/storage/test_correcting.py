"""A correction is one transaction on either database, and of two at once that deny each other one wins."""

from threading import Barrier, Thread

import pytest

from insights.corrections import Corrections
from insights.domain.feedback import Stance
from insights.errors import InsightsError
from insights.storage.groupings import NewProblem
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.actors import ADA
from tests.drafts import RECEIVED, a_draft, save, split_whole
from tests.stored import KEY


def two_problems(repository: Repository) -> None:
    """P-1 with the items 1 to 3, P-2 with 4 to 6."""
    save(repository, *(a_draft(f"It hangs {n}", number=n) for n in range(1, 7)))
    split_whole(repository)
    mentions = [mention.id for mention in repository.mentions.unembedded("test", limit=9)]
    repository.mentions.mark_embedded(mentions, fingerprint="test")
    run = repository.runs.start(mode="offline", at=RECEIVED)
    groups = (tuple(mentions[:3]), tuple(mentions[3:]))
    born = [(NewProblem(stance=Stance.PROBLEM, mentions=some), [0.9] * 3) for some in groups]
    repository.groupings.save(run.id, joined={}, born=born)


def corrections(repository: Repository, who: str = "ada") -> Corrections:
    return Corrections(repository, who=who, now=lambda: RECEIVED)


def places(repository: Repository) -> list[list[int]]:
    return [sorted(one.feedback_id for one in repository.evidence.of_problem(number)) for number in (1, 2, 3)]


def test_every_correction_and_its_undo_works_on_this_database(repository: Repository) -> None:
    two_problems(repository)
    before = places(repository)
    ada = corrections(repository)

    ada.split(1, [1])
    ada.move(2, 1, to=3)
    ada.rename(3, "Exports stop")
    ada.merge(3, 2)
    assert places(repository) == [[3], [1, 2, 4, 5, 6], []]

    for _ in range(4):
        Triage(repository, who="ada", now=lambda: RECEIVED).undo()
    assert places(repository) == before
    assert repository.problems.get(3).id == 1
    assert repository.rules.standing() == []


def test_of_two_merges_at_once_in_opposite_directions_one_is_refused_in_words(
    repository: Repository, database_url: str
) -> None:
    two_problems(repository)
    start = Barrier(2, timeout=30)
    refused: list[InsightsError] = []

    def merge(part: int, whole: int) -> None:
        own = Repository(database_url, key=KEY, actor=ADA)
        versions = {number: own.problems.get(number).version for number in (1, 2)}
        start.wait()
        try:
            corrections(own).merge(part, whole, seen_version=versions[part], into_version=versions[whole])
        except InsightsError as error:
            refused.append(error)
        finally:
            own.close()

    threads = [Thread(target=merge, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(refused) == 1
    assert len(repository.problems.heirs()) == 1
    assert sorted(places(repository)) == [[], [], [1, 2, 3, 4, 5, 6]]


def test_a_correction_that_fails_half_way_writes_nothing(repository: Repository) -> None:
    two_problems(repository)
    before = places(repository)

    with pytest.raises(RuntimeError, match="stop"), repository.correcting() as step:
        step.hold({1: None, 2: None})
        step.move_all([1, 2, 3], to=2)
        step.redirect(1, into=2)
        raise RuntimeError("stop")

    assert places(repository) == before
    assert repository.problems.get(1).id == 1
