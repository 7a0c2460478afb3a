"""The tables. Columns called `sealed` hold encrypted text or bytes; the other columns hold no customer's words.

Ids come from `counter`, never from the database's own sequences: they are known before a row is written (a
sealed value is bound to them) and are never given twice, so P-12 means one problem for ever.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class UtcDateTime(TypeDecorator[datetime]):
    """Time zones are made UTC on the way in and said on the way out; SQLite forgets them."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value is not None else None

    def process_result_value(
        self,
        value: Any,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


meta = Table(
    "meta",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("last", Integer, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("source", String(80), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("name", Text, nullable=False),
    Column("domain", String(255), index=True),
    Column("annual_revenue", Float),
    Column("segment", String(120)),
    Column("plan", String(120)),
    Column("region", String(120)),
    Column("renewal_date", Date),
    Column("customer_since", Date),
    Column("left_on", Date),
    UniqueConstraint("source", "source_id"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("source", String(80), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("account_id", Integer, ForeignKey("account.id"), index=True),
    Column("account_hint", Text),
    Column("annual_revenue", Float),
    Column("started_on", Date),
    Column("ended_on", Date),
    Column("is_trial", Boolean, nullable=False),
    UniqueConstraint("source", "source_id"),
)

departure = Table(
    "departure",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("source", String(80), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("account_id", Integer, ForeignKey("account.id"), index=True),
    Column("account_hint", Text),
    Column("left_on", Date),
    Column("came_back", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", String(32), nullable=False),
    UniqueConstraint("source", "source_id"),
)

deal = Table(
    "deal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("source", String(80), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("stage", String(10), nullable=False),
    Column("amount", Float),
    Column("account_id", Integer, ForeignKey("account.id"), index=True),
    Column("account_hint", Text),
    Column("closed_on", Date),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", String(32), nullable=False),
    UniqueConstraint("source", "source_id"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("source", String(80), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("day", Integer, nullable=False, index=True),
    Column("account_id", Integer, ForeignKey("account.id"), index=True),
    Column("account_match", String(10), nullable=False),
    Column("score", Float),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("expired_at", UtcDateTime),
    UniqueConstraint("source", "source_id"),
    Index("feedback_by_source", "source", "day"),
)

redaction = Table(
    "redaction",
    metadata,
    Column("feedback_id", Integer, ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("is_split", Boolean, nullable=False),
    Column("is_order", Boolean, nullable=False, server_default=false()),
    Index("redaction_waiting", "is_split"),
)

mention = Table(
    "mention",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("feedback_id", Integer, ForeignKey("feedback.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("stance", String(10), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("told_by", String(120)),
    Column("embedded_by", String(120), index=True),
    Column("grouped_in", Integer),
    Column("problem_id", Integer, ForeignKey("problem.id"), index=True),
    Column("similarity", Float),
    Column("placed_by", String(12)),
    Column("waits", String(20)),
    Column("runner_up", Integer),
    Column("runner_similarity", Float),
    Column("copy_of", Integer),
    Column("stated_by", String(120)),
    Column("statement", LargeBinary),
)

mention_also = Table(
    "mention_also",
    metadata,
    Column("mention_id", Integer, ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("problem_id", Integer, ForeignKey("problem.id"), primary_key=True, autoincrement=False, index=True),
)

gone_vector = Table(
    "gone_vector",
    metadata,
    Column("mention_id", Integer, primary_key=True, autoincrement=False),
)

problem = Table(
    "problem",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("born_in", Integer, nullable=False),
    Column("stance", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("snoozed_until", Date),
    Column("version", Integer, nullable=False),
    Column("merged_into", Integer, ForeignKey("problem.id"), index=True),
    Column("described_by", String(120)),
    Column("described_from", String(64)),
    Column("sealed", LargeBinary),
    Column("rank", Integer, index=True),
    Column("estimate", Text),
    Column("facts", Text),
    Column("similar", Text),
    Column("named_by", String(120)),
    Column("theme_id", Integer),
    Column("board_column", String(10)),
    Column("place", Float),
)

theme = Table(
    "theme",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("born_in", Integer, nullable=False),
    Column("sealed", LargeBinary),
)

space = Table(
    "space",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("made_in", Integer, nullable=False),
    Column("embedder", String(120), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

quote = Table(
    "quote",
    metadata,
    Column("problem_id", Integer, ForeignKey("problem.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("feedback_id", Integer, ForeignKey("feedback.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("problem_id", Integer, ForeignKey("problem.id"), nullable=False, index=True),
    Column("action", String(10), nullable=False),
    Column("who", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("sealed", LargeBinary),
    Column("until", Date),
    Column("undoes", Integer, ForeignKey("decision.id"), unique=True),
    Column("state", String(10)),
    Column("board_column", String(10)),
    Column("place", Float),
    Column("batch", Integer, index=True),
    Column("redoes", Integer, unique=True, index=True),
)

correction = Table(
    "correction",
    metadata,
    Column("decision_id", Integer, ForeignKey("decision.id"), primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

revision = Table(
    "revision",
    metadata,
    Column("decision_id", Integer, ForeignKey("decision.id"), primary_key=True, autoincrement=False),
    Column("figures", Text, nullable=False),
)

shipment = Table(
    "shipment",
    metadata,
    Column("decision_id", Integer, ForeignKey("decision.id"), primary_key=True, autoincrement=False),
    Column("shipped_on", Date, nullable=False),
    Column("weeks", Float),
)

prediction = Table(
    "prediction",
    metadata,
    Column("problem_id", Integer, ForeignKey("problem.id"), primary_key=True, autoincrement=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("estimate", Text, nullable=False),
)

finished_work = Table(
    "finished_work",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("source", String(80), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("weeks", Float, nullable=False),
    Column("finished_on", Date),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("embedded_by", String(120)),
    Column("vector", LargeBinary),
    UniqueConstraint("source", "source_id"),
)

rule = Table(
    "rule",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(10), nullable=False),
    Column("feedback_id", Integer, ForeignKey("feedback.id", ondelete="CASCADE"), index=True),
    Column("problem_id", Integer, ForeignKey("problem.id"), nullable=False, index=True),
    Column("other_id", Integer, ForeignKey("problem.id")),
    Column("decision_id", Integer, ForeignKey("decision.id"), nullable=False, index=True),
    Column("revoked_by", Integer, ForeignKey("decision.id")),
)

lineage = Table(
    "lineage",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("problem_id", Integer, ForeignKey("problem.id"), nullable=False, index=True),
    Column("event", String(12), nullable=False),
    Column("run_id", Integer),
    Column("decision_id", Integer),
    Column("other_id", Integer),
    Column("items", Integer, nullable=False),
    Column("share", Float),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

export_link = Table(
    "export_link",
    metadata,
    Column("problem_id", Integer, ForeignKey("problem.id"), primary_key=True),
    Column("tracker", String(1000), primary_key=True),
    Column("external_id", String(1000), nullable=False),
    Column("url", Text),
    Column("exported_at", UtcDateTime, nullable=False),
    Column("progress", String(10), nullable=False, server_default="open"),
    Column("closed_on", Date),
    Column("seen_at", UtcDateTime),
    Column("is_gone", Boolean, nullable=False, server_default=false()),
    Column("key", String(36)),
    Column("block_digest", String(32)),
    Column("sealed", LargeBinary),
)

filing = Table(
    "filing",
    metadata,
    Column("problem_id", Integer, ForeignKey("problem.id"), primary_key=True),
    Column("tracker", String(1000), primary_key=True),
    Column("key", String(36), nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tried_at", UtcDateTime),
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("status", String(10), nullable=False),
    Column("stage", String(20)),
    Column("mode", String(120), nullable=False),
    Column("counts", Text, nullable=False),
    Column("spend_usd", Float, nullable=False),
    Column("failures", Text, nullable=False),
)

answer = Table(
    "answer",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("run_id", Integer),
    Column("prompt", String(80), nullable=False),
    Column("model", String(120), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("usd", Float, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

model_call = Table(
    "model_call",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("run_id", Integer, index=True),
    Column("stage", String(20), nullable=False),
    Column("model", String(120), nullable=False),
    Column("prompt", String(80), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("usd", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

model_batch = Table(
    "model_batch",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("server", String(200), nullable=False),
    Column("model", String(120), nullable=False),
    Column("keys", Text, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
)

assessment = Table(
    "assessment",
    metadata,
    Column("problem_id", Integer, ForeignKey("problem.id"), primary_key=True, autoincrement=False),
    Column("what", String(20), primary_key=True),
    Column("told_by", String(120), nullable=False),
    Column("told_from", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

paid_vector = Table(
    "paid_vector",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

distilled = Table(
    "distilled",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("made_from", String(200), nullable=False),
    Column("figures", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("who", String(120), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

source_state = Table(
    "source_state",
    metadata,
    Column("source", String(80), primary_key=True),
    Column("state", Text, nullable=False),
    Column("read_at", UtcDateTime),
    Column("error", Text),
    Column("remedy", Text),
    Column("failed_at", UtcDateTime),
    Column("needs_login", Boolean, nullable=False, server_default=false()),
    Column("swept_at", UtcDateTime),
)

credential = Table(
    "credential",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
)

night = Table(
    "night",
    metadata,
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("digest", String(80), primary_key=True),
    Column("period", String(20), primary_key=True),
    Column("status", String(10), nullable=False),
    Column("until_run", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tried_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("receipt", Text),
    Column("error", Text),
    Column("remedy", Text),
    Column("sealed", LargeBinary),
)

data_key = Table(
    "data_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("purpose", String(10), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("wrapped_by", String(16), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(32), nullable=False, unique=True),
    Column("wrapped", LargeBinary, nullable=False),
)

pseudonym = Table(
    "pseudonym",
    metadata,
    Column("token", String(24), primary_key=True),
    Column("person_id", Integer, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
)

pseudonym_place = Table(
    "pseudonym_place",
    metadata,
    Column("feedback_id", Integer, ForeignKey("redaction.feedback_id", ondelete="CASCADE"), primary_key=True),
    Column("start", Integer, primary_key=True, autoincrement=False),
    Column("token", String(24), ForeignKey("pseudonym.token", ondelete="CASCADE"), nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(120), nullable=False),
    Column("roles", String(60), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("facts", Text, nullable=False),
    Column("mac", String(64), nullable=False),
)

erasure = Table(
    "erasure",
    metadata,
    Column("digest", String(32), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

backup = Table(
    "backup",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("place", Text, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("checked_at", UtcDateTime),
)
