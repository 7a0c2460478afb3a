import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import pytest

from insights.domain.estimate import Assumption, Estimate, Part, Range, estimate_from_json, estimate_to_json
from insights.domain.kept_estimate import KeptEstimate, kept_estimate
from tests.stored import an_estimate


def an_estimate_with_reasons() -> Estimate:
    return replace(
        an_estimate(),
        reason='"parts": kept revenue, "value": {"low": 0}',
        notes=("one", "two"),
        beyond=Part(name="beyond", value=Range(1, 2, 3), words='he said: , "parts": ['),
        chance_top=0.25,
        tie=3,
    )


def kept(estimate: Estimate, rank: int | None = 7) -> KeptEstimate:
    found = kept_estimate(estimate_to_json(estimate), rank=rank)
    assert isinstance(found, KeptEstimate)
    return found


def test_it_is_the_estimate_that_was_kept_at_its_rank():
    assert kept(an_estimate_with_reasons()) == replace(an_estimate_with_reasons(), rank=7)
    assert replace(an_estimate_with_reasons(), rank=7) == kept(an_estimate_with_reasons())
    assert kept(an_estimate_with_reasons()) != replace(an_estimate_with_reasons(), rank=8)


def test_ranges_are_there_without_reading_the_reasons():
    text = estimate_to_json(an_estimate())
    head = text[: text.index('"parts"')]

    broken = kept_estimate(head + '"parts": [nothing that could be read', rank=1)

    assert broken.roi == an_estimate().roi
    assert broken.value == an_estimate().value
    assert broken.rank == 1
    with pytest.raises(json.JSONDecodeError):
        _ = broken.assumptions


def test_reasons_are_read_when_they_are_asked_for():
    found = kept(an_estimate_with_reasons())

    assert found.notes == ("one", "two")
    assert found.assumptions == an_estimate().assumptions
    assert isinstance(found.assumptions[0], Assumption)
    assert found.main_assumptions == an_estimate().main_assumptions


def test_an_estimate_of_an_earlier_version_is_read_whatever_the_order_of_its_fields():
    fields = asdict(an_estimate_with_reasons())
    text = json.dumps(dict(sorted(fields.items())))

    assert kept_estimate(text, rank=7) == replace(estimate_from_json(text), rank=7)


def test_it_is_as_fixed_and_as_complete_as_any_estimate():
    found = kept(an_estimate_with_reasons())

    with pytest.raises(AttributeError):
        found.rank = 1  # type: ignore[misc]
    with pytest.raises(AttributeError, match="price"):
        _ = found.price
    assert hash(found) == hash(replace(an_estimate_with_reasons(), rank=7))
    assert asdict(found) == asdict(replace(an_estimate_with_reasons(), rank=7))
    assert replace(found, rank=2).notes == ("one", "two")
    assert copy.deepcopy(found) == found
    assert pickle.loads(pickle.dumps(found)) == found


def test_it_can_be_kept_again():
    found = kept(an_estimate_with_reasons())

    assert estimate_from_json(estimate_to_json(found)) == found


def test_several_threads_may_ask_at_the_same_time():
    for _ in range(20):
        found = kept(an_estimate_with_reasons())
        with ThreadPoolExecutor(4) as threads:
            notes = list(threads.map(lambda _, found=found: found.notes, range(8)))
        assert notes == [("one", "two")] * 8
