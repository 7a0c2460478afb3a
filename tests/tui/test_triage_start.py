"""The application opens at once: what it loads before its first frame is what the list and the database need."""

import subprocess
import sys

from tests.tui.terminal import ROOT

HEAVY = {"numpy", "scipy", "sklearn", "pandas", "chromadb", "langchain_core", "openai", "alembic", "inscriptis", "lxml"}


def test_it_loads_nothing_that_only_an_analysis_or_an_export_needs():
    code = "import sys, insights.cli.main, insights.bootstrap, tui.app; print(*{n.split('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert not HEAVY & set(done.stdout.split())
