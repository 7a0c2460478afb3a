"""A keyring that lives in this process. Not a test.

For a child process: PYTHON_KEYRING_BACKEND=tests.memory_keyring.MemoryKeyring.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given by service and user; one that is `locked` or `forgetful` fails as such ones do."""

    priority = 1.0

    def __init__(self, *, locked: bool = False, forgetful: bool = False) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = locked
        self.forgetful = forgetful

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked(f"no entry for {username}")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.forgetful:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError("not found")
        del self.kept[service, username]


@contextmanager
def keyring_in_memory(**options: bool) -> Iterator[MemoryKeyring]:
    """The keyring of this process until the block ends."""
    before, own = keyring.get_keyring(), MemoryKeyring(**options)
    keyring.set_keyring(own)
    try:
        yield own
    finally:
        keyring.set_keyring(before)
