"""Addresses of services: usable without letting a key out, and whether two are of one server. Pure."""

from urllib.parse import urlsplit

from insights.errors import ExitCode, InsightsError

LOCAL = ("localhost", "127.0.0.1", "::1")


def checked_url(url: str, *, name: str) -> str:
    """An address without a slash at its end. Raises InsightsError where a key would go over it in the clear."""
    if not is_address(url.strip()):
        raise InsightsError(
            f"The address of {name} is not usable.",
            remedy="Write it as https://host in insights.toml, without user, password or what follows ? and #.",
            exit_code=ExitCode.USAGE,
        )
    parts = urlsplit(url.strip())
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        raise InsightsError(
            f"The address of {name} begins with http: its key would go over the network in the clear.",
            remedy="Write it with https.",
            exit_code=ExitCode.USAGE,
        )
    return url.strip().rstrip("/")


def is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_whole and not (parts.username or parts.password or parts.query or parts.fragment)


def is_at(url: str, base_url: str) -> bool:
    """Whether an address is at the server of another one, as the client will read it, too."""
    import httpx2

    try:
        return _origin(url) == _origin(str(httpx2.URL(url))) == _origin(base_url)
    except (ValueError, httpx2.InvalidURL):
        return False


def server_of(url: str) -> str:
    """https://host of an address; empty where it names none."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}" if parts.scheme and parts.hostname else ""
    except ValueError:
        return ""


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or usual
