"""Bring in what was made elsewhere: completions, scores, or both."""

from tempkit.interchange.imports.formats import Importer

__all__ = ["Importer"]
