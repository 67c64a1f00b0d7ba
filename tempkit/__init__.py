"""Compare an LLM's answers across temperatures and choose one on evidence.

The names below are the public API, and `tempkit.api` is what the commands do; each is imported when it is first used, so that
`import tempkit` costs nothing.
"""

from tempkit._version import __version__

TYPE_CHECKING = False  # as `typing` has it, whose import would take longer than all else here
if TYPE_CHECKING:
    from tempkit import api as api
    from tempkit.analysis import Comparison, load_comparison
    from tempkit.decision.use_case_names import build_plan, read_experiment
    from tempkit.errors import TempkitError
    from tempkit.interchange.exports import export
    from tempkit.planning.experiment import Experiment, parse_model
    from tempkit.prompts.load import load_prompt
    from tempkit.report import render
    from tempkit.running import resume, score, start
    from tempkit.store import Store
    from tempkit.types import Completion, Failure, Item, Passage, Plan, Scored, TokenLogprob

__all__ = [
    "Comparison",
    "Completion",
    "Experiment",
    "Failure",
    "Item",
    "Passage",
    "Plan",
    "Scored",
    "Store",
    "TempkitError",
    "TokenLogprob",
    "__version__",
    "build_plan",
    "export",
    "load_comparison",
    "load_prompt",
    "parse_model",
    "read_experiment",
    "render",
    "resume",
    "score",
    "start",
]

_HOME = {
    "Comparison": "analysis",
    "Completion": "types",
    "Experiment": "planning.experiment",
    "Failure": "types",
    "Item": "types",
    "Passage": "types",
    "Plan": "types",
    "Scored": "types",
    "Store": "store",
    "TempkitError": "errors",
    "TokenLogprob": "types",
    "build_plan": "decision.use_case_names",
    "export": "interchange.exports",
    "load_comparison": "analysis",
    "load_prompt": "prompts.load",
    "parse_model": "planning.experiment",
    "read_experiment": "decision.use_case_names",
    "render": "report",
    "resume": "running",
    "score": "running",
    "start": "running",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "api":
        return import_module("tempkit.api")
    if name not in _HOME:
        raise AttributeError(f"module 'tempkit' has no attribute {name!r}")
    found: object = getattr(import_module(f"tempkit.{_HOME[name]}"), name)
    return found
