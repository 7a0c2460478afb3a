"""A step and its line say the same; any other line says nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.step import Step, read_step, step_line

COUNTS = st.integers(0, 10**12)
STEPS = st.builds(
    Step,
    stage=COUNTS,
    stages=COUNTS,
    name=st.text(max_size=60),
    what=st.text(max_size=60),
    done=COUNTS,
    of=st.none() | COUNTS,
    spent_usd=st.floats(0, 1e9),
)


@given(STEPS)
def test_a_step_is_one_line_and_reads_back_as_it_was(step):
    line = step_line(step)

    assert line.isascii()
    assert "\n" not in line
    assert read_step(line) == step


@given(st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_what_is_no_step_says_nothing(line):
    assert read_step(line) is None


@pytest.mark.parametrize(
    "changed",
    [{"stage": -1}, {"stage": True}, {"stages": "5"}, {"done": 1e9}, {"done": 10**13}, {"name": None}, {"what": ["x"]}],
)
def test_a_step_that_makes_no_sense_says_nothing(changed):
    whole = json.loads(step_line(Step(stage=1, stages=5, name="group", what="group", done=3)))

    assert read_step(json.dumps({**whole, **changed})) is None


@pytest.mark.parametrize("spent", ["NaN", "Infinity", "-3", '"9"', "1e999", "true"])
def test_money_that_is_no_amount_is_none(spent):
    line = '{"stage": 1, "stages": 1, "name": "a", "what": "a", "done": 0, "spent_usd": ' + spent + "}"

    found = read_step(line)
    assert found is not None
    assert found.spent_usd == 0


@pytest.mark.parametrize("line", ["{" * 3999, '{"a":' * 700, '{"stage": ' + "9" * 3000 + "}", "{" + "x" * 10**6])
def test_a_hostile_line_says_nothing_and_costs_nothing(line):
    assert read_step(line) is None
