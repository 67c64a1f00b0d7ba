"""Score given texts under a model: the raw log-probability of every token, nothing drawn."""

from collections.abc import Sequence

from tempkit.backends import Scorer, load_backend
from tempkit.errors import UsageError
from tempkit.event_loop import outside_event_loop
from tempkit.models.opened import OpenedModel
from tempkit.planning import parse_model
from tempkit.types import Passage, Scored

__all__ = ["ScoringModel", "score"]


class ScoringModel(OpenedModel):
    """A model that is loaded once and scores texts until it is closed: `with ScoringModel("gguf:smollm2") as model`."""

    def __init__(self, model: str, top_logprobs: int = 0) -> None:
        """Name the model as on the command line; it is loaded on entering.

        Args:
            model: E.g. `gguf:smollm2` or `gguf:/path/m.gguf,n_threads=4`.
            top_logprobs: Alternatives to keep per token.

        Raises:
            UsageError: The model's backend cannot score given texts.
        """
        spec, self._top = parse_model(model), top_logprobs
        backend = load_backend(spec.backend)(concurrency=1)
        if not isinstance(backend, Scorer):
            raise UsageError(f"{spec.id} cannot score given texts; name a gguf: model")
        super().__init__(spec, backend)
        self._scorer = backend

    def score(self, passages: Sequence[Passage | str]) -> list[Scored]:
        """Return what the model says of each text, in the order given."""
        given = [Passage(text=p) if isinstance(p, str) else p for p in passages]

        async def ask() -> list[Scored]:
            return [scored async for scored in self._scorer.score(self._spec, given, self._top)]

        return sorted(self._runner.run(ask()), key=lambda scored: scored.index)


@outside_event_loop
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
    with ScoringModel(model, top_logprobs) as loaded:
        return loaded.score(passages)
