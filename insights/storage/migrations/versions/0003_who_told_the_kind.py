"""Which model gave a second opinion on what a mention does."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mention", sa.Column("told_by", sa.String(length=120), nullable=True))
