"""Where `--to` leads: a backlog file, a tracker that the settings name, and nowhere else."""

from pathlib import Path

import pytest

from connectors.trackers.files import FileTracker
from insights.config import Settings, TrackerSettings
from insights.connecting import Credentials, find_tracker
from insights.errors import ExitCode, InsightsError
from insights.ports import Tracker
from insights.storage.repository import Repository
from tests.stored import a_workspace


@pytest.fixture
def repository(tmp_path: Path):
    opened = a_workspace(tmp_path)
    yield opened
    opened.close()


def found(repository: Repository, target: str, folder: Path) -> Tracker:
    settings = Settings(trackers=[TrackerSettings(name="ours", type="nowhere")])
    return find_tracker(target, settings=settings, folder=folder, credentials=Credentials(repository.credentials))


def test_a_file_is_one_of_the_folder(repository, tmp_path) -> None:
    assert found(repository, "file: backlog.md ", tmp_path) == FileTracker(tmp_path / "backlog.md")


@pytest.mark.parametrize("target", ["", "file:", "file", "jira:PROJ", "backlog.md"])
def test_what_is_named_nowhere_is_refused_with_what_there_is(repository, tmp_path, target) -> None:
    with pytest.raises(InsightsError) as refused:
        found(repository, target, tmp_path)

    assert "ours, file:backlog.md" in refused.value.remedy
    assert refused.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("target", ["file:backlog.docx", "ours"])
def test_a_kind_that_is_not_known_is_refused(repository, tmp_path, target) -> None:
    with pytest.raises(InsightsError):
        found(repository, target, tmp_path)
