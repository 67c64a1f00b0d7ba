"""Shards: one plan, shared out among calls that know nothing of each other.

A shard has every so-manieth question of the plan with all of its samples, so that what the answers of a question have in common is
still evaluated once, and each shard has its part of every use case. Seeds follow from the plan, so that a sample is the same in
whichever shard it is made.
"""

import re
from dataclasses import dataclass, replace
from typing import Self

from tempkit.errors import UsageError, one_line
from tempkit.types import Plan

__all__ = ["Shard"]

_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a plan."""

    number: int
    """From 1 on."""
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `K/N`.

        Raises:
            UsageError: It is no such thing.
        """
        found = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", text, re.ASCII)
        number, of = (int(found[1]), int(found[2])) if found else (0, 0)
        if not 1 <= number <= of <= _MOST:
            raise UsageError(
                f"--shard takes K/N, part K of N, counted from 1, as in 3/16; not {one_line(text, 40)!r}"
            )
        return cls(number, of)

    def items(self, plan: Plan) -> frozenset[str]:
        """Return the keys of the plan's questions that are this shard's.

        Raises:
            UsageError: There are none, because there are more shards than questions.
        """
        keys = [item.key for item in plan.items]
        some = frozenset(keys[self.number - 1 :: self.of])
        if not some:
            few = f"{len(keys)} question{'s' * (len(keys) != 1)}"
            raise UsageError(
                f"shard {self} has nothing to do: the run has {few}; take at most {len(keys)} shards"
            )
        return some

    def of_plan(self, plan: Plan) -> Plan:
        """Return the plan with this shard's questions alone.

        Raises:
            UsageError: As `items`.
        """
        some = self.items(plan)
        prompts = (
            replace(prompt, items=tuple(item for item in prompt.items if item.key in some))
            for prompt in plan.prompts
        )
        return replace(plan, prompts=tuple(prompts))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"
