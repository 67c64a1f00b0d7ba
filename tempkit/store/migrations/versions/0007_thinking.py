"""What a model wrote to think, apart from its answer."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns. Earlier completions keep what thoughts stand in their text."""
    op.add_column("completion", sa.Column("thinking", sa.String(), nullable=True))
    op.add_column("completion", sa.Column("thinking_tokens", sa.Integer(), nullable=True))
