"""Customer text, and what is computed from it, at rest: AES-256-GCM, each value bound to its table, column and row.

A value moved to another row or column does not open. The key is never written here; `keys` finds it.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from insights.errors import InsightsError

KEY_BYTES = 32
NONCE_BYTES = 12


class Cipher:
    """Seals and opens what columns hold, and gives keyed digests for comparing without reading."""

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(_derived(key, b"columns"))
        self._digest_key = _derived(key, b"digests")
        self._pseudonym_key = _derived(key, b"pseudonyms")
        self._audit_key = _derived(key, b"audit")

    def seal(self, text: str, *, column: str, row: int | str) -> bytes:
        """Nonce and ciphertext. `column` is "table.column"."""
        return self.seal_bytes(text.encode("utf-8", "surrogatepass"), column=column, row=row)

    def seal_bytes(self, content: bytes, *, column: str, row: int | str) -> bytes:
        """As `seal`, for what is no text."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aes.encrypt(nonce, content, _place(column, row))

    def open(self, sealed: bytes, *, column: str, row: int | str) -> str:
        """The text. Raises InsightsError where key, place or bytes are not those it was sealed with."""
        return self.open_bytes(sealed, column=column, row=row).decode("utf-8", "surrogatepass")

    def open_bytes(self, sealed: bytes, *, column: str, row: int | str) -> bytes:
        """As `open`, for what is no text."""
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._aes.decrypt(nonce, ciphertext, _place(column, row))
        except (InvalidTag, ValueError) as error:
            raise InsightsError(
                f"Row {row} of {column} cannot be decrypted: it was damaged, moved, or sealed with another key.",
                remedy="Use the key that this workspace was made with, or restore the database from a backup.",
            ) from error

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


def _place(column: str, row: int | str) -> bytes:
    return f"{column}|{row}".encode()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"insights/" + purpose).derive(key)
