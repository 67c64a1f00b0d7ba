"""Whether long prompts are cut without a word: the tokens that the server counts must grow as the prompt does."""

from tempkit.errors import one_line
from tempkit.probing.asking import Asker, refusal
from tempkit.probing.questions import LONG, long_prompt
from tempkit.probing.result import PromptLength
from tempkit.types import Completion

__all__ = ["prompt_length"]

_KEPT = 0.8
"""The least share of the tokens that are to be expected, for none to be missing."""


async def prompt_length(asker: Asker, temperature: float) -> PromptLength:
    """Ask prompts of growing length and compare how many tokens the server says that they had.

    Raises:
        ModelError: The model cannot be reached any more.
    """
    outcomes = await asker.ask(
        [asker.question(long_prompt(words), temperature, asker.params(SHORTEST)) for words in LONG]
    )
    counted: dict[int, int] = {}
    for words, outcome in zip(LONG, outcomes, strict=True):
        if (failure := refusal(outcome)) is not None:
            return PromptLength(status="refused", words=words, says=one_line(failure.message))
        if not isinstance(outcome, Completion) or outcome.input_tokens is None:
            return PromptLength(status="unknown", words=LONG[-1])
        counted[words] = outcome.input_tokens
    short, middle, long = (counted[words] for words in LONG)
    if middle <= short:
        return PromptLength(
            status="unknown" if middle == short == long else "cut", words=LONG[-1], counted=long
        )
    per_word = (middle - short) / (LONG[1] - LONG[0])
    expected = middle + per_word * (LONG[2] - LONG[1])
    status = PromptLength(status="complete", words=LONG[-1], counted=long)
    return status if long >= _KEPT * expected else PromptLength(status="cut", words=LONG[-1], counted=long)


SHORTEST = 1
