"""Where the workspace's key is: `INSIGHTS_KEY`, else what a command of the settings prints, else the system's keyring,
else a 0600 file outside the workspace. The last two can be changed here: the next key is put beside the present one,
and takes its place once the database is wrapped by it."""

import base64
import binascii
import os
import secrets
import signal
import stat
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from insights.errors import InsightsError
from insights.storage.encryption import KEY_BYTES, fingerprint_of

SERVICE = "feedback-insights"


def make_key(workspace_id: str, *, environment: Mapping[str, str] = os.environ) -> str:
    """Make and keep a key for a new workspace; say in words where it is."""
    if environment.get("INSIGHTS_KEY"):
        _decoded(environment["INSIGHTS_KEY"], place="INSIGHTS_KEY")
        return "in INSIGHTS_KEY"
    key = new_key()
    if _keep_in_keyring(workspace_id, key):
        return "in the system's keyring"
    path = key_file(workspace_id, environment=environment)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    _write(descriptor, key)
    return f"in {path}"


def new_key() -> str:
    """32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def find_key(workspace_id: str, *, environment: Mapping[str, str] = os.environ, command: Sequence[str] = ()) -> bytes:
    """The 32 bytes. Raises InsightsError where there is none, or where others could read it."""
    if environment.get("INSIGHTS_KEY"):
        return _decoded(environment["INSIGHTS_KEY"], place="INSIGHTS_KEY")
    if command:
        return _decoded(_printed_by(command), place="what the command of [keys] prints")
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
    return _read(path)


def key_in(variable: str, *, environment: Mapping[str, str] = os.environ) -> bytes | None:
    """The key in a variable of the environment; None where it is not set. Raises InsightsError."""
    return _decoded(environment[variable], place=variable) if environment.get(variable) else None


def place_of_key(
    workspace_id: str, *, environment: Mapping[str, str] = os.environ, command: Sequence[str] = ()
) -> str | Path:
    """Where the key that opened the workspace is: INSIGHTS_KEY, a command, the system's keyring, or a file. The keyring
    is not asked: it might ask a person in turn. `make_key` writes a file only where there is none that works."""
    if environment.get("INSIGHTS_KEY"):
        return "INSIGHTS_KEY"
    if command:
        return "what the command of [keys] prints"
    path = key_file(workspace_id, environment=environment)
    return path if path.exists() else "the system's keyring"


def key_file(workspace_id: str, *, environment: Mapping[str, str] = os.environ) -> Path:
    """`INSIGHTS_KEY_DIR`, else the user's configuration folder: never inside the workspace, so that a copied or
    stolen workspace is of no use alone."""
    from platformdirs import user_config_path

    folder = environment.get("INSIGHTS_KEY_DIR")
    base = Path(folder) if folder else user_config_path("insights") / "keys"
    return base / f"{workspace_id}.key"


def anchor_file(workspace_id: str, *, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the head of the audit log is anchored: beside the files of keys."""
    return key_file(workspace_id, environment=environment).with_suffix(".audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """The key of one workspace, with the next one and those before it, as they are kept."""

    workspace_id: str
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def find(self) -> bytes:
        """The present one, or the one that is to be it. Raises InsightsError."""
        return find_key(self.workspace_id, environment=self.environment, command=self.command)

    @property
    def place(self) -> str | Path:
        return place_of_key(self.workspace_id, environment=self.environment, command=self.command)

    @property
    def is_kept_here(self) -> bool:
        """Whether it is in a file or the keyring, and so can be changed here."""
        return not (self.environment.get("INSIGHTS_KEY") or self.command)

    def others(self, fingerprint: str) -> Sequence[bytes]:
        """What may fit instead of the key that was found first, as it is kept now: the next one, the present one, the
        former one of that fingerprint."""
        if not self.is_kept_here:
            return ()
        kept = (self._kept(slot) for slot in (_NEXT, "", fingerprint))
        return [key for key in kept if key is not None]

    def keep_next(self) -> bytes:
        """The key that is to come: one that was kept before, or a new one, on the disk when this returns."""
        kept = self._kept(_NEXT)
        if kept is None:
            self._keep(_NEXT, new_key())
            kept = self._kept(_NEXT)
        if kept is None:
            raise InsightsError(
                "The next key could not be kept.", remedy="See that the system's keyring is open, then run it again."
            )
        return kept

    def promote(self, fingerprint: str) -> bool:
        """Put the next key in the place of the present one, if it is that of `fingerprint`; the former one stays beside
        it, for backups. Whether it was. Safe to repeat after a stop."""
        following, present = self._kept(_NEXT), self._kept("")
        if following is None or fingerprint_of(following) != fingerprint:
            return False
        if present is not None and present != following:
            self._keep(fingerprint_of(present), _encoded(present))
        if self._in_keyring:
            self._keep("", _encoded(following))
            self._remove(_NEXT)
        else:
            self._path(_NEXT).replace(self._path(""))
            _sync(self._path("").parent)
        return True

    def forget(self, fingerprints: Sequence[str]) -> None:
        """Delete former keys: a backup from their time cannot be read any more."""
        for fingerprint in fingerprints:
            self._remove(fingerprint)

    @property
    def _in_keyring(self) -> bool:
        """As `find_key` looks: the keyring's outranks a file."""
        return not self._path("").exists() or _from_keyring(self.workspace_id) is not None

    def _path(self, slot: str) -> Path:
        path = key_file(self.workspace_id, environment=self.environment)
        return path.with_name(f"{self.workspace_id}.{slot}.key") if slot else path

    def _name(self, slot: str) -> str:
        return f"{self.workspace_id}/{slot}" if slot else self.workspace_id

    def _kept(self, slot: str) -> bytes | None:
        if self._in_keyring:
            kept = _from_keyring(self._name(slot))
            return _decoded(kept, place="the system's keyring") if kept else None
        try:
            return _read(self._path(slot))
        except FileNotFoundError:
            return None

    def _keep(self, slot: str, key: str) -> None:
        if self._in_keyring:
            if not _keep_in_keyring(self._name(slot), key):
                raise InsightsError("The system's keyring keeps no key.", remedy="Unlock it, then run it again.")
            return
        path = self._path(slot)
        temporary = path.with_name(f".{path.name}.tmp")
        with suppress(FileNotFoundError):
            temporary.unlink()
        _write(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), key)
        temporary.replace(path)
        _sync(path.parent)

    def _remove(self, slot: str) -> None:
        if self._in_keyring:
            _remove_from_keyring(self._name(slot))
            return
        with suppress(FileNotFoundError):
            self._path(slot).unlink()


