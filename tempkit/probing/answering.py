"""Whether the same model answers from the first request to the last: names, and the first questions once more at the end."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from tempkit.probing.asking import Asker
from tempkit.probing.determinism import LONG_ANSWER, answered, by_prompt
from tempkit.probing.questions import OPEN
from tempkit.probing.result import Answering
from tempkit.types import Completion

__all__ = ["answering", "first_token_distance"]

_DIFFERENT = 0.25
"""In nats: how far logprobs of one model's first tokens never lie apart, whatever it is computed on."""
_NOTHING_IN_COMMON = 20.0
"""In nats: what stands for a distance where the two list other tokens altogether."""
_MOST = 0.6
"""Share of answers at temperature 0 that must differ for the model to be another, where they hardly ever differed."""
_STEADY = 0.2


async def answering(asker: Asker, first: Sequence[Completion], every: Sequence[Completion]) -> Answering:
    """Ask the first questions again, and compare.

    Args:
        asker: The model.
        first: Its first answers, to the same prompts and at one temperature.
        every: All its answers.

    Raises:
        ModelError: The model cannot be reached any more.
    """
    temperature = first[0].key.temperature
    last = answered(
        await asker.ask([asker.question(item, temperature, asker.params(LONG_ANSWER)) for item in OPEN])
    )
    models = tuple(sorted({each.response_model for each in (*every, *last) if each.response_model}))
    before, after = by_prompt(first), by_prompt(last)
    distances = [
        distance
        for name, some in after.items()
        if name in before and (distance := first_token_distance(before[name][0], some[0])) is not None
    ]
    if distances:
        differing = sum(each > _DIFFERENT for each in distances)
        changed = median(distances) > _DIFFERENT
        return Answering(
            status="changed" if changed or len(models) > 1 else "same",
            models=models,
            differing=differing,
            of=len(distances),
        )
    if len(models) > 1:
        return Answering(status="changed", models=models)
    if temperature > 0:
        return Answering(status="unknown", models=models)
    usual = {name: Counter(each.text for each in some).most_common(1)[0] for name, some in before.items()}
    noise = 1 - sum(count for _, count in usual.values()) / len(first)
    differing = sum(each.text != usual[name][0] for name, some in after.items() for each in some)
    if noise > _STEADY:
        return Answering(status="unknown", models=models, differing=differing, of=len(last))
    changed = differing >= _MOST * len(last)
    return Answering(
        status="changed" if changed else "same", models=models, differing=differing, of=len(last)
    )


def first_token_distance(a: Completion, b: Completion) -> float | None:
    """Return the median difference in nats between two answers' logprobs of the first token, as far as both list the same; None where they do not."""
    if not a.tokens or not b.tokens or not a.tokens[0].top or not b.tokens[0].top:
        return None
    one, other = dict(a.tokens[0].top), dict(b.tokens[0].top)
    common = [token for token in one if token in other]
    if len(common) < len(one) / 4:
        return _NOTHING_IN_COMMON
    return median(abs(one[token] - other[token]) for token in common)
