"""A run in words."""

from datetime import timedelta

import pytest

from insights.domain.run import Run, RunStatus, did, status_in_words, was_interrupted
from tests.builders import MORNING


def a_run(**fields):
    return Run(**{"id": 7, "started_at": MORNING, "status": RunStatus.DONE, "mode": "offline", **fields})


def test_it_names_what_it_did_and_nothing_else():
    assert did(a_run(counts={"protected": 9, "joined": 1288, "born": 0, "ranked": 51})) == "joined 1,288, ranked 51"
    assert did(a_run()) == "nothing was new"


def test_a_stopped_run_says_where():
    assert status_in_words(a_run(status=RunStatus.STOPPED, stage="group")) == "stopped at group"


@pytest.mark.parametrize(
    ("failures", "by_hand"), [(("KeyboardInterrupt",), True), (("The disk is full.",), False), ((), False)]
)
def test_a_stop_by_hand_is_told_from_a_fault(failures, by_hand):
    assert was_interrupted(a_run(status=RunStatus.STOPPED, failures=failures)) is by_hand


def test_an_exception_without_words_gets_some():
    assert a_run(failures=("A note.", "KeyboardInterrupt")).reasons == ("A note.", "It was stopped by hand.")


def test_its_seconds_are_known_once_it_has_ended():
    assert a_run().seconds is None
    assert a_run(finished_at=MORNING + timedelta(minutes=2)).seconds == 120
