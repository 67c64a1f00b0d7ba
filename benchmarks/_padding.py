"""Write a GGUF file again with a larger vocabulary: the smallest reader and writer that does it."""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_FIXED = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of each kind of value that has a fixed size."""

_I32, _F32, _STRING = 5, 6, 8

_NORMAL = 1
"""A token's type: plain text."""

_WIDE = ("token_embd.weight", "output.weight")
"""Tensors with a row per token; the second is missing where the first serves both ways."""


@dataclass
class _Tensor:
    name: bytes
    shape: tuple[int, ...]
    kind: int
    offset: int
    size: int = 0
    """Bytes up to the next tensor."""


def pad_vocabulary(source: Path, target: Path, n_vocab: int) -> int:
    """Write `source` to `target` with `n_vocab` tokens; return how many it had.

    The rows added are those of the rarer half of the vocabulary (its later merges), over and over, as they are quantised:
    logits stay realistic, the most probable tokens mostly have no twin, and the tokens that end a text have none.
    """
    with source.open("rb") as old, target.open("wb") as new:
        magic, version, n_tensors, n_pairs = struct.unpack("<4sIQQ", old.read(24))
        if magic != b"GGUF" or version not in (2, 3):
            raise SystemExit(f"{source.name} is no GGUF file of version 2 or 3")
        pairs = [_pair(old) for _ in range(n_pairs)]
        tensors = [_tensor(old) for _ in range(n_tensors)]
        align = next((struct.unpack("<I", v)[0] for k, _, v in pairs if k == b"general.alignment"), 32)
        begin = -(-old.tell() // align) * align
        in_order = sorted(tensors, key=lambda t: t.offset)
        ends = [t.offset for t in in_order[1:]] + [source.stat().st_size - begin]
        for tensor, end in zip(in_order, ends, strict=True):
            tensor.size = end - tensor.offset
        had = next(t.shape[1] for t in tensors if t.name == b"token_embd.weight")

        new.write(struct.pack("<4sIQQ", magic, version, n_tensors, n_pairs))
        for key, kind, value in pairs:
            new.write(_string(key) + struct.pack("<I", kind) + _more(key, value, had, n_vocab))
        offsets = itertools.accumulate(
            (-(-_padded_size(t, had, n_vocab) // align) * align for t in in_order), initial=0
        )
        for tensor, offset in zip(in_order, offsets, strict=False):
            shape = (tensor.shape[0], n_vocab) if _is_wide(tensor) else tensor.shape
            new.write(_string(tensor.name) + struct.pack("<I", len(shape)))
            new.write(struct.pack(f"<{len(shape)}QIQ", *shape, tensor.kind, offset))
        for tensor in in_order:
            new.write(bytes(-new.tell() % align))
            old.seek(begin + tensor.offset)
            for chunk in _data(old, tensor, had, n_vocab):
                new.write(chunk)
    return had


def _is_wide(tensor: _Tensor) -> bool:
    return tensor.name.decode() in _WIDE


def _row(tensor: _Tensor, had: int) -> int:
    """A row's bytes, whatever the quantisation: what lies between two tensors is less than a row more than the rows."""
    return tensor.size // had


def _padded_size(tensor: _Tensor, had: int, n_vocab: int) -> int:
    return _row(tensor, had) * n_vocab if _is_wide(tensor) else tensor.size


def _data(old: BinaryIO, tensor: _Tensor, had: int, n_vocab: int) -> Iterator[bytes]:
    if not _is_wide(tensor):
        yield old.read(tensor.size)
        return
    row = _row(tensor, had)
    rows = old.read(row * had)
    yield rows
    missing = (n_vocab - had) * row
    rarer = rows[had // 2 * row :]
    while missing > 0:
        yield rarer[:missing]
        missing -= len(rarer)


def _more(key: bytes, value: bytes, had: int, n_vocab: int) -> bytes:
    """Return a value with entries for the new tokens, where it has one per token."""
    extra = n_vocab - had
    if key.endswith(b".vocab_size"):
        return struct.pack("<I", n_vocab)
    added = {
        b"tokenizer.ggml.tokens": (_STRING, lambda: b"".join(_string(b"<pad%d>" % i) for i in range(extra))),
        b"tokenizer.ggml.token_type": (_I32, lambda: struct.pack("<i", _NORMAL) * extra),
        b"tokenizer.ggml.scores": (_F32, lambda: struct.pack("<f", 0.0) * extra),
    }
    if key not in added:
        return value
    kind, make = added[key]
    if struct.unpack_from("<IQ", value) != (kind, had):
        raise SystemExit(f"{key.decode()} is not what this writer knows")
    return struct.pack("<IQ", kind, n_vocab) + value[12:] + make()


def _string(data: bytes) -> bytes:
    return struct.pack("<Q", len(data)) + data


def _pair(file: BinaryIO) -> tuple[bytes, int, bytes]:
    """Read a key, its value's kind and the value as it is stored."""
    key = file.read(*struct.unpack("<Q", file.read(8)))
    (kind,) = struct.unpack("<I", file.read(4))
    return key, kind, _value(file, kind)


def _value(file: BinaryIO, kind: int) -> bytes:
    if kind in _FIXED:
        return file.read(_FIXED[kind])
    if kind == _STRING:
        size = file.read(8)
        return size + file.read(*struct.unpack("<Q", size))
    head = file.read(12)
    inner, count = struct.unpack("<IQ", head)
    if inner in _FIXED:
        return head + file.read(_FIXED[inner] * count)
    return head + b"".join(_value(file, inner) for _ in range(count))


def _tensor(file: BinaryIO) -> _Tensor:
    name = file.read(*struct.unpack("<Q", file.read(8)))
    (dimensions,) = struct.unpack("<I", file.read(4))
    *shape, kind, offset = struct.unpack(f"<{dimensions}QIQ", file.read(8 * dimensions + 12))
    return _Tensor(name, tuple(shape), kind, offset)
