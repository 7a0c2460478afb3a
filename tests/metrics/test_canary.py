"""A customer's words and address get into no log, metric, audit entry or stderr, also where failing parts echo them."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import caller, made
from tests.language.chat_server import chat_server
from tests.language.honest_model import honest

CANARY = "canary-7f3a@leak.example"
PHRASE = "purple walrus ledger"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What was told, by where, after an import, a run with a model that fails with what it was asked, and a night."""
    folder = made(tmp_path, monkeypatch)
    rows = [
        {
            "id": n,
            "subject": PHRASE,
            "body": f"The export of the {PHRASE} hangs on line {n}, tell {CANARY}",
            "author": CANARY,
        }
        for n in range(9)
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    call = caller(folder)
    call("import", str(tmp_path / "in.jsonl"), "--kind", "ticket")

    def echoing(asked):
        return 400, {}, {"error": {"message": f"cannot do {asked} for {CANARY}: {PHRASE}"}}

    with chat_server(echoing) as server:
        monkeypatch.setenv("INSIGHTS_LANGUAGE_MODEL", "openai:small")
        monkeypatch.setenv("INSIGHTS_LANGUAGE_BASE_URL", server.base_url)
        analysed = call("analyze", everything=True)
    with chat_server(honest) as server:
        monkeypatch.setenv("INSIGHTS_LANGUAGE_BASE_URL", server.base_url)
        call("nightly", everything=True)
    logs = "".join(path.read_text() for path in (folder / ".insights" / "logs").glob("*"))
    return {
        "run": analysed,
        "logs": logs,
        "metrics": call("metrics"),
        "metrics as JSON": call("metrics", "--json"),
        "audit log": call("audit", "log", "--json"),
        "runs": call("runs", "show", "--json"),
        "card": call("card"),
    }


def test_the_canary_is_nowhere(told: dict[str, str]) -> None:
    assert all(told[where] for where in ("logs", "metrics", "audit log", "card"))
    assert "refused the request (400)" in told["run"]  # the model was asked, and did echo
    assert 'prompt="other"' not in told["metrics"]
    assert [where for where, text in told.items() if "canary-7f3a" in text] == []
    assert [where for where, text in told.items() if "walrus" in text] == []
