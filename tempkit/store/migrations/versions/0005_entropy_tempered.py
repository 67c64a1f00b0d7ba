"""The entropy of what a token was drawn from, at its temperature."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; of tokens from before nobody knows it, since only their most probable alternatives were kept."""
    op.add_column("token", sa.Column("entropy_tempered", sa.Float(), nullable=True))
