"""Carry out a plan: hand sweeps to backends, store what comes, show how far it is."""

from tempkit.models.scoring import ScoringModel, score
from tempkit.running.display.progress import Progress, make_progress
from tempkit.running.estimate import Estimate, estimate
from tempkit.running.preparing import Limits, Prepared, prepare
from tempkit.running.runner import RunResult, resume, run_stored, start

__all__ = [
    "Estimate",
    "Limits",
    "Prepared",
    "Progress",
    "RunResult",
    "ScoringModel",
    "estimate",
    "make_progress",
    "prepare",
    "resume",
    "run_stored",
    "score",
    "start",
]
