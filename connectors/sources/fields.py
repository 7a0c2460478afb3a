"""The fields that each kind of file can fill, and the names that columns bear for them.

Names are in the form that `columns.normalise` gives: lower case, no accents, words joined by underscores.
Earlier names win over later ones. English, German, Spanish, French, and what the well-known services call
them.
"""

from typing import Final

FEEDBACK_KINDS: Final = ("ticket", "nps", "note", "review")
KINDS: Final = (*FEEDBACK_KINDS, "account", "deal")

Names = dict[str, tuple[str, ...]]

_ACCOUNT_ID = (
    "account_id", "accountid", "organization_id", "organisation_id", "org_id", "company_id", "companyid",
    "customer_id", "client_id", "associated_company_id", "kunden_id", "kundennummer", "kunden_nr",
    "firmen_id", "cuenta_id", "id_cuenta", "id_cliente", "cliente_id", "compte_id", "id_compte",
    "id_client",
)  # fmt: skip
_ACCOUNT_NAME = (
    "account_name", "account", "company_name", "company", "organization_name", "organisation_name",
    "organization", "organisation", "org", "customer", "client", "client_name", "firma", "firmenname",
    "kunde", "unternehmen", "empresa", "cliente", "cuenta", "entreprise", "societe", "compte",
    "business_name",
)  # fmt: skip
_URL = (
    "url",
    "link",
    "permalink",
    "html_url",
    "web_url",
    "ticket_url",
    "review_url",
    "source_url",
    "enlace",
    "lien",
)

FEEDBACK: Final[Names] = {
    "id": (
        "id", "ticket_id", "ticket_number", "case_number", "case_id", "tweet_id", "review_id", "response_id",
        "note_id", "message_id", "comment_id", "conversation_id", "engagement_id", "interaction_id",
        "feedback_id", "survey_response_id", "issuekey", "issue_key", "key", "uuid", "guid", "number",
        "nummer", "ticketnummer", "vorgangsnummer", "numero", "identifiant", "respondent_id", "call_id",
    ),
    "text": (
        "text", "body", "plain_body", "body_text", "comment", "comments", "comment_text", "content",
        "description", "message", "note_body", "email_text", "call_body", "meeting_body", "feedback",
        "feedback_text", "verbatim", "review", "review_text", "review_body", "reviewtext", "note",
        "notes", "open_ended", "details", "transcript", "complaint", "kommentar", "nachricht",
        "beschreibung", "inhalt", "anmerkung", "rueckmeldung", "bewertungstext", "notiz", "comentario",
        "comentarios", "mensaje", "descripcion", "texto", "contenido", "opinion", "nota", "commentaire",
        "commentaires", "contenu", "texte", "avis", "remarque", "utterance", "sentence", "question",
        "reason", "answer", "body_preview",
    ),
    "subject": (
        "subject", "title", "headline", "summary", "email_subject", "call_title", "meeting_title",
        "review_title", "betreff", "titel", "ueberschrift", "asunto", "titulo", "objet", "sujet", "titre",
    ),
    "date": (
        "created_at", "created", "created_date", "create_date", "createdate", "createddate", "creation_date",
        "submitted_at", "submit_date", "submit_date_utc", "date_submitted", "recorded_date",
        "responded_at", "response_date", "date", "datetime", "timestamp", "time", "posted_at",
        "published_at", "review_date", "reviewed_at", "received_at", "sent_at", "opened_at",
        "date_time_opened", "opened", "started", "start_date", "start_date_utc", "activity_date",
        "activity_date_time", "tweet_created", "date_created", "at", "datum", "erstellt_am", "erstellt",
        "erstelldatum", "eingang", "eingegangen_am", "zeitpunkt", "fecha", "fecha_de_creacion",
        "fecha_creacion", "creado", "date_de_creation", "cree_le", "horodatage", "updated_at",
    ),
    "account": _ACCOUNT_ID,
    "account_name": _ACCOUNT_NAME,
    "author_name": (
        "author_name", "author", "requester_name", "requester", "contact_name", "contact", "customer_name",
        "user_name", "username", "reviewer", "reviewer_name", "respondent", "respondent_name",
        "supplied_name", "sender_name", "full_name", "from", "name", "kontakt", "ansprechpartner",
        "absender", "verfasser", "autor", "contacto", "nombre", "auteur", "nom",
    ),
    "author_email": (
        "author_email", "email", "e_mail", "email_address", "requester_email", "customer_email",
        "contact_email", "user_email", "from_email", "sender_email", "supplied_email", "respondent_email",
        "mail", "e_mail_adresse", "correo", "correo_electronico", "courriel", "adresse_e_mail",
        "source_author_email", "from", "user",
    ),
    "score": (
        "score", "nps", "nps_score", "rating", "stars", "star_rating", "csat", "csat_score",
        "satisfaction_score", "satisfaction", "satisfaction_rating_score", "satisfaction_rating",
        "likelihood_to_recommend", "nps_rating", "rate", "bewertung", "punkte", "sterne", "note_nps",
        "puntuacion", "calificacion", "valoracion", "estrellas", "note", "etoiles",
    ),
    "url": _URL,
}  # fmt: skip

