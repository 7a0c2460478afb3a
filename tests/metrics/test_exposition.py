"""Metrics are written as OpenMetrics that others can read, whatever a label holds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from insights.metrics.exposition import number, open_metrics
from insights.metrics.samples import Sample, by, counter, gauge


def test_nothing_known_is_an_exposition_with_its_end_alone() -> None:
    assert open_metrics([gauge("insights_unknown", "Not known.", None)]) == "# EOF\n"


def test_a_counter_has_type_unit_help_and_total() -> None:
    text = open_metrics([counter("insights_cost_usd", "Dollars.", by("model", {"small": 0.5}), unit="usd")])
    assert text.splitlines() == [
        "# TYPE insights_cost_usd counter",
        "# UNIT insights_cost_usd usd",
        "# HELP insights_cost_usd Dollars.",
        'insights_cost_usd_total{model="small"} 0.5',
        "# EOF",
    ]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=40), st.floats(allow_nan=False))
def test_any_label_and_value_is_read_back_as_it_was(label: str, value: float) -> None:
    text = open_metrics([gauge("insights_any", "Any.", [Sample(value, (("name", label),))])])
    ((sample,),) = (family.samples for family in text_string_to_metric_families(text))
    assert (sample.labels, sample.value) == ({"name": label}, value)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_no_label_begins_a_line_of_its_own(label: str) -> None:
    text = open_metrics([gauge("insights_any", "Any.", [Sample(1, (("name", label),))])])
    assert text.count("\n") == 4


@pytest.mark.parametrize(
    ("value", "told"), [(3.0, "3"), (0.1, "0.1"), (math.inf, "+Inf"), (-math.inf, "-Inf"), (math.nan, "NaN")]
)
def test_numbers_are_told_exactly(value: float, told: str) -> None:
    assert number(value) == told
