"""What people are shown to rate: sheets of pairs under random codes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the tables; nothing of the kind was known before."""
    op.create_table(
        "rating_sheet",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rating_sheet"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_rating_sheet_run_id"),
    )
    op.create_index("ix_rating_sheet_run_id", "rating_sheet", ["run_id"])
    op.create_table(
        "rating_pair",
        sa.Column("sheet_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("left_temperature", sa.Float(), nullable=False),
        sa.Column("left_replicate", sa.Integer(), nullable=False),
        sa.Column("right_temperature", sa.Float(), nullable=False),
        sa.Column("right_replicate", sa.Integer(), nullable=False),
        sa.Column("alike", sa.Float(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sheet_id", "number", name="pk_rating_pair"),
        sa.ForeignKeyConstraint(["sheet_id"], ["rating_sheet.id"], name="fk_rating_pair_sheet_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_rating_pair_item_id"),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name="fk_rating_pair_model_id"),
    )
