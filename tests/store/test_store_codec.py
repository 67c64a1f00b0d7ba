"""Alternatives as older versions stored them, a token's in its own row: they are read, and never written."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.errors import StoreError
from tempkit.store.codec import unpack
from tempkit.store.text import storable, storable_utf8
from tempkit.store.varints import varint

any_text = st.text(alphabet=st.characters(), max_size=200)  # NUL and lone surrogates included
tops = st.lists(st.tuples(any_text, st.floats(width=32, allow_nan=False)), max_size=30).map(tuple)


def packed(top):
    """Pack as those versions did."""
    encoded = [storable_utf8(text) for text, _ in top]
    numbers = struct.pack(f"<{len(top)}f", *[number for _, number in top])
    lengths = b"".join(varint(len(text)) for text in encoded)
    return b"\x01" + varint(len(top)) + numbers + lengths + b"".join(encoded) if top else b""


@given(tops)
def test_unpacking_gives_what_was_packed(top):
    assert unpack(packed(top)) == tuple((storable(text), logprob) for text, logprob in top)


@given(tops, st.data())
def test_a_cut_blob_is_an_error(top, data):
    blob = packed(top)
    if len(blob) > 1:
        cut = data.draw(st.integers(1, len(blob) - 1))
        with pytest.raises(StoreError):
            unpack(blob[:cut])
    if blob:
        with pytest.raises(StoreError, match="damaged"):
            unpack(blob + b"x")


@given(st.binary())
def test_any_bytes_unpack_or_are_an_error(blob):
    with suppress(StoreError):  # and nothing else
        unpack(b"\x01" + blob)


def test_nothing_is_no_alternatives():
    assert unpack(b"") == unpack(None) == ()


def test_the_layout_of_version_1_never_changes():
    blob = bytes.fromhex("01 02 000000bf 000080bf 02 03 2061 e282ac")
    assert packed(((" a", -0.5), ("€", -1.0))) == blob
    assert unpack(blob) == ((" a", -0.5), ("€", -1.0))


def test_long_texts_and_many_alternatives():
    top = tuple((str(n) * n, -float(n)) for n in range(300))
    assert unpack(packed(top)) == top


def test_another_version_is_refused():
    with pytest.raises(StoreError) as caught:
        unpack(b"\x02\x00")
    assert str(caught.value) == (
        "a token's alternatives are in format 2, this tempkit knows 1: the database is damaged, or a newer tempkit "
        "wrote it (pip install -U tempkit)"
    )


def test_damage_is_said_with_what_to_do():
    with pytest.raises(StoreError) as caught:
        unpack(b"\x01\x7f\x00")
    assert (
        str(caught.value)
        == "a token's alternatives are damaged (too short): restore the database from a backup"
    )
