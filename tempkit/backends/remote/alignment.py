r"""Tokens held against the text they are said to be of, byte by byte, so that no token is ever put to words that it is not of.

Servers list more than the text's tokens, or spell them in their own ways:

- Parts of a character have no text by themselves. Where their bytes are told they are written `\xNN`; else servers leave the text of all but
  the last part empty, or write U+FFFD: then the last part has the character and the others an empty text.
- A token with empty text at the very end, with nothing in `bytes`, is the end of the text, and no token of it, unless the answer was cut at
  its limit (`length`), where there is no such end. Anywhere else it was drawn like all others and is kept.
- Thoughts are tokens before the text; marks of the end (`<|im_end|>`) or what a stop text removed are tokens behind it. Both are left out,
  and thoughts are counted. What stands before a text is only taken for thoughts where a mark, or something else in the answer, says so.
- Blanks that a server took off, or a stop text, may cut a token in two: its text is then the part in the answer, its logprob is the whole one's.

Tokens that do not come to the text in any of these ways are not used at all: an answer without tokens is better than one with another's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from tempkit.backends.remote.logprobs import Token, read_token
from tempkit.text import CHANNEL_MARKS, MARKS, bytes_of, split_thinking, text_of
from tempkit.types import FinishReason, TokenLogprob

__all__ = ["Aligned", "align"]

_SPECIAL = re.compile(rb"<[|/]?[^<>\s]{1,60}>|\[/?[A-Z_]{2,20}\]")
"""How marks look that are no words of an answer."""
_SPELLED = re.compile(r"\\x[89a-f][0-9a-f]|<0x([0-9a-fA-F]{2})>")
"""How some servers spell bytes in a token's text."""
_BLANK = "\u2581"
"""How SentencePiece spells a blank."""
_TRIES = 4
"""How many places in the tokens are looked at where the text may be."""
_REPLACED = "\ufffd"
_LONE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Aligned:
    """An answer's tokens, and what else was among those listed."""

    tokens: tuple[TokenLogprob, ...] = ()
    """They come to the text, or there are none."""
    thinking: str | None = None
    """What the tokens before the text say."""
    thinking_tokens: int | None = None
    """How many these are; None where there are none, or nothing says that they are thoughts."""


_NOTHING = Aligned()
_Cuts = tuple[int, int, int, int]
"""The first of the text's tokens and the one behind the last; bytes of the first that are before the text, of the last behind it."""


def align(tokens: Sequence[Token], text: str, end: FinishReason, *, thought: bool) -> Aligned:
    """Return those of the listed tokens that the text is made of.

    Args:
        tokens: As they were listed, in order.
        text: The answer, with its thoughts where these were not taken out.
        end: Why it ended.
        thought: Whether the answer says that there were thoughts.
    """
    texts = [t.token for t in tokens]
    if "".join(texts) == text and "" not in texts:  # as nearly always
        return Aligned(tuple([read_token(t, t.token) for t in tokens]))
    target = text.encode("utf-8", "surrogatepass")
    for spelling in (_told, _written, _spelled):
        pieces = spelling(tokens)
        if pieces is not None and (cuts := _cuts(pieces, target, end, thought=thought)) is not None:
            return _between(tokens, pieces, cuts, end)
    if (filled := _filled(texts, text)) is not None:
        kept = tokens[: len(filled)]
        return Aligned(tuple([read_token(t, piece) for t, piece in zip(kept, filled, strict=True)]))
    return _NOTHING


def within(tokens: Sequence[TokenLogprob], text: str) -> tuple[TokenLogprob, ...]:
    """Return an answer's tokens with what of the first and the last is not in the answer removed: a mark, or blanks behind it."""
    spelled = text_of(tokens)
    start = spelled.rfind(text)
    behind = len(spelled) - start - len(text)
    if spelled == text or start < 0 or not text:
        return tuple(tokens)
    made = list(tokens)
    if behind < len(made[-1].text):
        made[-1] = replace(made[-1], text=made[-1].text[: len(made[-1].text) - behind])
    if start < len(made[0].text):
        made[0] = replace(made[0], text=made[0].text[start:])
    return tuple(made)


def _told(tokens: Sequence[Token]) -> list[bytes] | None:
    """Return each token's bytes, as they were told; its text's where they were not."""
    if not any(t.bytes for t in tokens):
        return None
    try:
        return [bytes(t.bytes) if t.bytes else _raw(t.token) for t in tokens]
    except ValueError:
        return None


def _written(tokens: Sequence[Token]) -> list[bytes]:
    return [_raw(t.token) for t in tokens]


def _spelled(tokens: Sequence[Token]) -> list[bytes] | None:
    """Return each token's bytes where they are spelled out in its text."""
    if not any(_BLANK in t.token or _SPELLED.search(t.token) for t in tokens):
        return None
    return [_unspelled(t.token) for t in tokens]


def _unspelled(text: str) -> bytes:
    found = _SPELLED.fullmatch(text)
    if found is not None and found[1]:
        return bytes.fromhex(found[1])
    return bytes_of(text.removeprefix("bytes:").replace(_BLANK, " "))


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _cuts(pieces: Sequence[bytes], target: bytes, end: FinishReason, *, thought: bool) -> _Cuts | None:
    """Return where the text lies in the tokens."""
    joined = b"".join(pieces)
    ends = list(accumulate(map(len, pieces)))
    if joined == target or (joined and _decodes_to(joined, target)):
        return 0, len(pieces), 0, 0
    if not target:
        return _without_text(pieces, joined, thought=thought)
    at = len(joined)
    for _ in range(_TRIES):
        at = joined.rfind(target, 0, at + len(target) - 1)
        if at < 0:
            return None
        cuts = _whole_tokens(ends, at, at + len(target))
        if _may_begin(joined, ends, cuts, thought=thought) and _may_end(pieces, cuts, end):
            return cuts
    return None


