"""Probe a model: its parts one after the other, each within what may still be asked."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from tempkit.probing.answering import answering
from tempkit.probing.asking import RESERVE, Asker
from tempkit.probing.by_texts import HALF
from tempkit.probing.determinism import answered, determinism, seed_found
from tempkit.probing.drawn import Drawn
from tempkit.probing.kinds import kind_of
from tempkit.probing.long_prompts import prompt_length
from tempkit.probing.opening import BEYOND, GRID, SHORT, Opening, open_model, scout
from tempkit.probing.parameters import choices_found, greedy_parameters, penalties
from tempkit.probing.questions import LONG, OPEN
from tempkit.probing.result import (
    Answering,
    Determinism,
    Logprobs,
    ProbeResult,
    Seed,
    Temperature,
    Thinking,
)
from tempkit.probing.rows import most_listed
from tempkit.probing.temperature import temperature_found
from tempkit.types import Completion, ModelSpec

__all__ = ["REQUESTS", "TOKENS", "probe_model"]

OnPart = Callable[[str], None]
"""Called with what is asked next, for a person who waits."""

REPLICATES = 2
"""Answers to each prompt at each temperature, where logprobs show what was drawn from."""
TEXT_REPLICATES = 8
"""Likewise without them, at the ends of the grid and at 1."""
_SEED_AND_N = 20
"""Requests that the parts on the seed and on `n` take."""
MORE_TEXT = 6
"""And as many again where these do not tell whether temperatures above 1 do anything."""
_HARDLY = 1e-6
"""A probability of chance that needs no second look."""
LOCAL_LOGPROBS = 400
"""Alternatives that cost nothing on this machine; they hold more of what a high temperature draws."""
REQUESTS = 200
"""About the most that the part on temperature takes, which `run` and `choose` ask by themselves."""
TOKENS = 15_000
"""Likewise of its tokens, prompts included."""


async def probe_model(
    model: ModelSpec, *, concurrency: int = 8, only_temperature: bool = False, on_part: OnPart | None = None
) -> ProbeResult:
    """Find out what a model does with temperature, logprobs, seeds and sampling parameters, in at most 400 requests.

    Args:
        model: The model; what is known of it does not count.
        concurrency: Requests at once.
        only_temperature: Ask no more than that takes.
        on_part: Is called with what is asked next.

    Raises:
        ModelError: The model cannot be reached, or answers nothing.
        UsageError: An option of it is wrong.
    """
    tell = on_part or (lambda _part: None)
    began = time.monotonic()
    asker = Asker(model, concurrency=concurrency)
    if asker.local:
        asker.logprobs = LOCAL_LOGPROBS
    try:
        tell("reaching the model")
        await asker.prepare()
        result = await _probe(asker, tell, only_temperature=only_temperature)
    finally:
        await asker.close()
    return replace(
        result,
        model=model.id,
        requests=asker.requests,
        input_tokens=asker.input_tokens,
        output_tokens=asker.output_tokens,
        seconds=round(time.monotonic() - began, 1),
        date=date.today().isoformat(),
    )


async def _probe(asker: Asker, tell: OnPart, *, only_temperature: bool) -> ProbeResult:
    tell("which temperatures it takes")
    opening = await open_model(asker)
    scouted = await scout(asker, opening)
    drawn = Drawn(scouted=scouted, asked=asker.logprobs)
    steady: Determinism | None = None
    if 0.0 in scouted.answers:
        tell("whether temperature 0 repeats itself")
        steady, drawn.answers[0.0] = await determinism(asker)
    tell("what the temperature does")
    found = await _temperature(asker, drawn)
    result = ProbeResult(
        model=asker.model.id,
        temperature=found,
        logprobs=_logprobs(asker, opening, drawn),
        determinism=steady,
        thinking=_thinking(asker, drawn.everything),
    )
    at = 1.0 if 1.0 in scouted.answers else max(scouted.answers, default=None)
    if only_temperature or at is None:
        return result
    return await _rest(asker, opening, drawn, at, tell, result)


async def _rest(
    asker: Asker, opening: Opening, drawn: Drawn, at: float, tell: OnPart, result: ProbeResult
) -> ProbeResult:
    """Ask what is not about the temperature, as far as requests are left."""
    tell("what a seed does")
    words = opening.left_out.get("seed")
    seed = Seed(status="refused", says=words) if words is not None else await seed_found(asker, at)
    n = await choices_found(asker, at)
    tell("what other sampling parameters do")
    high = max((t for t in drawn.answers if t in GRID), default=at)
    parameters = await greedy_parameters(asker, opening, high, drawn.answers.get(high, []))
    parameters |= await penalties(asker, at, seeded=seed.status == "honoured")
    length = None
    if not asker.local and asker.left >= len(LONG) + RESERVE:
        tell("long prompts")
        length = await prompt_length(asker, at)
    names = {each.response_model for each in drawn.everything if each.response_model}
    answers = Answering(status="changed" if len(names) > 1 else "unknown", models=tuple(sorted(names)))
    first = drawn.answers.get(0.0) or drawn.answers.get(min(drawn.answers, default=0.0), [])
    if first and asker.left >= len(OPEN):
        tell("whether it is still the same model")
        answers = await answering(asker, first, drawn.everything)
    return replace(
        result,
        seed=seed,
        n=n,
        parameters=parameters,
        prompt=length,
        answering=answers,
        thinking=_thinking(asker, drawn.everything),
    )


async def _temperature(asker: Asker, drawn: Drawn) -> Temperature:
    """Draw at every temperature that is taken, until what it does is told."""
    at = drawn.scouted.drawn_at
    if len(at) < 2:
        return temperature_found(drawn)
    if most_listed(drawn.everything):
        await _draw(asker, drawn, at, REPLICATES)
        drawn.kind = kind_of(drawn.answers, most_listed(drawn.everything))
    if drawn.kind.kind in ("raw", "tempered"):
        # Far above the grid next to nothing of an honest model's draws is among the listed tokens.
        await _draw(asker, drawn, [t for t in BEYOND if t in drawn.scouted.answers][-1:], 1)
        found = temperature_found(drawn)
        if drawn.kind.kind == "raw" and _too_coarse(found):
            await _draw(asker, drawn, at, REPLICATES)
            found = temperature_found(drawn)
        elif found.p_value is not None and found.p_value > _HARDLY and found.status != "honoured":
            # What is really so shows more clearly in twice as much; what was chance does not.
            await _draw(asker, drawn, at, REPLICATES)
            found = temperature_found(drawn)
        return found
    ends = [t for t in at if t in (1.0, max(at)) or (t == min(at) and 0.0 not in drawn.answers)]
    await _draw(asker, drawn, ends, TEXT_REPLICATES)
    found = temperature_found(drawn)
    if found.status == "unknown" and max(at) > 1:
        far = [t for t in BEYOND if t in drawn.scouted.answers][-1:]
        if far:  # an honest model's answers hardly agree there at all, which is seen more easily than that they agree less at 2
            await _draw(asker, drawn, far, TEXT_REPLICATES)
            return temperature_found(drawn)
        await _draw(asker, drawn, [HALF], TEXT_REPLICATES)
        room = (asker.left - RESERVE - _SEED_AND_N) // (len(OPEN) * len(ends))
        await _draw(asker, drawn, ends, min(MORE_TEXT, room))
        found = temperature_found(drawn)
    return found


def _too_coarse(found: Temperature) -> bool:
    """Return whether so little was open to choice that more answers are worth their price."""
    coarse = [e.detectable for e in found.effects if e.temperature >= 1]
    return any(each is None or each > 0.4 for each in coarse)


async def _draw(asker: Asker, drawn: Drawn, at: Sequence[float], replicates: int) -> None:
    sampling = asker.params(SHORT)
    questions = [asker.question(item, t, sampling) for t in at for item in OPEN for _ in range(replicates)]
    done = answered(await asker.ask(questions))
    for each in done:
        drawn.answers.setdefault(each.key.temperature, []).append(each)


def _logprobs(asker: Asker, opening: Opening, drawn: Drawn) -> Logprobs:
    anew, completions = asker.anew, drawn.everything
    most = most_listed(completions)
    says = opening.left_out.get("logprobs", "")
    kind = drawn.kind.kind if most else "none"
    if most and len(drawn.scouted.drawn_at) < 2:
        kind = "unknown"
    return Logprobs(
        kind=kind,
        most=most,
        asked=drawn.asked,
        limited=bool(most) and (most < drawn.asked or drawn.asked < 20),
        truncated=drawn.kind.cut,
        unsorted=anew.unsorted > 0,
        markers=anew.markers > 0,
        unmatched=sum(each.unmatched for each in completions),
        noise=drawn.kind.spread if drawn.kind.slopes else None,
        says=says,
    )


def _thinking(asker: Asker, completions: Sequence[Completion]) -> Thinking:
    tokens = max((each.thinking_tokens or 0 for each in completions), default=0)
    if asker.anew.thoughts_in_text:
        return Thinking(status="in_text", tokens=tokens)
    if asker.anew.thoughts_in_logprobs:
        return Thinking(status="in_logprobs", tokens=tokens)
    thought = tokens or any(each.thinking for each in completions)
    return Thinking(status="apart" if thought else "none", tokens=tokens)
