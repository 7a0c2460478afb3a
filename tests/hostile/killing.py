"""Work in a process of its own that is killed at any moment: forked from one that has everything loaded, so that two
hundred of them take a minute."""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from insights.ports import Setup
from insights.stages.collect import collect
from insights.stages.sweep import sweep
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.fakes import quiet
from tests.hostile.dialects.freshdesk import FreshdeskDialect
from tests.hostile.server import SECRET
from tests.stored import KEY, NOW

_LOADED = ["tests.hostile.killing", "httpx2", "alembic", "sqlalchemy.dialects.sqlite"]


def killed_after(seconds: float, work: Callable[..., None], *given: Any) -> bool:
    """Start `work` and kill it, its process without a word, unless it is done before. Whether it was killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    process = context.Process(target=work, args=given)
    process.start()
    process.join(seconds)
    if process.pid is not None and process.is_alive():
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    process.join()
    return process.exitcode == -signal.SIGKILL


def pull(base: str, folder: str, sweeps: bool) -> None:
    """One reading of a helpdesk into the database of a folder, as `insights pull` does it."""
    place = Path(folder)
    repository = Repository(f"sqlite:///{place / 'insights.db'}", key=KEY, actor=ADA)
    kind = FreshdeskDialect.kind
    setup = Setup(
        name="desk",
        settings=kind.settings.model_validate(FreshdeskDialect().settings(base)),
        folder=place,
        secret=lambda: SECRET,
        overlap=timedelta(0),
    )
    source = kind.make(setup)
    collect(source, repository=repository, rejects_folder=place / "rejects", now=NOW, progress=quiet)
    if sweeps:
        sweep(source, name="desk", repository=repository, progress=quiet)  # type: ignore[arg-type]
    repository.close()
