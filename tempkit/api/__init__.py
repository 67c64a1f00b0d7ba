"""What the commands do, for programs: each command unpacks its arguments into one of these functions, and prints what it returns.

They take a database by its path or URL, or a `Store` that is open, raise nothing of tempkit's own but `TempkitError`, and print
nothing. Each is imported when it is first used, as the names of `tempkit` are.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tempkit.api.deciding import recommend
    from tempkit.api.exporting import export, export_to
    from tempkit.api.importing import import_
    from tempkit.api.judging import judge, judge_outline
    from tempkit.api.measuring import measure
    from tempkit.api.reporting import report, report_to
    from tempkit.api.sampling import estimate, resume, run
    from tempkit.api.topping_up import topup

__all__ = [
    "estimate",
    "export",
    "export_to",
    "import_",
    "judge",
    "judge_outline",
    "measure",
    "recommend",
    "report",
    "report_to",
    "resume",
    "run",
    "topup",
]

_HOME = {
    "estimate": "sampling",
    "export": "exporting",
    "export_to": "exporting",
    "import_": "importing",
    "judge": "judging",
    "judge_outline": "judging",
    "measure": "measuring",
    "recommend": "deciding",
    "report": "reporting",
    "report_to": "reporting",
    "resume": "sampling",
    "run": "sampling",
    "topup": "topping_up",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'tempkit.api' has no attribute {name!r}")
    found: object = getattr(import_module(f"tempkit.api.{_HOME[name]}"), name)
    return found
