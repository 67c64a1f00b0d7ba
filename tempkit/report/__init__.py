"""The HTML report: view data first (`view`), then one self-contained page (`render`), then a file (`write`)."""

from tempkit.report.render import render, write
from tempkit.report.view import view

__all__ = ["render", "view", "write"]
