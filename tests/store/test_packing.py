"""The alternatives of a completion's tokens, packed: whatever was packed comes back, bit by bit."""

import math
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tempkit.errors import StoreError
from tempkit.store.packing import pack_tops, unpack_tops
from tempkit.store.text import storable
from tempkit.store.varints import varint

SINGLE, OFFSET, SHORTEST, DOUBLE = 1, 2, 3, 4

texts = st.text(alphabet=st.characters(), max_size=20)  # NUL and lone surrogates included
singles = st.floats(width=32)
tops_of = {
    "doubles": st.floats(),
    "singles": singles,
    "printed": singles.map(lambda value: float(str(np.float32(value)))),
    "logprobs": st.floats(-30, 0),
}


def rows(numbers):
    return st.lists(st.lists(st.tuples(texts, numbers), max_size=6).map(tuple), max_size=8)


def bits(tops):
    return [[(storable(text), struct.pack("<d", value)) for text, value in top] for top in tops]


def same(tops):
    packed = pack_tops(tops)
    if packed is None:
        assert not any(tops)
    else:
        assert bits(unpack_tops(packed)) == bits(tops)
    return packed


@pytest.mark.parametrize("kind", tops_of)
@given(data=st.data())
def test_what_was_packed_comes_back(kind, data):
    same(data.draw(rows(tops_of[kind])))


@given(rows(singles), st.lists(st.floats(-5, 0), min_size=8, max_size=8))
def test_what_the_local_engine_gives_comes_back(tops, totals):
    same(
        [
            tuple((text, value - total) for text, value in top)
            for top, total in zip(tops, totals, strict=False)
        ]
    )


def a_row(values):
    return tuple((f" w{i}", value) for i, value in enumerate(values))


def a_completion(way, tokens=100, alternatives=20):
    """Make alternatives as one of four kinds of servers sends them."""
    rng = np.random.default_rng(7)
    logits = -np.sort(-rng.normal(0, 4, (tokens, alternatives)).astype(np.float32), axis=1)
    x = (logits - logits[:, :1]).astype(np.float64)
    exact = x - np.log(np.exp(x).sum(axis=1, keepdims=True) + 0.1)
    given_ = {
        SINGLE: exact.astype(np.float32).astype(np.float64),
        OFFSET: exact,
        SHORTEST: np.array([[float(str(np.float32(value))) for value in row] for row in exact]),
        DOUBLE: exact * (1 + 1e-12),
    }[way]
    return [a_row(row) for row in given_.tolist()]


@pytest.mark.parametrize(("way", "most"), [(SINGLE, 100), (OFFSET, 110), (SHORTEST, 100), (DOUBLE, 180)])
def test_each_kind_of_numbers_is_written_in_few_bytes(way, most):
    packed = same(a_completion(way))
    assert packed[1] == way
    assert len(packed) < most * 100


@pytest.mark.parametrize(
    "values",
    [
        (-0.0, 0.0, -math.inf, math.inf, math.nan),
        (-0.1, -1 / 3, 5e-324, -1e300),
        (-1.1920929e-07, -0.31725305, -9999.0, -0.0, -100.0, -3.4028235e38, -1e-45),
        (-1e-300, -1e-310),
    ],
)
def test_odd_numbers_come_back(values):
    same([a_row(values), (), a_row(reversed(values)), *((value,) for value in ())])


def test_rows_of_different_lengths_come_back():
    same([a_row(-0.5 * i for i in range(n)) for n in (0, 3, 0, 1, 20, 2, 0)])
    same([a_row([-0.5])])
    same([(("", -1.0),)])


def test_what_is_too_long_to_be_compressed_comes_back():
    same([((("long " * 4_000_000), -1.0), ("b", -2.0))])


def test_no_alternatives_are_no_bytes():
    assert pack_tops([]) is None
    assert pack_tops([(), ()]) is None


@given(st.sampled_from([SINGLE, OFFSET, SHORTEST, DOUBLE]), st.data())
def test_a_cut_blob_is_an_error(way, data):
    blob = pack_tops(a_completion(way, tokens=4, alternatives=3))
    with pytest.raises(StoreError, match="damaged"):
        unpack_tops(blob[: data.draw(st.integers(1, len(blob) - 1))])
    with pytest.raises(StoreError, match="damaged"):
        unpack_tops(blob + b"x")


@given(st.binary())
@example(b"\x01" + b"\xff" * 9 + b"\x7f")
def test_any_bytes_unpack_or_are_an_error(blob):
    with suppress(StoreError):  # and nothing else
        unpack_tops(b"\x02" + blob)


@given(st.integers(0, 10**6), st.integers(0, 255))
def test_a_changed_byte_unpacks_or_is_an_error(at, byte):
    blob = bytearray(pack_tops(a_completion(OFFSET, tokens=4, alternatives=3)))
    blob[1 + at % (len(blob) - 1)] = byte
    with suppress(StoreError):
        unpack_tops(bytes(blob))


def test_a_blob_that_would_unpack_to_very_much_is_an_error():
    bomb = zlib.compress(bytes(1 << 28))
    section = varint(2 * len(bomb) + 1) + bomb
    with pytest.raises(StoreError, match="an incomplete section"):
        unpack_tops(b"\x02\x01" + varint(1 << 26) + section)


def test_another_version_is_refused():
    with pytest.raises(StoreError) as caught:
        unpack_tops(b"\x03\x00")
    assert str(caught.value) == (
        "an answer's alternatives are in format 3, this tempkit knows 2: the database is damaged, or a newer tempkit "
        "wrote it (pip install -U tempkit)"
    )


def test_the_layout_of_version_2_never_changes():
    blob = bytes.fromhex(
        "02 01 02  10 02000000 01000000  10 2061 00 e282ac 00 62  0c 00 80 80 bf 00 bf  0000 0000 0000"
    )
    tops = [((" a", -0.5), ("€", -1.0)), (("b", -1.0),)]
    assert unpack_tops(blob) == tops
    assert pack_tops(tops) == blob
