"""What a backend is, and how one is found.

A backend is handed sweeps and yields outcomes, in whatever order suits it; it knows nothing of the store, the plan's
file or the report. Third parties register theirs under the entry point group `tempkit.backends`, exactly as tempkit's
own do.
"""

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast, runtime_checkable

from tempkit.backends.urls import address
from tempkit.errors import BackendError, ModelError, UsageError, nearest, one_line
from tempkit.plugins import additions, plugin_names, registered
from tempkit.types import (
    Batch,
    Capabilities,
    Embeddings,
    FailureKind,
    Message,
    ModelInfo,
    ModelSpec,
    NextTokens,
    Outcome,
    Passage,
    Scored,
    Sweep,
    Vocabulary,
)

__all__ = [
    "Backend",
    "BatchLostError",
    "BatchRefusedError",
    "Batcher",
    "NextTokenTeller",
    "Recaller",
    "Remarker",
    "Reporter",
    "Resident",
    "Scorer",
    "Stoppable",
    "Tell",
    "TextEmbedder",
    "TokenListener",
    "backend_names",
    "check_address",
    "check_options",
    "load_backend",
]

TokenListener = Callable[[str, float, int], None]
"""Called as `listener(model label, temperature, tokens)` while work goes on; for progress only, never for results."""

Tell = Callable[[str], None]
"""Called with a sentence on how something stands, for a person to read."""

GROUP = "tempkit.backends"


class Backend(Protocol):
    """One way to reach models. An instance serves one run and is used from one event loop."""

    local: bool
    """True when it computes on this machine, so that two such backends should not run at the same time."""

    def __init__(self, *, concurrency: int) -> None:
        """`concurrency`: how many requests a remote backend may have under way."""

    def capabilities(self, model: ModelSpec) -> Capabilities:
        """Say what the model can be asked, without asking it.

        Raises:
            UsageError: An option of the model is unknown or wrong.
        """
        ...

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        """Reach or load the model before anything is stored or spent.

        Raises:
            ModelError: It is missing, broken, unreachable, or the key is refused; the message is one line.
        """
        ...

    def run(self, sweeps: Iterable[Sweep], on_tokens: TokenListener) -> AsyncGenerator[Outcome, None]:
        """Yield exactly one outcome per sample of `sweeps`, as each comes. Closing the iterator stops the work.

        The sweeps are made as they are taken: a backend that need not see them all at once takes few at a time.
        """
        ...

    async def close(self) -> None:
        """Free what `prepare` and `run` hold; called once, also after an error."""
        ...


@runtime_checkable
class Stoppable(Protocol):
    """What a backend also is when it can end a run early without losing what is under way."""

    @property
    def under_way(self) -> int:
        """How many samples are being made right now."""
        ...

    def stop(self) -> None:
        """Begin no further sample; those under way still bring their outcomes."""
        ...


@runtime_checkable
class Remarker(Protocol):
    """What a backend also is when something may be to be said at the end of a run of how its servers fared."""

    async def remarks(self) -> Iterable[str]:
        """Return it, a line each that begins with `note: ` or `warning: `."""
        ...


@runtime_checkable
class Recaller(Protocol):
    """What a backend also is when a run that goes on needs something that was found when it began."""

    def recall(self, model: ModelSpec, found: ModelInfo) -> None:
        """Take up, before the model is prepared, what was found when the run began."""
        ...


@runtime_checkable
class Resident(Protocol):
    """What a backend also is when it can live in a worker process, maybe on another machine, that is handed sweeps again and again."""

    def reside(self, processors: int, neighbours: int) -> None:
        """Before a model is prepared: keep it after its work is done.

        Args:
            processors: To use, where its options name no number.
            neighbours: How many such workers share the machine's memory at most, this one included.
        """
        ...


@runtime_checkable
class Reporter(Protocol):
    """What a backend also is when it has something to tell while it works."""

    def report_to(self, status: Tell, note: Tell) -> None:
        """Tell how things stand to `status`, whose last sentence counts, and what a person should know to `note`."""
        ...


@runtime_checkable
class Scorer(Protocol):
    """What a backend also is when it can score given texts."""

    def score(
        self, model: ModelSpec, passages: Sequence[Passage], top_logprobs: int
    ) -> AsyncGenerator[Scored, None]:
        """Score texts under a prepared model, teacher-forced; yield one `Scored` per passage, as each ends.

        Raises:
            ModelError: The model cannot go on.
        """
        ...


