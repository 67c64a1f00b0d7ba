"""Agreement: Krippendorff's alpha against his published examples, bounds, and agreement with measures."""

import numpy as np
import pytest

from tempkit.rating.opinions import Opinion
from tempkit.rating.raters import agreement, alpha, shares_alike
from tempkit.types import SampleKey, SheetPair

_ = None
PUBLISHED = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3),
    (_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _),
)
"""Four observers, twelve units: K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, example C."""


@pytest.mark.parametrize(
    ("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_against_the_published_example(metric, published) -> None:
    units = [[value for value in unit if value is not None] for unit in zip(*PUBLISHED, strict=True)]
    assert alpha(units, metric) == pytest.approx(published, abs=0.0006)


def test_alpha_of_two_observers_of_binary_data_against_the_published_example() -> None:
    """The same paper, example A: two observers, ten units, alpha 0.095."""
    one, other = (0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)
    assert alpha(list(zip(one, other, strict=True)), "nominal") == pytest.approx(0.095, abs=0.0006)


def test_where_all_say_the_same_there_is_no_alpha() -> None:
    assert alpha([[1, 1], [1, 1]], "interval") is None
    assert alpha([[1], [0]], "interval") is None


def opinion(question: int, rater: str, value: float) -> Opinion:
    pair = SheetPair(
        code=f"{question:x}",
        left=SampleKey(f"q{question}", "m", 0.0, 0),
        right=SampleKey(f"q{question}", "m", 1.0, 0),
    )
    return Opinion(sheet="s", code=pair.code, pair=pair, rater=rater, name="", value=value)


def test_raters_who_always_agree_are_shown_to_but_not_exactly() -> None:
    found = agreement([opinion(q, rater, float(q % 2)) for q in range(30) for rater in ("a", "b")])
    assert found is not None
    assert (found.alpha, found.equal, found.pairs) == (1, 1, 30)
    assert found.low is not None
    assert 0.7 < found.low < 0.95


def test_raters_by_chance_have_none() -> None:
    rng = np.random.default_rng(4)
    found = agreement(
        [opinion(q, rater, float(rng.choice([0, 0.5, 1]))) for q in range(200) for rater in ("a", "b", "c")]
    )
    assert found is not None
    assert found.alpha == pytest.approx(0, abs=0.1)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high


def test_which_answer_stood_first_changes_nothing() -> None:
    given = [
        opinion(q, rater, value)
        for q, (a, b) in enumerate([(1, 1), (0, 0.5), (1, 0), (0, 0)] * 5)
        for rater, value in (("a", a), ("b", b))
    ]
    turned = [
        opinion(int(each.code, 16), each.rater, 1 - each.value if int(each.code, 16) % 3 else each.value)
        for each in given
    ]
    one, other = agreement(given), agreement(turned)
    assert one is not None
    assert other is not None
    assert (one.alpha, one.low, one.high) == pytest.approx((other.alpha, other.low, other.high))


def test_one_rater_agrees_with_nobody() -> None:
    assert agreement([opinion(q, "a", 1.0) for q in range(9)]) is None
    assert agreement([]) is None


def test_a_measure_that_prefers_the_same() -> None:
    verdicts = {f"q{i}": [(1.0, 1.0 if i < 24 else 0.0), (0.5, 1.0), (0.0, 0.5)] for i in range(30)}
    found = shares_alike(verdicts)
    assert found is not None
    assert found.pairs == 30
    assert found.share == pytest.approx(0.8)
    # Clopper and Pearson for 24 of 30.
    assert (found.low, found.high) == pytest.approx((0.614, 0.923), abs=0.004)
    assert shares_alike({"q": [(0.5, 1.0)]}) is None
