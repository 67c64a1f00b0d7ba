"""A run's budget, so that a resumed run keeps to it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; runs from before had no budget."""
    op.add_column("run", sa.Column("budget", sa.JSON(), nullable=True))
