import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.embedding.static import StaticEmbedder
from insights.language.background import Background, stem, terms
from insights.language.describer import OfflineDescriber
from insights.language.excerpts import Excerpt
from insights.language.jobs import Described, Job
from insights.language.offline import Draft, describe
from insights.language.tidy import tidy
from insights.language.titles import LONGEST
from tests.language.feedback_builders import EXPORT, LABELS, LOGIN, a_job, mentions

EMBED = StaticEmbedder().embed
BACKGROUND = Background.of([*LABELS, *LOGIN, *EXPORT])


def drafted(*texts: str, others: tuple[str, ...] = (), taken: frozenset[str] = frozenset()) -> Draft:
    return describe(
        mentions(texts), EMBED(texts), background=Background.of([*texts, *others]), taken=taken, embed=EMBED
    )


def described(*jobs: Job) -> list[Described]:
    return list(OfflineDescriber().describe_many(jobs, background=BACKGROUND))


def test_a_title_is_a_clause_that_customers_wrote() -> None:
    titles = [one.title for one in described(a_job(1, LABELS), a_job(2, LOGIN), a_job(3, EXPORT))]

    assert titles == [
        "Zebra printer crops our shipping labels",
        "SSO login loop after the new certificate",
        "Exporting the stock list to CSV never finishes",
    ]


def test_german_and_spanish_groups_get_titles_in_their_language() -> None:
    german = drafted(
        "Leider bricht der Export der Bestandsliste nach zwei Minuten ab.",
        "Der Export der Bestandsliste bricht immer wieder ab, bitte beheben.",
        "Wir können die Bestandsliste nicht exportieren, der Export bricht ab",
        "export of the stock list breaks off",
        others=LABELS,
    )
    spanish = drafted(
        "El correo para restablecer la contraseña no llega nunca.",
        "No llega el correo para restablecer la contraseña, ni en spam",
        "Llevo dos días sin el correo para restablecer la contraseña",
        others=LABELS,
    )

    assert german.title == "Export der Bestandsliste bricht immer wieder ab"
    assert spanish.title == "Correo para restablecer la contraseña no llega nunca"


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("is there a way to edit several products at once?", "Edit several products at once"),
        ("We have wrong exchange rates on our invoices.", "Wrong exchange rates on our invoices"),
        ("the dashboard takes ages to load again!!!", "Dashboard takes ages to load"),
        ("It would be great if we could have an audit log", "Audit log"),
        ("can you please add approval steps for purchase orders", "Approval steps for purchase orders"),
        ("EXPORT NEVER FINISHES", "Export never finishes"),
        ("iPad scanner loses scans", "iPad scanner loses scans"),
        ("leider die Etiketten abgeschnitten", "Etiketten abgeschnitten"),
        ("nos gustaría una exportación a Excel, por favor", "Exportación a Excel"),
        ("SSO login loop since Tuesday", "SSO login loop"),
        ("   ", ""),
        ("the", ""),
    ],
)
def test_a_title_is_tidied(said: str, title: str) -> None:
    assert tidy(said) == title


def test_titles_hold_no_placeholder_address_or_abuse() -> None:
    draft = drafted(
        "The fucking label printer crops everything, mail <EMAIL> at once",
        "label printer crops everything for <NAME> and www.evil.example",
        "Call <PHONE>: label printer crops everything",
        "our label printer crops the barcode",
        others=LOGIN,
    )

    assert not {"<", "fucking", "www", "EMAIL"} & set(draft.title.split())
    assert "label printer crops" in draft.title.casefold()


def test_problems_that_say_the_same_get_different_titles() -> None:
    found = described(*(a_job(number, LABELS) for number in range(1, 13)))

    assert len({one.title.casefold() for one in found}) == 12
    assert all(one.title for one in found)


def test_a_taken_title_is_not_used_again() -> None:
    first = drafted(*LABELS, others=LOGIN).title

    assert drafted(*LABELS, others=LOGIN, taken=frozenset([first.casefold()])).title != first