_NEXT = "next"


def _encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


def _read(path: Path) -> bytes:
    """Raises FileNotFoundError, and InsightsError where others could read it or put another one in its place."""
    _refuse_readable_by_others(path)
    return _decoded(path.read_bytes().decode("ascii", "replace"), place=str(path))


def _write(descriptor: int, key: str) -> None:
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """A name that was given or taken is on the disk."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_readable_by_others(path: Path) -> None:
    if os.name != "posix":
        return
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InsightsError(f"Others on this machine can read the key in {path}.", remedy=f"chmod 600 {path}")
    if path.parent.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        raise InsightsError(
            f"Others on this machine can look or write into the folder of the key, {path.parent}.",
            remedy=f"chmod 700 {path.parent}",
        )


COMMAND_SECONDS = 30
_MOST_PRINTED = 1_000


def _printed_by(command: Sequence[str]) -> str:
    """What the command prints on standard output. Raises InsightsError, without a word of it."""
    try:
        process = subprocess.Popen(  # noqa: S603 - a list that the workspace's owner wrote; no shell
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise InsightsError(
            f"The command of [keys] could not be started: {type(error).__name__}.", remedy=_COMMAND_REMEDY
        ) from None
    try:
        printed, _ = process.communicate(timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        _end(process)
        raise InsightsError(
            f"The command of [keys] printed no key within {COMMAND_SECONDS} seconds.", remedy=_COMMAND_REMEDY
        ) from None
    if process.returncode:
        raise InsightsError(
            f"The command of [keys] failed with exit code {process.returncode}.", remedy=_COMMAND_REMEDY
        )
    return printed[:_MOST_PRINTED].decode("ascii", "replace")


_COMMAND_REMEDY = "Run the command that stands under [keys] in insights.toml yourself; what it says is not shown here."


def _end(process: "subprocess.Popen[bytes]") -> None:
    """With what it started: that would keep its output open."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=1)


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


def _remove_from_keyring(name: str) -> None:
    if not _keyring_is_usable():
        return
    import keyring
    from keyring.errors import KeyringError

    with suppress(KeyringError):
        keyring.delete_password(SERVICE, name)


def _keyring_is_usable() -> bool:
    """False where no desktop session could unlock one: asking would only cost time, or prompt nobody."""
    if os.environ.get("PYTHON_KEYRING_BACKEND") == "keyring.backends.null.Keyring":
        return False
    return os.name != "posix" or os.uname().sysname == "Darwin" or "DBUS_SESSION_BUS_ADDRESS" in os.environ