ACCOUNT: Final[Names] = {
    "id": (
        "account_id", "company_id", "customer_id", "id", *_ACCOUNT_ID, "record_id", "uuid", "number",
        "nummer",
    ),
    "name": (
        "name", *_ACCOUNT_NAME, "customer_name", "display_name", "kundenname", "nombre", "nom",
        "razon_social",
    ),
    "domain": (
        "domain", "domain_name", "email_domain", "company_domain", "website", "web_site", "homepage",
        "webseite", "dominio", "sitio_web", "domaine", "site_web",
    ),
    "annual_revenue": (
        "arr", "arr_amount", "annual_recurring_revenue", "annual_revenue", "annualrevenue", "acv", "revenue",
        "contract_value", "annual_contract_value", "umsatz", "jahresumsatz", "vertragswert", "ingresos",
        "ingresos_anuales", "facturacion", "chiffre_d_affaires", "revenu_annuel", "ca",
    ),
    "segment": (
        "segment", "tier", "customer_segment", "size_segment", "sector", "industry", "branche",
        "segmento", "sector_industrial", "secteur", "company_size",
    ),
    "plan": ("plan", "plan_tier", "plan_name", "product_plan", "subscription", "subscription_plan", "edition",
             "package", "tarif", "paket", "abonnement", "suscripcion", "formule"),
    "region": (
        "region", "territory", "country", "billing_country", "office_location", "location", "land",
        "pais", "pays", "geo",
    ),
    "renewal_date": (
        "renewal_date", "renewal", "renews_on", "renews_at", "contract_end", "contract_end_date",
        "next_renewal", "subscription_end", "end_date", "verlaengerung", "vertragsende",
        "fecha_de_renovacion", "renovacion", "date_de_renouvellement", "renouvellement",
    ),
}  # fmt: skip

DEAL: Final[Names] = {
    "id": (
        "id", "opportunity_id", "deal_id", "opp_id", "record_id", "uuid", "number", "angebots_id",
        "oportunidad_id",
    ),
    "name": ("name", "deal_name", "dealname", "opportunity_name", "opportunity", "deal", "title", "angebot",
             "oportunidad", "affaire", "nom", "nombre"),
    "account": _ACCOUNT_ID,
    "account_name": _ACCOUNT_NAME,
    "amount": (
        "amount", "deal_amount", "close_value", "deal_value", "value", "acv", "arr", "amount_usd",
        "total", "betrag", "wert", "summe", "importe", "monto", "valor", "montant", "valeur",
    ),
    "stage": (
        "stage", "deal_stage", "dealstage", "stage_name", "opportunity_stage", "status", "outcome",
        "result", "phase", "etapa", "estado", "etape", "statut", "deal_pipeline_stage_id",
        "pipeline_stage",
    ),
    "reason_lost": (
        "reason_lost", "lost_reason", "loss_reason", "closed_lost_reason", "reason", "why_lost",
        "verlustgrund", "grund", "motivo", "motivo_de_perdida", "raison", "raison_de_perte",
    ),
    "closed_on": ("closed_on", "close_date", "closedate", "closed_at", "closed_date", "date_closed",
                  "abschlussdatum", "abgeschlossen_am", "fecha_de_cierre", "cierre", "date_de_cloture",
                  "date_cloture"),
}  # fmt: skip

ENDINGS: Final[Names] = {
    "text": ("body", "comment", "comments", "content", "description", "message", "feedback", "verbatim",
             "kommentar", "comentario", "commentaire"),
    "subject": ("subject", "betreff", "asunto", "objet"),
    "date": (
        "created_at", "created", "created_date", "createdate", "submitted_at", "date", "timestamp",
        "datum", "fecha", "timestamp_instant", "updated_at",
    ),
    "account": ("account_id", "organization_id", "organisation_id", "company_id", "customer_id"),
    "account_name": ("account_name", "company_name", "organization_name", "organisation_name"),
    "author_name": ("author_name", "requester_name", "contact_name", "customer_name"),
    "author_email": ("email", "email_address", "mail"),
    "score": ("nps", "nps_score", "star_rating", "stars", "csat"),
    "url": ("url", "permalink"),
    "domain": ("domain", "website"),
    "annual_revenue": ("arr", "annual_revenue", "annualrevenue"),
    "plan": ("plan", "plan_name"),
    "region": ("region", "country"),
    "renewal_date": ("renewal_date",),
    "amount": ("amount",),
    "stage": ("stage", "stage_name"),
    "reason_lost": ("lost_reason", "loss_reason", "reason_lost"),
    "closed_on": ("close_date", "closedate", "closed_at"),
}  # fmt: skip
"""A column that ends in one of these fills the field where no column bears a whole name: churn_date."""

PARTS: Final[Names] = {"score": ("recommend", "weiterempf", "recomend", "recommand", "how_likely")}
"""Surveys name a column by its question; these words give the question away."""

NOT_TEXT: Final = frozenset({
    "label", "labels", "sentiment", "truth", "ground_truth", "category", "categories", "class", "intent",
    "intents", "target", "tag", "tags", "topic", "topics", "theme", "prediction", "masked", "language",
    "lang", "negativereason", "response", "reply", "agent_reply", "entities", "spans", "split",
})  # fmt: skip
"""Columns that say something about a text, or answer it, and are never the text."""


def fields_of(kind: str) -> Names:
    """Field by field, the names for it."""
    return {"account": ACCOUNT, "deal": DEAL}.get(kind, FEEDBACK)
