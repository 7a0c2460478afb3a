"""What a card tells, gathered from what is kept and from the project's own measurements. Purpose, limits and
trade-offs are written by people.

The sections follow Mitchell et al. (2019), Model Cards for Model Reporting, and Gebru et al. (2021), Datasheets for
Datasets, with Pushkarna et al. (2022), Data Cards.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from insights.config import Settings
from insights.domain.access import Act, use_case
from insights.errors import InsightsError
from insights.fairness import Fairness, fairness
from insights.grouping.scores import Figure
from insights.language.distilling_figures import figures_of, share
from insights.language.models import large_model, small_model
from insights.language.prompts import load_prompt, prompt_names
from insights.outcomes import compared_of, outcomes
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY
from insights.worth.calibration import calibrate
from insights.worth.fairness import LEAST_RATIO, TOP, Ratio, Verdict

NOT_MEASURED = "not measured"
_MOST_RUNS = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: `value` in words; what is not known says so."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a card."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a card is made of."""

    repository: Repository
    settings: Settings
    now: datetime


@use_case(Act.LOOK)
def model_card(subject: Subject) -> Card:
    """What models are used, for what, how right they were, and what is not known of it."""
    published = measured()
    return Card(
        "Model card",
        (
            Part("Purpose and users", _purpose()),
            Part("Models", tuple(_models(subject))),
            Part("Prompts", tuple(_prompts())),
            Part("Accuracy in this workspace", tuple(_accuracy(subject))),
            Part("Predicted beside realised", tuple(_calibration(subject))),
            Part(f"Fairness: share of the first {TOP} over share of all problems", tuple(_fairness(subject))),
            Part(f"Published measurements ({published['measured']})", tuple(_published(published))),
            Part("Not measured", tuple(Line(one, NOT_MEASURED) for one in published["not_measured"])),
            Part("Spend", tuple(_spend(subject))),
        ),
    )


@use_case(Act.LOOK)
def data_card(subject: Subject) -> Card:
    """What is kept of whom, since when, for how long, and what was taken out of it."""
    return Card(
        "Data card",
        (
            Part("Items", tuple(_items(subject))),
            Part("Taken out and kept apart", tuple(_redacted(subject))),
            Part("How long it is kept", tuple(_retention(subject))),
            Part("Limits", _limits()),
        ),
    )


def measured() -> dict[str, Any]:
    """What the project's benchmarks found, each with its command."""
    found: dict[str, Any] = json.loads(files("insights.cards").joinpath("measured.json").read_text("utf-8"))
    return found


def _purpose() -> tuple[Line, ...]:
    return (
        Line("For", "product teams that decide which problems of customers to solve first"),
        Line("Not for", "decisions on a single person; acting without a person who looks at the evidence"),
        Line(
            "Trade-offs", "small models and rules first, for cost and privacy; the offline way knows less than a model"
        ),
    )


def _limits() -> tuple[Line, ...]:
    return (
        Line("Redaction", "finds most personal data and not all: names and street addresses are missed at times"),
        Line("Coverage", "who does not write is not heard; sources differ in whom they reach"),
        Line("Vectors", "count as personal data: they are made from customers' words"),
    )


def _models(subject: Subject) -> Iterator[Line]:
    settings = subject.settings
    made = subject.repository.get_meta(VECTORS_BY)
    yield Line("Embedder", f"{settings.embedding.embedder}; vectors made by {made or 'none yet'}")
    for name, model in (("Small", small_model(settings.language)), ("Large", large_model(settings.language))):
        yield Line(f"{name} language model", model.name if model else "none: offline words")
    for one in subject.repository.distilled.all():
        yield Line(f"Distilled classifier {one.name}", f"of {one.at:%Y-%m-%d}, from {one.made_from}")


def _prompts() -> Iterator[Line]:
    for name in prompt_names():
        yield Line(name, f"version {load_prompt(name).version}")


def _accuracy(subject: Subject) -> Iterator[Line]:
    runs = subject.repository.runs.recent(_MOST_RUNS)
    for what in ("quotes", "sentences"):
        kept, dropped = (sum(run.counts.get(f"{what}_{how}", 0) for run in runs) for how in ("kept", "dropped"))
        yield Line(f"{what.capitalize()} of models that stand in their source", _share(kept, kept + dropped))
    audited, agreed = (sum(run.counts.get(name, 0) for run in runs) for name in ("audited", "agreed"))
    yield Line("Small and large model agree", _share(min(agreed, audited), audited))
    for one in subject.repository.distilled.all():
        figures = figures_of(one.figures)
        words = (
            f"F1 {_figure(figures.mean.f1)} on {figures.held_out:,} held-out answers; before {_figure(figures.before)}"
        )
        yield Line(f"Distilled classifier {one.name}", words)


