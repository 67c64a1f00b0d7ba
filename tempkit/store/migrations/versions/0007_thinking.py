"""What a model wrote to think, apart from its answer; and imported answers whose table said nothing of how they ended."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns. Earlier completions keep what thoughts stand in their text.

    What imports called unknown is unstated; of answers to a request it means what it says.
    """
    op.add_column("completion", sa.Column("thinking", sa.String(), nullable=True))
    op.add_column("completion", sa.Column("thinking_tokens", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE completion SET finish_reason = 'unstated' WHERE finish_reason = 'unknown' "
        "AND model_id IN (SELECT id FROM model WHERE backend = 'imported')"
    )
