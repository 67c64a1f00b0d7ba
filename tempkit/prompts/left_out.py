"""What a file from elsewhere says that is not carried over: each kind once, with how often and where first.

Nothing that changes what is asked, or how answers are judged, goes without a word: whoever reads such a file gets these lines, and a run
keeps them in the description of its prompts.
"""

import re
from collections.abc import Iterable

from tempkit.errors import one_line
from tempkit.types import Prompt

__all__ = ["NOT_CARRIED_OVER", "LeftOut", "left_out_of"]

NOT_CARRIED_OVER = ": not carried over: "
"""Between where something stands and what it is."""

_LINE = re.compile(r"(?:^|; )(?=[^;]*: not carried over: )")
_MOST = 200
"""Kinds; a file of others' may have any number of unknown names."""


class LeftOut:
    """Collects what is left out of a file."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, int]] = {}
        self._more = 0

    def add(self, what: str, where: str) -> None:
        """Note one thing.

        Args:
            what: Its kind in words, on one line.
            where: `file:line` of this one.
        """
        what = one_line(what, 200)
        first, count = self._found.get(what, (where, 0))
        if count or len(self._found) < _MOST:
            self._found[what] = (first, count + 1)
        else:
            self._more += 1

    def lines(self) -> tuple[str, ...]:
        """Return a line for each kind: where it stands first, what it is, and how often it is there."""
        lines = [
            f"{where}{NOT_CARRIED_OVER}{what}{f' ({count:,} times)' if count > 1 else ''}"
            for what, (where, count) in self._found.items()
        ]
        return (
            (*lines, f"and {self._more:,} things more are not carried over") if self._more else tuple(lines)
        )


def left_out_of(prompts: Iterable[Prompt]) -> tuple[str, ...]:
    """Return what was left out of the files that prompts are from, as their descriptions keep it: a line for each kind."""
    parts = (part for prompt in prompts for part in _LINE.split(prompt.description))
    return tuple(dict.fromkeys(part for part in parts if ": not carried over: " in part))
