"""Where samples are drawn when that is not this process."""

from dataclasses import dataclass

__all__ = ["Workers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """Processes of a Ray cluster that hold loaded models. None: not said."""

    address: str | None = None
    """Of a cluster that runs, or `auto`; None: what RAY_ADDRESS says, else a cluster of this machine alone, for this call."""
    actors: int | None = None
    """How many processes; None: as many as the cluster has room for."""
    num_cpus: float | None = None
    """Processors of each, and threads of its engine; None: 4, or as many as its machine has."""
    num_gpus: float | None = None
    """GPUs of each; None: 1 where a model computes on one, else 0."""

    def __str__(self) -> str:
        """Return what each process takes, as a cluster's user knows it."""
        gpus = f", num_gpus={self.num_gpus:g}" if self.num_gpus else ""
        return f"num_cpus={self.num_cpus or 1:g}{gpus}"
