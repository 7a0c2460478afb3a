"""The key for an OpenAI-compatible server, from the environment or the system's keyring; never from a file."""

import ipaddress
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from insights.errors import ExitCode, InsightsError

OPENAI = "openai"
VARIABLES = ("INSIGHTS_API_KEY", "OPENAI_API_KEY")
SERVICE, USER = "feedback-insights", OPENAI
NOT_NEEDED = "not-needed"

KEY_REMEDY = (
    f"Set {' or '.join(VARIABLES)}, or keep the key with `insights auth {USER}`; or leave the model empty "
    "to work offline."
)


def variables_of(provider: str) -> tuple[str, ...]:
    """The environment's names for a provider's key, the first that is set counts."""
    if provider in (OPENAI, "ollama"):
        return VARIABLES
    return f"{provider.upper()}_API_KEY", "INSIGHTS_API_KEY"


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
    names = variables_of(provider)
    found = next((environment[name].strip() for name in names if environment.get(name, "").strip()), None)
    return found or _from_keyring(environment, user=provider)


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
    parts = urlsplit(base_url or "https://api.openai.com/v1")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or 'unknown'}{port}"


def _from_keyring(environment: Mapping[str, str], *, user: str) -> str | None:
    if environment.get("PYTHON_KEYRING_BACKEND") == "keyring.backends.null.Keyring":
        return None
    if not _could_be_unlocked(environment):
        return None
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, user)
    except KeyringError:
        return None


def _could_be_unlocked(environment: Mapping[str, str]) -> bool:
    """False on a Linux without a desktop session: asking would only cost time, or prompt nobody."""
    if os.name == "nt" or os.uname().sysname == "Darwin" or environment.get("PYTHON_KEYRING_BACKEND"):
        return True
    return bool(environment.get("DBUS_SESSION_BUS_ADDRESS"))
