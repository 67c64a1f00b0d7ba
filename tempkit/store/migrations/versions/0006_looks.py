"""Looks at the data; the run's own use cases; the reference model that it was measured with."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table and the columns.

    Until now a run was taken to have been looked at once before each of its top-ups, and nothing is known of other looks.
    """
    op.add_column("run", sa.Column("reference", sa.String(), nullable=True))
    op.add_column("run", sa.Column("use_cases", sa.JSON(), nullable=True))
    op.create_table(
        "look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("prompt_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("completions", sa.Integer(), nullable=True),
        sa.Column("scores", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_look"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_look_run_id"),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompt.id"], name="fk_look_prompt_id"),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name="fk_look_model_id"),
        sa.UniqueConstraint("run_id", "prompt_id", "model_id", "digest", name="uq_look_run_id"),
    )
    _looks_before_topups()


def _looks_before_topups() -> None:
    connection = op.get_bind()
    run = sa.table("run", sa.column("id", sa.String()), sa.column("topups", sa.JSON()))
    prompt = sa.table("prompt", *map(sa.column, ("id", "run_id", "name", "use_case", "position")))
    model = sa.table("model", *map(sa.column, ("id", "run_id", "label")))
    item = sa.table("item", *map(sa.column, ("id", "prompt_id")))
    look = sa.table("look", *map(sa.column, ("run_id", "prompt_id", "model_id", "digest")))
    for run_id, topups in connection.execute(sa.select(run.c.id, run.c.topups)).all():
        if not topups:
            continue
        models = connection.execute(
            sa.select(model.c.label, model.c.id).where(model.c.run_id == run_id)
        ).all()
        asked = sa.select(item.c.id).where(item.c.prompt_id == prompt.c.id).exists()
        prompts = connection.execute(
            sa.select(prompt.c.id, prompt.c.name, prompt.c.use_case)
            .where(prompt.c.run_id == run_id, asked)
            .order_by(prompt.c.position)
        ).all()
        first: dict[tuple[bool, str], tuple[int, str]] = {}
        for prompt_id, name, use_case in prompts:
            first.setdefault((use_case is None, use_case or name), (prompt_id, name))
        for prompt_id, name in first.values():
            for label, model_id in models:
                before = sum(each["model"] == label and name in each["prompts"] for each in topups)
                for number in range(1, before + 1):
                    values = {"run_id": run_id, "prompt_id": prompt_id, "model_id": model_id}
                    connection.execute(sa.insert(look).values(**values, digest=f"before 0006: {number}"))
