"""Gather completions while they stream by: per cell and per model, keeping one example of every distinct text.

A run may hold more tokens than memory does, so a completion is measured when it arrives and then let go.
"""

import math
from array import array
from collections import Counter
from typing import Any

import numpy as np

from tempkit.analysis.result import Cell, Group, ModelFacts, Spent
from tempkit.measures import facts_found
from tempkit.running import Answerer, Answerers, address_of
from tempkit.types import (
    MOST_SECONDS,
    MOST_TOKENS,
    MOST_USD,
    Completion,
    Failure,
    FinishReason,
    Item,
    LogprobKind,
    ModelInfo,
    ModelSpec,
    known_amount,
)

__all__ = ["CellTally", "ModelTally"]


class CellTally:
    """What one cell gathers while completions stream by."""

    def __init__(self, *, listed: bool = True) -> None:
        """Begin with nothing.

        Args:
            listed: Whether to keep the answers, or to count them alone.
        """
        self.listed = listed
        self.seen: set[int] = set()
        """Replicates that were answered."""
        self.ends: Counter[FinishReason] = Counter()
        self.examples: dict[tuple[str, FinishReason], Completion] = {}
        self.replicates: dict[tuple[str, FinishReason], dict[int, int | None]] = {}
        self.found: dict[str, tuple[bool, ...]] = {}
        self.kinds: Counter[LogprobKind] = Counter()
        self.failures: dict[int, Failure] = {}
        self.input_tokens: int | None = 0
        self.output_tokens: int | None = 0

    def add(self, completion: Completion, item: Item) -> None:
        self.seen.add(completion.key.replicate)
        self.ends[completion.finish_reason] += 1
        self.kinds[completion.logprob_kind] += 1
        self.input_tokens = _plus(self.input_tokens, completion.input_tokens)
        self.output_tokens = _plus(self.output_tokens, completion.output_tokens)
        if self.listed:
            self._list(completion, item)

    def _list(self, completion: Completion, item: Item) -> None:
        text, group = completion.text, (completion.text, completion.finish_reason)
        self.replicates.setdefault(group, {})[completion.key.replicate] = completion.seed
        if group not in self.examples or completion.key.replicate < self.examples[group].key.replicate:
            self.examples[group] = completion
        if text not in self.found:
            self.found[text] = facts_found(text, item.facts)

    def cell(self, temperature: float, planned: int) -> Cell:
        groups = (
            Group(
                text=text,
                finish_reason=reason,
                replicates=tuple(sorted(seeds)),
                seeds=tuple(seeds[replicate] for replicate in sorted(seeds)),
                found=self.found[text],
                example=self.examples[text, reason],
            )
            for (text, reason), seeds in self.replicates.items()
        )
        return Cell(
            temperature=temperature,
            planned=planned,
            groups=tuple(sorted(groups, key=lambda group: (-group.count, group.replicates[0]))),
            failures=tuple(failure for _, failure in sorted(self.failures.items())),
            unlisted=0 if self.listed else len(self.seen),
        )

    def count(self, reason: FinishReason) -> int:
        return self.ends[reason]


class ModelTally:
    """What one model gathers while completions stream by."""

    def __init__(self) -> None:
        self.kinds: Counter[LogprobKind] = Counter()
        self.sent: dict[str, dict[str, Any]] = {}
        self.altered = 0
        self.answerers: dict[Answerer, Counter[float]] = {}
        self.costs = array("d")
        self.latencies = array("d")
        self.tokens: Counter[str] = Counter()

    def add(self, completion: Completion) -> None:
        self.kinds[completion.logprob_kind] += 1
        for name, value in completion.params.items():
            self.sent.setdefault(name, {}).setdefault(repr(value), value)
        self.altered += completion.temperature_sent != completion.key.temperature
        who = Answerer(completion.response_model, completion.fingerprint, completion.address)
        self.answerers.setdefault(who, Counter())[completion.key.temperature] += 1
        if known_amount(completion.cost_usd, MOST_USD):
            self.costs.append(completion.cost_usd)
        if known_amount(completion.latency_s, MOST_SECONDS):
            self.latencies.append(completion.latency_s)
        given, drawn = completion.input_tokens, completion.output_tokens
        if known_amount(given, MOST_TOKENS) and known_amount(drawn, MOST_TOKENS):
            self.tokens.update({"in": int(given), "out": int(drawn), "counted": 1})

    def facts(self, spec: ModelSpec, info: ModelInfo | None) -> ModelFacts:
        return ModelFacts(
            spec=spec,
            info=info,
            completions=self.kinds.total(),
            kinds=dict(self.kinds),
            sent={name: tuple(values.values()) for name, values in self.sent.items()},
            altered=self.altered,
            answerers=self._answerers(spec, info),
            spent=self._spent(),
        )

    def _answerers(self, spec: ModelSpec, info: ModelInfo | None) -> Answerers:
        found = Answerers(spec, address_of(info))
        for who, by in self.answerers.items():
            for temperature, n in by.items():
                found.add(who, temperature, n)
        return found

    def _spent(self) -> Spent:
        timed = len(self.latencies)
        median, late = np.quantile(self.latencies, (0.5, 0.95)).tolist() if timed else (None, None)
        return Spent(
            cost_usd=math.fsum(self.costs),
            costed=len(self.costs),
            input_tokens=self.tokens["in"],
            output_tokens=self.tokens["out"],
            counted=self.tokens["counted"],
            latency_median_s=median,
            latency_p95_s=late,
            timed=timed,
        )


def _plus(total: int | None, more: int | None) -> int | None:
    return None if total is None or more is None else total + more
