"""An embedder with a server, in the hands of somebody who may ask none: it costs, and words leave the machine."""

from collections.abc import Sequence
from dataclasses import dataclass

from insights.domain.access import Act, Actor
from insights.ports import Embedder, Vectors


@dataclass(frozen=True, slots=True)
class UnaskedEmbedder:
    """Says what it is; embeds nothing."""

    embedder: Embedder
    actor: Actor

    @property
    def fingerprint(self) -> str:
        return self.embedder.fingerprint

    @property
    def dimensions(self) -> int:
        """Raises Forbidden: a server tells it with its first answer."""
        self.actor.require(Act.ASK)
        return self.embedder.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Raises Forbidden."""
        self.actor.require(Act.ASK)
        return self.embedder.embed(texts)