def test_quotes_are_spans_of_the_mentions_and_from_different_customers() -> None:
    job = a_job(7, LABELS, start=12)
    [found] = described(job)

    assert 2 <= len(found.quotes) <= 3
    assert len({quote.feedback_id for quote in found.quotes}) == len(found.quotes)
    for quote in found.quotes:
        text = LABELS[quote.feedback_id - 700]
        assert 12 <= quote.start < quote.end <= 12 + len(text)


def test_quotes_prefer_what_states_the_problem_to_thanks_and_shouting() -> None:
    draft = drafted(
        "Thanks a lot for your quick help with the label printer!",
        "THE LABEL PRINTER CROPS EVERY SINGLE LABEL!!!",
        "The label printer crops every label on the right side.",
        "Label printer crops the barcode since the update.",
        "When we print, the label comes out of the printer without its right edge.",
        others=LOGIN,
    )

    assert len(draft.quotes) == 3
    assert not {0, 1} & {quote.mention for quote in draft.quotes}


def test_a_summary_is_made_of_customers_sentences_each_once() -> None:
    draft = drafted(*LABELS, LABELS[0], others=LOGIN)
    said = " ".join(LABELS).casefold()

    sentences = [sentence for sentence in draft.summary.rstrip(".").split(". ") if sentence]
    assert 1 <= len(sentences) <= 3
    assert all(sentence.casefold() in said for sentence in sentences)
    assert len(set(sentences)) == len(sentences)


def test_a_group_of_one_word_still_has_words() -> None:
    draft = drafted("ugh", "ugh")

    assert draft.title
    assert draft.summary
    assert draft.quotes == (Excerpt(0, 0, 3),)


def test_a_problem_without_mentions_is_a_defect_of_the_caller() -> None:
    with pytest.raises(ValueError, match="without mentions"):
        describe([], np.zeros((0, 4), dtype=np.float32), background=BACKGROUND)


def test_the_same_mentions_are_described_the_same_twice() -> None:
    assert drafted(*LABELS, others=LOGIN) == drafted(*LABELS, others=LOGIN)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120), min_size=1, max_size=6))
def test_any_mentions_get_a_title_that_fits_on_one_line_and_spans_that_exist(texts: list[str]) -> None:
    draft = drafted(*texts)

    assert draft.title
    assert "\n" not in draft.title
    assert len(draft.title) <= LONGEST
    assert draft.quotes
    for quote in draft.quotes:
        assert 0 <= quote.start <= quote.end <= len(texts[quote.mention])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("exports", "exporting"),
        ("label", "labels"),
        ("invoice's", "invoices"),
        ("Etikett", "Etiketten"),
        ("lists", "list"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_terms_are_topical_words_and_their_pairs() -> None:
    assert terms("The label printer crops it for <NAME>") == {"label", "print", "crop", "label print", "print crop"}


def test_words_of_the_group_outweigh_those_of_all() -> None:
    background = Background.of(["printer crops labels"] * 5 + ["update breaks login"] * 5 + ["update is slow"] * 20)
    weights = background.weights(["printer crops labels"] * 5)

    assert weights[stem("crops")] > 1
    assert stem("update") not in weights


@pytest.mark.parametrize(
    "text",
    ["label " * 20_000, "a,b;" * 20_000, "((((" * 20_000, "we have to " * 10_000, "é" * 50_000],
    ids=["one word", "clauses", "brackets", "run-ups", "no space"],
)
def test_a_hostile_mention_costs_little(text: str) -> None:
    started = time.process_time()
    drafted(text, *LABELS)

    assert time.process_time() - started < 3


def test_twenty_groups_are_described_in_a_fraction_of_two_seconds() -> None:
    draw = random.Random(1)
    words = [word for text in (*LABELS, *LOGIN, *EXPORT) for word in text.split()]
    jobs = [a_job(number, [" ".join(draw.choices(words, k=20)) for _ in range(30)]) for number in range(20)]
    started = time.process_time()

    assert len(described(*jobs)) == 20
    assert time.process_time() - started < 2
