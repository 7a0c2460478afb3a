"""From the settings to an embedder."""

from pathlib import Path

from insights.config import Embedding
from insights.embedding.onnx import OnnxEmbedder
from insights.embedding.openai_compatible import OpenAIEmbedder
from insights.embedding.remembered import Memory, RememberedEmbedder
from insights.embedding.static import StaticEmbedder
from insights.ports import Embedder


def embedder_for(settings: Embedding, *, folder: Path | None = None, memory: Memory | None = None) -> Embedder:
    """The embedder that the settings name; an ONNX folder is relative to `folder`, the workspace. One that costs
    keeps its answers in `memory`, where there is one.

    Raises InsightsError where the named folder is not there.
    """
    kind, _, what = settings.embedder.partition(":")
    if kind == "onnx":
        return OnnxEmbedder((folder or Path()) / Path(what).expanduser())
    if kind == "openai":
        asked = OpenAIEmbedder(what, base_url=settings.base_url, concurrency=settings.concurrency)
        return asked if memory is None else RememberedEmbedder(asked, memory)
    return StaticEmbedder()