@runtime_checkable
class NextTokenTeller(Protocol):
    """What a backend also is when it can give a model's whole distribution of the next token."""

    async def vocabulary(self, model: ModelSpec) -> Vocabulary:
        """Return the tokens of a prepared model.

        Raises:
            ModelError: The model cannot go on.
        """
        ...

    async def next_tokens(
        self, model: ModelSpec, messages: Sequence[Message], paths: Sequence[Sequence[int]]
    ) -> NextTokens:
        """Say what a prepared model gives for the token behind each of one or more beginnings of an answer, as token ids.

        These must be the logits that samples are drawn from.

        Raises:
            ModelError: The conversation does not fit or is refused, or the model cannot go on.
        """
        ...


@runtime_checkable
class TextEmbedder(Protocol):
    """What a backend also is when it can turn texts into vectors."""

    async def embed(self, model: ModelSpec, texts: Sequence[str]) -> Embeddings:
        """Return a vector for each text, in their order; no text is blank.

        Raises:
            ModelError: The model gives none, or cannot go on.
        """
        ...


@runtime_checkable
class Batcher(Protocol):
    """What a backend also is when it can hand its provider many samples at once, to be collected when they are done.

    It can where `Capabilities.batch` says so. A batch is written down by the caller before it is submitted, so that one
    whose submission was cut short can be found again rather than paid for twice.
    """

    def lay_out(self, model: ModelSpec, sweeps: Iterable[Sweep]) -> Iterator[Batch]:
        """Cut work into batches as large as the provider takes; each is made when it is asked for."""
        ...

    async def submit(
        self,
        model: ModelSpec,
        batch: Batch,
        messages: Mapping[str, Sequence[Message]],
        tell: Tell,
        *,
        fresh: bool,
        known: Callable[[], Collection[str]],
    ) -> str:
        """Hand over a batch and return the provider's id of it.

        Args:
            model: A prepared model.
            batch: As `lay_out` made it.
            messages: By item key.
            tell: Told what goes on.
            fresh: It was just made. Else it may have been submitted before, and is looked for first.
            known: Returns the provider's ids of all batches that it cannot be.

        Raises:
            BatchRefusedError: The provider will not have it.
            ModelError: The provider cannot be asked; it may have taken the batch all the same.
        """
        ...

    def collect(self, model: ModelSpec, batch: Batch, tell: Tell) -> AsyncGenerator[Outcome, None]:
        """Wait until a batch has ended, and yield one outcome for every request that it still owes.

        Raises:
            BatchLostError: The provider knows no such batch, or has its results no more.
            ModelError: The provider cannot be asked, as without a valid key.
        """
        ...


class BatchRefusedError(Exception):
    """A batch that the provider will not have, and so takes no money for."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind


class BatchLostError(ModelError):
    """A batch that cannot be collected any more."""


def backend_names() -> list[str]:
    """Return the names of all registered backends, sorted."""
    return plugin_names(GROUP)


def load_backend(name: str) -> type[Backend]:
    """Find a backend by name.

    Raises:
        BackendError: No such backend, or its package cannot be imported.
    """
    found = registered(GROUP).select(name=name)
    if not found:
        if here := next((plugin for plugin in additions(GROUP) if plugin.name == name), None):
            return cast("type[Backend]", here.load())
        known = backend_names()
        raise BackendError(f"unknown backend {name!r}{nearest(name, known)}; known: {', '.join(known)}")
    entry = next(iter(found))
    try:
        backend: type[Backend] = entry.load()
    except ImportError as e:
        raise BackendError(f"backend {name!r} cannot be imported: {e}") from e
    return backend


def check_options(
    model: ModelSpec, known: Mapping[str, type | tuple[type, ...]], options: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """Return a model's options, or those given in their place, after checking names and kinds.

    Raises:
        UsageError: An unknown option, or a value of another kind.
    """
    options = model.options if options is None else options
    for name, value in options.items():
        if name not in known:
            takes = ", ".join(known) or "none"
            raise UsageError(
                f"{model.id}: unknown option {name!r}{nearest(name, list(known))}; known: {takes}"
            )
        kinds = known[name]
        want = kinds if isinstance(kinds, tuple) else (kinds,)
        if not isinstance(value, want) or (isinstance(value, bool) and bool not in want):
            must = " or ".join(_KINDS[kind] for kind in want)
            raise UsageError(f"{model.id}: option {name} must be {must}, not {one_line(repr(value), 60)}")
    return options


_KINDS = {int: "a whole number", str: "text", bool: "true or false", float: "a number", list: "a list"}


def check_address(model: ModelSpec, url: str, source: str) -> str:
    """Return a model's address if it may be used (see `tempkit.backends.urls`)."""
    return address(model.id, url, source)


def missing_model(model: ModelSpec, why: str) -> ModelError:
    """Build the error for a model that cannot be used."""
    return ModelError(f"{model.id}: {why}")
