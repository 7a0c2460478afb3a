"""Who is behind a pseudonym, as far as a workspace keeps that."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from insights.storage.repository import Repository


class Vault(Protocol):
    """Pseudonyms by person; a person is told by the keyed digest of an e-mail address or a name."""

    def digest_of(self, identity: str) -> str: ...

    def tokens(self, person: str) -> set[str]:
        """Without < and >: EMAIL_7KQ2M4XA."""
        ...

    def values(self, person: str) -> Mapping[str, str]:
        """Pseudonym -> what it stands for."""
        ...

    def forget(self, persons: Collection[str], *, connection: Any) -> int:
        """How many pseudonyms stand for nobody from now on."""
        ...


class _NoVault:
    """Of a workspace that keeps none."""

    def digest_of(self, identity: str) -> str:
        return identity

    def tokens(self, person: str) -> set[str]:  # noqa: ARG002
        return set()

    def values(self, person: str) -> Mapping[str, str]:  # noqa: ARG002
        return {}

    def forget(self, persons: Collection[str], *, connection: Any) -> int:  # noqa: ARG002
        return 0


def vault_of(repository: Repository) -> Vault:
    kept: Vault | None = getattr(repository, "persons", None)
    return kept or _NoVault()
