"""The receipt of an erasure: what went from where, what is left for people to do, and the proof. No personal data is in
it: whom it was about stands there as a keyed digest."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.whole_file import replace_whole
from insights.domain.access import Act, use_case
from insights.errors import InsightsError
from insights.storage.repository import Repository
from insights.text.clean import one_line

FOLDER = "receipts"
_SEAL = "mac"
_LONGEST = 10 << 20


def signed(repository: Repository, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its seal."""
    return {**content, _SEAL: repository.erasures.sign(_canonical(content))}


def write_receipt(folder: Path, receipt: Mapping[str, Any]) -> Path:
    """As JSON, with the same in Markdown beside it; one that was written before is replaced. The JSON file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{receipt['id']}.json"
    text = json.dumps(receipt, indent=2, ensure_ascii=False) + "\n"
    replace_whole(path.with_suffix(".md"), markdown(receipt).encode())
    replace_whole(path, text.encode())
    return path


@use_case(Act.AUDIT)
def verified(repository: Repository, path: Path) -> dict[str, Any]:
    """What a receipt says. Raises InsightsError where it is none, was changed, or is another workspace's."""
    try:
        content = json.loads(path.read_bytes()[:_LONGEST].decode("utf-8"))
        seal = content.pop(_SEAL)
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise InsightsError(
            f"{path} is no receipt.", remedy="Name a .json file of .insights/receipts, as it was written."
        ) from error
    if seal != repository.erasures.sign(_canonical(content)):
        raise InsightsError(
            f"{path} was changed, or is another workspace's: its seal does not fit.",
            remedy="Compare it with the copy in .insights/receipts, or in a backup.",
        )
    found: dict[str, Any] = content
    return found


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def minute(at: str) -> str:
    """A time in a receipt, as people read it."""
    return f"{at[:16].replace('T', ' ')} UTC"


def markdown(receipt: Mapping[str, Any]) -> str:
    """The same for people to read."""
    proof = receipt["proof"]
    lines = [
        f"# Erasure {receipt['id']}",
        "",
        f"{receipt['kind'].capitalize()} `{receipt['subject']}` (keyed digest), asked for by "
        f"{one_line(receipt['by'], 120)} on {minute(receipt['asked_at'])}, done on {minute(receipt['done_at'])}.",
        "",
        "## What went",
        "",
        *(f"- {name}: {count:,}" for name, count in receipt["gone"].items()),
        "",
        "## Proof",
        "",
        "| trace | hits before | hits after |",
        "| --- | ---: | ---: |",
        *(f"| {kind} | {proof['before'][kind]:,} | {proof['after'][kind]:,} |" for kind in proof["before"]),
        "",
        f"{proof['files']:,} files, {proof['bytes']:,} bytes were searched for {proof['needles']:,} byte strings.",
    ]
    for title, entries in _left(receipt):
        lines += ["", f"## {title}", "", *(f"- {entry}" for entry in entries)] if entries else []
    return "\n".join([*lines, "", f"Seal: `{receipt[_SEAL]}`", ""])


def _left(receipt: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    issues = [f"{one['problem']} {one_line(one['url'], 500)}: {one['comment']}" for one in receipt["issues"]]
    backups = [f"{one['made_at'][:10]} {one_line(one['place'], 300)}: {one['until']}" for one in receipt["backups"]]
    batches = [
        f"{one_line(one['server'], 200)} ({one['model']}), sent {minute(one['sent_at'])}" for one in receipt["batches"]
    ]
    yours = [
        f"{one_line(name, 300)}: yours to clean; what it holds of them is not taken in again"
        for name in receipt["yours"]
    ]
    return [
        ("Files that are yours", yours),
        ("Issues: ask for this", issues),
        ("Backups that still hold it", backups),
        ("Questions at a model's server", batches),
        ("To know", list(receipt["notes"])),
    ]
