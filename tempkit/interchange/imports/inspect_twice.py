"""Samples of inspect's logs that stand in several of them, and questions that share an id.

A log that was tried again holds the finished samples of the first one once more, and a log may have been copied: a sample that is counted
twice would look like two independent answers. Two data sets of one name may number other questions alike: answers to different questions
are no replicates.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tempkit.interchange.imports.inspect_samples import ALIKE
from tempkit.prompts import DataRow, LeftOut

__all__ = ["Known"]

_OF_ANSWERS = ("temperature", "seed", "num_choices", *ALIKE)
"""Settings that make another answer; how many requests go out at once, and how long is waited, do not."""


class Known:
    """What was read so far of a folder of logs."""

    def __init__(self) -> None:
        self._seen: set[tuple[Any, ...]] = set()
        self._questions: dict[str, dict[str, str]] = {}
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = defaultdict(lambda: 1)
        self._of: tuple[str, ...] = ()
        self._answered: set[tuple[Any, ...]] = set()
        self._failed: dict[int, tuple[Any, ...]] = {}

    def open(self, path: Path, about: Mapping[str, Any], config: Mapping[str, Any]) -> None:
        """Begin a log: only those of one task's run, tried again or copied, can hold the same samples."""
        run = about.get("task_id")
        self._of = (
            run if isinstance(run, str) and run else str(path),
            str(about.get("model")),
            _digest({name: config.get(name) for name in _OF_ANSWERS}),
        )

    def again(self, sample: Mapping[str, Any], where: str, left: LeftOut) -> bool:
        """Whether a sample was there before: under the same mark, or word for word in a log of the same run."""
        mark = sample.get("uuid")
        seen = (
            (mark,)
            if isinstance(mark, str) and mark
            else (
                *self._place(sample),
                _digest([_without_marks(sample.get("input")), sample.get("output"), sample.get("error")]),
            )
        )
        if seen in self._seen:
            left.add("samples that were there before, in this log or another", where)
            return True
        self._seen.add(seen)
        return False

    def item(self, task: str, sample: Mapping[str, Any], where: str, left: LeftOut) -> str:
        """Return the key of a sample's question: its id, and a number where another question has that too."""
        plain = f"{task}/{sample.get('id')}"
        asked = _digest([type(sample.get("id")).__name__, _without_marks(sample.get("input"))])
        known = self._questions.setdefault(plain, {})
        if asked not in known:
            key = plain
            while key in self._taken:
                self._numbers[plain] += 1
                key = f"{plain} ({self._numbers[plain]})"
            known[asked] = key
            self._taken.add(key)
        if known[asked] != plain:
            left.add("ids that different questions share: the second is called 'id (2)', and so on", where)
        return known[asked]

    def keep(self, row: DataRow, sample: Mapping[str, Any]) -> None:
        """Note whether a sample was answered."""
        if row.values["status"] == "completion":
            self._answered.add(self._place(sample))
        else:
            self._failed[id(row)] = self._place(sample)

    def without_answered_later(self, rows: Sequence[DataRow], left: LeftOut) -> list[DataRow]:
        """Return the rows but those of samples that failed, were tried again and have an answer."""
        kept = []
        for row in rows:
            if self._failed.get(id(row)) in self._answered:
                left.add("failures of samples that another log has an answer to", row.where)
            else:
                kept.append(row)
        return kept

    def _place(self, sample: Mapping[str, Any]) -> tuple[Any, ...]:
        return (*self._of, repr(sample.get("id")), sample.get("epoch", 1))


def _without_marks(given: Any) -> Any:
    """Return what was asked without the marks that inspect gives each message anew."""
    if isinstance(given, list):
        return [
            {name: value for name, value in each.items() if name not in ("id", "source", "metadata")}
            if isinstance(each, dict)
            else each
            for each in given
        ]
    return given


def _digest(given: Any) -> str:
    return hashlib.sha256(json.dumps(given, sort_keys=True, default=str).encode()).hexdigest()
