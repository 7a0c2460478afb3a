"""Embedding that is killed with `kill -9` goes on where it was: no answer that was kept is paid again."""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from insights.bootstrap import make_workspace, open_workspace
from tests.drafts import a_draft, save, split_whole
from tests.embedding.embedding_server import EmbeddingServer, Reply, embedding_server, rows, vectors
from tests.ready import COMMAND, done, started

pytestmark = pytest.mark.kill

ITEMS = 2_400
CONCURRENCY = 3
BATCH = 128

EMBED = """
import sys
from pathlib import Path
from insights.bootstrap import open_workspace
from insights.stages.embed import embed
workspace = open_workspace(Path(sys.argv[1]))
with workspace.vectors() as vectors:
    embed(workspace.repository, embedder=workspace.embedder, vectors=vectors, progress=lambda *_: None)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with mentions that wait to be embedded."""
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    monkeypatch.delenv("INSIGHTS_KEY", raising=False)
    make_workspace(tmp_path / "w")
    workspace = open_workspace(tmp_path / "w")
    save(workspace.repository, *(a_draft(f"Export {number} hangs.", number=number) for number in range(ITEMS)))
    split_whole(workspace.repository)
    workspace.close()
    return tmp_path / "w"


def environment(server: EmbeddingServer) -> dict[str, str]:
    return {
        **os.environ,
        "INSIGHTS_EMBEDDING_EMBEDDER": "openai:small",
        "INSIGHTS_EMBEDDING_BASE_URL": server.base_url,
        "INSIGHTS_EMBEDDING_CONCURRENCY": str(CONCURRENCY),
    }


def embedded(folder: Path) -> dict[str, list[float]]:
    """The stored vector of each mention, by its words."""
    workspace = open_workspace(folder)
    mentions = workspace.repository.mentions.ranked()
    with workspace.vectors() as store:
        matrix = store.matrix([mention.id for mention in mentions])
    workspace.close()
    return {mention.text: list(row) for mention, row in zip(mentions, matrix, strict=True)}


def reindexed(folder: Path, server: EmbeddingServer) -> str:
    ended = done(COMMAND, "-C", str(folder), "reindex", environment=environment(server))
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


def killed(folder: Path, server: EmbeddingServer, *, after: int) -> bool:
    """Embed, and kill the process as soon as the server has answered so many batches more; False where it came to its
    end."""
    wanted = len(server.answered) + after
    process = started(EMBED, str(folder), environment=environment(server))
    while process.poll() is None and len(server.answered) < wanted:
        time.sleep(0.002)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    code = process.wait()
    assert code in (0, -signal.SIGKILL)
    return code != 0


def test_embedding_killed_again_and_again_pays_twice_only_for_what_was_under_way(folder: Path) -> None:
    def answer(texts: list[str]) -> Reply:
        time.sleep(0.03)
        return vectors(texts)

    texts = [f"Export {number} hangs." for number in range(ITEMS)]
    kills = 0
    with embedding_server(answer) as server:
        for after in (4, 5, 5, 100):
            before = server.paid
            if not killed(folder, server, after=after):
                break
            kills += 1
            assert len(paid_again(server, before)) <= CONCURRENCY * BATCH
        paid, calls, made = server.paid, server.calls, embedded(folder)
        told = reindexed(folder, server)

    assert kills == 3
    assert len(paid_again(server, before)) <= CONCURRENCY * BATCH
    assert paid.keys() == {*texts, "size"}
    assert sorted(made) == sorted(texts)
    assert np.allclose([made[text] for text in texts], rows(texts), atol=1e-3)
    assert (f"{ITEMS:,} vectors made" in told, server.calls) == (True, calls)
    assert embedded(folder) == made


def paid_again(server: EmbeddingServer, before: Counter[str]) -> list[str]:
    """Texts that were answered before a run and in it once more."""
    return [text for text, times in server.paid.items() if before[text] and times > before[text]]
