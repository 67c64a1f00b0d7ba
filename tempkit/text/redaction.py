"""Keys never leave in a text: whatever was looked up as one is known here, and taken out before the text is cut or shown.

`tempkit.errors.one_line`, through which every excerpt and every message goes, does so first of all, because what is cut first may
leave the beginning of a key behind. A server repeats keys in other writings too, so those of addresses, of JSON and of Basic
authentication are known as well.
"""

import sys
from collections.abc import Iterator
from types import TracebackType

__all__ = ["REDACTED", "any_secret", "holds_secret", "keep_secret", "secret_spans", "without_secrets"]

REDACTED = "[key]"

_SHORTEST = 5
"""Characters of what is taken for a secret at all."""
_LEAST = 8
"""Characters of a secret's beginning that are taken out too, wherever they stand."""
_LEAST_AT_END = 4
"""The same at a text's end, where it was cut."""
_LONG = 20

_writings: dict[str, tuple[str, ...]] = {}
"""By secret: how it may be written, the longest first."""
_firm: tuple[str, ...] = ()
"""The writings of secrets that no ordinary text holds by chance."""


def keep_secret(secret: str) -> None:
    """Take a secret out of every text from now on; what is too short to be one is not."""
    global _firm
    if len(secret) < _SHORTEST or secret in _writings:
        return
    if not _writings:
        _watch_stderr()
    firm = _is_firm(secret)
    found = tuple(sorted(set(_written(secret)), key=len, reverse=True)) if firm else (secret,)
    _writings[secret] = found
    if firm:
        _firm = (*_firm, *found)


def any_secret() -> bool:
    """Whether there is anything to take out of a text."""
    return bool(_writings)


def holds_secret(text: str) -> bool:
    """Whether a text holds a whole secret that it cannot hold by chance, as `EMPTY` or `password` might be."""
    return any(written in text for written in _firm)


def secret_spans(text: str) -> list[tuple[int, int]]:
    """Return where such secrets stand in a text, from and to, in order and apart."""
    found: list[tuple[int, int]] = []
    for written in _firm:
        at = text.find(written)
        while at >= 0:
            found.append((at, at + len(written)))
            at = text.find(written, at + 1)
    apart: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def without_secrets(text: str) -> str:
    """Return a text with every secret replaced, and what may be only the beginning of one."""
    # All are looked for before any is replaced: keys of one provider begin alike, and what is left of one would be known no more.
    found: list[tuple[int, int]] = []
    for secret, writings in _writings.items():
        firm = _is_firm(secret)
        for written in writings:
            found += _beginnings(text, written) if firm else _wholes(text, written)
    if not found:
        return text
    parts, done = list[str](), 0
    for start, end in sorted(found):
        if start >= done:
            parts += [text[done:start], REDACTED]
        done = max(done, end)
    return "".join([*parts, text[done:]])


def _is_firm(secret: str) -> bool:
    return len(secret) >= _LONG or (len(secret) >= _LEAST and any(c.isdigit() for c in secret))


def _written(secret: str) -> Iterator[str]:
    import json
    from base64 import b64encode, urlsafe_b64encode
    from urllib.parse import quote, quote_plus

    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield secret.replace("/", r"\/")
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):  # where it may begin within three bytes of what is encoded, as after `user:`
            encoded = encode(b"-" * before + secret.encode()).decode()
            first, end = -(-before * 8 // 6), (before + len(secret.encode())) * 8 // 6
            yield encoded[first:end]


def _wholes(text: str, written: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where a writing stands in a text."""
    at = text.find(written)
    while at >= 0:
        yield at, at + len(written)
        at = text.find(written, at + len(written))


def _beginnings(text: str, written: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where a writing stands in a text, in whatever case, and what is only its beginning."""
    folded, sought = text.lower(), written.lower()
    if len(folded) != len(text):  # letters that are two in lower case
        folded, sought = text, written
    head, done, at = sought[:_LEAST], 0, folded.find(sought[:_LEAST])
    while at >= 0:
        end = at + len(head)
        while end < len(folded) and end - at < len(sought) and folded[end] == sought[end - at]:
            end += 1
        yield at, end
        done, at = end, folded.find(head, end)
    bare = text[done:].rstrip("…. '\"")
    for length in range(min(len(head) - 1, len(bare)), _LEAST_AT_END - 1, -1):
        if bare.lower().endswith(head[:length]):
            yield done + len(bare) - length, done + len(bare)
            break


def _watch_stderr() -> None:
    """Take secrets out of what Python itself prints too: tracebacks, and libraries' complaints that nobody asked for."""
    import logging

    class Formatter(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return without_secrets(super().format(record))

    if logging.lastResort is not None:
        logging.lastResort.setFormatter(Formatter())
    sys.excepthook = _print_traceback


def _print_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    import traceback

    if sys.stderr is not None:
        sys.stderr.write(without_secrets("".join(traceback.format_exception(kind, error, trace))))
