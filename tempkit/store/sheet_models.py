"""The tables of what people are shown to rate; what they say is in `rating`."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from tempkit.store.declaring import Base, json_column, time_column

__all__ = ["RatingPairRow", "RatingSheetRow"]


class RatingSheetRow(Base, table=True):
    """A page of pairs for people to rate."""

    __tablename__ = "rating_sheet"

    id: str = Field(primary_key=True)
    """16 random hexadecimal digits."""
    run_id: str = Field(foreign_key="run.id", index=True)
    digest: str
    """Of what the page shows."""
    settings: dict[str, Any] = json_column()
    created_at: datetime = time_column()


class RatingPairRow(Base, table=True):
    """Two answers on a sheet. The page knows them by `code` alone."""

    __tablename__ = "rating_pair"

    sheet_id: str = Field(primary_key=True, foreign_key="rating_sheet.id")
    number: int = Field(primary_key=True)
    """From 0, in the order of the page; those that are not shown come last."""
    code: str
    item_id: int = Field(foreign_key="item.id")
    model_id: int = Field(foreign_key="model.id")
    left_temperature: float
    left_replicate: int
    right_temperature: float
    right_replicate: int
    alike: float
    """The share of pairs of the question's answers at both temperatures whose texts are equal."""
    shown: bool
    """False where all of them are: a tie without anybody being asked."""
