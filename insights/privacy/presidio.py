"""Microsoft Presidio beside our own rules: its recognisers of form, with a blank spaCy pipeline and no model.

The extra `presidio` is imported only when it is asked for. Presidio would fetch a model for its names and a list of
public suffixes for mail addresses; neither happens here: the pipeline is blank and the list is the one that came with
the package.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from insights.errors import InsightsError
from insights.privacy.patterns import Finder, Span
from insights.text.placeholders import PLACEHOLDER

LEAST_SCORE = 0.4
"""Of Presidio's own, 0 to 1: what a form with no check digit gets beside a word that tells it, or a phone number."""

_LABELS = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP",
    "US_SSN": "ID",
    "US_ITIN": "ID",
    "US_PASSPORT": "ID",
    "US_DRIVER_LICENSE": "ID",
    "UK_NHS": "ID",
}
_LANGUAGE = "en"
_REMEDY = (
    'Install it with: pip install "feedback-insights[presidio]" - or set engine = "rules" in the section [privacy].'
)


def presidio_finder(*, regions: Sequence[str]) -> Finder:
    """Finds what Presidio finds. Loading takes seconds, once. Raises InsightsError where the extra is missing."""
    analyzer = _analyzer(tuple(regions))
    entities = list(_LABELS)

    def find(text: str) -> Iterator[Span]:
        taken = [found.span() for found in PLACEHOLDER.finditer(text)]
        for found in analyzer.analyze(text=text, language=_LANGUAGE, entities=entities, score_threshold=LEAST_SCORE):
            if all(found.end <= start or end <= found.start for start, end in taken):
                yield found.start, found.end, _LABELS[found.entity_type]

    return find


def finders_of(engine: str, *, regions: Sequence[str]) -> tuple[Finder, ...]:
    """What looks besides our own rules where the setting `privacy.engine` says so. Raises InsightsError."""
    return (presidio_finder(regions=regions),) if engine == "presidio" else ()


def _analyzer(regions: tuple[str, ...]) -> Any:
    try:
        import spacy
        import tldextract
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
        from presidio_analyzer.predefined_recognizers import PhoneRecognizer
    except ImportError:
        raise InsightsError("Presidio is not installed.", remedy=_REMEDY) from None
    # Presidio asks this function, which would read the list of suffixes from the network.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    pipeline = SpacyNlpEngine(models=[{"lang_code": _LANGUAGE, "model_name": "blank"}])
    pipeline.nlp = {_LANGUAGE: spacy.blank(_LANGUAGE)}
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=[_LANGUAGE])
    registry.remove_recognizer("SpacyRecognizer")
    registry.remove_recognizer("PhoneRecognizer")
    registry.add_recognizer(PhoneRecognizer(supported_regions=regions))
    return AnalyzerEngine(registry=registry, nlp_engine=pipeline, supported_languages=[_LANGUAGE])
