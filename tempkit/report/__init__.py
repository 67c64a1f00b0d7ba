"""The report: view data first (`view`), then a page (`render`) or a summary (`render_markdown`), then a file (`write`)."""

from tempkit.report.render import render, render_markdown, write
from tempkit.report.study import Study, load_study, study
from tempkit.report.view import view

__all__ = ["Study", "load_study", "render", "render_markdown", "study", "view", "write"]
