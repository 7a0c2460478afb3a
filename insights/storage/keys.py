"""Where the workspace's key is: `INSIGHTS_KEY`, else the system's keyring, else a 0600 file outside the workspace."""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from insights.errors import InsightsError
from insights.storage.encryption import KEY_BYTES

SERVICE = "feedback-insights"


def make_key(workspace_id: str, *, environment: Mapping[str, str] = os.environ) -> str:
    """Make and keep a key for a new workspace; say in words where it is."""
    if environment.get("INSIGHTS_KEY"):
        _decoded(environment["INSIGHTS_KEY"], place="INSIGHTS_KEY")
        return "in INSIGHTS_KEY"
    key = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    if _keep_in_keyring(workspace_id, key):
        return "in the system's keyring"
    path = key_file(workspace_id, environment=environment)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return f"in {path}"


def find_key(workspace_id: str, *, environment: Mapping[str, str] = os.environ) -> bytes:
    """The 32 bytes. Raises InsightsError where there is none, or where others could read it."""
    if environment.get("INSIGHTS_KEY"):
        return _decoded(environment["INSIGHTS_KEY"], place="INSIGHTS_KEY")
    kept = _from_keyring(workspace_id)
    if kept:
        return _decoded(kept, place="the system's keyring")
    path = key_file(workspace_id, environment=environment)
    if not path.exists():
        raise InsightsError(
            "The key of this workspace is not here: not in INSIGHTS_KEY, not in the keyring, "
            f"not in {path}. Without it the stored text cannot be read.",
            remedy="Set INSIGHTS_KEY to the key, or copy the key file from the machine where `init` was run.",
        )
    _refuse_readable_by_others(path)
    return _decoded(path.read_bytes().decode("ascii", "replace"), place=str(path))


def place_of_key(workspace_id: str, *, environment: Mapping[str, str] = os.environ) -> str | Path:
    """Where the key that opened the workspace is: INSIGHTS_KEY, the system's keyring, or a file. The keyring is not
    asked: it might ask a person in turn. `make_key` writes a file only where there is none that works."""
    if environment.get("INSIGHTS_KEY"):
        return "INSIGHTS_KEY"
    path = key_file(workspace_id, environment=environment)
    return path if path.exists() else "the system's keyring"


def key_file(workspace_id: str, *, environment: Mapping[str, str] = os.environ) -> Path:
    """`INSIGHTS_KEY_DIR`, else the user's configuration folder: never inside the workspace, so that a copied or
    stolen workspace is of no use alone."""
    from platformdirs import user_config_path

    folder = environment.get("INSIGHTS_KEY_DIR")
    base = Path(folder) if folder else user_config_path("insights") / "keys"
    return base / f"{workspace_id}.key"


def _refuse_readable_by_others(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InsightsError(f"Others on this machine can read the key in {path}.", remedy=f"chmod 600 {path}")


def _decoded(text: str, *, place: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text.strip())
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise InsightsError(
            f"What stands in {place} is not a key: 32 bytes in URL-safe base64 are expected.",
            remedy="Put back the key that `insights init` made for this workspace.",
        )
    return key


def _keep_in_keyring(workspace_id: str, key: str) -> bool:
    if not _keyring_is_usable():
        return False
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, workspace_id, key)
        return keyring.get_password(SERVICE, workspace_id) == key
    except KeyringError:
        return False


def _from_keyring(workspace_id: str) -> str | None:
    if not _keyring_is_usable():
        return None
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, workspace_id)
    except KeyringError:
        return None


def _keyring_is_usable() -> bool:
    """False where no desktop session could unlock one: asking would only cost time, or prompt nobody."""
    if os.environ.get("PYTHON_KEYRING_BACKEND") == "keyring.backends.null.Keyring":
        return False
    return os.name != "posix" or os.uname().sysname == "Darwin" or "DBUS_SESSION_BUS_ADDRESS" in os.environ
