"""Marked spans against finds: what counts as found, as right and as left."""

import pytest

from insights.privacy.marked import Mark, MarkedText
from insights.privacy.redaction import Redactor
from insights.privacy.scoring import PiiScores, found_in, score

TEXT = "write to ann.lee@firm.example now"
MAIL = (9, 29, "EMAIL")


def scored(*pairs: tuple[MarkedText, list[tuple[int, int, str]]]) -> PiiScores:
    finds = iter([spans for _, spans in pairs])
    return score([text for text, _ in pairs], lambda _: next(finds), engine="test", regions=("US",))


def marked(*spans: tuple[int, int, str]) -> MarkedText:
    return MarkedText(TEXT, tuple(Mark(*span) for span in spans))


@pytest.mark.parametrize(
    ("finds", "recall", "precision", "left"),
    [
        ([MAIL], 1, 1, 0),
        ([(9, 19, "EMAIL")], 1, 1, 0.5),
        ([(9, 18, "EMAIL")], 0, 1, 11 / 20),
        ([(9, 14, "EMAIL"), (15, 20, "EMAIL")], 1, 1, 0.5),
        ([(0, 5, "EMAIL")], 0, 0, 1),
        ([(9, 29, "URL")], 0, None, 0),
        ([], 0, None, 1),
    ],
)
def test_half_of_the_characters_find_a_span_and_one_makes_a_find_right(finds, recall, precision, left) -> None:
    kind = scored((marked((9, 29, "EMAIL_ADDRESS")), finds)).structured

    assert (kind.recall.value, kind.precision.value) == (recall, precision)
    assert kind.left == pytest.approx(left)


def test_names_are_scored_apart_and_unknown_types_only_counted() -> None:
    done = scored((marked((0, 5, "PERSON"), MAIL, (30, 33, "GPE")), [MAIL]))

    assert done.structured.recall.of == 1
    assert {kind.kind: kind.recall.value for kind in done.kinds} == {"EMAIL": 1, "NAME": 0}
    assert done.not_looked_for == {"GPE": 1}


def test_intervals_are_wilsons_and_hold_the_value() -> None:
    rate = scored(*[(marked(MAIL), [MAIL])] * 9, (marked(MAIL), [])).structured.recall

    assert (rate.hits, rate.of, rate.value) == (9, 10, 0.9)
    assert rate.low == pytest.approx(0.596, abs=0.001)
    assert rate.high == pytest.approx(0.982, abs=0.001)


def test_f1_has_a_bootstrap_interval_that_is_the_same_each_time() -> None:
    pairs = [(marked(MAIL), [MAIL])] * 20 + [(marked(MAIL), [])] * 5 + [(marked(), [])] * 10
    first, second = scored(*pairs).structured.f1, scored(*pairs).structured.f1

    assert first == second
    assert first.value == pytest.approx(2 * 0.8 / 1.8)
    assert first.low is not None
    assert first.high is not None
    assert first.low < 2 * 0.8 / 1.8 < first.high


def test_what_is_neither_marked_nor_found_has_no_figure() -> None:
    kind = scored((marked((0, 5, "PERSON")), [])).structured

    assert (kind.precision.value, kind.recall.value, kind.f1.value, kind.left) == (None, None, None, None)


@pytest.mark.parametrize("hidden", ["\u200b", "\x1b[31m", "e\u0301 "])
def test_finds_stand_where_they_are_in_a_text_that_had_to_be_cleaned(hidden: str) -> None:
    text = f"a{hidden} b {hidden} ann.lee@firm.example"
    start = text.index("ann")

    assert found_in(text, Redactor().spans) == [(start, len(text), "EMAIL")]
