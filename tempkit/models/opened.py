"""A model that is loaded once and asked by other code, outside any run: what scoring and embedding have in common."""

import asyncio
from types import TracebackType
from typing import Self

from tempkit.backends import Backend
from tempkit.types import ModelInfo, ModelSpec

__all__ = ["OpenedModel"]


class OpenedModel:
    """A backend with one model, between entering and leaving."""

    def __init__(self, spec: ModelSpec, backend: Backend) -> None:
        self._spec, self._backend = spec, backend
        self._runner = asyncio.Runner()
        self._digest = ""

    @property
    def name(self) -> str:
        """The model, with the first digits of its file's digest: a file may change under its name."""
        return f"{self._spec.id}{self._digest}"

    def is_of(self, found: ModelInfo) -> bool:
        """Whether the file that was loaded is the one that was found then, which had a digest."""
        return self._digest == _short(found.digest)

    def __enter__(self) -> Self:
        """Reach or load the model.

        Raises:
            ModelError: It cannot be used.
        """
        try:
            info = self._runner.run(self._backend.prepare(self._spec))
        except BaseException:
            self._close()
            raise
        self._digest = _short(info.digest)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        try:
            self._runner.run(self._backend.close())
        finally:
            self._runner.close()


def _short(digest: str | None) -> str:
    return f"@{digest.rpartition(':')[2][:12]}" if digest else ""
