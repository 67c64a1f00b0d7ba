"""Logprob measures of completions and cells: values where they can be known, and reasons where they cannot."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure_samples import a_block, by_replicate, by_temperature, completion, take

from tempkit.measures.base import Missing
from tempkit.measures.logprobs import MEAN_ENTROPY, MEAN_LOGPROB, PERPLEXITY, perplexity
from tempkit.measures.reshaping import (
    EFFECTIVE_SE,
    EFFECTIVE_TEMPERATURE,
    LEAKAGE,
    N95,
    alternatives,
    effective,
    entropy_from_top,
    leakage,
    n95,
)
from tempkit.measures.tempered import tempered_bounds
from tempkit.softmax.tempering import log_softmax, tempered
from tempkit.softmax.topk_bounds import n95_bounds
from tempkit.types import Completion, LogprobKind, TokenLogprob


def tokens(
    temperature: float,
    seed: int,
    *,
    count: int = 60,
    listed: int = 20,
    spread: float = 10.0,
    vocabulary: int = 500,
) -> tuple[TokenLogprob, ...]:
    """Return drawn tokens with alternatives; the distributions are the same for every seed."""
    raw = -np.sort(-log_softmax(np.random.default_rng(0).normal(0, spread, (count, vocabulary))), axis=1)
    rng, made = np.random.default_rng(seed), []
    for row in raw:
        place = 0 if temperature == 0 else int(rng.choice(vocabulary, p=tempered(row, temperature)))
        top = tuple((str(i), float(row[i])) for i in range(listed))
        made.append(TokenLogprob(str(place), float(row[place]), None, place, top))
    return tuple(made)


def drawn(
    temperature: float,
    replicate: int,
    *,
    kind: LogprobKind = "raw",
    sent: float | None = -1.0,
    listed: int = 20,
    spread: float = 10.0,
) -> Completion:
    found = tokens(temperature, replicate, listed=listed, spread=spread)
    text = " ".join(token.text for token in found)
    return completion(temperature, replicate, text, tokens=found, kind=kind, sent=sent)


def test_perplexity_by_hand() -> None:
    assert perplexity(
        [TokenLogprob("a", math.log(0.5)), TokenLogprob("b", math.log(0.125))]
    ) == pytest.approx(4)
    assert perplexity(()) is None
    assert perplexity([TokenLogprob("a", -800.0)]) is None


def test_reshaping_by_hand() -> None:
    # .9 .08 .02: 95 % needs two tokens at T = 1; at T = 2 the weights .949 .283 .141 need three.
    top = tuple((name, math.log(p)) for name, p in (("a", 0.9), ("b", 0.08), ("c", 0.02)))
    found = alternatives([[TokenLogprob("a", math.log(0.9), top=top)] * 2])
    assert n95(found, 1.0) == [2.0]
    assert n95(found, 2.0) == [3.0]
    assert leakage(found, 1.0) == [pytest.approx(0.1)]
    assert leakage(found, 2.0) == [pytest.approx(1 - 0.9**0.5 / (0.9**0.5 + 0.08**0.5 + 0.02**0.5))]


def test_a_value_is_given_where_the_bounds_are_narrow() -> None:
    # Two listed tokens hold .95 + e: at T = 1 two are enough. At T = 1.01 the unlisted may weigh too much.
    for share, listed in ((0.9501, False), (0.9999, True)):
        top = (("a", math.log(share / 2)), ("b", math.log(share / 2)))
        found = alternatives([[TokenLogprob("a", top[0][1], top=top)]])
        assert n95(found, 1.0) == [2.0]
        assert leakage(found, 1.0) == [pytest.approx(1 - share)]
        assert isinstance(n95(found, 1.2)[0], float) == listed
    # A third of .02 and an unlisted .02: leakage at T = 2 is within [1 - w / Z] of a packed and an even rest.
    top = (("a", math.log(0.96)), ("b", math.log(0.02)))
    found = alternatives([[TokenLogprob("a", top[0][1], top=top)]])
    assert isinstance(leakage(found, 2.0)[0], Missing)
    assert isinstance(leakage(found, 0.5)[0], float)
    # Bounds that are finite, and apart: five tokens at least, and eight at most.
    low, high = n95_bounds(wide := np.log([[0.5, 0.2, 0.1, 0.05, 0.04, 0.03, 0.02, 0.015, 0.01]]), 0.97)
    assert low[0] < high[0] < math.inf
    row = tuple((str(i), float(value)) for i, value in enumerate(wide[0]))
    assert isinstance(n95(alternatives([[TokenLogprob("0", row[0][1], top=row)]]), 0.97)[0], Missing)


def test_a_longer_row_is_cut_to_the_others() -> None:
    top = (("a", -0.1), ("b", -2.5))
    row = TokenLogprob("a", -0.1, top=top)
    longer = TokenLogprob("z", -9.0, top=(*top, ("z", -9.0)))
    shorter = TokenLogprob("a", -0.1, top=top[:1])
    found = alternatives([[row, row, longer], [shorter]])
    assert found.top.tolist() == [[-0.1, -2.5]] * 3 + [[-0.1, -math.inf]]
    assert found.lengths == (3, 1)


def test_scores_say_what_they_are_of() -> None:
    block = a_block({0.7: [drawn(0.7, i) for i in range(3)]})
    found = take(
        block, MEAN_LOGPROB, MEAN_ENTROPY, PERPLEXITY, N95, LEAKAGE, EFFECTIVE_TEMPERATURE, EFFECTIVE_SE
    )
    versions = {score.measure: score.version for score in found}
    assert versions["mean_logprob"] == versions["mean_entropy"] == versions["perplexity"] == "1 raw"
    assert versions["n95"] == versions["leakage"] == versions["effective_temperature"] == "1 raw top-20"
    assert all(score.value is not None for score in found)
    estimate, error = (s.value for s in found if s.measure.startswith("effective"))
    assert estimate is not None
    assert error is not None
    assert abs(estimate - 0.7) < 4 * error


def test_the_mean_of_bounds_is_near_the_truth() -> None:
    raw = -np.sort(-log_softmax(np.random.default_rng(0).normal(0, 10.0, (60, 500))), axis=1)
    block = a_block({0.7: [drawn(0.7, 0)]})
    p = tempered(raw, 0.7)
    truth = ((np.cumsum(p, axis=1) < 0.95).sum(axis=1) + 1).mean()
    assert by_temperature(take(block, N95)) == {0.7: pytest.approx(truth, rel=0.05)}
    entropies = -(np.exp(raw) * raw).sum(axis=1)
    assert by_temperature(take(block, MEAN_ENTROPY)) == {0.7: pytest.approx(entropies.mean(), abs=0.05)}


def test_what_is_not_known_is_not_made_up() -> None:
    open_choices = a_block({1.5: [drawn(1.5, 0, listed=5, spread=1.0)]})
    reason = "the 5 listed tokens have too little of the probability at temperature 1.5"
    assert by_temperature(take(open_choices, N95)) == {1.5: reason}
    assert by_temperature(take(open_choices, LEAKAGE)) == {1.5: reason}
    assert by_temperature(take(open_choices, MEAN_ENTROPY)) == {1.5: reason.replace("1.5", "1")}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("tempered", "its logprobs are from after temperature; this needs raw ones"),
        ("unknown", "the provider does not say what its logprobs are of; this needs raw ones"),
        ("none", "no logprobs"),
    ],
)
def test_other_kinds_are_never_reshaped(kind: LogprobKind, reason: str) -> None:
    block = a_block({0.7: [drawn(0.7, 0, kind=kind)]})
    for measure in (PERPLEXITY, N95, LEAKAGE, EFFECTIVE_TEMPERATURE, EFFECTIVE_SE):
        assert by_temperature(take(block, measure)) == {0.7: reason}
    mean = take(block, MEAN_LOGPROB)
    assert mean[0].version == f"1 {kind}"
    assert (mean[0].value is None) == (kind == "none")


def test_kinds_are_never_mixed() -> None:
    block = a_block({0.7: [drawn(0.7, 0), drawn(0.7, 1, kind="tempered")]})
    reason = "its answers have logprobs of different kinds: raw, tempered"
    assert by_temperature(take(block, EFFECTIVE_TEMPERATURE)) == {0.7: reason}
    assert [score.version for score in take(block, MEAN_LOGPROB)] == ["1 raw", "1 tempered"]


def test_a_temperature_that_was_not_sent_is_not_known() -> None:
    block = a_block({0.7: [drawn(0.7, 0, sent=None), drawn(0.7, 1)]})
    found = by_replicate(take(block, N95), 0.7)
    assert found[0] == "the temperature was not sent, and the model's own is not known"
    assert isinstance(found[1], float)


def test_tokens_without_alternatives() -> None:
    bare = tuple(TokenLogprob("a", -0.1) for _ in range(3))
    block = a_block({0.7: [completion(0.7, 0, "aaa", tokens=bare, kind="raw"), drawn(0.7, 1)]})
    assert by_replicate(take(block, N95), 0.7)[0] == "no alternatives were stored beside its tokens"
    assert by_replicate(take(block, PERPLEXITY), 0.7)[0] == pytest.approx(math.exp(0.1))
    assert by_replicate(take(block, MEAN_ENTROPY), 0.7)[0] == "the entropy at one of its tokens is not known"
    only = a_block({0.7: [completion(0.7, 0, "aaa", tokens=bare, kind="raw")]})
    assert by_temperature(take(only, EFFECTIVE_TEMPERATURE)) == {
        0.7: "no alternatives were stored beside its tokens"
    }


def test_effective_temperature_needs_data_and_a_choice() -> None:
    greedy = a_block({0.0: [drawn(0.0, 0)]})
    reason = by_temperature(take(greedy, EFFECTIVE_TEMPERATURE))[0.0]
    assert isinstance(reason, str)
    assert "any low temperature" in reason
    few = effective(alternatives([tokens(0.9, 0, count=20)]))
    assert str(getattr(few, "reason", "")) == "needs at least 50 tokens that are among the listed ones"
    vague = effective(alternatives([tokens(2.5, 0, spread=0.3, listed=20, vocabulary=20)]))
    assert "more samples" in str(getattr(vague, "reason", "")) or "no one temperature" in str(
        getattr(vague, "reason", "")
    )


def test_an_unknown_token_makes_its_means_unknown_and_no_distribution() -> None:
    some = list(drawn(0.7, 0).tokens)
    some[3] = TokenLogprob("?", None, None, None, some[3].top)
    block = a_block({0.7: [completion(0.7, 0, "x", tokens=tuple(some), kind="raw")]})
    assert by_temperature(take(block, MEAN_LOGPROB)) == {0.7: "the logprob of one of its tokens is not known"}
    assert isinstance(by_temperature(take(block, N95))[0.7], float)
    assert isinstance(by_temperature(take(block, EFFECTIVE_TEMPERATURE))[0.7], float)


ODD = st.sampled_from(
    (0.0, 5e-4, 2e-3, 5.0, 1e308, -0.1, -3.0, -700.0, -9999.0, -3e38, -1e308, math.nan, math.inf, -math.inf)
)


@given(
    st.lists(st.lists(ODD | st.floats(-30, 0), min_size=2, max_size=2), min_size=1, max_size=6),
    st.sampled_from((0.0, 1e-320, 1e-3, 0.7, 1.0, 2.0, 1e30, 1e308)),
)
def test_any_numbers_beside_tokens_give_values_or_reasons(
    rows: list[list[float]], temperature: float
) -> None:
    """A database may hold anything; no warning about arithmetic is one of the answers."""
    tokens = [
        TokenLogprob("a", row[0], None, None, tuple((f"t{i}", value) for i, value in enumerate(row)), None)
        for row in rows
    ]
    listed = alternatives([tokens, [TokenLogprob("a", -0.1, None, 0, (("a", -0.1), ("b", -2.4)), None)]])
    effective(listed)
    found = [*n95(listed, temperature), *leakage(listed, temperature), *entropy_from_top(listed)]
    found += [
        end
        for ends in tempered_bounds(listed, temperature)
        for end in ([ends] if isinstance(ends, Missing) else ends)
    ]
    assert all(isinstance(value, Missing) or (math.isfinite(value) and value >= 0) for value in found)
    whole = all(value <= 1e-3 for row in rows for value in row)
    assert whole or listed.faults[0] is not None
    assert listed.faults[1] is None


def test_alternatives_in_any_order_are_the_same() -> None:
    rows = [[("a", -0.2), ("b", -2.0), ("c", -4.0)], [("c", -4.0), ("a", -0.2), ("b", -2.0)]]
    one, other = (alternatives([[TokenLogprob("a", -0.2, None, None, tuple(row), None)]]) for row in rows)
    assert one.top.tolist() == other.top.tolist() == [[-0.2, -2.0, -4.0]]
