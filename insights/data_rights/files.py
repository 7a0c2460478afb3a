"""Free the files of a workspace of a person. Nothing outside its folder is touched, nor what a link leads to."""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from connectors.whole_file import replace_whole
from insights.data_rights.cleaning import Cleaned
from insights.text.strings import in_text

DATABASE, VECTORS = "insights.db", "vectors"
_OURS = {"id", "run.lock", ".gitignore"}
_LINES = (".jsonl", ".ndjson")
_TABLES = (".csv", ".tsv")
_TEXTS = (".md", ".markdown", ".txt", ".html", ".htm", ".log", ".json", ".svg", ".tmp", ".owner", *_LINES, *_TABLES)
_SOURCES = (*_TABLES, *_LINES, ".parquet", ".xlsx", ".xls", ".gz", ".toml")
_LONGEST = 100 << 20
"""Bytes of a file that is read whole; a longer one is its owner's to clean."""


@dataclass(slots=True)
class FilesDone:
    """Counts by what was done; `yours` are files that only their owner can clean, by name."""

    counts: Counter[str] = field(default_factory=Counter)
    yours: list[str] = field(default_factory=list)


def clean_files(
    folder: Path,
    data: Path,
    cleaned: Cleaned,
    *,
    sources: Collection[Path],
    backlogs: Collection[Path] = (),
    dry: bool = False,
    keep: Collection[Path] = (),
) -> FilesDone:
    """Look through the workspace's `folder` with its `data` folder. What people bring in is theirs: `sources`, tables
    outside of `data` that are no `backlogs` of ours, the settings. `dry` changes nothing."""
    done = FilesDone()
    theirs = {path.resolve() for path in sources}
    ours = {path.resolve() for path in backlogs}
    for path in _files(folder, data, set(keep)):
        is_backlog = path.resolve() in ours
        is_foreign = data not in path.parents and path.suffix.lower() in _SOURCES and not is_backlog
        if path.resolve() in theirs or is_foreign:
            done.yours += [str(path.relative_to(folder))] if _holds(path, cleaned) else []
        elif path.suffix.lower() in (*_TEXTS, ".eml") and path.stat().st_size <= _LONGEST:
            keeps_lines = is_backlog or path.name.startswith("outbox-")
            _clean(path, cleaned, done, keeps_lines=keeps_lines, dry=dry)
        elif _holds(path, cleaned):
            done.yours.append(str(path.relative_to(folder)))
    done.yours.sort()
    return done


def _files(folder: Path, data: Path, keep: Collection[Path]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(data).parts if data in path.parents else ()
        is_store = bool(inside) and (inside[0].startswith((DATABASE, f"{VECTORS}.", VECTORS)) or inside[0] in _OURS)
        is_kept = any(one == path or one in path.parents for one in keep)
        if path.is_file() and not path.is_symlink() and not is_store and not is_kept and ".git" not in path.parts:
            yield path


def _clean(path: Path, cleaned: Cleaned, done: FilesDone, *, keeps_lines: bool, dry: bool) -> None:
    content = path.read_bytes()
    suffix = path.suffix.lower()
    if suffix == ".eml":
        if cleaned.is_in(_mail_text(content)):
            done.counts["drafts of mails deleted"] += 1
            _write(path, None, dry=dry)
        return
    text = content.decode("utf-8", "surrogateescape")
    if suffix in (*_TABLES, *_LINES) and not keeps_lines:
        new, removed = _without_lines(text, cleaned, is_table=suffix in _TABLES)
    else:
        new, removed = _rewritten(text, cleaned, suffix), 0
    if new != text:
        done.counts["lines of files removed"] += removed
        done.counts["files cleaned"] += 1
        _write(path, new.encode("utf-8", "surrogateescape"), dry=dry)


def _write(path: Path, content: bytes | None, *, dry: bool) -> None:
    if dry:
        return
    if content is None:
        path.unlink(missing_ok=True)
        return
    if not path.stat().st_mode & 0o200:
        path.chmod(path.stat().st_mode | 0o200)
    replace_whole(path, content)


def _without_lines(text: str, cleaned: Cleaned, *, is_table: bool) -> tuple[str, int]:
    """Rows that name the person are removed; the others are as they were."""
    lines = list(_raw_rows(text)) if is_table else text.splitlines(keepends=True)
    kept = [line for line in lines if not cleaned.is_in(line if is_table else _unescaped(line))]
    return "".join(kept), len(lines) - len(kept)


def _raw_rows(text: str) -> Iterator[str]:
    """Each row as it stands: a quoted cell may hold line ends."""
    lines = text.splitlines(keepends=True)
    waiting = ""
    for line in lines:
        waiting += line
        if waiting.count('"') % 2 == 0:
            yield waiting
            waiting = ""
    if waiting:
        yield from waiting.splitlines(keepends=True)


def _unescaped(line: str) -> str:
    try:
        return json.dumps(json.loads(line), ensure_ascii=False)
    except ValueError:
        return line


def _rewritten(text: str, cleaned: Cleaned, suffix: str) -> str:
    if suffix in _LINES:
        return "".join(in_text(line, cleaned.words) for line in text.splitlines(keepends=True))
    return in_text(text, cleaned.words) if suffix == ".json" else cleaned.words(text)


def _mail_text(content: bytes) -> str:
    """Headers and parts, decoded."""
    message = message_from_bytes(content, policy=policy.default)
    parts = [f"{name}: {value}" for name, value in message.items()]
    for part in message.walk():
        if isinstance(part, EmailMessage) and part.get_content_maintype() == "text":
            try:
                parts.append(str(part.get_content()))
            except (LookupError, ValueError):
                parts.append(str(part.get_payload()))
    return "\n".join(parts)


def _holds(path: Path, cleaned: Cleaned) -> bool:
    """Whether a file that is not ours to change names them, as far as it is text; a long one by its lines."""
    with path.open(encoding="utf-8", errors="replace") as file:
        if path.stat().st_size <= _LONGEST:
            return cleaned.is_in(file.read())
        return any(cleaned.is_in(line) for line in file)
