"""What an analysis would ask its models, and about what it would cost, before anything is sent.

Questions about single mentions are known and counted as they would be asked. How many problems there will be is known
only after grouping: before the first, it is reckoned from the number of mentions.
"""

from dataclasses import dataclass, replace

from insights.domain.access import Act, use_case
from insights.language.assessing import BATCH
from insights.language.questions import Expected
from insights.pipeline import Analysis, Models, restates_all
from insights.privacy.presidio import finders_of
from insights.stages.describe import needs_words
from insights.stages.protect import protect
from insights.stages.split import split
from insights.storage.lock import OwnerLock

DESCRIBE = Expected(calls=1, tokens_in=1_400, tokens_out=200)
ASSESS = Expected(calls=1, tokens_in=1_500, tokens_out=600)
THEME = Expected(calls=1, tokens_in=400, tokens_out=40)
REVIEW = Expected(calls=1, tokens_in=1_000, tokens_out=100)
"""One question of a kind whose text is not known before the groups are: about what `benchmarks.model_cost` saw."""

REVIEWS_A_PROBLEM = 0.2
DOUBTFUL_SHARE = 0.3
"""Of new mentions, those that grouping is usually unsure of."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One stage: what it would take, and whether that was counted or reckoned."""

    stage: str
    model: str
    expected: Expected
    is_counted: bool


@use_case(Act.BRING)
def forecast(analysis: Analysis) -> list[Forecast]:
    """By stage. Cleans and splits what is new first, which an analysis would do anyway and which asks no model."""
    if analysis.models is None:
        return []
    with OwnerLock(analysis.lock_file, what="this workspace, for an import or an analysis"):
        privacy = analysis.settings.privacy
        protect(
            analysis.repository,
            regions=privacy.phone_regions,
            pseudonyms=privacy.pseudonyms,
            finders=finders_of(privacy.engine, regions=privacy.phone_regions),
            progress=analysis.progress,
        )
        split(analysis.repository, progress=analysis.progress)
        found = [_kinds(analysis, analysis.models), _statements(analysis, analysis.models)]
        problems = _problems_to_describe(analysis)
        return [*filter(None, found), *_of_problems(analysis.models, problems)]


def _kinds(a: Analysis, models: Models) -> Forecast | None:
    if models.teller is None:
        return None
    teller = models.teller
    unsure = a.repository.mentions.unsure(teller.unsure_below)
    known = a.distilled.kinds.tell(unsure) if a.distilled.kinds is not None else {}
    questions = teller.questions([mention for mention in unsure if mention.id not in known])
    expected = sum((models.desk.expected(teller.task, one) for one in questions), Expected())
    return Forecast("kinds", models.desk.name, expected, is_counted=True)


def _statements(a: Analysis, models: Models) -> Forecast | None:
    if models.restater is None:
        return None
    waiting = a.repository.mentions.unstated()
    questions = models.restater.questions(waiting)
    expected = sum((models.desk.expected(models.restater.task, one) for one in questions), Expected())
    if restates_all(models, a.settings, waiting):
        return Forecast("restate", models.desk.name, expected, is_counted=True)
    return Forecast("restate", models.desk.name, _times(expected, DOUBTFUL_SHARE), is_counted=False)


def _problems_to_describe(a: Analysis) -> float:
    """Known ones that need words, and about how many new mentions will make: the square root of their number, which
    lies between what 500 and 100,000 texts were grouped into."""
    sizes = a.repository.mentions.sizes()
    known = a.repository.problems.described()
    waiting = sum(
        needs_words(known.get(problem, (None, None)), size, a.describer.name) for problem, size in sizes.items()
    )
    new = a.repository.mentions.count_ungrouped()
    return float(waiting + (new**0.5 if not sizes else new / max(len(a.repository.mentions.ranked()), 1) * len(sizes)))


def _of_problems(models: Models, problems: float) -> list[Forecast]:
    price = models.desk.small.model
    kinds = [
        ("describe", DESCRIBE, problems),
        ("theme", THEME, float(problems >= 1)),
        ("assess", ASSESS, problems / BATCH),
    ]
    if models.reviewer is not None:
        kinds.insert(0, ("review", REVIEW, problems * REVIEWS_A_PROBLEM))
    found = []
    for stage, one, times in kinds:
        expected = _times(one, times)
        usd = price.usd(expected.tokens_in, expected.tokens_out)
        found.append(Forecast(stage, models.desk.name, replace(expected, usd=usd), is_counted=False))
    return found


def _times(one: Expected, times: float) -> Expected:
    return Expected(
        round(one.calls * times), round(one.tokens_in * times), round(one.tokens_out * times), one.usd * times
    )
