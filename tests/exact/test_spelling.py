"""Tokens that lead on are found without asking about each of them, and are the right ones."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tempkit.exact.spelling import Spelling
from tempkit.types import Vocabulary

pieces = st.lists(st.binary(max_size=4), min_size=1, max_size=30)


@given(
    pieces=pieces,
    wanted=st.lists(st.binary(max_size=6), max_size=4),
    data=st.binary(max_size=2),
    ends=st.sets(st.integers(0, 29)),
)
def test_tokens_that_lead_on_are_those_that_do_one_by_one(pieces, wanted, data, ends):
    ends = {end for end in ends if end < len(pieces)}
    asked = 0

    def still(beginnings):
        nonlocal asked
        asked += len(beginnings)
        return [any(text.startswith(beginning) for text in wanted) for beginning in beginnings]

    spelling = Spelling(Vocabulary(pieces=tuple(pieces), ends=frozenset(ends)))
    found = spelling.leading_on(data, still)
    # A token that adds nothing leads on wherever something may come of what is there, which is for the caller to know.
    right = [
        i
        for i, piece in enumerate(pieces)
        if i not in ends and (not piece or any(text.startswith(data + piece) for text in wanted))
    ]
    assert sorted(found.tolist()) == right
    assert asked <= sum(map(len, pieces)) + len(pieces)


def test_others_are_all_that_end_nothing():
    spelling = Spelling(Vocabulary(pieces=(b"b", b"", b"a"), ends=frozenset({1})))
    np.testing.assert_array_equal(spelling.others, [0, 2])
    np.testing.assert_array_equal(spelling.ends, [1])
