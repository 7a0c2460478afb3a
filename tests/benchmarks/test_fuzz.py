"""A little of what `python -m benchmarks.fuzz` does by the hundred thousand."""

import signal

import pytest

from benchmarks.fuzz.__main__ import by_hypothesis, ring
from benchmarks.fuzz.targets import TARGETS
from tests.thorough import EXAMPLES


@pytest.mark.parametrize("name", TARGETS)
def test_bad_input_ends_in_words_and_in_time(name: str) -> None:
    before = signal.signal(signal.SIGALRM, ring)
    try:
        count = by_hypothesis(name, EXAMPLES, seed=1)
    finally:
        signal.signal(signal.SIGALRM, before)

    assert count.cases >= EXAMPLES
