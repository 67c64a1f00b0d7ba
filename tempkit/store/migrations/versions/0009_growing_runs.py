"""Runs that grow by items and temperatures, designs that say where their samples go, and models with settings of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns; earlier runs had all their items and temperatures when they began."""
    op.add_column("run", sa.Column("later", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("run", sa.Column("arms", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("run", sa.Column("design", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("look", sa.Column("round", sa.Integer(), nullable=True))
