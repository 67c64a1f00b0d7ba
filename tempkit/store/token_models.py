"""The tables of generated tokens: a row for each, which people can ask of, and the alternatives of a completion's all, which they cannot."""

from sqlmodel import Field

from tempkit.store.declaring import Base

__all__ = ["AlternativesRow", "TokenRow"]


class TokenRow(Base, table=True):
    """One generated token. On SQLite it is WITHOUT ROWID: an index of its own would take 10 bytes more for each.

    In databases from before revision 0013 it has such an index, which does no harm, and their tokens are not written anew.
    """

    __tablename__ = "token"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  (SQLAlchemy's own)

    completion_id: int = Field(primary_key=True, foreign_key="completion.id")
    position: int = Field(primary_key=True)
    text: str
    logprob: float | None = None
    """Null for a logprob that is not a number."""
    entropy: float | None = None
    rank: int | None = None
    token_id: int | None = None
    top: bytes | None = None
    """The alternatives, as `codec` reads them, in rows from before revision 0013; null in all since."""
    entropy_tempered: float | None = None
    """At the sample's temperature, before any cut; null where only some logprobs are known, as in all rows from before
    revision 0005."""


class AlternativesRow(Base, table=True):
    """What else could have been generated at each token of a completion."""

    __tablename__ = "alternatives"

    completion_id: int = Field(
        primary_key=True, foreign_key="completion.id", sa_column_kwargs={"autoincrement": False}
    )
    packed: bytes
    """By `packing`. A completion whose tokens have none has no row."""