def _calibration(subject: Subject) -> Iterator[Line]:
    found = calibrate(compared_of(outcomes(subject.repository, subject.settings, subject.now.date())))
    told = [one for one in found if one.told]
    for one in told:
        low, high = one.interval
        words = f"{one.inside} of {one.told} outcomes inside P10–P90, {low:.2f}–{high:.2f}; even ranges hold .80"
        yield Line(one.quantity.value.capitalize(), words)
    if not told:
        yield Line("Estimates", f"{NOT_MEASURED} (nothing shipped long enough ago)")


def _fairness(subject: Subject) -> Iterator[Line]:
    try:
        found: Sequence[Fairness] = fairness(subject.repository)
    except InsightsError:
        yield Line("Ratios", f"{NOT_MEASURED} (no problem has a rank yet)")
        return
    for one in found:
        for group in one.shares.groups:
            yield Line(f"{one.attribute} {group.name}", _ratio(group.to_problems))
        if not one.shares.groups:
            yield Line(one.attribute, f"{NOT_MEASURED} (known of nobody)")


def _ratio(ratio: Ratio) -> str:
    """What its 95 % interval allows to say of it: a ratio whose interval crosses the limit may be on either side."""
    if ratio.value is None:
        return NOT_MEASURED
    if ratio.verdict is Verdict.TOO_FEW or ratio.low is None or ratio.high is None:
        return f"{ratio.verdict}"
    words = "may be on either side of"
    if ratio.high < LEAST_RATIO:
        words = "below"
    elif ratio.low >= LEAST_RATIO:
        words = "not below"
    return f"{_figure(Figure(ratio.value, ratio.low, ratio.high))}, {words} {LEAST_RATIO}"


def _published(published: dict[str, Any]) -> Iterator[Line]:
    for one in published["figures"]:
        caution = f"; {one['caution']}" if one["caution"] else ""
        yield Line(one["what"], f"{one['value']} (`{one['command']}`){caution}")


def _spend(subject: Subject) -> Iterator[Line]:
    calls = subject.repository.measures.calls()
    yield Line("Calls to models", f"{sum(one.calls for one in calls):,}")
    yield Line("Tokens in and out", f"{sum(c.tokens_in for c in calls):,} and {sum(c.tokens_out for c in calls):,}")
    yield Line("Cost", f"${sum(one.usd for one in calls):.2f}")


def _items(subject: Subject) -> Iterator[Line]:
    for source, kind, count, first, last, known in subject.repository.measures.items_by_source():
        words = f"{count:,} items, {first:%Y-%m-%d} to {last:%Y-%m-%d}; of a known account: {known / count:.0%}"
        yield Line(f"{source} ({kind})", words)
    counts = subject.repository.feedback.counts()
    yield Line("In all", f"{counts['items']:,} items")


def _redacted(subject: Subject) -> Iterator[Line]:
    count = subject.repository.feedback.counts()["redacted"]
    yield Line("Pieces of personal data taken out", f"{count:,}; counts by type are not kept")
    privacy = subject.settings.privacy
    yield Line("Found by", privacy.engine)
    yield Line("Pseudonyms", "yes, one for each person" if privacy.pseudonyms else "no")
    yield Line("Redacted text may leave this machine", "yes" if privacy.text_may_leave else "no")


def _retention(subject: Subject) -> Iterator[Line]:
    for rule in subject.settings.retention:
        yield Line(f"source {rule.source}, kind {rule.kind}", f"words go after {rule.days:,} days; counts stay")
    if not subject.settings.retention:
        yield Line("Words", "for ever: the settings have no [[retention]] rule")


def _share(hits: int, count: int) -> str:
    """With its 95 % interval by Wilson."""
    return f"{_figure(share(hits, count))} of {count:,}" if count else NOT_MEASURED


def _figure(figure: Figure) -> str:
    if figure.value is None:
        return NOT_MEASURED
    between = f" ({figure.low:.2f}–{figure.high:.2f})" if figure.low is not None and figure.high is not None else ""
    return f"{figure.value:.2f}{between}"
