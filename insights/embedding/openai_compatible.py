"""An embedder on an OpenAI-compatible server. Sends redacted text to the address in the settings, and only there."""

from collections.abc import Callable, Collection, Mapping, Sequence

from insights.embedding.rows import rows_in_order
from insights.embedding.sending import Keep, Sending, distinct
from insights.embedding.server import HARMLESS, EmbeddingServer
from insights.ports import Vectors

_TIMEOUT_SECONDS = 60.0


class OpenAIEmbedder:
    """Vectors from `POST {base_url}/embeddings`; texts are sent as strings, which every such server takes."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str = "",
        key: str | None = None,
        concurrency: int = 4,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """`key` None is looked up at the first call. Nothing is sent before it. An answer that is not whole after
        `timeout_seconds` does not count; `sleep` stands in for waiting."""
        self._server = EmbeddingServer(model, base_url=base_url, key=key, timeout_seconds=timeout_seconds, sleep=sleep)
        self._concurrency = concurrency
        self.fingerprint = f"openai-{model}@{self._server.name}"
        self.texts_refused = 0
        """Texts that the server did not take, even alone: their vectors are like no other."""

    @property
    def dimensions(self) -> int:
        """What the server answers; asks it once."""
        if self._server.dimensions is None:
            self.vectors_of([HARMLESS])
        return self._server.dimensions or 0

    @property
    def tokens_used(self) -> int:
        """What the server counted since this was made; 0 where it does not tell."""
        return self._server.tokens_used

    def expect(self, dimensions: int) -> None:
        """Believe no answer of another length: vectors of that length are kept already."""
        self._server.dimensions = dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, dimensions), rows of length 1. Raises InsightsError where the server refuses or is away."""
        found = self.vectors_of(distinct(texts))
        return rows_in_order(texts, found, dimensions=self.dimensions)

    def vectors_of(self, texts: Collection[str], *, keep: Keep | None = None) -> dict[str, Vectors]:
        """A row of length 1 for each of these distinct texts, none of them blank. `keep` gets each answer in the
        thread that asked, before it asks again; what a refused text gets instead is not for keeping."""
        if self._server.dimensions is None and len(texts) > 1:
            # One small question first: what is wrong with the server is told once, and all batches are measured alike.
            self.vectors_of([HARMLESS], keep=keep)
        sending = Sending(self._server, keep=keep or _forget)
        try:
            return sending.all(texts, concurrency=self._concurrency)
        finally:
            self.texts_refused += len(sending.refused)


def _forget(_: Mapping[str, Vectors]) -> None:
    """Answers of who has no place to keep them."""
