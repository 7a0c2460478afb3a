"""The fields that each kind of file can fill, and the names that columns bear for them.

Names are in the form that `columns.normalise` gives: lower case, no accents, words joined by underscores.
Earlier names win over later ones. English, German, Spanish, French, and what the well-known services call
them.
"""

from typing import Final

FEEDBACK_KINDS: Final = ("ticket", "nps", "note", "review")
KINDS: Final = (*FEEDBACK_KINDS, "account", "deal", "subscription", "departure")

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

_LEFT_ON = (
    "left_on", "left_at", "left", "leave_date", "leaving_date", "churn_date", "churned_at", "churned_on",
    "churned_date", "date_churned", "churn_day", "account_churn_date", "customer_churn_date",
    "churned", "departed_on", "departure_date", "customer_until",
    "cancellation_date", "cancelled_at", "canceled_at", "cancelled_on", "canceled_on", "cancelled_date",
    "canceled_date", "cancel_date", "terminated_at", "terminated_on", "termination_date", "deactivated_at",
    "lost_on", "lost_date", "closed_at", "closed_on", "closed_date", "kunde_bis", "abgewandert_am",
    "abwanderungsdatum", "gekuendigt_zum", "gekuendigt_am", "kuendigungsdatum", "austrittsdatum", "austritt",
    "fecha_de_baja", "fecha_baja", "baja", "fecha_de_cancelacion", "fecha_cancelacion", "cancelado_el",
    "cliente_hasta", "date_de_depart", "date_depart", "parti_le", "date_de_resiliation", "date_resiliation",
    "resilie_le", "client_jusqu_au",
)  # fmt: skip
_RECURRING = (
    "arr", "arr_amount", "annual_recurring_revenue", "annual_revenue", "annualrevenue", "acv",
    "annual_contract_value", "annual_amount", "annual_price", "yearly_amount", "yearly_price", "price_per_year",
    "jahresbetrag", "jahrespreis", "jahresumsatz", "importe_anual", "precio_anual", "ingresos_anuales",
    "montant_annuel", "prix_annuel", "revenu_annuel",
)  # fmt: skip

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
    "customer_since": (
        "customer_since", "client_since", "signup_date", "sign_up_date", "signed_up_at", "signed_up_on",
        "signup_at", "signup", "registered_at", "registration_date", "joined_at", "joined_on", "join_date",
        "date_joined", "onboarded_at", "became_customer_on", "became_customer_at", "customer_start_date",
        "first_purchase_date", "subscription_start", "subscription_start_date", "contract_start",
        "contract_start_date", "kunde_seit", "kundenbeginn", "vertragsbeginn", "registriert_am",
        "anmeldedatum", "cliente_desde", "fecha_de_alta", "fecha_alta", "alta", "client_depuis",
        "date_d_inscription", "inscrit_le", "start_date",
    ),
    "left_on": _LEFT_ON,
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

SUBSCRIPTION: Final[Names] = {
    "id": (
        "id", "subscription_id", "subscriptionid", "sub_id", "contract_id", "contract_number", "record_id",
        "uuid", "number", "abo_id", "abonnement_id", "vertrags_id", "vertragsnummer", "vertrags_nr",
        "suscripcion_id", "id_suscripcion", "contrato_id", "id_contrato", "id_abonnement", "contrat_id",
        "id_contrat", "nummer", "numero",
    ),
    "account": _ACCOUNT_ID,
    "account_name": (*_ACCOUNT_NAME, "customer_name", "kundenname"),
    "annual_revenue": _RECURRING,
    "started_on": (
        "started_on", "started_at", "started", "start_date", "startdate", "start", "subscription_start",
        "subscription_start_date", "contract_start", "contract_start_date", "effective_date", "valid_from",
        "activated_at", "activation_date", "beginn", "startdatum", "vertragsbeginn", "gueltig_ab", "von",
        "fecha_de_inicio", "fecha_inicio", "inicio", "desde", "date_de_debut", "date_debut", "debut",
        "created_at", "created", "create_date",
    ),
    "ended_on": (
        "ended_on", "ended_at", "ended", "end_date", "enddate", "end", "subscription_end",
        "subscription_end_date", "contract_end", "contract_end_date", "expires_on", "expires_at", "expiry_date",
        "expiration_date", "valid_until", "valid_to", "terminated_at", "termination_date", "cancelled_at",
        "canceled_at", "cancellation_date", "churn_date", "ende", "enddatum", "vertragsende", "gueltig_bis",
        "bis", "kuendigungsdatum", "gekuendigt_zum", "fecha_de_fin", "fecha_fin", "fin", "hasta",
        "vencimiento", "date_de_fin", "date_fin", "date_d_expiration", "expire_le",
    ),
    "is_trial": (
        "is_trial", "trial", "on_trial", "is_in_trial", "in_trial", "trial_flag", "is_free_trial",
        "free_trial", "ist_test", "testphase", "probe", "probezeit", "testabo", "es_prueba", "prueba",
        "en_prueba", "est_essai", "essai", "en_essai", "periode_d_essai", "status", "subscription_status",
    ),
}  # fmt: skip

