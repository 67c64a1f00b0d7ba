"""How answers are used: one at a time, the best of several, their majority, or only if all of them are good.

Which temperature serves best can depend on it. Whoever draws five programs and keeps the one that passes wants the answers
to differ; whoever needs every one of five to be right does not.
"""

import re
from dataclasses import dataclass
from typing import Literal, Self, get_args

__all__ = ["MOST_DRAWN", "Policy", "PolicyKind"]

PolicyKind = Literal["single", "best-of", "majority", "all-of"]

MOST_DRAWN = 100
"""The largest K: nobody draws more answers to one question and keeps one."""

_FORM = re.compile(r"(best-of|majority|all-of):([1-9][0-9]{0,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Policy:
    """How many answers to a question are drawn, and what is made of them.

    Raises:
        ValueError: `k` does not fit the kind.
    """

    kind: PolicyKind = "single"
    """`single`: each answer is used as it comes. `best-of`: the best of `k` is kept. `majority`: what most of `k` say.
    `all-of`: the worst of `k` counts, because every one of them is used."""
    k: int = 1
    """How many are drawn: 1 for `single`, else from 2 to 100."""

    def __post_init__(self) -> None:
        single = self.kind == "single"
        if self.kind not in get_args(PolicyKind) or not (
            self.k == 1 if single else 2 <= self.k <= MOST_DRAWN
        ):
            raise ValueError(_unknown(str(self)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the policy that `text` names: `single`, `best-of:K`, `majority:K` or `all-of:K`; `str` gives it back.

        Raises:
            ValueError: It is none of these, or K is not from 2 to 100.
        """
        if text == "single":
            return cls()
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(_unknown(text))
        kinds: dict[str, PolicyKind] = {kind: kind for kind in get_args(PolicyKind)}
        return cls(kinds[match[1]], int(match[2]))

    def __str__(self) -> str:
        return "single" if self.kind == "single" and self.k == 1 else f"{self.kind}:{self.k}"


def _unknown(text: str) -> str:
    shown = text if len(text) <= 40 else text[:39] + "…"
    return (
        f"{shown!r} does not say how answers are used: "
        f"single, best-of:K, majority:K or all-of:K, with K from 2 to {MOST_DRAWN}"
    )
