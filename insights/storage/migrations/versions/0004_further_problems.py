"""Which further problems a mention states besides the one that it is in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mention_also",
        sa.Column("mention_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("problem_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problem.id"],
        ),
        sa.PrimaryKeyConstraint("mention_id", "problem_id"),
    )
    op.create_index(op.f("ix_mention_also_problem_id"), "mention_also", ["problem_id"], unique=False)
