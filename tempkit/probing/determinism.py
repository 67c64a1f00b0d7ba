"""How far answers at temperature 0 differ, and at temperature 1 those of one seed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import median

from tempkit.probing.asking import Asker, refusal
from tempkit.probing.opening import SHORT
from tempkit.probing.questions import OPEN
from tempkit.probing.result import Determinism, Seed
from tempkit.types import Completion, Outcome

__all__ = ["answered", "by_prompt", "determinism", "seed_found"]

ALONE, TOGETHER = 2, 3
"""Answers to each prompt, one after the other and at once."""
LONG_ANSWER = 24
_NEAR_TIE = 0.25
"""In nats: what rounding may turn round, with what batching does to sums in half precision."""
_GREEDY_GAP = 0.5
_PAIRS = 6
_SEED = 4711


def answered(outcomes: Sequence[Outcome]) -> list[Completion]:
    """Return the answers; a refusal of what was taken before is only left out, and anything worse ends the probe.

    Raises:
        ModelError: The model cannot be reached any more.
    """
    return [each for each in outcomes if refusal(each) is None and isinstance(each, Completion)]


def by_prompt(completions: Sequence[Completion]) -> dict[str, list[Completion]]:
    """Sort answers by their prompt."""
    found: dict[str, list[Completion]] = defaultdict(list)
    for each in completions:
        found[each.key.item.split("#")[0]].append(each)
    return found


async def determinism(asker: Asker) -> tuple[Determinism, list[Completion]]:
    """Ask the same at temperature 0, one after the other and at once; return also the answers.

    Raises:
        ModelError: The model cannot be reached any more.
    """
    sampling = asker.params(LONG_ANSWER)
    alone = answered(
        await asker.ask(
            [asker.question(item, 0.0, sampling) for _ in range(ALONE) for item in OPEN], alone=True
        )
    )
    together = answered(
        await asker.ask([asker.question(item, 0.0, sampling) for item in OPEN for _ in range(TOGETHER)])
    )
    whole = by_prompt([*alone, *together])
    # What is asked at once is held against what one request at a time gives.
    usual = {
        name: Counter(each.text for each in some).most_common(1)[0][0]
        for name, some in {**whole, **by_prompt(alone)}.items()
    }
    gaps = [gap for some in whole.values() for gap in _gaps(some)]
    gap = median(gaps) if gaps else None
    tokens = [token for each in [*alone, *together] for token in each.tokens if token.top]
    below = [token.top[0][1] - token.logprob for token in tokens if token.logprob is not None]
    greedy = sum(each <= _GREEDY_GAP for each in below) >= 0.98 * len(below) if below else None
    found = Determinism(
        alone=_share(alone, usual),
        together=_share(together, usual),
        answers=len(alone) + len(together),
        gap=gap,
        near_ties=gap is not None and gap <= _NEAR_TIE,
        greedy=greedy,
    )
    return found, [*alone, *together]


def _share(completions: Sequence[Completion], usual: Mapping[str, str]) -> float | None:
    if not completions:
        return None
    other = sum(each.text != usual[each.key.item.split("#")[0]] for each in completions)
    return other / len(completions)


def _gaps(completions: Sequence[Completion]) -> list[float]:
    """Return for each answer that differs from the first one how far the two tokens' logprobs lie apart where they diverge."""
    first, *others = completions
    found = []
    for other in others:
        if other.text == first.text:
            continue
        for a, b in zip(first.tokens, other.tokens, strict=False):
            if a.text == b.text:
                continue
            listed = dict(a.top)
            if a.logprob is not None and b.text in listed:
                found.append(abs(a.logprob - listed[b.text]))
            break
    return found


async def seed_found(asker: Asker, temperature: float) -> Seed:
    """Ask twice with one seed, and once with another.

    Args:
        asker: The model.
        temperature: At which; 1 where it is taken.

    Raises:
        ModelError: The model cannot be reached any more.
    """
    sampling = asker.params(SHORT)
    items = OPEN[:_PAIRS]
    questions = [
        asker.question(item, temperature, sampling, seed=seed)
        for item in items
        for seed in (_SEED, _SEED, _SEED + 1)
    ]
    outcomes = await asker.ask(questions)
    if any(map(refusal, outcomes)):
        return Seed(status="unknown")
    done = answered(outcomes)
    if not any(_SEED in each.params.values() for each in done):
        return Seed(status="not_sent")
    groups = [done[i : i + 3] for i in range(0, len(done), 3)]
    same = sum(a.text == b.text for a, b, _ in groups)
    other = sum(a.text == c.text for a, _, c in groups)
    if other > len(groups) // 2:
        return Seed(status="unknown", same=same, other=other, of=len(groups))
    if same == len(groups):
        return Seed(status="honoured", same=same, other=other, of=len(groups))
    partly = same - other >= len(groups) // 2
    return Seed(status="partly" if partly else "ignored", same=same, other=other, of=len(groups))
