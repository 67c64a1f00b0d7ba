"""Runs into files for other programs: CSV, JSON Lines and Parquet, streamed so that no run is too large for memory."""

from tempkit.interchange.exports.writing import FORMATS, Format, Rows, export, export_to, format_of

__all__ = ["FORMATS", "Format", "Rows", "export", "export_to", "format_of"]
