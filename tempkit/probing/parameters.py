"""What becomes of sampling parameters beside the temperature: each is set so that its effect could not be missed.

`top_p` next to 0, `top_k` of 1 and `min_p` next to 1 leave one token, so a high temperature must answer as temperature 0 does. A
negative penalty repeats what was written, a positive one avoids it.
"""

from collections.abc import Mapping, Sequence

from tempkit.backends import AskedAnew
from tempkit.errors import UsageError, one_line
from tempkit.probing.agreement import agreement_within
from tempkit.probing.asking import RESERVE, Asker, refusal
from tempkit.probing.determinism import LONG_ANSWER, answered, by_prompt
from tempkit.probing.opening import SHORT, Opening
from tempkit.probing.questions import OPEN, REPEATING
from tempkit.probing.result import Parameter
from tempkit.types import Completion, Outcome, SamplingParams

__all__ = ["choices_found", "greedy_parameters", "penalties"]

_GREEDY: Mapping[str, float] = {"top_p": 0.0001, "top_k": 1, "min_p": 0.99}
_PENALTIES = ("frequency_penalty", "presence_penalty")
_STRONG = 2.0
_CLEARLY_MORE, _HARDLY_MORE = 0.3, 0.05
"""How much larger the share of repeated words is with a negative penalty than with a positive one: to have worked, and to have done nothing."""
_ENOUGH = 0.15
"""Share of repeated words without which nothing could become less."""
_SEED = 4711
_ITEMS = 6
_TAKEN_WAY, _DROPPED_WAY = 0.7, 0.3
"""How much of the way from plain answers to greedy ones it must come to have worked, or may come if it did nothing."""
_OPEN_ENOUGH = 0.6
"""Where so many are anyway, a cut to one token would not be noticed."""


async def greedy_parameters(
    asker: Asker, opening: Opening, temperature: float, plain: Sequence[Completion]
) -> dict[str, Parameter]:
    """Try the parameters that truncate.

    Args:
        asker: The model.
        opening: What was refused at once is not tried again.
        temperature: The highest of the grid that it takes.
        plain: Its answers there without them.

    Raises:
        ModelError: The model cannot be reached any more.
    """
    found = {}
    words = opening.left_out.get("extended")
    for name, value in _GREEDY.items():
        if words is not None and name in ("top_k", "min_p"):
            found[name] = Parameter(status="refused", says=f"{words}; ,extended_sampling=false sends none")
            continue
        if asker.left < 2 * _ITEMS + RESERVE:
            found[name] = Parameter(status="unknown")
            continue
        sampling = asker.params(SHORT, **{name: value})
        questions = [asker.question(item, temperature, sampling) for item in OPEN[:_ITEMS] for _ in range(2)]
        outcomes = await asker.ask(questions)
        found[name] = _judged(value, outcomes, plain)
    return found


def _judged(value: float, outcomes: Sequence[Outcome], plain: Sequence[Completion]) -> Parameter:
    if (words := _refusal(outcomes)) is not None:
        return Parameter(status="refused", says=words)
    done = answered(outcomes)
    if not any(_sent(each, value) for each in done):
        return Parameter(status="not_sent")
    with_it, without = _greedy_share(done), _greedy_share(plain)
    if with_it is None or without is None:
        with_it, without = (
            agreement_within({key: [each.text for each in some] for key, some in by_prompt(of).items()}).value
            for of in (done, plain)
        )
    if without > _OPEN_ENOUGH:
        return Parameter(status="unknown")
    way = (with_it - without) / (1 - without)
    return Parameter(status="taken" if way >= _TAKEN_WAY else "dropped" if way <= _DROPPED_WAY else "unknown")


def _sent(completion: Completion, value: float) -> bool:
    return any(isinstance(sent, int | float) and sent == value for sent in completion.params.values())


def _greedy_share(completions: Sequence[Completion]) -> float | None:
    """Return the share of tokens that were the most probable ones; None where that cannot be seen."""
    tokens = [token for each in completions for token in each.tokens if token.top]
    if not tokens:
        return None
    best = sum(token.logprob is not None and token.logprob >= token.top[0][1] - 0.05 for token in tokens)
    return best / len(tokens)


