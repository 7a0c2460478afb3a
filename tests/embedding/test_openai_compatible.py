import json
from typing import Any

import keyring
import numpy as np
import pytest
from keyring.backend import KeyringBackend

from insights.embedding.credentials import NOT_NEEDED, SERVICE, USER, api_key, is_loopback, server_name
from insights.embedding.openai_compatible import OpenAIEmbedder
from insights.errors import ExitCode, InsightsError
from tests.language.chat_server import Reply, chat_server, refusal

NO_KEYS = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


def vectors(body: dict[str, Any]) -> Reply:
    """A vector of the text's length and one; the rows in reverse, as a server may send them."""
    rows = [{"object": "embedding", "index": i, "embedding": [len(t), 1.0]} for i, t in enumerate(body["input"])]
    return (
        200,
        {},
        {"object": "list", "model": "m", "data": rows[::-1], "usage": {"prompt_tokens": 1, "total_tokens": 1}},
    )


def test_texts_are_sent_as_strings_in_batches_and_come_back_in_order() -> None:
    texts = ["x" * (1 + place) for place in range(300)]
    with chat_server(vectors) as server:
        rows = OpenAIEmbedder("small", base_url=server.base_url).embed(texts)

    assert server.paths == ["/v1/embeddings"] * 4
    assert all(isinstance(text, str) for request in server.requests for text in request["input"])
    assert max(len(request["input"]) for request in server.requests) <= 128
    assert np.allclose(rows[:, 0] / rows[:, 1], [len(text) for text in texts])


def test_blank_texts_are_not_sent_and_zeros_do_not_become_nan() -> None:
    def zeros(body: dict[str, Any]) -> Reply:
        status, headers, content = vectors(body)
        content["data"] = [row | {"embedding": [0.0, 0.0]} for row in content["data"]]
        return status, headers, content

    with chat_server(zeros) as server:
        rows = OpenAIEmbedder("small", base_url=server.base_url).embed(["a", " ", ""])

    assert [request["input"] for request in server.requests] == [["a"]]
    assert np.allclose(rows, [[1, 0], [1, 0], [1, 0]])


def test_a_refused_key_is_a_login_error_that_does_not_show_the_key() -> None:
    with chat_server(lambda _: refusal(401)) as server, pytest.raises(InsightsError) as caught:
        OpenAIEmbedder("small", base_url=server.base_url, key="sk-secret").embed(["a"])

    assert caught.value.exit_code is ExitCode.LOGIN
    assert "INSIGHTS_API_KEY" in caught.value.remedy
    assert "sk-secret" not in caught.value.message + caught.value.remedy
    assert server.keys == ["Bearer sk-secret"]


def test_a_server_that_is_down_is_an_error_with_a_remedy() -> None:
    with chat_server(vectors) as server:
        address = server.base_url
    embedder = OpenAIEmbedder("small", base_url=address, sleep=lambda _: None)
    with pytest.raises(InsightsError, match="cannot be reached") as caught:
        embedder.embed(["a"])

    assert "base_url" in caught.value.remedy


def test_a_server_that_stumbles_once_is_asked_again() -> None:
    replies = [refusal(503, Retry_After_Ms="1")]

    with chat_server(lambda body: replies.pop() if replies else vectors(body)) as server:
        rows = OpenAIEmbedder("small", base_url=server.base_url, sleep=lambda _: None).embed(["abc"])

    assert server.calls == 2
    assert rows.shape == (1, 2)


@pytest.mark.parametrize(
    "content",
    [
        {"object": "list", "data": []},
        {"object": "list", "data": [{"index": 0, "embedding": []}]},
        {"object": "list", "data": [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0]}]},
        {"object": "list", "data": None},
        {},
    ],
)
def test_an_answer_that_is_not_one_vector_a_text_is_refused(content: dict[str, Any]) -> None:
    with chat_server(lambda _: (200, {}, json.dumps(content))) as server, pytest.raises(InsightsError):
        OpenAIEmbedder("small", base_url=server.base_url).embed(["a"])


def test_the_key_comes_from_the_environment_ours_first() -> None:
    both = NO_KEYS | {"OPENAI_API_KEY": "theirs", "INSIGHTS_API_KEY": " ours\n"}

    assert api_key("", environment=both) == "ours"
    assert api_key("", environment=NO_KEYS | {"OPENAI_API_KEY": "theirs"}) == "theirs"


def test_a_server_on_this_machine_needs_no_key() -> None:
    assert api_key("http://127.0.0.1:8080/v1", environment=NO_KEYS) == NOT_NEEDED
    with pytest.raises(InsightsError) as caught:
        api_key("https://models.example.com/v1", environment=NO_KEYS)

    assert caught.value.exit_code is ExitCode.LOGIN


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("http://localhost:1/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://127.9.9.9", True),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("", False),
        ("http://[", False),
    ],
)
def test_this_machine_is_known_by_its_address(address: str, is_here: bool) -> None:
    assert is_loopback(address) is is_here


def test_a_server_is_named_without_secrets() -> None:
    assert server_name("https://user:secret@models.example.com:8443/v1?key=1") == "models.example.com:8443"


class OneKey(KeyringBackend):
    """A keyring that holds our key and nothing else."""

    priority = 1.0

    def get_password(self, service: str, username: str) -> str | None:
        return "kept" if (service, username) == (SERVICE, USER) else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


def test_the_key_is_found_in_the_systems_keyring() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(OneKey())
    try:
        assert api_key("", environment={"DBUS_SESSION_BUS_ADDRESS": "here"}) == "kept"
    finally:
        keyring.set_keyring(before)
