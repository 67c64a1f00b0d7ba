"""The alternatives of a completion's tokens together, in half of the bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table; what is in the tokens' rows stays there and is read from there."""
    op.create_table(
        "alternatives",
        sa.Column("completion_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("completion_id", name="pk_alternatives"),
        sa.ForeignKeyConstraint(["completion_id"], ["completion.id"], name="fk_alternatives_completion_id"),
    )
