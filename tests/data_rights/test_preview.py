"""What would leave this machine is shown, and nothing is sent."""

from pathlib import Path

import numpy as np
import pytest

from insights.config import Settings
from insights.data_rights.preview import Leaving, marked, preview
from insights.domain.access import Actor, Role
from insights.language.choose import desk_for
from insights.storage.repository import Repository
from tests.stored import NOW, a_stored_problem, a_workspace, an_item

MODEL = {"language": {"model": "openai:small"}, "embedding": {"embedder": "openai:vectors"}}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    items = [an_item(f"The export hangs {n}") for n in range(3)]
    return a_workspace(tmp_path, problems=[a_stored_problem(items=items)])


def shown(repository: Repository, settings: Settings, *, limit: int = 2) -> Leaving:
    desk = desk_for(settings, answers=repository.answers, calls=repository.calls, now=NOW)
    return preview(
        repository, settings, desk=desk, embed=lambda some: np.zeros((len(some), 2), np.float32), limit=limit
    )


def test_where_nothing_is_set_nothing_leaves(repository: Repository) -> None:
    found = shown(repository, Settings())
    assert (found.places, found.prompts, found.embedded, found.issues, found.digests) == ((), {}, (), (), ())
    assert [one.redacted for one in found.items] == ["The export hangs 0", "The export hangs 1"]


def test_the_prompt_is_the_one_that_would_be_sent(repository: Repository) -> None:
    found = shown(repository, Settings.model_validate(MODEL))
    assert "The export hangs 0" in found.prompts["restate"][0]
    assert len(found.places) == 2
    assert len(found.embedded) == 2
    assert found.issues == ()


def test_the_original_is_for_whoever_may_see_persons(repository: Repository) -> None:
    assert all(one.original is not None for one in shown(repository, Settings()).items)
    repository.actor = Actor.of("adm", [Role.ADMIN])
    assert all(one.original is None for one in shown(repository, Settings()).items)


@pytest.mark.parametrize(
    ("original", "redacted", "found"),
    [
        ("Call Ann now", "Call <NAME> now", "Call [-Ann-] now"),
        ("ann@a.example hangs", "<EMAIL_7KQ2M4XA> hangs", "[-ann@a.example-] hangs"),
        ("I am Ann", "I am <NAME>", "I am [-Ann-]"),
        ("nothing", "nothing", "nothing"),
        ("Other", "Call <NAME> now", "[-Other-]"),
    ],
)
def test_what_was_taken_out_is_marked(original: str, redacted: str, found: str) -> None:
    assert marked(original, redacted) == found
