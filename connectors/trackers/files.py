"""A file as a tracker: accepted problems as entries of a Markdown, CSV or JSON-lines backlog.

One entry per problem; a second export updates it and leaves the rest of the file byte for byte. The file is
replaced as a whole or not at all, under a lock. An entry is done where people say so: by done, shipped or released in
the `state` of a row or object, by a line `**Done.**` or a checked box (`- [x]`) between the marks of a block. Closed by
us, it is dropped.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.trackers.entries import Form, Lines, Markdown, Table
from connectors.whole_file import replace_whole
from insights.errors import ExitCode, InsightsError
from insights.ports import Filed, Issue, Sought

LOCK_SECONDS = 10.0
"""How long to wait for another process that writes the same file."""

_FORMS: dict[str, Form] = {
    ".md": Markdown(),
    ".markdown": Markdown(),
    ".csv": Table(),
    ".jsonl": Lines(),
    ".ndjson": Lines(),
}
_PROBLEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]*(?:-[A-Za-z0-9_.]+)*")


@dataclass(frozen=True)
class FileTracker:
    """The backlog at `path`, which need not exist yet. Raises InsightsError for an unknown ending."""

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))
        if self.path.suffix.lower() not in _FORMS:
            raise InsightsError(
                f"{self.path} is no backlog file that can be written.",
                remedy=f"Give it one of the endings {', '.join(_FORMS)}.",
                exit_code=ExitCode.USAGE,
            )

    @property
    def name(self) -> str:
        """What export links know it by."""
        return f"file:{self.path}"

    @property
    def lag_seconds(self) -> float:
        return 0

    def find(self, sought: Sought) -> Filed | None:
        """The problem's entry, where it has one."""
        return self._entry(self._read(), _checked(sought.problem))

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        """The entries of these problems that are there."""
        content = self._read()
        found = ((one, self._entry(content, _checked(one))) for one in external_ids)
        return {one: filed for one, filed in found if filed is not None}

    def create(self, issue: Issue) -> Filed:
        """Add the issue's entry, or update it where it is there already."""
        _checked(issue.problem)
        with self._locked():
            old = self._read()
            new = self._form.put(old, issue)
            if new != old:
                replace_whole(self.path, new)
        return self._filed(issue.problem, new)

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        """Bring the entry up to date, open again; one that a person deleted is written again. A closed one that is not
        to be opened stays as it is: its words, and those that close it, stand in one place."""
        there = None if reopens else self._entry(self._read(), _checked(issue.problem))
        return there if there is not None and there.is_closed else self.create(issue)

    def close(self, filed: Filed, comment: str) -> Filed:
        """Mark the entry closed, with the comment; closed anew, it has the new comment. Raises InsightsError where it
        is gone, or where the file has no place to say so."""
        problem = _checked(filed.external_id)
        with self._locked():
            old = self._read()
            if not self._form.contains(old, problem):
                raise InsightsError(
                    f"{self.path} has no entry of {problem}.", remedy="Nothing is left there to be closed."
                )
            new = self._form.close(old, problem, comment)
            if new != old:
                replace_whole(self.path, new)
        return self._filed(problem, new)

    @property
    def _form(self) -> Form:
        return _FORMS[self.path.suffix.lower()]

    def _entry(self, content: bytes, problem: str) -> Filed | None:
        return self._filed(problem, content) if self._form.contains(content, problem) else None

    def _filed(self, problem: str, content: bytes) -> Filed:
        stand = self._form.stand(content, problem)
        return Filed(
            external_id=problem,
            url=self.path.absolute().as_uri(),
            progress=stand.progress,
            status=stand.status,
            assignee=stand.assignee,
        )

    def _read(self) -> bytes:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise _failed("read", self.path, error) from error
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InsightsError(f"{self.path} is written in UTF-16.", remedy="Save it as UTF-8, then export again.")
        return content

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        target = self._target()
        try:
            target.parent.stat()  # a lock would make the folder that is missing
            with FileLock(target.with_name(f".{target.name}.lock"), timeout=LOCK_SECONDS):
                yield
        except Timeout as error:
            raise InsightsError(
                f"{self.path} is being written by another process.",
                remedy="Wait for it to end, then export again.",
            ) from error
        except OSError as error:
            raise _failed("written", self.path, error) from error

    def _target(self) -> Path:
        """The file itself where `path` is a link to it."""
        return Path(os.path.realpath(self.path))


def _checked(problem: str) -> str:
    """Ids come from us; one that could leave its marker is a defect, not a person's mistake."""
    if not _PROBLEM.fullmatch(problem):
        raise ValueError(f"not a problem's id: {problem!r}")
    return problem


def _failed(what: str, path: Path, error: OSError) -> InsightsError:
    why = error.strerror or type(error).__name__
    return InsightsError(
        f"{path} cannot be {what}: {why}.",
        remedy="Check that the folder exists, that you may write to it and that the disk has room. "
        "The file is as it was before.",
    )