def _refusal(outcomes: Sequence[Outcome]) -> str | None:
    """Return the provider's words where it will not have the requests."""
    failures = [failure for each in outcomes if (failure := refusal(each)) is not None]
    if not failures or len(failures) < len(outcomes) / 2:
        return None
    return one_line(failures[0].message)


async def penalties(asker: Asker, temperature: float, *, seeded: bool) -> dict[str, Parameter]:
    """Try the penalties on answers that repeat words: they must change them, or how much they repeat.

    Args:
        asker: The model.
        temperature: At which.
        seeded: Whether a seed gives the same answer again, so that any difference is the penalty's.

    Raises:
        ModelError: The model cannot be reached any more.
    """
    items = (*REPEATING, *OPEN[:4])
    if asker.left < 5 * len(items) + RESERVE:
        return dict.fromkeys(_PENALTIES, Parameter(status="unknown"))

    async def ask(**given: float) -> list[Outcome]:
        sampling = asker.params(LONG_ANSWER, **given)
        return await asker.ask([asker.question(item, temperature, sampling, seed=_SEED) for item in items])

    plain = answered(await ask())
    found = {}
    for name in _PENALTIES:
        tried: dict[float, list[Completion]] = {}
        for value in (_STRONG, -_STRONG):
            outcomes = await ask(**{name: value})
            if (words := _refusal(outcomes)) is not None:
                found[name] = Parameter(status="refused", says=words)
                break
            tried[value] = answered(outcomes)
        else:
            sent = any(_sent(each, value) for value, some in tried.items() for each in some)
            found[name] = _penalty(tried, plain, seeded=seeded) if sent else Parameter(status="not_sent")
    return found


def _penalty(
    tried: Mapping[float, Sequence[Completion]], plain: Sequence[Completion], *, seeded: bool
) -> Parameter:
    if seeded:
        texts = {prompt: some[0].text for prompt, some in by_prompt(plain).items()}
        pairs = [
            (each.text, texts.get(each.key.item.split("#")[0])) for some in tried.values() for each in some
        ]
        changed = sum(text != without for text, without in pairs) / max(1, len(pairs))
        return Parameter(status="dropped" if changed <= 0.1 else "taken" if changed >= 0.5 else "unknown")
    more = _repeated(tried[-_STRONG]) - _repeated(tried[_STRONG])
    if more >= _CLEARLY_MORE:
        return Parameter(status="taken")
    enough = _repeated(plain) >= _ENOUGH
    return Parameter(status="dropped" if enough and abs(more) <= _HARDLY_MORE else "unknown")


def _repeated(completions: Sequence[Completion]) -> float:
    """Return the mean share of an answer's words that it had before."""
    shares = []
    for each in completions:
        words = [token.text for token in each.tokens] or each.text.split()
        if len(words) > 3:
            shares.append(1 - len(set(words)) / len(words))
    return sum(shares) / len(shares) if shares else 0.0


async def choices_found(asker: Asker, temperature: float) -> Parameter:
    """Ask for two answers in one request.

    Raises:
        ModelError: The model cannot be reached any more.
    """
    before, logprobs = asker.model, asker.anew
    asker.anew = AskedAnew(choices=2, most_logprobs=logprobs.most_logprobs)
    try:
        await asker.change(seeds=False)
        sampling = SamplingParams(max_tokens=max(SHORT, asker.longest), logprobs=0)
        outcomes = await asker.ask([asker.question(OPEN[0], temperature, sampling) for _ in range(2)])
    except UsageError:
        return Parameter(status="not_sent")
    finally:
        asker.model, asker.anew = before, logprobs
    if (words := _refusal(outcomes)) is not None:
        return Parameter(status="refused", says=words)
    done = answered(outcomes)
    asked_for_two = [any(value == 2 for key, value in each.params.items() if _counts(key)) for each in done]
    if not any(asked_for_two):
        return Parameter(status="not_sent")
    return Parameter(status="taken" if all(asked_for_two) else "dropped")


def _counts(name: str) -> bool:
    return name in ("n", "candidateCount", "candidate_count")
