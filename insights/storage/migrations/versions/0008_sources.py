"""Sources that are services: when one failed and what to do, when it was swept for deletions; and the secrets that
sources and trackers log in with, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_state", sa.Column("remedy", sa.Text(), nullable=True))
    op.add_column("source_state", sa.Column("failed_at", sa.DateTime(), nullable=True))
    op.add_column("source_state", sa.Column("needs_login", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("source_state", sa.Column("swept_at", sa.DateTime(), nullable=True))
    op.create_table(
        "credential",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
