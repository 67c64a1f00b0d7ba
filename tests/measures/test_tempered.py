"""Entropies at the temperature: exact where they were kept, two ends where only the most probable tokens are known."""

import numpy as np
import pytest
from measure_samples import a_block, by_replicate, by_temperature, completion, take

from tempkit.measures.base import Measure
from tempkit.measures.tempered import TEMPERED_ENTROPY, TEMPERED_LEAST, TEMPERED_MOST, tempered_entropy
from tempkit.softmax.tempering import entropy, log_softmax, tempered
from tempkit.types import Completion, LogprobKind, TokenLogprob

ENDS: tuple[Measure, ...] = (TEMPERED_LEAST, TEMPERED_MOST)
RAW = -np.sort(-log_softmax(np.random.default_rng(1).normal(0, 6.0, (30, 500))), axis=1)


def truth(temperature: float) -> float:
    return float(entropy(tempered(RAW, temperature)).mean())


def drawn(
    temperature: float, replicate: int, *, exact: bool, kind: LogprobKind = "raw", sent: float | None = -1.0
) -> Completion:
    tokens = tuple(
        TokenLogprob(
            "0",
            float(row[0]),
            None,
            0,
            tuple((str(i), float(row[i])) for i in range(20)),
            entropy_tempered=float(entropy(tempered(row, temperature))) if exact else None,
        )
        for row in RAW
    )
    return completion(temperature, replicate, "x", tokens=tokens, kind=kind, sent=sent)


def test_where_it_was_kept_it_is_the_mean_and_there_are_no_ends() -> None:
    block = a_block({0.5: [drawn(0.5, 0, exact=True)], 1.5: [drawn(1.5, 0, exact=True)]})
    found = take(block, TEMPERED_ENTROPY, *ENDS)
    assert [score.measure for score in found] == ["tempered_entropy"] * 2
    assert by_temperature(found) == {0.5: pytest.approx(truth(0.5)), 1.5: pytest.approx(truth(1.5))}
    assert {score.version for score in found} == {"1 raw"}


def test_where_it_was_not_two_ends_hold_it() -> None:
    grid = (0.3, 0.7, 1.0, 1.5)
    block = a_block({t: [drawn(t, 0, exact=False)] for t in grid})
    reason = "only the most probable tokens are known, which leaves bounds"
    assert set(by_temperature(take(block, TEMPERED_ENTROPY)).values()) == {reason}
    least, most = (by_temperature(take(block, end)) for end in ENDS)
    for t in grid:
        assert float(least[t]) <= truth(t) <= float(most[t])
    assert float(most[0.3]) - float(least[0.3]) < 0.001
    assert float(most[1.5]) - float(least[1.5]) > 0.1
    assert {score.version for score in take(block, *ENDS)} == {"1 raw top-20"}


def test_in_an_item_with_both_the_ends_meet_where_it_is_known() -> None:
    block = a_block({1.5: [drawn(1.5, 0, exact=True), drawn(1.5, 1, exact=False)]})
    least, most = (by_replicate(take(block, end), 1.5) for end in ENDS)
    assert least[0] == most[0] == pytest.approx(truth(1.5))
    assert float(least[1] or 0) < float(most[1] or 0)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("tempered", "its logprobs are from after temperature; this needs raw ones"),
        ("unknown", "the provider does not say what its logprobs are of; this needs raw ones"),
        ("none", "no logprobs"),
    ],
)
def test_other_kinds_are_never_taken_for_raw(kind: LogprobKind, reason: str) -> None:
    block = a_block({0.7: [drawn(0.7, 0, exact=False, kind=kind)]})
    found = take(block, TEMPERED_ENTROPY, *ENDS)
    assert by_temperature(found) == {0.7: reason}
    assert {score.measure for score in found} == {"tempered_entropy"}


def test_at_a_temperature_that_was_not_sent_nothing_is_known() -> None:
    block = a_block({0.7: [drawn(0.7, 0, exact=False, sent=None)]})
    assert by_temperature(take(block, TEMPERED_LEAST)) == {
        0.7: "the temperature was not sent, and the model's own is not known"
    }


def test_answers_that_were_cut_off_count_and_empty_ones_have_none() -> None:
    whole = drawn(0.7, 0, exact=True)
    cut = completion(0.7, 1, "x", finish="length", tokens=whole.tokens, kind="raw")
    empty = completion(0.7, 2, "", kind="raw")
    found = by_replicate(take(a_block({0.7: [whole, cut, empty]}), TEMPERED_ENTROPY), 0.7)
    assert found == [pytest.approx(truth(0.7)), pytest.approx(truth(0.7)), "the answer is empty"]


def test_one_unknown_token_makes_the_mean_unknown() -> None:
    known = TokenLogprob("a", -0.1, entropy_tempered=0.5)
    assert tempered_entropy([known, known]) == 0.5
    assert tempered_entropy([known, TokenLogprob("b", -0.1)]) is None
    assert tempered_entropy([]) is None
