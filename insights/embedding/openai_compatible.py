"""An embedder on an OpenAI-compatible server. Sends redacted text to the address in the settings, and only there."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from insights.embedding.credentials import KEY_REMEDY, api_key, server_name
from insights.embedding.rows import embed_sorted
from insights.errors import ExitCode, InsightsError
from insights.ports import Vectors

_BATCH = 128
_LONGEST = 8_000
"""Characters of a text that are sent: below the 8,191 tokens that OpenAI's models take."""
_TIMEOUT_SECONDS = 60.0
_RETRIES = 3


class OpenAIEmbedder:
    """Vectors from `POST {base_url}/embeddings`; texts are sent as strings, which every such server takes."""

    def __init__(self, model: str, *, base_url: str = "", key: str | None = None) -> None:
        """`key` None is looked up at the first call. Nothing is sent before it."""
        self._model, self._base_url, self._key = model, base_url, key
        self._server = server_name(base_url)
        self.fingerprint = f"openai-{model}@{self._server}"

    @cached_property
    def dimensions(self) -> int:
        """What the server answers; asks it once."""
        return int(self._ask(["size"]).shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, dimensions), rows of length 1. Raises InsightsError where the server refuses or is away."""
        cut = [text[:_LONGEST] for text in texts]
        return embed_sorted(cut, self._ask, batch=_BATCH, dimensions=self.dimensions)

    def _ask(self, texts: list[str]) -> NDArray[np.floating[Any]]:
        import openai

        try:
            answer = self._client.embeddings.create(model=self._model, input=texts, encoding_format="float")
            rows = [row.embedding for row in sorted(answer.data, key=lambda row: row.index)]
        except openai.OpenAIError as error:
            self._refuse(error)
        except (AttributeError, TypeError, ValueError) as error:
            raise self._strange() from error
        return self._checked(rows, asked=len(texts))

    def _checked(self, rows: list[list[float]], *, asked: int) -> NDArray[np.floating[Any]]:
        """The rows as an array. A server that answers too few rows or rows of other lengths is not believed."""
        expected = self.__dict__.get("dimensions", len(rows[0]) if rows else 0)
        if len(rows) != asked or not expected or any(len(row) != expected for row in rows):
            raise self._strange()
        return np.asarray(rows, dtype=np.float32)

    @cached_property
    def _client(self) -> Any:
        from openai import OpenAI

        key = self._key or api_key(self._base_url)
        return OpenAI(api_key=key, base_url=self._base_url or None, timeout=_TIMEOUT_SECONDS, max_retries=_RETRIES)

    def _refuse(self, error: Exception) -> NoReturn:
        import openai

        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            raise InsightsError(
                f"{self._server} refused the key.", remedy=KEY_REMEDY, exit_code=ExitCode.LOGIN
            ) from error
        if isinstance(error, openai.APIStatusError):
            what = f"answered {error.status_code} for embeddings of {self._model!r}"
        else:
            what = "cannot be reached, or does not answer in time"
        raise InsightsError(
            f"The embedding server {self._server} {what}.",
            remedy="Check embedding.base_url and embedding.embedder, or run again later; `static` needs no server.",
        ) from error

    def _strange(self) -> InsightsError:
        return InsightsError(
            f"The embedding server {self._server} did not answer one vector for each text.",
            remedy=f"Check that {self._model!r} is an embedding model there, or set embedding.embedder to static.",
        )
