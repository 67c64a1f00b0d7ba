"""Names that tests in several folders import."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class CliResult:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Cli = Callable[..., CliResult]
