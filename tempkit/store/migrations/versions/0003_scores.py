"""Scores of single samples and what they rest on; top-ups of a run."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; nothing had written a score yet, and no run had a top-up."""
    op.add_column("run", sa.Column("topups", sa.JSON(), nullable=True))
    op.add_column("run", sa.Column("planned", sa.Integer(), nullable=True))
    op.add_column("score", sa.Column("replicate", sa.Integer(), nullable=True))
    op.add_column("score", sa.Column("completions", sa.Integer(), nullable=True))
    op.create_index("ix_score_block", "score", ["run_id", "item_id", "model_id"])
