"""Digests as files, and on stdout.

A file is replaced as a whole or not at all, so that whoever reads it reads one digest. Sent again, the same digest is
the same file.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from connectors.whole_file import replace_whole
from insights.errors import ExitCode, InsightsError
from insights.ports import Message

SUFFIXES = ("md", "html", "json", "txt")
_UNNAMED = re.compile(r"[^\w.-]|^\.")


@dataclass(frozen=True)
class FileSender:
    """At `path`: the newest digest, replacing the one before. With `is_folder` every digest has a file of its own in
    that folder, named by its key; the folder is made where it is missing. Raises InsightsError for an unknown
    ending."""

    path: Path
    is_folder: bool = False

    def __post_init__(self) -> None:
        if not self.is_folder and self.path.suffix.lower().removeprefix(".") not in SUFFIXES:
            raise InsightsError(
                f"{self.path} is no file that a digest can be written to.",
                remedy=f"Give it one of the endings {', '.join(SUFFIXES)}; or end a folder with a slash.",
                exit_code=ExitCode.USAGE,
            )

    @property
    def name(self) -> str:
        return f"file:{self.path}{'/' if self.is_folder else ''}"

    def check(self) -> str:
        return f"{'files in ' if self.is_folder else ''}{self.path}"

    def send(self, message: Message) -> str:
        """Where it is. Raises InsightsError where it cannot be written; what was there before is as it was."""
        path = self.path
        try:
            if self.is_folder:
                suffix = message.suffix if message.suffix in SUFFIXES else "txt"
                path = self.path / f"{_UNNAMED.sub('-', message.key)}.{suffix}"
                self.path.mkdir(parents=True, exist_ok=True)
            _put(path, message.text.encode("utf-8", "replace"))
        except OSError as error:
            raise InsightsError(
                f"{path} cannot be written: {error.strerror or type(error).__name__}.",
                remedy="Check that the folder exists, that you may write to it and that the disk has room. "
                "What was there before is as it was.",
            ) from error
        return str(path)


class StdoutSender:
    """Where the command that sends prints."""

    name = "stdout"

    def check(self) -> str:
        return "stdout"

    def send(self, message: Message) -> str:
        text = message.text if message.text.endswith("\n") else f"{message.text}\n"
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (OSError, UnicodeEncodeError) as error:
            raise InsightsError(
                f"stdout takes no more: {getattr(error, 'strerror', '') or type(error).__name__}.",
                remedy="Send it to a file instead, in UTF-8, or look where stdout leads.",
            ) from error
        return "stdout"


def _put(path: Path, content: bytes) -> None:
    """Nothing where it says the same already, unless it is read-only: that is said."""
    if path.exists() and path.stat().st_mode & 0o222 and path.read_bytes() == content:
        return
    replace_whole(path, content)
