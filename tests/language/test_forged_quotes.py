"""Words that a customer did not say are never evidence, however they are made to look; honest quotes pass.

`python -m benchmarks.quotes` does the same with thousands.
"""

from collections import Counter

import pytest

from benchmarks.quote_forgeries import FORGERS, forgeries
from benchmarks.quote_honest import honest_quotes
from insights.language.answers import QuoteDraft
from insights.language.checked import checked_quotes
from insights.language.quotes import find_span
from insights.worth.intervals import wilson
from tests.language.feedback_builders import mentions


def test_no_forged_quote_is_accepted() -> None:
    made = list(forgeries(400, seed=7))

    accepted = [(one.kind, one.quoted, one.source) for one in made if find_span(one.source, one.quoted) is not None]

    assert accepted == []
    assert set(Counter(one.kind for one in made)) == set(FORGERS)


def test_forged_quotes_are_made_alike_from_the_same_seed() -> None:
    assert list(forgeries(60, seed=3)) == list(forgeries(60, seed=3))
    assert list(honest_quotes(60, seed=3)) == list(honest_quotes(60, seed=3))


def test_of_a_hundred_honest_quotes_ninety_nine_are_accepted_and_stand_in_their_source() -> None:
    made = list(honest_quotes(900, seed=7))
    spans = [find_span(one.source, one.quoted) for one in made]

    refused = [one for one, span in zip(made, spans, strict=True) if span is None]
    assert len(refused) <= 0.01 * len(made), [(one.kind, one.quoted) for one in refused]
    assert all(0 <= span[0] < span[1] <= len(one.source) for one, span in zip(made, spans, strict=True) if span)


def test_a_quote_of_another_remark_is_refused_though_it_is_true_there() -> None:
    texts = sorted({one.source for one in honest_quotes(120, seed=5)})
    shown = dict(enumerate(mentions(texts), 1))
    swapped = [QuoteDraft(item=number % len(texts) + 1, text=text) for number, text in enumerate(texts, 1)]

    kept, dropped = checked_quotes(swapped, shown)

    assert kept == ()
    assert dropped == len(texts) > 50


@pytest.mark.parametrize(
    ("source", "quoted"),
    [
        ("It is not working since Monday.", "working since Monday"),
        ("I don't think that our export works.", "our export works"),
        ("We cannot export and print labels today.", "print labels today"),
        ("We are unable to log in with SSO.", "log in with SSO"),
        ("Nothing in the designer changes the size.", "the designer changes the size"),
        ("Der Export funktioniert seit Montag nicht.", "Der Export funktioniert seit Montag"),
        ("L'export ne marche pas du tout.", "marche pas du tout"),
        ("Instead of a fixed reorder point we need more.", "a fixed reorder point"),
        ("If the export worked, we would renew.", "the export worked"),
    ],
)
def test_what_turns_a_quote_may_not_be_cut_off(source: str, quoted: str) -> None:
    assert find_span(source, quoted) is None


@pytest.mark.parametrize(
    ("source", "quoted"),
    [
        ("It never works and the export hangs.", "the export hangs"),
        ("We cannot print, the label is cropped.", "the label is cropped"),
        ("I do not know why the export hangs.", "the export hangs"),
        ("It never works and it's slow all day.", "it's slow all day"),
        ("Not a single label prints. The export hangs.", "The export hangs"),
        ("The export is not working; working hours are lost.", "working hours are lost"),
    ],
)
def test_what_is_said_in_another_clause_turns_nothing(source: str, quoted: str) -> None:
    assert find_span(source, quoted) is not None


@pytest.mark.parametrize(
    ("source", "quoted"),
    [
        ("The export never really works for us.", "The export … works for us"),
        ("The export does not, as promised, work for us.", "The export … work for us"),
        ("The login is great. The app crashes daily.", "The login … crashes daily"),
        ("The login is great but the app crashes daily.", "The login … crashes daily"),
        ("Would be a nine if labels printed every time.", "Would be a nine … every time"),
        ("It nearly works on every machine.", "It is … works on every machine"),
        ("Label by label the printer of our depot crops.", "Label … printer … depot … crops"),
        ("The export hangs and the list is long.", "the list is … export hangs"),
        ("The export of the list hangs daily.", "export of the list … the list hangs"),
    ],
)
def test_an_ellipsis_may_not_make_another_statement(source: str, quoted: str) -> None:
    assert find_span(source, quoted) is None


@pytest.mark.parametrize(
    ("source", "quoted"),
    [
        ("The export, which we never use, hangs all day.", "The export … hangs all day"),
        ("The export hangs. Nobody answers. The list is lost.", "The export hangs … The list is lost"),
        ("The export hangs on Monday. And the list is lost.", "The export hangs … the list is lost"),
        ("The login is slow but the app crashes daily.", "The login is slow … the app crashes daily"),
        ("Logged out for the 9. time today, at noon.", "Logged out for the 9. … today, at noon"),
        ("It hangs… thinking… and then fails on us.", "It hangs… thinking… and then fails"),
        ("Slow. The export never hangs on us. The export of lists hangs on us.", "The export … hangs on us"),
    ],
)
def test_an_ellipsis_may_leave_out_what_turns_nothing(source: str, quoted: str) -> None:
    assert find_span(source, quoted) is not None


@pytest.mark.parametrize(
    ("source", "quoted"),
    [
        ("We can't print labels.", "print labels. We can"),
        ("Labels that we can't print.", "Labels that we can"),
        ("We lost 1,200 orders in May.", "We lost 1"),
        ("We lost 1 200 orders in May.", "We lost 1"),
        ("We lost 1,200 orders in May.", "200 orders in May"),
        ("It takes from 10:30 until noon.", "30 until noon"),
        ("Prices went up by 12 % in May.", "Prices went up by 12"),
        ("It shows -5 pieces in stock.", "5 pieces in stock"),
        ("It shows .5 pieces in stock.", "5 pieces in stock"),
        ("The firm is non-compliant with the law.", "compliant with the law"),
        ("We poll since order.created is missing.", "We poll since order"),
        ("It beeps 10² times for us.", "It beeps 102 times"),
        ("It beeps ½ of the times for us.", "It beeps 1⁄2 of the times"),
    ],
)
def test_no_word_or_number_is_cut_short_or_read_as_another(source: str, quoted: str) -> None:
    assert find_span(source, quoted) is None


@pytest.mark.parametrize(
    ("source", "quoted"),
    [
        ("It shows -5 pieces in stock.", "-5 pieces in stock"),
        ("It shows .5 pieces in stock.", ".5 pieces in stock"),
        ("- Five pieces are in stock", "- Five pieces are in stock"),
        ("It hangs — the list is lost.", "the list is lost"),
        ("It hangs–the list is lost.", "the list is lost"),
        ("It's 'great' they say.", "'great' they say"),
        ("Prices went up by 12 % in May.", "Prices went up by 12 %"),
    ],
)
def test_marks_that_part_words_cut_nothing(source: str, quoted: str) -> None:
    assert find_span(source, quoted) is not None


def test_a_turned_place_does_not_hide_a_later_one_that_is_not() -> None:
    source = "It is not working since Monday. Yes: working since Monday it was."

    assert find_span(source, "working since Monday") == (37, 57)


@pytest.mark.parametrize("hits", [0, 1, 50, 99, 100])
def test_an_interval_of_a_share_holds_the_share(hits: int) -> None:
    low, high = wilson(hits, 100)

    assert 0 <= low <= hits / 100 <= high <= 1
    assert wilson(0, 1000)[1] == pytest.approx(0.0038, abs=1e-4)
    assert wilson(0, 0) == (0, 1)
