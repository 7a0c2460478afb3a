"""Customer text, and what is computed from it, at rest: AES-256-GCM, each value bound to its table, column and row.

A value moved to another row or column does not open. Values are sealed with data keys, which the workspace's key wraps
(envelope encryption); a value does not say which: the newest key is tried first. No key is ever written here plainly;
`keys` finds the workspace's, `key_ring` keeps the data keys.
"""

import base64
import hashlib
import hmac
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from insights.errors import InsightsError

KEY_BYTES = 32
NONCE_BYTES = 12
FRESH_SECONDS = 60
"""So long a ring is used for sealing without asking whether it was changed: what is sealed before its transaction
begins has a key that is that much behind at most, and former keys are kept far longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The data keys of a workspace, 32 bytes each. `columns` are the newest first: it seals, all of them open."""

    columns: tuple[bytes, ...] = field(repr=False)
    digests: bytes = field(repr=False)

    @classmethod
    def of(cls, key: bytes) -> "Ring":
        """What the workspace's key alone gives: the data keys of a workspace that was made before they were kept."""
        return cls(columns=(_derived(key, b"columns"),), digests=_derived(key, b"digests"))

    @classmethod
    def new(cls) -> "Ring":
        return cls(columns=(os.urandom(KEY_BYTES),), digests=os.urandom(KEY_BYTES))


class Cipher:
    """Seals and opens what columns hold, and gives keyed digests for comparing without reading."""

    def __init__(self, key: bytes) -> None:
        """`key` is the workspace's."""
        self.key = key
        self._reload: Callable[[], bool] = lambda: False
        self._looked: float | None = None
        self.use(Ring.of(key))

    def use(self, ring: Ring) -> None:
        """Seal and open with these keys from now on."""
        self._opening = tuple(AESGCM(key) for key in ring.columns)
        self._digest_key = ring.digests
        self._pseudonym_key = _derived(ring.digests, b"pseudonyms")
        self._audit_key = _derived(ring.digests, b"audit")

    def follow(self, reload: Callable[[], bool]) -> None:
        """`reload` uses the newest ring, and says whether that is another one. It is asked where something does not
        open, and before something is sealed where `looked` was not told for a while."""
        self._reload = reload
        self.looked()

    def looked(self) -> None:
        """The ring is the newest one at this moment: by the clock, which goes on while a machine sleeps."""
        self._looked = time.time()

    def seal(self, text: str, *, column: str, row: int | str) -> bytes:
        """Nonce and ciphertext. `column` is "table.column"."""
        return self.seal_bytes(text.encode("utf-8", "surrogatepass"), column=column, row=row)

    def seal_bytes(self, content: bytes, *, column: str, row: int | str) -> bytes:
        """As `seal`, for what is no text."""
        if self._looked is not None and abs(time.time() - self._looked) > FRESH_SECONDS:
            self._reload()
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._opening[0].encrypt(nonce, content, _place(column, row))

    def open(self, sealed: bytes, *, column: str, row: int | str) -> str:
        """The text. Raises InsightsError where key, place or bytes are not those it was sealed with."""
        return self.open_bytes(sealed, column=column, row=row).decode("utf-8", "surrogatepass")

    def open_bytes(self, sealed: bytes, *, column: str, row: int | str) -> bytes:
        """As `open`, for what is no text."""
        place = _place(column, row)
        content = _opened(self._opening, sealed, place)
        if content is None and self._reload():
            content = _opened(self._opening, sealed, place)
        if content is None:
            raise InsightsError(
                f"Row {row} of {column} cannot be decrypted: it was damaged, moved, or sealed with another key.",
                remedy="Use the key that this workspace was made with, or restore the database from a backup.",
            )
        return content

    def is_newest(self, sealed: bytes, *, column: str, row: int | str) -> bool:
        """Whether the newest key opens it."""
        return _opened(self._opening[:1], sealed, _place(column, row)) is not None

    def digest(self, text: str) -> str:
        """The same for the same text, and of no use without the key (HMAC-SHA256, 32 hex digits)."""
        return hmac.new(self._digest_key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]

    def pseudonym(self, text: str) -> str:
        """Eight letters of base32, the same for the same text; of two among a million texts they agree by chance with
        a likelihood of .37 (40 bits of HMAC-SHA256)."""
        mac = hmac.new(self._pseudonym_key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return base64.b32encode(mac[:5]).decode("ascii")

    def mac(self, content: bytes) -> str:
        """HMAC-SHA256 as 64 hex digits, for the audit log."""
        return hmac.new(self._audit_key, content, hashlib.sha256).hexdigest()


def fingerprint_of(key: bytes) -> str:
    """What tells a workspace's key from others, and gives nothing of it: 16 hex digits."""
    return _derived(key, b"fingerprint")[:8].hex()


def wrapped(data_key: bytes, key: bytes, *, place: str) -> bytes:
    """A data key, sealed with the workspace's, for this place alone."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_derived(key, b"wrapping")).encrypt(nonce, data_key, place.encode())


def unwrapped(sealed: bytes, key: bytes, *, place: str) -> bytes | None:
    """None where it is of another key or place, or damaged."""
    return _opened((AESGCM(_derived(key, b"wrapping")),), sealed, place.encode())


def _opened(keys: tuple[AESGCM, ...], sealed: bytes, place: bytes) -> bytes | None:
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    for key in keys:
        try:
            return key.decrypt(nonce, ciphertext, place)
        except (InvalidTag, ValueError):
            continue
    return None


def _place(column: str, row: int | str) -> bytes:
    return f"{column}|{row}".encode()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"insights/" + purpose).derive(key)
