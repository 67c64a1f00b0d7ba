"""Whole numbers in as few bytes as they need, seven bits in each, the lowest first."""

__all__ = ["read_varint", "varint"]


def varint(number: int) -> bytes:
    """Return a number's bytes."""
    out = bytearray()
    while number > 0x7F:
        out.append(0x80 | (number & 0x7F))
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(blob: bytes, at: int) -> tuple[int, int]:
    """Return the number at a place, and the place behind it.

    Raises:
        IndexError: The bytes end before it does.
        ValueError: It has more than 63 bits.
    """
    number = shift = 0
    while True:
        byte = blob[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
        if shift > 63:
            raise ValueError("bad length")
