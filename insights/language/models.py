"""Which models the settings name, where they are and what they cost. Pure: nothing is asked, no key is read."""

from dataclasses import dataclass

from insights.config import Language
from insights.errors import InsightsError

OPENAI, OLLAMA = "openai", "ollama"
OLLAMA_URL = "http://127.0.0.1:11434/v1"
"""Where Ollama listens unless told otherwise; it speaks OpenAI's protocol there."""

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Model:
    """One model: "openai:gpt-4o-mini" at an address, empty being the provider's own. Prices are dollars for a million
    tokens."""

    name: str
    base_url: str
    usd_in: float
    usd_out: float
    is_large: bool = False

    @property
    def provider(self) -> str:
        return self.name.partition(":")[0]

    @property
    def model(self) -> str:
        """The name that its server knows it by."""
        return self.name.partition(":")[2]

    @property
    def speaks_openai(self) -> bool:
        return self.provider in (OPENAI, OLLAMA)

    def usd(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost."""
        return (tokens_in * self.usd_in + tokens_out * self.usd_out) / _MILLION


def small_model(settings: Language) -> Model | None:
    """The model that does most of the work; None where the settings name none. Raises InsightsError for a name that
    names no model."""
    name = _name(settings.model, "language.model")
    if not name:
        return None
    price = settings.usd_per_million_input, settings.usd_per_million_output
    return Model(name, _address(name, settings.base_url), *price)


def large_model(settings: Language) -> Model | None:
    """The model that is asked where the small one's answer does not do; None where the settings name none."""
    name = _name(settings.large_model, "language.large_model")
    if not name or not settings.model.strip():
        return None
    is_neighbour = name.partition(":")[0] == settings.model.strip().partition(":")[0]
    url = settings.large_base_url or (settings.base_url if is_neighbour else "")
    price = settings.large_usd_per_million_input, settings.large_usd_per_million_output
    return Model(name, _address(name, url), *price, is_large=True)


def _address(name: str, base_url: str) -> str:
    return base_url or (OLLAMA_URL if name.startswith(f"{OLLAMA}:") else "")


def _name(text: str, setting: str) -> str:
    provider, _, model = text.strip().partition(":")
    if text.strip() and not (provider.strip() and model.strip()):
        raise InsightsError(
            f"{setting} is {text.strip()!r}, which names no model.",
            remedy="Write openai:MODEL (for any OpenAI-compatible server), ollama:MODEL or anthropic:MODEL, or leave "
            "it empty to work offline.",
        )
    return f"{provider.strip()}:{model.strip()}" if text.strip() else ""
