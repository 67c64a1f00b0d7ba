"""Which of a model's several addresses gave an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column; no model had more than one address before."""
    op.add_column("completion", sa.Column("address", sa.String(), nullable=True))
