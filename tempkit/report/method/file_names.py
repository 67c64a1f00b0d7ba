"""Names of files made from names of runs, which are anybody's text: only the harmless part of them names a file."""

from collections.abc import Sequence
from typing import Protocol

from tempkit.report.text.slugs import harmless

__all__ = ["file_name"]

_LENGTH = 80


class _Run(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def id(self) -> str: ...


def file_name(runs: Sequence[_Run]) -> str:
    """Return a name for a file about runs, without its ending; `report` where nothing harmless is left."""
    slugs = [harmless(run.name) or harmless(run.id) for run in runs]
    return "+".join(slugs)[:_LENGTH].strip("-.+") or "report"
