"""Where a text that is still growing is cut by one of its stop texts: the same for whoever draws tokens and whoever counts them."""

from collections.abc import Sequence

__all__ = ["held_back", "stop_at"]


def stop_at(data: bytes | bytearray, stops: Sequence[bytes], before: int) -> int | None:
    r"""Return the byte at which the first stop text begins that is complete now; None where none is.

    Args:
        data: The text so far.
        stops: None of them empty.
        before: The length that the text had before it grew, when none was complete.

    Example:
        >>> stop_at(b"yes.\n", [b"\n"], 4), stop_at(b"yes.", [b"\n"], 3)
        (4, None)
    """
    found = (data.find(stop, max(0, before - len(stop) + 1)) for stop in stops)
    return min((at for at in found if at >= 0), default=None)


def held_back(data: bytes | bytearray, stops: Sequence[bytes]) -> int:
    r"""Return how many of the last bytes may have to go yet: the longest end of `data` that a stop text begins with.

    Example:
        >>> held_back(b"yes\n#", [b"\n##"]), held_back(b"yes", [b"\n##"])
        (2, 0)
    """
    longest = min(len(data), max((len(stop) - 1 for stop in stops), default=0))
    return next(
        (n for n in range(longest, 0, -1) if any(stop.startswith(bytes(data[-n:])) for stop in stops)), 0
    )
