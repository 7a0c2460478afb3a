"""Embedder and language models, as far as that can be told without asking them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from insights.config import Language
from insights.domain.health import Check, CheckState, wrong
from insights.embedding.credentials import OPENAI, is_loopback, key_remedy, key_variable, server_name, why_no_keyring
from insights.errors import InsightsError
from insights.health.standing import Standing
from insights.language.models import Model, large_model, small_model
from insights.storage.calls import month_of


def known_models(standing: Standing) -> Iterator[Check]:
    """Embedder and language models, and whether their keys are at hand; none of them is asked."""
    embedding, language = standing.settings.embedding, standing.settings.language
    if embedding.embedder.startswith(f"{OPENAI}:"):
        where = f"{embedding.embedder} at {server_name(embedding.base_url)}"
        yield _at_hand("embedder", where, provider=OPENAI, base_url=embedding.base_url)
    else:
        yield _local_embedder(embedding.embedder, standing.folder)
    spent = standing.repository.calls.spent_usd(since=month_of(standing.now)) if language.model.strip() else 0.0
    limit = language.max_usd_month
    yield from model_checks(language, lambda name, model: _model(name, model, spent=spent, of_month=limit))


def model_checks(language: Language, check: Callable[[str, Model], Check]) -> Iterator[Check]:
    """Each model that the settings name, by `check`; or that none is named, or one that there cannot be."""
    try:
        models = {"model": small_model(language), "large model": large_model(language)}
    except InsightsError as error:
        yield wrong("model", error)
        return
    if models["model"] is None:
        yield Check(name="model", state=CheckState.OK, words="none is set: words are made offline")
    for name, model in models.items():
        if model is not None:
            yield check(name, model)


def _local_embedder(embedder: str, folder: Path) -> Check:
    kind, _, place = embedder.partition(":")
    weights = folder / place / "model.onnx"
    if kind != "onnx" or weights.exists():
        return Check(name="embedder", state=CheckState.OK, words=f"{embedder}, on this machine")
    return Check(
        name="embedder",
        state=CheckState.WRONG,
        words=f"{embedder}: there is no {weights}",
        remedy="Put the weights there, or correct embedding.embedder in insights.toml.",
        command="insights doctor",
    )


def _model(name: str, model: Model, *, spent: float, of_month: float) -> Check:
    where = (
        f"{model.name} at {server_name(model.base_url) if model.base_url or model.speaks_openai else model.provider}"
    )
    money = f"${spent:.2f} of ${of_month:.2f} spent this month"
    check = _at_hand(name, f"{where}; {money}", provider=model.provider, base_url=model.base_url)
    if check.state is CheckState.WRONG or spent < of_month:
        return check
    remedy = "The month's money is spent: words are made offline. Raise language.max_usd_month in insights.toml."
    return Check(name=name, state=CheckState.NOTE, words=check.words, remedy=remedy, facts=check.facts)


def _at_hand(name: str, words: str, *, provider: str, base_url: str) -> Check:
    """Whether there is a key for a server, as far as that can be told without asking the keyring."""
    place = key_variable(provider)
    facts: Mapping[str, object] = {"provider": provider, "key": place}
    if place is not None or is_loopback(base_url):
        told = f"; its key is in {place}" if place else "; it needs no key"
        return Check(name=name, state=CheckState.OK, words=f"{words}{told}", facts=facts)
    if not why_no_keyring():
        return Check(name=name, state=CheckState.SKIPPED, words=f"{words}; its key may be in the keyring", facts=facts)
    return Check(
        name=name,
        state=CheckState.WRONG,
        words=f"{words}; there is no key for it",
        remedy=key_remedy(provider),
        command=f"insights auth {provider}",
        needs_login=True,
        facts=facts,
    )
