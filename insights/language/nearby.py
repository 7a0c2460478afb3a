"""What could be used though no setting names it: keys that are here, servers on this machine.

Keys are looked for and never shown. Servers are looked for on loopback only, at their usual ports, by one GET each for
the names of their models; nothing else is sent, and nothing is used.
"""

import json
import os
import re
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from insights.embedding.credentials import KEYRING, OPENAI, PROVIDERS, kept_key, variables_of
from insights.embedding.deadline import within
from insights.language.models import OLLAMA

HOST = "127.0.0.1"
_SECONDS = 0.3
_LONGEST_ANSWER = 1_000_000
_NAME = re.compile(r"[\w.:/@+-]{1,120}")
_NO_CHAT = re.compile(r"embed|rerank|minilm|(^|/)(bge|gte|e5)-|whisper|tts", re.IGNORECASE)
_CHEAP_OPENAI = f"{OPENAI}:gpt-4o-mini"
"""The model that the default prices are of."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind of server listens unless told otherwise."""

    name: str
    port: int


USUAL_PLACES = (Place("Ollama", 11434), Place("LM Studio", 1234), Place("llama.cpp", 8080), Place("vLLM", 8000))


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server on this machine that speaks OpenAI's protocol, and the models it offers."""

    name: str
    address: str
    models: Sequence[str]

    @property
    def base_url(self) -> str:
        return f"http://{self.address}/v1"

    @property
    def chat_model(self) -> str | None:
        """The first that is not plainly for something else than answering."""
        return next((model for model in self.models if not _NO_CHAT.search(model)), None)


@dataclass(frozen=True, slots=True)
class FoundKey:
    """Whose key, and where it is: a variable's name, or "the system's keyring"."""

    provider: str
    place: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What was found, in words, which model it would give, and the settings of `[language]` that name it."""

    found: str
    model: str
    settings: Mapping[str, str | float]


def local_servers(places: Sequence[Place] | None = None) -> list[LocalServer]:
    """Those that answer within 0.3 s, all asked at once."""
    asked = USUAL_PLACES if places is None else places
    with ThreadPoolExecutor(max(len(asked), 1)) as pool:
        return [server for server in pool.map(_asked, asked) if server is not None]


def found_keys(
    *, without: Collection[str] = (), environment: Mapping[str, str] = os.environ, in_keyring: bool = True
) -> list[FoundKey]:
    """Keys of the providers that are known by name, `without` those that are used. INSIGHTS_API_KEY is for whatever the
    settings name and counts as OpenAI's."""
    found = []
    for provider in (provider for provider in PROVIDERS if provider not in without):
        place = next((name for name in _own_variables(provider) if environment.get(name, "").strip()), None)
        if place is None and in_keyring and kept_key(provider, environment=environment):
            place = KEYRING
        if place is not None:
            found.append(FoundKey(provider, place))
    return found


def offers(keys: Sequence[FoundKey], servers: Sequence[LocalServer]) -> list[Offer]:
    """What to offer, servers on this machine first: nothing leaves it."""
    local = [_offer_of(server, server.chat_model) for server in servers if server.chat_model is not None]
    away = [
        Offer(f"a key in {key.place}", f"{_CHEAP_OPENAI} at api.openai.com", {"model": _CHEAP_OPENAI})
        for key in keys
        if key.provider == OPENAI
    ]
    return [*local, *away]


def _offer_of(server: LocalServer, model: str) -> Offer:
    found = f"a local server ({server.name}) at {server.address}"
    free: dict[str, str | float] = {"usd_per_million_input": 0, "usd_per_million_output": 0}
    if server.name == "Ollama":
        return Offer(found, model, {"model": f"{OLLAMA}:{model}", **free})
    return Offer(found, model, {"model": f"{OPENAI}:{model}", "base_url": server.base_url, **free})


def _own_variables(provider: str) -> Sequence[str]:
    """The variables that are this provider's and no other's."""
    shared = variables_of(OPENAI)
    return shared if provider == OPENAI else [name for name in variables_of(provider) if name not in shared]


def _asked(place: Place) -> LocalServer | None:
    """None where nothing answers as such a server does; another program may have the port."""
    try:
        models = _models_in(within(_SECONDS, lambda: _answer(place.port)))
    except (OSError, HTTPException, ValueError, RecursionError):
        return None
    return LocalServer(place.name, f"{HOST}:{place.port}", models) if models else None


def _answer(port: int) -> Any:
    # Not by a client that would heed a proxy or follow a redirect: both lead off this machine.
    connection = HTTPConnection(HOST, port, timeout=_SECONDS)
    try:
        connection.request("GET", "/v1/models", headers={"Accept": "application/json"})
        response = connection.getresponse()
        return json.loads(response.read(_LONGEST_ANSWER)) if response.status == 200 else None
    finally:
        connection.close()


def _models_in(answer: Any) -> list[str]:
    rows = answer.get("data") if isinstance(answer, dict) else None
    names = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [name for name in names if isinstance(name, str) and _NAME.fullmatch(name)]
