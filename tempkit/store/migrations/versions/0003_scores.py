"""Scores of single samples, when they were taken, and top-ups of a run."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; nothing had written a score yet, and no run had a top-up."""
    op.add_column("run", sa.Column("topups", sa.JSON(), nullable=True))
    op.add_column("run", sa.Column("planned", sa.Integer(), nullable=True))
    op.add_column("score", sa.Column("replicate", sa.Integer(), nullable=True))
    op.create_index("ix_score_block", "score", ["run_id", "item_id", "model_id"])
    op.create_table(
        "scoring",
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", name="fk_scoring_run_id"), nullable=False),
        sa.Column(
            "item_id", sa.Integer(), sa.ForeignKey("item.id", name="fk_scoring_item_id"), nullable=False
        ),
        sa.Column(
            "model_id", sa.Integer(), sa.ForeignKey("model.id", name="fk_scoring_model_id"), nullable=False
        ),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("completions", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "item_id", "model_id", name="pk_scoring"),
    )
