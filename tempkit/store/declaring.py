"""What the store's tables are declared with.

Times are UTC: SQLite holds them without a zone, PostgreSQL as `timestamptz`. The tables have a registry of their own,
so that a program that uses tempkit may have a `Model` or `Run` table of its own in SQLModel's.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

__all__ = ["METADATA", "Base", "json_column", "time_column"]

METADATA = MetaData(
    # Named constraints, because a later migration can only change what it can name.
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


class Base(SQLModel, registry=registry(metadata=METADATA)):
    """What all tables have in common."""


def json_column() -> Any:
    return Field(sa_column=Column(JSON, nullable=False))


def time_column(*, nullable: bool = False) -> Any:
    column: Column[datetime] = Column(DateTime(timezone=True), nullable=nullable)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)
