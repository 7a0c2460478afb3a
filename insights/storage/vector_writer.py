"""Write a folder of vectors in a process of its own: `python -m insights.storage.vector_writer FOLDER`, rows on stdin.

The index's file has room for more vectors, and what stands there is whatever the process's memory held: in one that
has read the vectors that go, it was theirs. This one has never seen them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from insights.errors import InsightsError

if TYPE_CHECKING:
    from insights.ports import Vectors

_END = b"end\n"


@dataclass(frozen=True, slots=True)
class Rows:
    """Some vectors, of shape (len(ids), dimensions), with their ids and what they are searched by."""

    ids: Sequence[str]
    vectors: "Vectors"
    filters: Sequence[Mapping[str, Any]]


def write_apart(folder: Path, pages: Iterable[Rows]) -> None:
    """Write them to a new folder. Raises InsightsError; the folder is whole only where it does not."""
    command = [sys.executable, "-m", "insights.storage.vector_writer", str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as writer:  # noqa: S603 - ours
        assert writer.stdin is not None  # noqa: S101 - for the type checker
        try:
            for page in pages:
                _send(writer.stdin, page)
            writer.stdin.write(_END)
        except BrokenPipeError:
            pass  # it says why on its standard error
        _, said = writer.communicate()
    if writer.returncode:
        last = said.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit code {writer.returncode}"]
        raise InsightsError(
            f"The vectors could not be written anew: {last[0]}.",
            remedy="Check permissions and free space, then run the command again; the old ones are as they were.",
        )


def _send(pipe: IO[bytes], page: Rows) -> None:
    import numpy as np

    head = {"ids": list(page.ids), "filters": [dict(one) for one in page.filters], "width": page.vectors.shape[1]}
    pipe.write(json.dumps(head).encode() + b"\n")
    pipe.write(np.ascontiguousarray(page.vectors, dtype="<f4").tobytes())


def _received(pipe: IO[bytes]) -> Iterator[Rows]:
    """Raises EOFError where whoever sends is gone before the end."""
    import numpy as np

    while (line := pipe.readline()) != _END:
        if not line:
            raise EOFError
        head = json.loads(line)
        size = len(head["ids"]) * head["width"] * 4
        content = pipe.read(size)
        if len(content) < size:
            raise EOFError
        vectors = np.frombuffer(content, dtype="<f4").reshape(-1, head["width"]).astype(np.float32)
        yield Rows(head["ids"], vectors, head["filters"])


def main() -> None:
    from insights.storage.vectors import VectorPlace, VectorStore

    with VectorStore(VectorPlace(Path(sys.argv[1])), locked=False) as store:
        for rows in _received(sys.stdin.buffer):
            store.upsert([int(one) for one in rows.ids], rows.vectors, filters=list(rows.filters))


if __name__ == "__main__":
    try:
        main()
    except EOFError:
        os._exit(1)
