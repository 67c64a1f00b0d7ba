"""Which of a model's several addresses gave an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; no model had more than one address before."""
    op.add_column("completion", sa.Column("address", sa.String(), nullable=True))
