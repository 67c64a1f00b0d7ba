"""Score given texts under a model: the raw log-probability of every token, nothing drawn."""

import asyncio
from collections.abc import Sequence

from tempkit.backends.base import Scorer, load_backend
from tempkit.errors import UsageError
from tempkit.experiment import parse_model
from tempkit.types import Passage, Scored

__all__ = ["score"]


def score(model: str, passages: Sequence[Passage | str], top_logprobs: int = 20) -> list[Scored]:
    """Return what a model says of each text, in the order given.

    A text's perplexity is exp of minus the mean of its tokens' logprobs, those that are None left out.

    Args:
        model: As on the command line, e.g. `gguf:smollm2` or `gguf:/path/m.gguf,n_threads=4`.
        passages: Texts by themselves, or as answers in a conversation.
        top_logprobs: Alternatives to keep per token.

    Raises:
        UsageError: The model's backend cannot score given texts.
        ModelError: The model cannot be used.
    """
    spec = parse_model(model)
    given = [Passage(text=p) if isinstance(p, str) else p for p in passages]

    async def ask() -> list[Scored]:
        backend = load_backend(spec.backend)(concurrency=1)
        if not isinstance(backend, Scorer):
            raise UsageError(f"{spec.id} cannot score given texts; name a gguf: model")
        try:
            await backend.prepare(spec)
            return [scored async for scored in backend.score(spec, given, top_logprobs)]
        finally:
            await backend.close()

    return sorted(asyncio.run(ask()), key=lambda scored: scored.index)
