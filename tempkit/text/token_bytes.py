r"""A token's text and its bytes: bytes that are no UTF-8 by themselves, parts of a character, are written `\xNN`."""

import codecs
import re
from collections.abc import Iterable, Sequence

from tempkit.types import TokenLogprob

__all__ = ["bytes_of", "characters_after", "text_of"]

_BYTE = re.compile(r"\\x([89a-f][0-9a-f])")
"""How a token writes a byte that is no text by itself: never one of ASCII's."""


def bytes_of(text: str) -> bytes:
    """Return the bytes of a token's text."""
    if "\\x" not in text:
        return text.encode("utf-8", "surrogatepass")
    pieces = _BYTE.split(text)
    return b"".join(
        bytes.fromhex(piece) if i % 2 else piece.encode("utf-8", "surrogatepass")
        for i, piece in enumerate(pieces)
    )


def text_of(tokens: Sequence[TokenLogprob]) -> str:
    """Return the text of tokens in a row; bytes that become characters only together are put together."""
    text = "".join(token.text for token in tokens)
    if "\\x" not in text:
        return text
    return b"".join(bytes_of(token.text) for token in tokens).decode("utf-8", "backslashreplace")


def characters_after(tokens: Iterable[TokenLogprob], *, joined: bool) -> tuple[str, list[tuple[int, bool]]]:
    """Return the text of tokens, and after each how many of its characters are written and whether another has begun.

    Args:
        tokens: In a row.
        joined: Whether bytes are put together to characters (those of none become U+FFFD); else texts are taken as they stand.
    """
    if not joined:
        texts = [token.text for token in tokens]
        ends: list[tuple[int, bool]] = []
        count = 0
        for text in texts:
            count += len(text)
            ends.append((count, False))
        return "".join(texts), ends
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    parts: list[str] = []
    ends, count = [], 0
    for token in tokens:
        parts.append(decoder.decode(bytes_of(token.text)))
        count += len(parts[-1])
        ends.append((count, bool(decoder.getstate()[0])))
    parts.append(decoder.decode(b"", final=True))
    return "".join(parts), ends
