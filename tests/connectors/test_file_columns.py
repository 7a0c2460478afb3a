"""Which column fills which field."""

import pytest

from connectors.sources.columns import apply_overrides, find_column, recognise
from insights.errors import InsightsError


def a_sample(*, rows: int = 6, **columns: str) -> tuple[list[str], list[dict[str, str]]]:
    """Columns by name; "#" in a value becomes the row's number."""
    return list(columns), [{k: v.replace("#", str(n)) for k, v in columns.items()} for n in range(10, 10 + rows)]


def recognised(kind: str, **columns: str) -> dict[str, str]:
    header, rows = a_sample(**columns)  # type: ignore[arg-type]
    return recognise(header, rows, kind)


def test_names_in_english_are_known():
    assert recognised(
        "ticket",
        ticket_id="#",
        subject="Export broken #",
        description="It spins and fails #",
        created_at="2026-03-#",
        organization_id="9",
        requester_email="a#@b.example",
    ) == {
        "id": "ticket_id",
        "text": "description",
        "subject": "subject",
        "date": "created_at",
        "account": "organization_id",
        "author_email": "requester_email",
    }


@pytest.mark.parametrize(
    ("text", "date", "account"),
    [
        ("Kommentar", "Erstellt am", "Firma"),
        ("Comentario", "Fecha", "Empresa"),
        ("Commentaire", "Créé le", "Société"),
    ],
)
def test_names_in_german_spanish_and_french_are_known(text, date, account):
    found = recognised("nps", **{text: "so many words #", date: "#.03.2026", account: "Muster GmbH"})

    assert (found["text"], found["date"], found["account_name"]) == (text, date, account)


def test_the_fields_of_nested_and_prefixed_vendors_are_known():
    found = recognised(
        "ticket",
        **{
            "properties.hs_createdate": "2026-03-#T10:00:00Z",
            "properties.content": "words of a customer #",
            "Account.Name": "Muster",
            "fields.reporter.emailAddress": "x#@y.example",
        },
    )

    assert found == {
        "text": "properties.content",
        "date": "properties.hs_createdate",
        "account_name": "Account.Name",
        "author_email": "fields.reporter.emailAddress",
    }


def test_a_label_is_never_the_text():
    found = recognised("ticket", sentiment="very bad indeed number #", utterance_1="it does not open the door #")

    assert found["text"] == "utterance_1"


def test_the_longest_prose_is_the_text_where_names_say_nothing():
    found = recognised("nps", a="#", b="How do you rate us then", c="the app forgets my filters on day #", d="x y z #")

    assert found["text"] == "c"


def test_a_question_about_recommending_names_the_score():
    question = "How likely are you to recommend us? (0-10)"

    assert recognised("nps", **{question: "7", "Comment": "fine by me #"})["score"] == question


def test_a_column_named_date_without_dates_is_no_date():
    assert "date" not in recognised("ticket", text="some words here #", date="soon #")


def test_an_id_that_is_the_same_in_every_row_is_no_id():
    assert "id" not in recognised("ticket", id="7", text="some words here #")


def test_an_accounts_id_and_name_are_told_apart():
    found = recognised("account", account_id="#", account="Muster #", revenue="#.5", sector="retail")

    assert found == {"id": "account_id", "name": "account", "annual_revenue": "revenue", "segment": "sector"}


def test_deals_are_recognised():
    found = recognised(
        "deal",
        opportunity_id="N#",
        account_id="1000.0",
        account="Muster",
        deal_stage="Won",
        engage_date="3/#/26",
        close_date="4/#/26",
        close_value="5#.0",
    )

    assert found == {
        "id": "opportunity_id",
        "account": "account_id",
        "account_name": "account",
        "amount": "close_value",
        "stage": "deal_stage",
        "closed_on": "close_date",
    }


def test_a_header_without_rows_is_recognised_by_its_names():
    assert recognise(["id", "text"], [], "ticket") == {"id": "id", "text": "text"}


def test_an_override_wins_and_an_empty_one_removes():
    mapping = apply_overrides({"text": "a", "score": "b"}, ["text=My Comment", "score="], ["a", "b", "My Comment"])

    assert mapping == {"text": "My Comment"}


def test_a_column_is_found_whatever_its_case():
    assert find_column("my comment", ["My_Comment", "other"]) == "My_Comment"


def test_an_unknown_column_is_named_with_the_nearest_ones():
    with pytest.raises(InsightsError, match="'coment'") as caught:
        apply_overrides({}, ["text=coment"], ["id", "comment", "created"])

    assert "comment" in caught.value.remedy


def test_an_override_without_a_sign_shows_how_to_write_one():
    with pytest.raises(InsightsError) as caught:
        apply_overrides({}, ["comment"], ["comment"])

    assert "text=comment" in caught.value.remedy
