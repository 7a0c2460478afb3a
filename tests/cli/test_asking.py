"""A question by command: an answer with its marks and evidence, or the nearest evidence, in one shape."""

import json
from pathlib import Path
from typing import Any

import pytest

from insights.bootstrap import open_workspace
from insights.domain.feedback import Stance
from insights.embedding.static import StaticEmbedder
from insights.errors import ExitCode, InsightsError
from insights.storage.groupings import NewProblem
from insights.storage.vectors import VECTORS_BY
from tests.cli.calling import Run, caller, made
from tests.drafts import a_draft, save, split_whole
from tests.language.chat_server import ChatServer, chat_server, says
from tests.language.desk_builders import remarks

ESC = "\x1b[31m"
TEXTS = (
    f"Our trial {ESC}failed because the import of old orders takes weeks.",
    "The trial failed at single sign-on, nobody could log in.",
    "Trial stopped early, the scanner did not connect to anything",
    "we gave up the trial when prices could not be imported",
    "Trial over before procurement signed the contract",
    "the trial has no sample data, so we saw empty screens",
    "During our trial every report came out empty",
    "Trial users got no invitation e-mail and never came in",
    "Our trial needs a sandbox for the web shop connection",
    "The trial was too slow with 130,000 stock lines",
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """P-1 holds eleven items about trials."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    folder = made(tmp_path, monkeypatch)
    opened = open_workspace(folder)
    repository = opened.repository
    save(repository, *(a_draft(text, number=n) for n, text in enumerate(TEXTS, 1)))
    split_whole(repository)
    embedder = StaticEmbedder()
    mentions = repository.mentions.unembedded(embedder.fingerprint, limit=99)
    ids = [mention.id for mention in mentions]
    with opened.vectors() as vectors:
        made_ones = embedder.embed([mention.text for mention in mentions])
        vectors.upsert(ids, made_ones, filters=[{"kind": "ticket"}] * len(ids))
    repository.mentions.mark_embedded(ids, fingerprint=embedder.fingerprint)
    repository.set_meta(VECTORS_BY, embedder.fingerprint)
    started = repository.runs.start(mode="offline", at=mentions[0].created_at)
    born = [(NewProblem(stance=Stance.PROBLEM, mentions=tuple(ids)), [0.9] * len(ids))]
    repository.groupings.save(started.id, joined={}, born=born)
    opened.close()
    return folder


@pytest.fixture
def run(workspace: Path) -> Run:
    return caller(workspace)


def with_model(workspace: Path, server: ChatServer) -> None:
    settings = workspace / "insights.toml"
    settings.write_text(f'[language]\nmodel = "openai:small"\nbase_url = "{server.base_url}"\naudit_share = 0\n')


def answer(body: dict[str, Any]) -> Any:
    """One honest sentence from two remarks, one that nobody's words bear out."""
    shown = {words[:20]: number for number, words in remarks(body).items()}
    importing = next(number for words, number in shown.items() if words.startswith("Our trial"))
    login = next(number for words, number in shown.items() if words.startswith("The trial failed at"))
    sentences = [
        {"text": "Nobody could log in by single sign-on [red].", "items": [login]},
        {"text": "Importing old orders takes weeks, or nobody can log in.", "items": [importing, login]},
        {"text": "It costs us 4,000 trials a year.", "items": [login]},
    ]
    return says({"answers": True, "sentences": sentences})


def test_an_answer_is_shown_with_marks_its_evidence_and_whose_words_they_are(workspace: Path, run: Run) -> None:
    with chat_server(answer) as server:
        with_model(workspace, server)
        page = run("ask", "why do trials fail?")

    assert page.splitlines()[:2] == [
        "Nobody could log in by single sign-on [red]. [1]",
        "Importing old orders takes weeks, or nobody can log in. [2][1]",
    ]
    assert "[1] “The trial failed at single sign-on, nobody could log in.”" in page
    assert "    tickets/T-2 · account unknown · 2026-11-02 · P-1" in page
    assert "Words: openai:small. 1 sentence was dropped" in page
    assert ESC not in page
    assert max(map(len, page.splitlines())) <= 80


def test_an_answer_as_data(workspace: Path, run: Run) -> None:
    with chat_server(answer) as server:
        with_model(workspace, server)
        data = json.loads(run("ask", "why do trials fail?", "--json"))

    assert list(data) == ["question", "mode", "answer", "note", "dropped", "evidence", "failures"]
    assert data["answer"][1] == {"words": "Importing old orders takes weeks, or nobody can log in.", "cites": [2, 1]}
    assert (data["mode"], data["dropped"], data["note"]) == ("openai:small", 1, "")
    assert data["evidence"][0] == {
        "number": 1,
        "ref": "tickets/T-2",
        "problem": "P-1",
        "account": None,
        "day": "2026-11-02",
        "words": "The trial failed at single sign-on, nobody could log in.",
        "gives_orders": False,
    }


def test_without_a_model_the_same_command_shows_the_nearest_evidence_in_the_same_shape(run: Run) -> None:
    page = run("ask", "why do trials fail?", everything=True)
    data = json.loads(run("ask", "why do trials fail?", "--json", "--limit", "5"))

    assert page.startswith("Without a language model only the nearest evidence can be shown.")
    assert "Words: offline." in page
    assert "[8]" in page
    assert "[9]" not in page
    assert page.endswith("more: --json lists them.\n")
    assert list(data) == ["question", "mode", "answer", "note", "dropped", "evidence", "failures"]
    assert (data["mode"], data["answer"], len(data["evidence"])) == ("offline", [], 5)


def test_evidence_that_does_not_say_is_told_so(workspace: Path, run: Run) -> None:
    with chat_server(lambda _: says({"answers": False, "sentences": []})) as server:
        with_model(workspace, server)
        page = run("ask", "what do customers like?")

    assert page.startswith("The evidence does not say.\n\nNearest evidence\n[1] ")
    assert "Words: openai:small." in page


@pytest.mark.parametrize(
    "arguments",
    [("",), ("w" * 301,), ("why?", "--kind", "letter"), ("why?", "--since", "May"), ("why?", "--account", "x")],
)
def test_what_cannot_be_asked_is_a_matter_of_usage(run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(InsightsError) as refused:
        run("ask", *arguments)

    assert refused.value.exit_code is ExitCode.USAGE
