"""The labels of the report in each of its languages. Words that estimates give are in English in all of them."""

from collections.abc import Mapping

from insights.report.languages.de import GERMAN
from insights.report.languages.en import ENGLISH
from insights.report.languages.es import SPANISH
from insights.report.languages.fr import FRENCH

LABELS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "de": GERMAN, "es": SPANISH, "fr": FRENCH}
"""By ISO 639-1 code."""


def labels_of(language: str) -> Mapping[str, str]:
    """Those of a language; English for one that is not known."""
    return LABELS.get(language, ENGLISH)