DEPARTURE: Final[Names] = {
    "id": (
        "id", "churn_event_id", "churn_id", "departure_id", "cancellation_id", "event_id", "record_id",
        "uuid", "number", "kuendigungs_id", "kuendigung_id", "baja_id", "id_baja", "resiliation_id",
        "id_resiliation", "depart_id",
    ),
    "account": _ACCOUNT_ID,
    "account_name": (*_ACCOUNT_NAME, "customer_name", "kundenname"),
    "left_on": (*_LEFT_ON, "date", "event_date", "ended_on", "ended_at", "end_date", "effective_date",
                "datum", "fecha"),
    "reason": (
        "reason", "churn_reason", "reason_for_leaving", "reason_for_churn", "cancellation_reason",
        "cancel_reason", "leaving_reason", "reason_code", "kuendigungsgrund", "abwanderungsgrund", "grund",
        "motivo", "motivo_de_baja", "motivo_de_la_baja", "motivo_baja", "motif", "motif_de_resiliation",
        "motif_resiliation", "motif_de_depart", "raison", "comment", "comments", "feedback", "feedback_text",
        "notes", "note", "kommentar", "comentario", "commentaire",
    ),
    "came_back": (
        "came_back", "is_reactivation", "reactivation", "reactivated", "is_reactivated", "reactivated_at",
        "reactivated_on", "reactivation_date", "returned", "has_returned", "returned_on", "returned_at",
        "won_back", "win_back", "winback", "is_winback", "reaktiviert", "reaktiviert_am", "zurueckgekehrt",
        "zurueckgewonnen", "wiedergewonnen", "reactivado", "reactivada", "reactivado_el", "volvio",
        "recuperado", "reactive", "reactive_le", "revenu_le", "est_revenu",
    ),
}  # fmt: skip

FLAGS_OF_LEAVING: Final = frozenset({
    "churn_flag", "churned", "is_churned", "has_churned", "churn", "churned_flag", "is_cancelled",
    "is_canceled", "cancelled", "canceled", "gekuendigt", "abgewandert", "ist_abgewandert", "cancelado",
    "dado_de_baja", "resilie", "est_parti",
})  # fmt: skip
"""Columns that say whether, and not when: no day follows from them."""

MONTHLY: Final = frozenset({
    "mrr", "mrr_amount", "monthly_recurring_revenue", "monthly_revenue", "monthly_spend", "monthly_amount",
    "monthly_price", "price_per_month", "monatsumsatz", "monatsbetrag", "monatspreis", "ingresos_mensuales",
    "importe_mensual", "cuota_mensual", "precio_mensual", "revenu_mensuel", "montant_mensuel", "prix_mensuel",
})  # fmt: skip
"""Revenue of a month: twelve of them are a year's."""

OWN_TURNOVER: Final = frozenset({
    "revenue", "annual_revenue", "annualrevenue", "umsatz", "jahresumsatz", "ingresos", "ingresos_anuales",
    "facturacion", "chiffre_d_affaires", "revenu_annuel", "ca",
})  # fmt: skip
"""Columns of accounts that hold in many CRMs what the customer itself turns over, not what it pays us."""

WORK_UNITS: Final = ("weeks", "days", "hours", "seconds", "points")
"""What the effort of finished work may be told in; an earlier one outranks a later one."""

WORK: Final[Names] = {
    "id": (
        "issue_key", "issuekey", "key", "id", "issue_id", "issue_iid", "work_item_id", "ticket_id", "task_id",
        "identifier", "reference", "number", "uuid", "nummer", "vorgangsnummer", "numero", "identifiant",
    ),
    "title": (
        "summary", "title", "subject", "name", "task_name", "issue", "task", "headline", "titel", "betreff",
        "zusammenfassung", "titulo", "asunto", "resumen", "titre", "sujet", "resume",
    ),
    "text": (
        "description", "text", "body", "details", "notes", "content", "beschreibung", "inhalt", "descripcion",
        "texto", "contenu", "texte",
    ),
    "finished_on": (
        "finished_on", "finished_at", "finished", "resolved", "resolved_at", "resolution_date", "resolutiondate",
        "completed_at", "completed_on", "completed", "completed_date", "date_completed", "done_at", "done_on",
        "closed_at", "closed_on", "closed_date", "date_closed", "closed", "end_date", "erledigt", "erledigt_am",
        "abgeschlossen_am", "geschlossen_am", "resuelto", "resuelta", "terminado_el", "termine_le", "resolu",
    ),
    "weeks": (
        "weeks", "effort_weeks", "weeks_spent", "actual_weeks", "person_weeks", "effort_in_weeks", "wochen",
        "personenwochen", "semanas", "semaines",
    ),
    "days": (
        "days", "effort_days", "days_spent", "actual_days", "person_days", "man_days", "effort_in_days", "tage",
        "personentage", "dias", "jours",
    ),
    "hours": (
        "hours", "effort_hours", "hours_spent", "actual_hours", "spent_hours", "spent_time", "time_spent_hours",
        "hours_worked", "completed_work", "effort_in_hours", "stunden", "ist_stunden", "horas", "heures",
    ),
    "seconds": (
        "time_spent", "timespent", "time_spent_seconds", "timespentseconds", "aggregatetimespent", "seconds",
        "sekunden", "segundos", "secondes",
    ),
    "points": (
        "story_points", "storypoints", "storypoint", "story_point", "story_point_estimate",
        "custom_field_story_points", "custom_field_story_point_estimate", "points", "estimate", "story_punkte",
        "puntos", "puntos_de_historia", "points_d_histoire",
    ),
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
    "customer_since": ("customer_since", "signup_date"),
    "reason": ("reason", "reason_code"),
}  # fmt: skip
"""A column that ends in one of these fills the field where no column bears a whole name: case_created_at. Days of
starting, ending and leaving need a whole name: expected_churn_date and trial_end_date say something else."""

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
    others = {"account": ACCOUNT, "deal": DEAL, "subscription": SUBSCRIPTION, "departure": DEPARTURE, "work": WORK}
    return others.get(kind, FEEDBACK)
