"""Courtesy that stands alone is no part of a mention, so that a polite customer is heard like a blunt one."""

import pytest

from insights.text.openings import is_pleasantry
from insights.text.sentences import mention_spans
from insights.text.stance import classify

BLUNT = "The export stops at half of the rows. We have to copy the bookings by hand."
POLITE = (
    f"Dear team, I hope this finds you well, and thank you so much for all your help. {BLUNT} "
    "It would be wonderful if somebody could have a look at your earliest convenience. With many thanks in advance."
)


def test_of_a_polite_text_the_matter_is_left_and_is_what_it_is_of_a_blunt_one() -> None:
    [(start, end)] = mention_spans(POLITE)

    assert POLITE[start:end] == BLUNT
    assert classify([POLITE[start:end]], scores=[None]) == classify([BLUNT], scores=[None])


@pytest.mark.parametrize(
    "sentence",
    [
        "Hello Sam, I hope you had a great weekend.",
        "Guten Tag Frau Weber, ich hoffe, es geht Ihnen gut.",
        "It would be great if you could look into this.",
        "Many thanks in advance.",
    ],
)
def test_courtesy_is_known_also_after_a_salutation(sentence: str) -> None:
    assert is_pleasantry(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It would be great if you could check the export of invoices.",
        "It would be wonderful if somebody could have a look at the label printer.",
        "Hello Sam, the export stops at half.",
        "It would be nice if you could help us to export faster.",
    ],
)
def test_a_wish_that_names_its_matter_is_none(sentence: str) -> None:
    assert not is_pleasantry(sentence)
