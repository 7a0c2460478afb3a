"""The board: where accepted problems stand on it; decisions made as one and redone; what a session looked like;
the days of each source's items, what was merged, and the first by rank, quickly.

What was accepted before has no column yet, and counts as Next.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("problem", "decision"):
        op.add_column(table, sa.Column("board_column", sa.String(length=10), nullable=True))
        op.add_column(table, sa.Column("place", sa.Float(), nullable=True))
    op.add_column("decision", sa.Column("batch", sa.Integer(), nullable=True))
    op.add_column("decision", sa.Column("redoes", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_decision_batch"), "decision", ["batch"], unique=False)
    op.create_index(op.f("ix_decision_redoes"), "decision", ["redoes"], unique=True)
    op.create_index("feedback_by_source", "feedback", ["source", "day"], unique=False)
    op.create_index(op.f("ix_problem_merged_into"), "problem", ["merged_into"], unique=False)
    op.create_index(op.f("ix_problem_rank"), "problem", ["rank"], unique=False)
    op.create_table(
        "session",
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("who"),
    )
