"""Carry out a plan: hand sweeps to backends, store what comes, show how far it is."""

from tempkit.running.progress import Progress, make_progress
from tempkit.running.runner import Prepared, RunResult, prepare, resume, run_stored, start
from tempkit.running.scoring import score

__all__ = [
    "Prepared",
    "Progress",
    "RunResult",
    "make_progress",
    "prepare",
    "resume",
    "run_stored",
    "score",
    "start",
]
