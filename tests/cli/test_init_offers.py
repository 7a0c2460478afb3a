"""`insights init` offers a model that is here, uses none unasked, and sends nothing but a GET to loopback."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from insights.bootstrap import set_language
from insights.config import SETTINGS_FILE, Settings, default_file, load_settings, with_settings
from insights.errors import InsightsError
from insights.language.nearby import FoundKey, LocalServer, offers
from tests import ready
from tests.cli.models_server import ModelsServer, models_server
from tests.cli.terminal import on_a_terminal
from tests.ready import COMMAND

QUESTION = "[y/N]"


@pytest.fixture
def ollama() -> Iterator[ModelsServer]:
    with models_server("nomic-embed-text:latest", "llama3.2:latest") as server:
        yield server


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))


def here(**ports: int) -> str:
    """Code that says which local servers there may be: a machine that runs the tests may have its own."""
    places = ", ".join(f"nearby.Place({name!r}, {port})" for name, port in ports.items())
    return f"import insights.language.nearby as nearby\nnearby.USUAL_PLACES = [{places}]"


def language(workspace: Path) -> dict[str, Any]:
    """What the file sets in [language]."""
    return tomllib.loads((workspace / SETTINGS_FILE).read_text(encoding="utf-8"))["language"]


def test_a_local_server_is_offered_and_used_on_a_yes(tmp_path: Path, ollama: ModelsServer) -> None:
    shown, code = on_a_terminal("init", str(tmp_path / "w"), typed=[(QUESTION, "y\n")], first=here(Ollama=ollama.port))

    assert code == 0
    assert f"Found a local server (Ollama) at 127.0.0.1:{ollama.port}" in shown
    assert "llama3.2:latest" in shown
    assert language(tmp_path / "w") == {
        "model": "ollama:llama3.2:latest",
        "usd_per_million_input": 0,
        "usd_per_million_output": 0,
    }
    assert ollama.asked == [("GET", "/v1/models")]


@pytest.mark.parametrize("answer", ["\n", "n\n"])
def test_no_is_the_default_and_leaves_the_settings(tmp_path: Path, ollama: ModelsServer, answer: str) -> None:
    shown, code = on_a_terminal("init", str(tmp_path / "w"), typed=[(QUESTION, answer)], first=here(Ollama=ollama.port))

    assert code == 0
    assert "Not used" in shown
    assert language(tmp_path / "w") == {}


def test_a_key_is_offered_after_what_is_on_this_machine(tmp_path: Path, ollama: ModelsServer) -> None:
    shown, code = on_a_terminal(
        "init",
        str(tmp_path / "w"),
        typed=[(QUESTION, "\n"), (QUESTION, "y\n")],
        first=here(Ollama=ollama.port),
        environment={"OPENAI_API_KEY": "sk-never-shown"},
    )

    assert code == 0
    assert "Found a key in OPENAI_API_KEY" in shown
    assert "api.openai.com" in shown
    assert "sk-never-shown" not in shown
    assert language(tmp_path / "w") == {"model": "openai:gpt-4o-mini"}
    assert "sk-never-shown" not in (tmp_path / "w" / SETTINGS_FILE).read_text()


def test_a_stop_at_the_question_leaves_a_whole_workspace(tmp_path: Path) -> None:
    _, code = on_a_terminal(
        "init", str(tmp_path / "w"), typed=[(QUESTION, "\x04")], first=here(), environment={"OPENAI_API_KEY": "sk-1"}
    )

    assert code == 130
    assert load_settings(tmp_path / "w" / SETTINGS_FILE, environment={}) == Settings()


def test_with_no_input_nothing_is_probed_and_one_line_says_what_could_be(tmp_path: Path, ollama: ModelsServer) -> None:
    shown, code = on_a_terminal(
        "--no-input",
        "init",
        str(tmp_path / "w"),
        first=here(Ollama=ollama.port),
        environment={"OPENAI_API_KEY": "sk-1"},
    )

    assert code == 0
    assert ollama.asked == []
    assert QUESTION not in shown
    assert "OPENAI_API_KEY is set but not used" in shown
    assert language(tmp_path / "w") == {}


@pytest.mark.parametrize(
    ("environment", "line"), [({}, "No language model is used"), ({"OPENAI_API_KEY": "1"}, "OPENAI_")]
)
def test_without_a_terminal_nothing_is_probed_either(
    tmp_path: Path, ollama: ModelsServer, environment: dict[str, str], line: str
) -> None:
    script = f"{here(Ollama=ollama.port)}\n{COMMAND}"
    done = ready.done(script, "init", str(tmp_path / "w"), given="y\n", environment={**os.environ, **environment})

    assert done.returncode == 0
    assert ollama.asked == []
    assert sum("insights doctor" in said and line in said for said in done.stderr.splitlines()) == 1
    assert language(tmp_path / "w") == {}


def test_another_local_server_is_named_with_its_address() -> None:
    found = offers([], [LocalServer("vLLM", "127.0.0.1:8000", ["intfloat/e5-large", "Qwen/Qwen3-8B"])])

    assert [one.settings for one in found] == [
        {
            "model": "openai:Qwen/Qwen3-8B",
            "base_url": "http://127.0.0.1:8000/v1",
            "usd_per_million_input": 0,
            "usd_per_million_output": 0,
        }
    ]


def test_what_cannot_answer_is_not_offered() -> None:
    embedders = LocalServer("Ollama", "127.0.0.1:11434", ["nomic-embed-text", "bge-m3", "all-minilm"])

    assert offers([FoundKey("anthropic", "ANTHROPIC_API_KEY")], [embedders]) == []


def test_settings_are_set_where_their_line_is_and_all_others_stay() -> None:
    before = default_file("Crateline")
    after = with_settings(before, section="language", values={"model": 'o:"x"', "max_usd": 2.5})
    changed = [line for line in after.splitlines() if line not in before.splitlines()]

    assert changed == ['model = "o:\\"x\\""', "max_usd = 2.5"]
    assert len(after.splitlines()) == len(before.splitlines())
    assert Settings.model_validate(tomllib.loads(after)).language.model == 'o:"x"'


def test_a_setting_that_is_set_already_is_changed() -> None:
    text = "[product]\nmodel = 1\n[language]\n# which\nmodel = 'a'\n"

    assert with_settings(text, section="language", values={"model": "b"}) == (
        '[product]\nmodel = 1\n[language]\n# which\nmodel = "b"\n'
    )


def test_a_file_without_the_line_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text("[product]\nname = 'x'\n")
    with pytest.raises(InsightsError, match="no line for model") as caught:
        set_language(tmp_path, {"model": "b"})

    assert "[language]" in caught.value.remedy
    assert (tmp_path / SETTINGS_FILE).read_text() == "[product]\nname = 'x'\n"
