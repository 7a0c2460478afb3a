"""Which column fills which field."""

import pytest

from connectors.files.columns import apply_overrides, find_column, recognise
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


SUBSCRIPTIONS = {
    "English": ("subscription_id", "customer_id", "arr", "Start Date", "End Date", "is_trial"),
    "German": ("Vertragsnummer", "Kundennummer", "Jahresbetrag", "Vertragsbeginn", "Vertragsende", "Testphase"),
    "Spanish": ("id_suscripción", "id_cliente", "Importe anual", "Fecha de inicio", "Fecha de fin", "En prueba"),
    "French": ("id_abonnement", "id_client", "Montant annuel", "Date de début", "Date de fin", "En essai"),
}
DEPARTURES = {
    "English": ("churn_event_id", "account_id", "churn_date", "churn_reason", "is_reactivation"),
    "German": ("Kündigungs-ID", "Kunden-ID", "Gekündigt zum", "Kündigungsgrund", "Zurückgewonnen"),
    "Spanish": ("id_baja", "id_cliente", "Fecha de baja", "Motivo de la baja", "Reactivado"),
    "French": ("id_résiliation", "id_client", "Date de résiliation", "Motif de résiliation", "Réactivé"),
}


@pytest.mark.parametrize("columns", SUBSCRIPTIONS.values(), ids=SUBSCRIPTIONS)
def test_subscriptions_are_recognised(columns):
    values = ("S-#", "A-7", "1#0.50", "2024-01-#", "2025-01-#", "no")

    found = recognised("subscription", **dict(zip(columns, values, strict=True)))

    assert tuple(found.items()) == tuple(
        zip(("id", "account", "annual_revenue", "started_on", "ended_on", "is_trial"), columns, strict=True)
    )


@pytest.mark.parametrize("columns", DEPARTURES.values(), ids=DEPARTURES)
def test_departures_are_recognised(columns):
    values = ("C-#", "A-7", "2024-01-#", "too dear", "no")

    found = recognised("departure", **dict(zip(columns, values, strict=True)))

    assert tuple(found.items()) == tuple(zip(("id", "account", "left_on", "reason", "came_back"), columns, strict=True))


@pytest.mark.parametrize(
    ("since", "left"),
    [
        ("signup_date", "churn_date"),
        ("Kunde seit", "Kunde bis"),
        ("Fecha de alta", "Fecha de baja"),
        ("Client depuis", "Date de résiliation"),
        ("joined_at", "closed_at"),
    ],
)
def test_since_when_and_until_when_an_account_is_a_customer_is_recognised(since, left):
    found = recognised("account", **{"id": "A-#", since: "2023-01-#", left: "2024-01-#"})

    assert found == {"id": "id", "customer_since": since, "left_on": left}


def test_a_day_that_is_only_nearly_one_of_starting_ending_or_leaving_is_none():
    found = recognised(
        "subscription",
        id="S-#",
        account="A #",
        trial_start_date="2024-01-#",
        trial_end_date="2024-02-#",
        converted_from_trial="yes",
    )

    assert found == {"id": "id", "account_name": "account"}
    assert "left_on" not in recognised("account", id="A-#", expected_churn_date="2024-01-#")


@pytest.mark.parametrize("value", ["True", "0", "yes", "churned"])
def test_a_flag_is_no_day_of_leaving(value):
    assert "left_on" not in recognised("account", id="A-#", name="A #", churned=value)
    assert "left_on" not in recognised("departure", id="C-#", account="A #", churned=value)


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
