"""Compute what can be computed of a run's answers: for each question on each local model, bounds at every temperature."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tempkit.exact.accepting import accepts, unanswerable
from tempkit.exact.beginnings import Beginnings
from tempkit.exact.exploring import Bounds, Explorer
from tempkit.exact.spelling import Spelling
from tempkit.measures import CheckCosts
from tempkit.models import ContinuationModel, rows_of, tells_next_tokens
from tempkit.types import (
    SHAPING,
    ExactAnswer,
    ExactAnswers,
    Item,
    ModelInfo,
    ModelSpec,
    Plan,
    SamplingParams,
    Vocabulary,
)

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["Effort", "Exact", "LeftOut", "exact_answers", "exact_run"]

_VERSION = 1
"""Raised whenever the same question would get other bounds."""

_SHOWN = 20
"""Accepted answers that are kept of each question."""

_STEPS = 24
"""Between the lowest and the highest temperature, so that a curve can be drawn."""

_DENSER = 1.5
"""Near 0 a probability changes fastest, so the steps are smaller there."""

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How narrow bounds should be, and what they may cost."""

    within: float = 0.01
    """How far apart they may be, at every temperature."""
    passes: int = 200
    """The most for one question."""
    open_too: bool = False
    """Also questions whose checks accept too many answers to go through them; their bounds may stay wide."""
    anew: bool = False
    """Compute again what was computed with the same before."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was not computed."""

    what: str
    """A question's key, or a model's label."""
    why: str
    """A clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """What came of a run."""

    answers: tuple[ExactAnswers, ...]
    """By model and question."""
    renewed: int
    """How many of them were computed by this call."""
    left_out: tuple[LeftOut, ...]


class _Question:
    """An item's checks, as the tree of its answers asks them."""

    def __init__(self, item: Item, stops: Sequence[str]) -> None:
        self._item, self._beginnings, self._costs = item, Beginnings(item.checks, stops), CheckCosts()

    @property
    def closed(self) -> bool:
        return self._beginnings.closed

    def open(self, beginnings: Sequence[bytes]) -> list[bool]:
        return self._beginnings.open(beginnings)

    def accepts(self, texts: Sequence[str]) -> list[bool | None]:
        return accepts(self._item, texts, self._costs)


class _Conversation:
    """A model's answers about one conversation, with what they cost."""

    def __init__(self, model: ContinuationModel, item: Item) -> None:
        self._model, self._messages = model, item.messages
        first = model.next_tokens(item.messages, [()])
        self.room = first.n_ctx - first.prompt_tokens
        """Tokens that an answer may have."""
        self.thinking, self.tokens = first.thinking, first.evaluated
        self._first = rows_of(first)

    def rows(self, paths: Sequence[tuple[int, ...]]) -> NDArray[np.float32]:
        if list(paths) == [()]:
            return self._first
        found = self._model.next_tokens(self._messages, paths)
        self.tokens += found.evaluated
        return rows_of(found)


def exact_run(
    store: "Store",
    run: "RunRecord",
    effort: Effort,
    *,
    on_progress: OnProgress = lambda _done, _of: None,
) -> Exact:
    """Compute the exact answers of a run and store them, each as it is done; what is there already is kept.

    Args:
        store: Where the run is, and where they go.
        run: The run.
        effort: How narrow, and at what cost.
        on_progress: Is called with how many questions on models are done, of how many.

    Raises:
        StoreError: The run cannot be read or written.
        ModelError: A local model cannot be loaded, or cannot go on.
    """
    plan, infos = store.load_plan(run.id), store.model_infos(run.id)
    left_out: list[LeftOut] = []
    fit = {model.label: _fit(plan, model, effort, left_out) for model in plan.models}
    there = {(each.item, each.model): each for each in store.exact(run.id)}
    found: list[ExactAnswers] = []
    renewed, of = 0, sum(map(len, fit.values()))
    for model in plan.models:
        info = infos.get(model.label, ModelInfo())
        signatures = {item.key: _signature(plan, model, info, item, effort) for item in fit[model.label]}
        kept = [
            each
            for key, signature in signatures.items()
            if (each := there.get((key, model.label))) is not None and each.signature == signature
        ]
        kept = [] if effort.anew else kept
        found += kept
        stale = [item for item in fit[model.label] if item.key not in {each.item for each in kept}]
        if not stale:
            continue
        with ContinuationModel(model, info) as opened:
            if info.digest is not None and not opened.is_of(info):
                left_out.append(LeftOut(model.label, "its file is another one than when the run began"))
                continue
            vocabulary = opened.vocabulary()
            for item in stale:
                on_progress(len(found), of)
                sampling = plan.sampling_of(model.label, item.prompt)
                made = exact_answers(
                    opened, vocabulary, item, sampling, _grid(plan.asked_at(model.label)), effort,
                    label=model.label, signature=signatures[item.key],
                )  # fmt: skip
                if isinstance(made, LeftOut):
                    left_out.append(made)
                    continue
                store.replace_exact(run.id, [made])
                found.append(made)
                renewed += 1
    on_progress(of, of)
    return Exact(answers=tuple(found), renewed=renewed, left_out=tuple(left_out))


