"""Batches: what was submitted, what each still owes, and which outcomes came in one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables and columns; every outcome from before was asked for by itself."""
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_batch_run_id"),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name="fk_batch_model_id"),
        sa.UniqueConstraint("tag", name="uq_batch_tag"),
    )
    op.create_index("ix_batch_run_id", "batch", ["run_id"])
    op.create_table(
        "batch_request",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("temperature_requested", sa.Float(), nullable=False),
        sa.Column("replicate", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "number", name="pk_batch_request"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_batch_request_batch_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_batch_request_run_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_batch_request_item_id"),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name="fk_batch_request_model_id"),
        sa.UniqueConstraint(
            "run_id",
            "item_id",
            "model_id",
            "temperature_requested",
            "replicate",
            name="uq_batch_request_run_id",
        ),
    )
    op.add_column("completion", sa.Column("batch", sa.String(), nullable=True))
    op.add_column("failure", sa.Column("batch", sa.String(), nullable=True))
