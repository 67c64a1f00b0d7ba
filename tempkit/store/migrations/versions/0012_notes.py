"""What somebody wrote of a run, and what a provider says of an answer: its id, and what was in the cache."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the columns; nothing of the kind was known before."""
    op.add_column("run", sa.Column("note", sa.String(), nullable=True))
    op.add_column("completion", sa.Column("response_id", sa.String(), nullable=True))
    op.add_column("completion", sa.Column("cache_read_tokens", sa.Integer(), nullable=True))
    op.add_column("completion", sa.Column("cache_write_tokens", sa.Integer(), nullable=True))
