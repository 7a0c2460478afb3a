"""The application on a stored workspace, as a program for a terminal: `python -m tests.tui.program FOLDER`.

The person is ana, the morning always the same. There are no vectors: evidence is found by its words.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from insights.config import Settings
from insights.errors import InsightsError
from insights.health import Standing, known_checks
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore
from insights.triage import Triage
from tests.actors import ADA
from tests.fakes import HashingEmbedder
from tests.stored import KEY
from tui.entrance import run
from tui.office import Office

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LEFT = "left in peace"
"""Said when the application has ended as it should."""


def an_office(folder: Path) -> Office:
    """All that the workspace has, but for what runs in processes of its own."""
    repository, settings = Repository(f"sqlite:///{folder}/insights.db", key=KEY, actor=ADA), Settings()
    standing = Standing(repository=repository, settings=settings, folder=folder, data=folder, now=NOW)
    return Office(
        triage=Triage(repository, "ana", lambda: NOW),
        workspace="acme",
        settings=settings,
        embedder=HashingEmbedder,
        vectors=_no_vectors,
        examine=lambda _: known_checks(standing),
        folder=folder,
        outbox=folder / "outbox.jsonl",
    )


def _no_vectors() -> VectorStore:
    raise InsightsError("There are no vectors here.", remedy="Make them.")


if __name__ == "__main__":
    try:
        run(lambda: an_office(Path(sys.argv[1])))
    except InsightsError as error:
        sys.stdout.write(f"{error.message} {error.remedy}\n")
        sys.exit(error.exit_code)
    sys.stdout.write(LEFT)
