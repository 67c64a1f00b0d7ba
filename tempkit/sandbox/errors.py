"""How a task in the helper's process ends without a value."""

__all__ = ["Fault", "OverMemoryError", "OverTimeError"]


class Fault(Exception):  # noqa: N818 - of what somebody else wrote
    """A pattern, schema or template that cannot be used, or fails on its item; the message is for whoever wrote it.

    Args:
        message: What is wrong.
        kind: A word for it, where a task tells several apart.
        line: Of the template, from 1.
    """

    def __init__(self, message: str, kind: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.kind, self.line = kind, line


class OverTimeError(Exception):
    """The item has taken all the time it may; raised between two steps of Python, wherever they are."""

    line: int | None = None
    place: str | None = None


class OverMemoryError(MemoryError):
    """The item has taken all the memory it may, here."""

    def __init__(self, line: int | None = None, place: str | None = None) -> None:
        super().__init__()
        self.line, self.place = line, place
