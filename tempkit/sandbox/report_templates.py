"""Drawing a report with templates of somebody's own, in the helper's process (`report/isolated.py` is the other end).

It stands outside the package `report`, which loads all that computes: half a gigabyte of address space and a second, of
which drawing needs nothing.
"""

import base64
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tempkit.errors import ReportError
from tempkit.i18n import language
from tempkit.sandbox.errors import Fault

__all__ = ["drawing", "ready"]


def ready(lang: str) -> Callable[[object], str]:
    """Load what is ours; return what says so."""
    from tempkit.report import theme

    with language(lang):  # reads its catalogue
        return lambda _: theme.__name__


def drawing(common: Mapping[str, Any]) -> Callable[[int], str]:
    """Return what draws the i-th of the calls.

    Args:
        common: `template`, `macro` (None for the whole template), `folder` and `files` of whoever wrote them, `lang`, and
            `calls`: pickled by tempkit's own process, the values or arguments of each.
    """
    from tempkit.report import Own, draw, macro

    own = Own(Path(common["folder"]), common["files"])
    calls = pickle.loads(base64.b64decode(common["calls"]))  # noqa: S301 - written by tempkit itself

    def do(i: int) -> str:
        with language(common["lang"]):
            try:
                if common["macro"] is None:
                    return draw(common["template"], own, calls[i])
                return str(macro(common["macro"], common["template"], own)(*calls[i]))
            except ReportError as e:
                raise Fault(str(e)) from e

    return do
