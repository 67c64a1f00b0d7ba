"""The entropy of what a token was drawn from, at its temperature; the embedder that a run was measured with."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns.

    Of tokens from before nobody knows that entropy, since only their most probable alternatives were kept; and there
    was but one embedder.
    """
    op.add_column("token", sa.Column("entropy_tempered", sa.Float(), nullable=True))
    op.add_column("run", sa.Column("embedder", sa.JSON(), nullable=True))
