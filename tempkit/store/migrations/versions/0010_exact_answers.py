"""Bounds on the probability of accepted answers, computed from a model's own distributions."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the table; nothing of the kind was known before."""
    op.create_table(
        "exact_answer",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("temperatures", sa.JSON(), nullable=False),
        sa.Column("lower", sa.JSON(), nullable=False),
        sa.Column("upper", sa.JSON(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "item_id", "model_id", name="pk_exact_answer"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_exact_answer_run_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_exact_answer_item_id"),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name="fk_exact_answer_model_id"),
    )
