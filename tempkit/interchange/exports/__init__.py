"""Runs into files for other programs: CSV, JSON Lines and Parquet, streamed so that no run is too large for memory."""

from tempkit.interchange.exports.formats import FORMATS, Exporter, Format, RowWriter, exporter, format_of
from tempkit.interchange.exports.writing import Rows, export, export_to
from tempkit.interchange.schema import Column

__all__ = [
    "FORMATS",
    "Column",
    "Exporter",
    "Format",
    "RowWriter",
    "Rows",
    "export",
    "export_to",
    "exporter",
    "format_of",
]
