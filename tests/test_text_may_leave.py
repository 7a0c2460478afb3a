"""With `text_may_leave = false` a whole run contacts this machine alone, and names elsewhere are refused beforehand."""

from pathlib import Path

from tests.embedding.embedding_server import embedding_server
from tests.language.chat_server import chat_server
from tests.test_network import COMMANDS, answered, baits, contacted, tickets, trap

__all__ = ["tickets"]

CLOSED = {"INSIGHTS_PRIVACY_TEXT_MAY_LEAVE": "false"}


def test_servers_on_this_machine_alone_are_contacted(tickets: Path) -> None:
    with chat_server(answered) as chat, embedding_server() as embedder, trap() as elsewhere:
        named = [url.removeprefix("http://").removesuffix("/v1") for url in (chat.base_url, embedder.base_url)]
        found = contacted(
            tickets,
            COMMANDS,
            allowed=named,
            environment={
                **baits(elsewhere),
                **CLOSED,
                "INSIGHTS_LANGUAGE_MODEL": "openai:small",
                "INSIGHTS_LANGUAGE_BASE_URL": chat.base_url,
                "INSIGHTS_EMBEDDING_EMBEDDER": "openai:vectors",
                "INSIGHTS_EMBEDDING_BASE_URL": embedder.base_url,
            },
        )
    assert found == set(named)
    assert elsewhere.caught == 0


def test_no_proxy_of_the_environment_is_given_what_is_for_a_server_on_this_machine(tickets: Path) -> None:
    with chat_server(answered) as chat, embedding_server() as embedder, trap() as proxy:
        named = [url.removeprefix("http://").removesuffix("/v1") for url in (chat.base_url, embedder.base_url)]
        address = f"http://{proxy.address}"
        found = contacted(
            tickets,
            COMMANDS,
            allowed=named,
            environment={
                **dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), address),
                **CLOSED,
                "INSIGHTS_LANGUAGE_MODEL": "openai:small",
                "INSIGHTS_LANGUAGE_BASE_URL": chat.base_url,
                "INSIGHTS_EMBEDDING_EMBEDDER": "openai:vectors",
                "INSIGHTS_EMBEDDING_BASE_URL": embedder.base_url,
            },
        )
    assert found == set(named)
    assert proxy.caught == 0