def exact_answers(
    model: ContinuationModel,
    vocabulary: Vocabulary,
    item: Item,
    sampling: SamplingParams,
    temperatures: Sequence[float],
    effort: Effort,
    *,
    label: str = "",
    signature: str = "",
) -> ExactAnswers | LeftOut:
    """Bound the probability that an answer to one question is accepted, at every temperature.

    Args:
        model: Loaded.
        vocabulary: Its tokens.
        item: With checks or facts that can be decided here.
        sampling: Neutral but for the temperature.
        temperatures: Increasing, at least one.
        effort: How narrow, and at what cost.
        label: The model's.
        signature: To keep with it.

    Raises:
        ModelError: The model cannot go on, or prompt and answer do not fit.
    """
    question, spelling = _Question(item, sampling.stop), Spelling(vocabulary, sampling.stop)
    talk = _Conversation(model, item)
    if talk.thinking:
        return LeftOut(item.key, "its prompt has the model think before it answers")
    limit = min(sampling.max_tokens, talk.room)
    explorer = Explorer(talk.rows, spelling, question, limit, temperatures)
    bounds: Bounds = explorer.explore(effort.passes, effort.within)
    return ExactAnswers(
        item=item.key,
        model=label,
        temperatures=tuple(temperatures),
        lower=tuple(bounds.lower.tolist()),
        upper=tuple(bounds.upper.tolist()),
        closed=question.closed,
        passes=bounds.passes,
        tokens=talk.tokens,
        answers=tuple(
            ExactAnswer(text=text, probabilities=tuple(mass.tolist()))
            for text, mass in bounds.answers[:_SHOWN]
        ),
        signature=signature,
    )


def _fit(plan: Plan, model: ModelSpec, effort: Effort, left_out: list[LeftOut]) -> list[Item]:
    """Return the questions whose answers on a model can be computed; note why others cannot."""
    if not tells_next_tokens(model):
        left_out.append(
            LeftOut(model.label, "it does not give the probabilities of all its tokens; local models do")
        )
        return []
    fit, known = [], {each.what for each in left_out}
    for item in plan.items:
        sampling = plan.sampling_of(model.label, item.prompt)
        why = unanswerable(item) or _shaped(sampling)
        if why is None and not effort.open_too and not _Question(item, sampling.stop).closed:
            why = "its checks accept more answers than can be gone through (--all tries all the same)"
        if why is None:
            fit.append(item)
        elif item.key not in known:
            left_out.append(LeftOut(item.key, why))
    return fit


def _shaped(sampling: SamplingParams) -> str | None:
    """Return what shapes the distribution beside the temperature, as a clause; None where nothing does."""
    neutral = SamplingParams()
    names = [name for name in SHAPING if getattr(sampling, name) != getattr(neutral, name)]
    return f"its answers are drawn with {names[0]}={getattr(sampling, names[0]):g}" if names else None


def _grid(asked: Sequence[float]) -> tuple[float, ...]:
    """Return the temperatures that samples were asked at, and others between them."""
    low, high = min(asked), max(asked)
    between = (round(low + (high - low) * (step / _STEPS) ** _DENSER, 6) for step in range(1, _STEPS))
    return tuple(sorted({*asked, *between})) if low < high else (low,)


def _signature(plan: Plan, model: ModelSpec, info: ModelInfo, item: Item, effort: Effort) -> str:
    sampling = plan.sampling_of(model.label, item.prompt)
    parts = [
        _VERSION,
        info.digest,
        sorted(model.options.items()),
        [[message.role, message.content] for message in item.messages],
        [[check.type, check.value] for check in item.checks],
        item.facts,
        sampling.max_tokens,
        sampling.stop,
        _grid(plan.asked_at(model.label)),
        effort.within,
        effort.passes,
    ]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]
