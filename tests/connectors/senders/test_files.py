"""Digests as files: whole or not at all, and the same digest is the same file; and on stdout."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from connectors.senders.files import FileSender, StdoutSender
from insights.errors import ExitCode, InsightsError
from insights.ports import Message


def a_message(**fields: Any) -> Message:
    return Message(
        **{"key": "w4f2.product.2026-11-26", "subject": "s", "text": "# What changed\n", "suffix": "md", **fields}
    )


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_a_file_holds_the_newest(tmp_path: Path) -> None:
    sender = FileSender(tmp_path / "digest.md")
    sender.send(a_message())
    receipt = sender.send(a_message(key="w4f2.product.2026-11-27", text="# Größer\n"))

    assert (tmp_path / "digest.md").read_text("utf-8") == "# Größer\n"
    assert receipt == str(tmp_path / "digest.md")
    assert names(tmp_path) == ["digest.md"]


def test_a_folder_holds_each_by_its_key_and_is_made(tmp_path: Path) -> None:
    sender = FileSender(tmp_path / "all" / "digests", is_folder=True)
    sender.send(a_message())
    sender.send(a_message(key="w4f2.product.2026-11-27", suffix="html"))
    sender.send(a_message())

    assert names(tmp_path / "all" / "digests") == [
        "w4f2.product.2026-11-26.md",
        "w4f2.product.2026-11-27.html",
    ]


@pytest.mark.parametrize("key", ["../../etc/passwd", "..", ".hidden", "a/b\\c", "a\x00b\n", "größe"])
@pytest.mark.parametrize("suffix", ["md", "../x", "exe"])
def test_a_name_stays_in_its_folder(tmp_path: Path, key: str, suffix: str) -> None:
    FileSender(tmp_path / "in", is_folder=True).send(a_message(key=key, suffix=suffix))

    assert names(tmp_path) == ["in"]
    (name,) = names(tmp_path / "in")
    assert not name.startswith(".") and name.endswith((".md", ".txt"))


def test_the_same_sent_again_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "digest.md"
    FileSender(path).send(a_message())
    before = path.stat()
    FileSender(path).send(a_message())

    assert path.stat().st_ino == before.st_ino


@pytest.mark.parametrize("name", ["digest", "digest.exe", "digest.csv", ".md"])
def test_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InsightsError) as refused:
        FileSender(tmp_path / name)

    assert refused.value.exit_code is ExitCode.USAGE
    assert "md, html, json, txt" in refused.value.remedy


def test_a_folder_that_is_missing_is_said_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(InsightsError, match="cannot be written"):
        FileSender(tmp_path / "none" / "digest.md").send(a_message())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_where_the_disk_fails_the_old_one_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, step: str
) -> None:
    path = tmp_path / "digest.md"
    FileSender(path).send(a_message(text="before"))

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os if step == "fsync" else Path, step, fail)
        with pytest.raises(InsightsError) as refused:
            FileSender(path).send(a_message(text="after"))

    assert os.strerror(code) in refused.value.message
    assert path.read_text() == "before" and names(tmp_path) == ["digest.md"]
    FileSender(path).send(a_message(text="after"))
    assert path.read_text() == "after"


def test_what_is_read_only_and_what_a_link_leads_to_are_kept(tmp_path: Path) -> None:
    kept, link = tmp_path / "kept.md", tmp_path / "link.md"
    kept.write_text("before")
    link.symlink_to(kept)
    kept.chmod(0o640)
    FileSender(link).send(a_message())

    assert link.is_symlink() and kept.read_text() == a_message().text
    assert kept.stat().st_mode & 0o777 == 0o640
    kept.chmod(0o440)
    with pytest.raises(InsightsError, match="read-only"):
        FileSender(link).send(a_message(text="after"))


KILLED = """
import sys
from pathlib import Path
from connectors.senders.files import FileSender
from insights.ports import Message
number = 0
while True:
    number += 1
    text = f"{number}\\n" * 100_000
    FileSender(Path(sys.argv[1])).send(Message(key="k", subject="s", text=text, suffix="md"))
    print(number, flush=True)
"""


@pytest.mark.kill
def test_killed_at_any_moment_there_is_one_whole_digest(tmp_path: Path) -> None:
    path = tmp_path / "digest.md"
    for wait in (0.01, 0.03, 0.05):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        lines = path.read_text().splitlines()
        assert len(lines) == 100_000 and len(set(lines)) == 1

    FileSender(path).send(a_message())
    assert path.read_text() == a_message().text


def test_stdout_gets_the_text_with_a_line_end(capsys: pytest.CaptureFixture[str]) -> None:
    sender = StdoutSender()
    assert sender.send(a_message(text="one")) == "stdout"
    sender.send(a_message(text="two\n"))

    assert capsys.readouterr().out == "one\ntwo\n"


def test_a_stdout_that_takes_no_more_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(InsightsError, match="No space left"):
        StdoutSender().send(a_message())
