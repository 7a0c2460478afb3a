"""A theme is called by the words that its problems share and others do not have."""

from insights.language.theme_names import LONGEST, Words, name_of

TEXTS = {
    1: [
        "The label printer cuts barcodes",
        "Label printer prints barcodes twice",
        "Barcodes on the label are too small",
    ],
    2: ["Scanning a barcode takes the wrong label", "The label has no barcode", "Label and barcode differ"],
    3: ["The invoice shows the wrong tax", "Tax is missing on the invoice", "Invoice tax of 19 % is off"],
    4: ["Credit notes are not on the invoice", "Invoice and credit notes differ", "Credit notes come late"],
}
TITLES = {1: "Label printer cuts barcodes", 2: "Label without barcode", 3: "Invoice tax", 4: "Credit notes"}


def words(**fields: frozenset[str]) -> Words:
    return Words.of(TEXTS, TITLES, **fields)


def test_the_name_is_what_the_problems_share() -> None:
    assert name_of({1, 2}, words()) in ("Label & barcode", "Barcode & label", "Label & barcodes", "Barcodes & label")


def test_a_name_has_two_or_three_words_and_a_capital() -> None:
    for problems in ({1, 2}, {3, 4}, {3}, {4}):
        name = name_of(problems, words())

        assert 2 <= len(name.replace("& ", "").split()) <= 3
        assert name[0].isupper()
        assert len(name) <= LONGEST


def test_no_two_themes_have_one_name() -> None:
    first = name_of({3}, words())

    assert name_of({3}, words(), taken={first.casefold()}) != first


def test_customers_names_figures_and_words_for_failing_are_left_out() -> None:
    texts = {
        1: ["Stonebridge says export 2000 fails", "Stonebridge cannot export", "At Stonebridge the export is broken"],
        2: ["Login loops"] * 3,
    }

    name = name_of({1}, Words.of(texts, {}, customers=frozenset({"stonebridge"})))

    assert name == "Export"


def test_a_word_that_may_be_a_persons_name_comes_last() -> None:
    texts = {1: ["We told Salma about kits", "Ask Salma for kits", "It is Salma with the kits"], 2: ["Login loops"] * 3}

    assert name_of({1}, Words.of(texts, {})).startswith("Kits")


def test_without_any_word_it_is_numbered() -> None:
    nothing = Words.of({1: ["???"], 2: [""]}, {})

    assert name_of({1}, nothing) == "Theme 1"
    assert name_of({2}, nothing, taken={"theme 1"}) == "Theme 2"
