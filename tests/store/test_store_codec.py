import math
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.errors import StoreError
from tempkit.store.codec import pack, unpack
from tempkit.store.text import storable

any_text = st.text(alphabet=st.characters(), max_size=200)  # NUL and lone surrogates included
tops = st.lists(st.tuples(any_text, st.floats(width=32, allow_nan=False)), max_size=30).map(tuple)


@given(tops)
def test_unpacking_gives_what_was_packed(top):
    assert unpack(pack(top)) == tuple((storable(text), logprob) for text, logprob in top)


@given(tops, st.data())
def test_a_cut_blob_is_an_error(top, data):
    blob = pack(top)
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


def test_nothing_is_no_bytes():
    assert pack(()) == b""
    assert unpack(b"") == unpack(None) == ()


def test_the_layout_of_version_1_never_changes():
    blob = bytes.fromhex("01 02 000000bf 000080bf 02 03 2061 e282ac")
    assert pack(((" a", -0.5), ("€", -1.0))) == blob
    assert unpack(blob) == ((" a", -0.5), ("€", -1.0))


def test_long_texts_and_many_alternatives():
    top = tuple((str(n) * n, -float(n)) for n in range(300))
    assert unpack(pack(top)) == top


def test_logprobs_that_no_float32_holds():
    packed = unpack(pack((("a", -1e300), ("b", 1e300), ("c", -math.inf), ("d", math.nan), ("e", -1.5))))
    assert [number for _, number in packed[:3]] == [-math.inf, math.inf, -math.inf]
    assert math.isnan(packed[3][1])
    assert packed[4] == ("e", -1.5)


def test_logprobs_are_rounded_to_float32():
    assert unpack(pack((("a", -0.1),))) == (("a", struct.unpack("<f", struct.pack("<f", -0.1))[0]),)


def test_hostile_texts_are_replaced_visibly():
    assert unpack(pack((("a\0b\ud800c", -1.0),))) == ((r"a\x00b\ud800c", -1.0),)


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