def _decodes_to(joined: bytes, target: bytes) -> bool:
    """Whether bytes are a text whose last character is incomplete, and was replaced or left out."""
    text = target.decode("utf-8", "surrogatepass")
    return text in (joined.decode("utf-8", "replace"), joined.decode("utf-8", "ignore"))


def _without_text(pieces: Sequence[bytes], joined: bytes, *, thought: bool) -> _Cuts | None:
    """Return cuts that leave nothing: all tokens are before an empty text, where they are thoughts."""
    return (len(pieces), len(pieces), 0, 0) if _are_thoughts(joined, thought=thought) else None


def _whole_tokens(ends: Sequence[int], start: int, stop: int) -> _Cuts:
    first = next(i for i, at in enumerate(ends) if at > start)
    last = next(i for i, at in enumerate(ends) if at >= stop)
    return first, last + 1, start - (ends[first - 1] if first else 0), ends[last] - stop


def _may_begin(joined: bytes, ends: Sequence[int], cuts: _Cuts, *, thought: bool) -> bool:
    first, _, cut, _ = cuts
    start = ends[first - 1] if first else 0
    return not joined[start : start + cut].strip() and _may_be_left_out(joined[:start], thought=thought)


def _may_be_left_out(before: bytes, *, thought: bool) -> bool:
    return not _SPECIAL.sub(b"", before).strip() or _are_thoughts(before, thought=thought)


def _are_thoughts(before: bytes, *, thought: bool) -> bool:
    said = before.decode("utf-8", "replace")
    return bool(said.strip()) and (thought or any(mark in said for mark in (*MARKS, *CHANNEL_MARKS)))


def _may_end(pieces: Sequence[bytes], cuts: _Cuts, end: FinishReason) -> bool:
    first, stop, _, cut = cuts
    removed = pieces[stop - 1][len(pieces[stop - 1]) - cut :] if cut else b""
    behind = b"".join(pieces[stop:])
    if not removed.strip() and not _SPECIAL.sub(b"", behind).strip():
        return True
    # A stop text, or a call: it was drawn, and taken out of the text.
    alone = not b"".join(pieces[:first]).strip()
    return alone and end in ("stop", "tool_calls")


def _between(tokens: Sequence[Token], pieces: Sequence[bytes], cuts: _Cuts, end: FinishReason) -> Aligned:
    """Make tokens of those between the cuts, with the empty ones that belong to them."""
    first, stop, skipped, cut = cuts
    before = b"".join(pieces[:first])
    begin = first
    if not before:
        begin = 0
    elif first < len(pieces) and pieces[first][:1] >= b"\x80":  # its character may have begun in empty ones
        while not pieces[begin - 1]:
            begin -= 1
    while stop < len(pieces) and stop > first and not pieces[stop]:
        stop += 1
    if stop == len(pieces) and stop > first and not pieces[-1] and end != "length":
        stop -= 1  # the end of the text
    made = []
    for i in range(begin, stop):
        piece = pieces[i]
        if i == first and skipped:
            piece = piece[skipped:]
        if cut and i == cuts[1] - 1:
            piece = piece[: len(piece) - cut]
        text = tokens[i].token
        made.append(
            read_token(tokens[i], text if piece == _raw(text) else piece.decode("utf-8", "backslashreplace"))
        )
    if not begin or not _are_thoughts(before, thought=True):
        return Aligned(tuple(made))
    said = before.decode("utf-8", "replace").strip()
    split = split_thinking(f"{said}\n\n")
    count = begin - (stop == begin and not pieces[-1] and end != "length")
    return Aligned(tuple(made), (split.thinking if split else said) or None, count)


def _filled(texts: Sequence[str], text: str) -> list[str] | None:
    """Return the tokens' texts where parts of characters are written U+FFFD: the last part gets the characters.

    Tokens are walked once; from a part to the next token that has a text of its own lie the fewest characters, none of ASCII, that
    the tokens allow.
    """
    plain = [_LONE.sub(_REPLACED, each) for each in texts]
    while plain and not plain[-1]:
        plain.pop()
    filled: list[str] = []
    at = i = 0
    while i < len(plain):
        if _REPLACED not in plain[i]:
            if not text.startswith(plain[i], at):
                return None
            filled.append(plain[i])
            at += len(plain[i])
            i += 1
            continue
        j = i + 1
        while j < len(plain) and (_REPLACED in plain[j] or not plain[j]):
            j += 1
        head, tail = plain[i].partition(_REPLACED)[0], plain[j - 1].rpartition(_REPLACED)[2]
        after = tail + (plain[j] if j < len(plain) else "")
        if not text.startswith(head, at):
            return None
        start = at + len(head)
        stop = _behind_characters(text, start, after, parts=j - i, to_the_end=j == len(plain))
        if stop is None:
            return None
        characters = text[start:stop] + tail
        filled += [head + characters] if j == i + 1 else [head, *[""] * (j - i - 2), characters]
        at, i = stop + len(tail), j
    return filled if at == len(text) and filled else None


def _behind_characters(text: str, start: int, after: str, *, parts: int, to_the_end: bool) -> int | None:
    """Return where the characters end that begin at `start`, have so many bytes or more, and that `after` follows."""
    stop = start
    while stop < len(text) and text[stop] >= "\x80":
        parts -= len(_raw(text[stop]))
        stop += 1
        if parts <= 0 and text.startswith(after, stop) and (not to_the_end or stop + len(after) == len(text)):
            return stop
    return None
