"""The HTML report: view data first (`view`), then one self-contained page (`render`), then a file (`write`)."""

from tempkit.report.render import render, write
from tempkit.report.study import Study, load_study, study
from tempkit.report.view import view

__all__ = ["Study", "load_study", "render", "study", "view", "write"]
