"""The schema's history, one file per revision, run by Alembic from inside the program.

There is no `alembic.ini`: a database migrates itself when it is opened, from an installed wheel as from a checkout.
Revisions are numbered 0001, 0002, ... and form one line, so the files' names alone tell the newest one, and opening an
up-to-date database need not import Alembic at all.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from tempkit.store.models import METADATA

if TYPE_CHECKING:
    import alembic.config

__all__ = ["config", "create", "known_revisions", "upgrade"]

_HERE = Path(__file__).parent
_LOCK = Lock()  # Alembic hands its context to `env.py` through a global: one thread at a time


@cache
def known_revisions() -> tuple[str, ...]:
    """Return the revisions this tempkit knows, oldest first."""
    return tuple(sorted(path.name[:4] for path in (_HERE / "versions").glob("[0-9][0-9][0-9][0-9]_*.py")))


def config(connection: Connection) -> "alembic.config.Config":
    """Return Alembic's configuration for a connection."""
    from alembic.config import Config

    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(_HERE).replace("%", "%%"))  # a ConfigParser value
    return made


def create(connection: Connection) -> None:
    """Make the newest schema in an empty database at once; a test holds it against that of all revisions in turn."""
    METADATA.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(
        text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": known_revisions()[-1]}
    )


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest revision inside the connection's transaction."""
    from alembic import command

    with _LOCK, _quiet():
        command.upgrade(config(connection), "head")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Alembic's progress lines from a user who has logging on."""
    logger = logging.getLogger("alembic")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
