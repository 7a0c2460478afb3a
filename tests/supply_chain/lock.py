"""What requirements.lock pins. Not a test."""

import re
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One distribution at one version; `hashes` are SHA-256 of its files, `marker` where it is wanted."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def pins(text: str) -> list[Pin]:
    """Raises ValueError for a line that pins nothing."""
    found = []
    for entry in re.split(r"\n(?=\S)", text.strip()):
        pin = _PIN.match(entry.split("\n", 1)[0])
        if pin is None:
            msg = f"no pin: {entry[:80]!r}"
            raise ValueError(msg)
        hashes = tuple(_HASH.findall(entry))
        found.append(Pin(name=canonical(pin[1]), version=pin[2], marker=pin[3] or "", hashes=hashes))
    return found


def canonical(name: str) -> str:
    """As PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()
