"""How a model is meant to be sampled, as those who made it say: looked for, and returned as it is written there."""

from typing import Protocol, runtime_checkable

from tempkit.backends.capabilities import advised
from tempkit.backends.protocol import load_backend
from tempkit.types import Advice, Capabilities, ModelSpec

__all__ = ["TABLE", "Adviser", "advice_for"]

TABLE = "the capability table (capabilities.toml, and your own rows)"


@runtime_checkable
class Adviser(Protocol):
    """What a backend also is when its models carry recommendations themselves."""

    def advice(self, model: ModelSpec) -> tuple[Advice | None, tuple[str, ...]]:
        """Return what a model recommends, and the places that were looked in.

        Raises:
            ModelError: The model cannot be found, or its file not read.
        """
        ...


def advice_for(model: ModelSpec) -> tuple[Advice | None, tuple[str, ...], Capabilities]:
    """Return what is recommended for a model, the places that were looked in, and what the model can be asked.

    Raises:
        BackendError: No such backend.
        ModelError: The model cannot be found, or its file not read.
        UsageError: An option of the model is wrong, or the table cannot be used.
    """
    backend = load_backend(model.backend)(concurrency=1)
    can = backend.capabilities(model)
    looked: tuple[str, ...] = ()
    if isinstance(backend, Adviser):
        found, looked = backend.advice(model)
        if found is not None:
            return found, looked, can
    # A backend that asks the table itself knows under which provider's name.
    return (
        can.recommended or advised(model.backend, model.name, model.options),
        (*looked, TABLE),
        can,
    )
