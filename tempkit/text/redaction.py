"""Keys never leave in a text: whatever was looked up as one is known here, and taken out before the text is cut or shown.

`tempkit.errors.one_line`, through which every excerpt and every message goes, does so first of all, because what is cut first may
leave the beginning of a key behind. A server repeats keys in other writings too, so those of addresses, of JSON and of Basic
authentication are known as well; it breaks them over lines, puts escapes into them and shows their ends, so white space and escapes do not
count, and neither does case.
"""

import re
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
_PART = 12
"""Characters from anywhere in a secret that are taken out too, where they are no plain words."""
_BETWEEN = re.compile(
    r"""(?:[\s\x00-\x1f\x7f"'`\u200b\ufeff]|\\(?:[abfnrtv0"']|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}))+"""
)
"""What may stand between the characters of a secret: it was broken over lines, or quoted as some program's text."""

_writings: dict[str, tuple[str, ...]] = {}
"""By secret: how it may be written, the longest first."""
_firm: tuple[str, ...] = ()
"""The writings of secrets that no ordinary text holds by chance, in lower case, with nothing between their characters."""
_parts: dict[str, frozenset[str]] = {}
"""By such a secret: the parts of its writings, likewise."""


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
        # What is little more than blanks and quotes would stand in any text; it is looked for as it is.
        plain = [each for written in found if len(each := _BETWEEN.sub("", written)) >= _LEAST]
        _firm = (*_firm, *(each.lower() for each in plain))
        _parts[secret] = frozenset(part for each in plain for part in _parts_of(each))


def any_secret() -> bool:
    """Whether there is anything to take out of a text."""
    return bool(_writings)


def holds_secret(text: str) -> bool:
    """Whether a text holds a whole secret that it cannot hold by chance, as `EMPTY` or `password` might be."""
    if not _firm:
        return False
    # Asked of every answer, so without the pattern where a text has nothing that only it finds.
    plain = "".join(text.split())
    if "\\" in plain or not plain.isprintable():
        plain = _BETWEEN.sub("", text)
    else:
        plain = plain.replace('"', "").replace("'", "").replace("`", "")
    plain = plain.lower()
    return any(written in plain for written in _firm)


def secret_spans(text: str) -> list[tuple[int, int]]:
    """Return where such secrets stand in a text, from and to, in order and apart."""
    if not holds_secret(text):
        return []
    plain, places = _plain(text)
    found: list[tuple[int, int]] = []
    for written in _firm:
        at = plain.find(written)
        while at >= 0:
            found.append((places[at], places[at + len(written) - 1] + 1))
            at = plain.find(written, at + 1)
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
    plain, places = _plain(text) if _firm else ("", [])
    for secret, writings in _writings.items():
        if not _is_firm(secret):
            for written in writings:
                found += _wholes(text, written)
            continue
        within = [*_anywhere(plain, _parts.get(secret, frozenset()))]
        for written in writings:
            sought = _BETWEEN.sub("", written).lower()
            if len(sought) >= _LEAST:
                within += _beginnings(plain, sought)
            else:
                found += _wholes(text, written)
            found += _at_the_end(text, written)
        found += ((places[start], places[end - 1] + 1) for start, end in within)
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


def _plain(text: str) -> tuple[str, list[int]]:
    """Return a text in lower case without what may stand between a secret's characters, and where each of its characters stands."""
    kept: list[str] = []
    places: list[int] = []
    done = 0
    for gap in _BETWEEN.finditer(text):
        kept.append(text[done : gap.start()])
        places += range(done, gap.start())
        done = gap.end()
    kept.append(text[done:])
    places += range(done, len(text))
    plain = "".join(kept)
    folded = plain.lower()
    return folded if len(folded) == len(plain) else "".join(_one(c) for c in plain), places


def _one(character: str) -> str:
    """Return a character in lower case, unless it is two there."""
    return low if len(low := character.lower()) == 1 else character


def _parts_of(written: str) -> Iterator[str]:
    """Yield the parts of a writing that no text has by chance: those with a digit, or with letters of both cases."""
    for at in range(len(written) - _PART + 1):
        part = written[at : at + _PART]
        if any(c.isdigit() for c in part) or part not in (part.lower(), part.upper()):
            yield part.lower()


def _anywhere(plain: str, parts: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield from where to where a text has parts of a secret, one behind the other."""
    start = end = 0
    for at in range(len(plain) - _PART + 1):
        if plain[at : at + _PART] in parts:
            if at > end and end:
                yield start, end
            if at > end or not end:
                start = at
            end = at + _PART
    if end:
        yield start, end


def _beginnings(plain: str, sought: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where a writing stands in a text, and what is only its beginning."""
    head = sought[:_LEAST]
    at = plain.find(head)
    while at >= 0:
        end = at + len(head)
        while end < len(plain) and end - at < len(sought) and plain[end] == sought[end - at]:
            end += 1
        yield at, end
        at = plain.find(head, end)


def _at_the_end(text: str, written: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where a text ends with the first characters of a writing: it may have been cut there."""
    bare = text.rstrip("…. '\"")
    for length in range(min(_LEAST - 1, len(written), len(bare)), _LEAST_AT_END - 1, -1):
        if bare[-length:].lower() == written[:length].lower():
            yield len(bare) - length, len(bare)
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
