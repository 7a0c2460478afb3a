"""A workspace with a ranked list of problems, to call `insights` in."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from insights.domain.estimate import Estimate
from insights.domain.feedback import Stance
from insights.storage.groupings import NewProblem
from insights.storage.problems import Words
from tests.cli.calling import Run, caller, made
from tests.drafts import a_draft, save, split_whole
from tests.stored import NOW


def ranked(folder: Path, monkeypatch: pytest.MonkeyPatch, problems: Mapping[str, Estimate]) -> Run:
    """Calls `insights` where there is one problem of one item for each title, ranked in the order given."""
    workspace = open_workspace(made(folder, monkeypatch))
    repository = workspace.repository
    save(repository, *(a_draft(title, number=n, created_at=NOW) for n, title in enumerate(problems, 1)))
    split_whole(repository)
    repository.mentions.mark_embedded(range(1, len(problems) + 1), fingerprint="test")
    run = repository.runs.start(mode="offline", at=NOW)
    born = [(NewProblem(stance=Stance.PROBLEM, mentions=(n,)), [0.9]) for n in range(1, len(problems) + 1)]
    numbers = repository.groupings.save(run.id, joined={}, born=born)
    for number, title in zip(numbers, problems, strict=True):
        words = Words(title=title, summary=title, described_by="offline", described_from="test", quotes=())
        repository.problems.save_words(number, words)
    repository.problems.save_estimates(dict(zip(numbers, problems.values(), strict=True)))
    repository.problems.save_ranks(numbers)
    workspace.close()
    return caller(folder / "w")
