"""Ask the OSV database, in one question, whether a vulnerability is known of anything in the lock.

    python -m tests.supply_chain.audit requirements.lock

Exit code 1 where one is known; 0 with a note where the database cannot be reached. OSV_URL names another server.
With --probe it asks only where the server takes a connection within 2 s, and waits 8 s at most for each answer.
"""

import json
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tests.supply_chain.lock import Pin, pins

URL = "https://api.osv.dev/v1/querybatch"
_SECONDS = 10
_PROBE_SECONDS = 2
_MOST_SECONDS = 8
"""That the question may take after the probe."""
_MOST_BYTES = 20_000_000


class Unreachable(Exception):
    """Nobody answered, or not what is asked for."""


def known(wanted: Sequence[Pin], url: str = URL, *, seconds: float = _SECONDS) -> dict[str, list[str]]:
    """ "name version" -> ids of what is known. Raises Unreachable."""
    queries = [{"package": {"name": one.name, "ecosystem": "PyPI"}, "version": one.version} for one in wanted]
    body = json.dumps({"queries": queries}).encode()
    try:
        with urlopen(Request(url, body, {"Content-Type": "application/json"}), timeout=seconds) as answer:
            results = json.loads(answer.read(_MOST_BYTES))["results"]
        pairs = list(zip(wanted, results, strict=True))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreachable(type(error).__name__) from error
    return {f"{pin.name} {pin.version}": ids for pin, one in pairs if (ids := _ids(one))}


def probed(url: str, *, seconds: float = _PROBE_SECONDS) -> None:
    """Raises Unreachable where nobody takes a connection."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=seconds).close()
    except (OSError, ValueError) as error:
        raise Unreachable(type(error).__name__) from error


def _ids(result: Any) -> list[str]:
    found = result.get("vulns", []) if isinstance(result, dict) else []
    return sorted(str(one.get("id", "?"))[:60] for one in found)


def main(arguments: Sequence[str]) -> int:
    wanted = pins(Path(arguments[0]).read_text())
    url, is_quick = os.environ.get("OSV_URL", URL), "--probe" in arguments
    try:
        if is_quick:
            probed(url)
        found = known(wanted, url, seconds=_MOST_SECONDS if is_quick else _SECONDS)
    except Unreachable as error:
        sys.stdout.write(f"Not audited: the vulnerability database cannot be reached ({error}).\n")
        return 0
    for name, ids in found.items():
        sys.stdout.write(f"{name}: {', '.join(ids)}\n")
    sys.stdout.write(f"{len(wanted)} versions asked for, {len(found)} with a known vulnerability.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
