"""Whether two endpoints serve the same model: the same questions to both, and each against itself to know the noise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from statistics import median
from typing import Any, Literal

from tempkit.errors import ModelError
from tempkit.probing.agreement import same_source_test
from tempkit.probing.answering import first_token_distance
from tempkit.probing.asking import Asker
from tempkit.probing.determinism import answered, by_prompt
from tempkit.probing.opening import SHORT, names_temperature, open_model
from tempkit.probing.questions import OPEN
from tempkit.types import Completion, Failure, ModelSpec

__all__ = ["CompareResult", "compare_models"]

_REPLICATES = 10
"""Answers to each prompt at temperature 1, of each endpoint."""
_GREEDY = 2
"""Likewise at temperature 0."""
_SAME, _OTHER = 0.05, 0.3
"""In nats, between logprobs of the first token: within the one, arithmetic may differ; beyond the other, models do."""
_TIMES_NOISE = 4.0
_ALPHA = 0.005
_STEADY = 0.8
"""Agreement of an endpoint with itself at temperature 0, for that to tell anything."""
_FAR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareResult:
    """What two endpoints have in common."""

    models: tuple[str, str]
    status: Literal["same", "different", "unknown"]
    why: str
    distance: float | None = None
    """Median difference of first tokens' logprobs between the two, in nats; None: not both tell logprobs."""
    noise: float | None = None
    """Likewise between equal requests to one of them, the larger."""
    p_value: float | None = None
    """Of answers at temperature 1 being of one model."""
    greedy_agreement: float | None = None
    """Share of prompts answered alike at temperature 0; None: not both take it."""
    own_agreement: float | None = None
    """Likewise between equal requests to one of them, the smaller."""
    answering: tuple[str | None, str | None] = (None, None)
    """What each server calls the model."""
    requests: int = 0
    date: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Side:
    """One endpoint's answers."""

    sampled: Mapping[str, Sequence[Completion]]
    """At temperature 1, by prompt."""
    greedy: Mapping[str, Sequence[Completion]]
    """At temperature 0; empty where it is refused."""
    requests: int

    @property
    def name(self) -> str | None:
        return next(
            (c.response_model for some in self.sampled.values() for c in some if c.response_model), None
        )

    @property
    def own_agreement(self) -> float | None:
        pairs = [some[0].text == some[1].text for some in self.greedy.values() if len(some) > 1]
        return sum(pairs) / len(pairs) if pairs else None

    @property
    def noise(self) -> float | None:
        """How far first tokens' logprobs of equal requests lie apart."""
        found = [
            distance
            for some in self.sampled.values()
            if len(some) > 1 and (distance := first_token_distance(some[0], some[1])) is not None
        ]
        return median(found) if found else None


async def compare_models(
    first: ModelSpec, second: ModelSpec, *, concurrency: int = 8, on_part: Callable[[str], None] | None = None
) -> CompareResult:
    """Say whether two endpoints serve the same model, as far as short answers tell.

    Args:
        first: One.
        second: The other.
        concurrency: Requests at once to one of them.
        on_part: Is called with what is asked next.

    Raises:
        ModelError: One cannot be reached, or refuses temperature 1.
        UsageError: An option of one is wrong.
    """
    sides = []
    for model in (first, second):
        if on_part is not None:
            on_part(model.label)
        sides.append(await _ask(model, concurrency))
    a, b = sides
    common: dict[str, Any] = {
        "models": (first.id, second.id),
        "answering": (a.name, b.name),
        "requests": a.requests + b.requests,
        "date": date.today().isoformat(),
        "p_value": same_source_test(_texts(a.sampled), _texts(b.sampled)),
    }
    alike = [a.greedy[name][0].text == b.greedy[name][0].text for name in a.greedy if name in b.greedy]
    own = [each.own_agreement for each in sides if each.own_agreement is not None]
    if alike and len(own) == 2:
        common |= {"greedy_agreement": sum(alike) / len(alike), "own_agreement": min(own)}
    distances = [
        distance
        for name, some in a.sampled.items()
        if name in b.sampled and (distance := first_token_distance(some[0], b.sampled[name][0])) is not None
    ]
    noises = [each.noise for each in sides if each.noise is not None]
    if distances and len(noises) == 2:
        return _by_logprobs(median(distances), max(noises), common)
    return _by_texts(common)


def _by_logprobs(distance: float, noise: float, common: Mapping[str, Any]) -> CompareResult:
    figures = f"their logprobs lie {distance:.3g} nats apart, those of equal requests {noise:.3g}"
    if distance <= max(_SAME, _TIMES_NOISE * noise):
        status, said = "same", f"the same as far as can be seen: {figures}"
    elif distance > max(_OTHER, _TIMES_NOISE * noise):
        status, said = "different", f"different models, or settings: {figures}"
    else:
        status, said = "unknown", f"close but not the same, as after another quantisation: {figures}"
    return CompareResult(status=status, why=said, distance=distance, noise=noise, **common)  # type: ignore[arg-type]


def _by_texts(common: Mapping[str, Any]) -> CompareResult:
    p = float(common["p_value"])
    greedy, own = float(common.get("greedy_agreement", 0.0)), float(common.get("own_agreement", 0.0))
    steady = own >= _STEADY
    agree = f"; at temperature 0 they answer {100 * greedy:.0f} % of {len(OPEN)} prompts alike" if steady else ""
    if p <= _ALPHA or (steady and greedy <= _FAR * own):
        why = f"different models, or settings: p = {p:.2g} that answers at temperature 1 are of one{agree}"
        return CompareResult(status="different", why=why, **common)
    if steady and greedy >= own - 1e-9 and p > 10 * _ALPHA:
        # Of models that answer a share of all prompts alike, so many prompts in a row are answered alike once in twenty times.
        share = 0.05 ** (1 / len(OPEN))
        why = (
            f"the same as far as can be seen: p = {p:.2g}{agree}; a model that answers fewer than {100 * share:.0f} % alike would "
            "have been noticed 95 times in 100"
        )
        return CompareResult(status="same", why=why, **common)
    return CompareResult(status="unknown", why=f"that cannot be told: p = {p:.2g}{agree}", **common)


def _texts(completions: Mapping[str, Sequence[Completion]]) -> dict[str, list[str]]:
    return {name: [each.text for each in some] for name, some in completions.items()}


async def _ask(model: ModelSpec, concurrency: int) -> _Side:
    asker = Asker(model, concurrency=concurrency)
    try:
        await asker.prepare()
        opening = await open_model(asker)
        if opening.first is None:
            raise ModelError(f"{model.id}: it refuses temperature 1, so it cannot be compared")
        sampling = asker.params(SHORT)
        sampled = answered(
            await asker.ask([asker.question(i, 1.0, sampling) for i in OPEN for _ in range(_REPLICATES)])
        )
        (scouted,) = await asker.ask([asker.question(OPEN[0], 0.0, sampling)])
        greedy: list[Completion] = []
        if not (isinstance(scouted, Failure) and names_temperature(scouted)):
            greedy = answered(
                await asker.ask([asker.question(i, 0.0, sampling) for i in OPEN for _ in range(_GREEDY)])
            )
        return _Side(by_prompt(sampled), by_prompt(greedy), asker.requests)
    finally:
        await asker.close()
