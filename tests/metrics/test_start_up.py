"""Who looks at problems waits for nothing of what is for watching."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calling import made

NOT_WANTED = ("opentelemetry", "prometheus_client", "grpc", "insights.metrics", "insights.cards")


def test_looking_at_problems_loads_no_telemetry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path, monkeypatch)
    code = (
        "import sys; from insights.cli.main import app\n"
        "try: app(['-C', sys.argv[1], 'problems', '--json'])\n"
        f"finally: print([m for m in sys.modules if m.startswith({NOT_WANTED!r})], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"
