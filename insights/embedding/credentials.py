"""The key for a model's server, from the environment or the system's keyring; never from a file."""

import ipaddress
import os
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from insights.errors import ExitCode, InsightsError

OPENAI = "openai"
OPENAI_URL = "https://api.openai.com/v1"
"""Always said to the client, which would take another from OPENAI_BASE_URL: text goes where the settings say."""
VARIABLES = ("INSIGHTS_API_KEY", "OPENAI_API_KEY")
SERVICE, USER = "feedback-insights", OPENAI
NOT_NEEDED = "not-needed"
KEYRING = "the system's keyring"
PROVIDERS = (
    OPENAI,
    "anthropic",
    "google_genai",
    "mistralai",
    "groq",
    "deepseek",
    "xai",
    "cohere",
    "together",
    "fireworks",
    "openrouter",
    "ollama",
)
"""Those whose keys are looked for without being named, as settings name them; others work as well."""
_USUAL = MappingProxyType({"google_genai": "GOOGLE_API_KEY", "mistralai": "MISTRAL_API_KEY"})
"""The variable that other programs read, where it is not PROVIDER_API_KEY."""

KEY_REMEDY = (
    f"Set {' or '.join(VARIABLES)}, or keep the key with `insights auth {USER}`; or leave the model empty "
    "to work offline."
)


def variables_of(provider: str) -> tuple[str, ...]:
    """The environment's names for a provider's key, the first that is set counts."""
    if provider in (OPENAI, "ollama"):
        return VARIABLES
    usual = (_USUAL[provider],) if provider in _USUAL else ()
    return f"{provider.upper()}_API_KEY", *usual, "INSIGHTS_API_KEY"


def key_remedy(provider: str) -> str:
    """What to do where the key is missing or refused."""
    return KEY_REMEDY.replace(" or ".join(VARIABLES), " or ".join(variables_of(provider))).replace(USER, provider)


def api_key(base_url: str, *, provider: str = OPENAI, environment: Mapping[str, str] = os.environ) -> str:
    """The key, or "not-needed" for a server on this machine. Raises InsightsError where one is needed and none is kept.

    OPENAI_API_KEY is what other programs read too: it goes to OpenAI's own address and to a server that the settings
    name, to no other.
    """
    found = known_key(provider, environment=environment)
    if found:
        return found
    if is_loopback(base_url):
        return NOT_NEEDED
    raise InsightsError(
        "There is no key for the model's server.", remedy=key_remedy(provider), exit_code=ExitCode.LOGIN
    )


def known_key(provider: str, *, environment: Mapping[str, str] = os.environ) -> str | None:
    """The key from the environment, else from the system's keyring; None where neither has one."""
    variable = key_variable(provider, environment=environment)
    return environment[variable].strip() if variable else kept_key(provider, environment=environment)


def key_place(provider: str, *, environment: Mapping[str, str] = os.environ) -> str | None:
    """Where `known_key` finds the key: a variable's name, or "the system's keyring"; None where there is none."""
    variable = key_variable(provider, environment=environment)
    return variable or (KEYRING if kept_key(provider, environment=environment) else None)


def key_variable(provider: str, *, environment: Mapping[str, str] = os.environ) -> str | None:
    """The variable that holds a provider's key; None where none does. The keyring is not asked."""
    return next((name for name in variables_of(provider) if environment.get(name, "").strip()), None)


def is_loopback(base_url: str) -> bool:
    """Whether the address is this machine."""
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def server_name(base_url: str) -> str:
    """The server as messages and fingerprints name it: without user, password, query or path's end."""
    parts = urlsplit(base_url or OPENAI_URL)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or 'unknown'}{port}"


def kept_key(provider: str, *, environment: Mapping[str, str] = os.environ) -> str | None:
    """The key in the system's keyring; None where it has none, is locked or cannot be used."""
    if why_no_keyring(environment):
        return None
    import keyring

    try:
        return (keyring.get_password(SERVICE, provider) or "").strip() or None
    except keyring_failures():
        return None


def why_no_keyring(environment: Mapping[str, str] = os.environ) -> str:
    """Why the system's keyring need not even be asked, in words; empty where it may be."""
    backend = environment.get("PYTHON_KEYRING_BACKEND")
    if backend == "keyring.backends.null.Keyring":
        return "PYTHON_KEYRING_BACKEND switches it off"
    if os.name == "nt" or os.uname().sysname == "Darwin" or backend or environment.get("DBUS_SESSION_BUS_ADDRESS"):
        return ""
    # Asking on a Linux without a desktop session would only cost time, or prompt nobody.
    return "there is no desktop session that could unlock one"


def keyring_failures() -> tuple[type[Exception], ...]:
    """What a keyring raises that does not work. Besides its own errors: a back end that was named and is not there, is
    none, or does not suit the system."""
    from keyring.errors import KeyringError

    return KeyringError, ImportError, AttributeError, RuntimeError, ValueError, OSError
