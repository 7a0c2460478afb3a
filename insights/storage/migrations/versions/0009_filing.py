"""Issues that are filed once, and their state: what is about to be filed, before anything is sent; how an issue stood
when it was read last, people's names sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    link = "export_link"
    op.add_column(link, sa.Column("progress", sa.String(length=10), server_default="open", nullable=False))
    op.add_column(link, sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column(link, sa.Column("seen_at", sa.DateTime(), nullable=True))
    op.add_column(link, sa.Column("is_gone", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column(link, sa.Column("key", sa.String(length=36), nullable=True))
    op.add_column(link, sa.Column("block_digest", sa.String(length=32), nullable=True))
    op.add_column(link, sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.create_table(
        "filing",
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("tracker", sa.String(length=1000), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("begun_at", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"]),
        sa.PrimaryKeyConstraint("problem_id", "tracker"),
    )
