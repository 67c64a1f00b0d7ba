"""Samples are accepted by the same rule that bounds are computed with, and stand beside them as a mean over questions."""

import pytest
from statsmodels.stats.proportion import proportion_confint

from tempkit.exact import accepted, compared, mean_bounds
from tempkit.exact.accepting import unanswerable
from tempkit.exact.against_samples import Compared, Counted
from tempkit.store import Store
from tempkit.testing import store_samples as samples
from tempkit.types import Check, Item, SampleKey


def item(*checks: Check, facts=()) -> Item:
    return Item(key="q", prompt="p", messages=(), checks=checks, facts=facts)


def answer(text: str, *, n: int = 0, finish: str = "stop", thinking: str | None = None):
    return samples.completion(SampleKey("q", "m", 0.5, n), text=text, finish_reason=finish, thinking=thinking)


def test_an_accepted_answer_is_complete_without_thoughts_and_passes_everything():
    asked = item(Check("equals", "yes"), Check("contains", "e"))
    given = [
        answer("yes", n=0),
        answer("no", n=1),
        answer("yes", n=2, finish="length"),
        answer("yes", n=3, thinking="hm"),
        answer("<think>hm</think>yes", n=4),
        answer("yes", n=5, finish="unstated"),
    ]
    assert accepted(asked, given) == [True, False, False, False, False, True]


def test_without_checks_every_fact_must_be_given():
    asked = item(facts=(("8", "eight"), ("bits",)))
    assert accepted(asked, [answer("Eight bits."), answer("8", n=1)]) == [True, False]


def test_what_nothing_here_can_decide_is_said():
    assert unanswerable(item()) == "it has neither checks nor facts"
    assert (
        unanswerable(item(Check("equals", "a"), Check("llm-rubric", "good")))
        == "one of its checks needs a judge"
    )
    assert unanswerable(item(Check("similar", "a"))) == "one of its checks needs an embedder"
    assert unanswerable(item(Check("equals", "a"))) is None
    assert accepted(item(Check("similar", "a")), [answer("a")]) == [None]


def test_means_are_over_questions_at_the_temperatures_that_all_have():
    one = Compared(
        exact=samples.exact(temperatures=(0.0, 0.5, 1.0), lower=(1.0, 0.4, 0.2), upper=(1.0, 0.5, 0.3)),
        counted={0.0: Counted(10, 10), 1.0: Counted(3, 10)},
    )
    other = Compared(
        exact=samples.exact(item="b", temperatures=(0.0, 1.0), lower=(0.0, 0.4), upper=(0.0, 0.6)),
        counted={0.0: Counted(0, 10), 1.0: Counted(6, 10), 0.5: Counted(1, 1)},
    )
    mean = mean_bounds([one, other])
    assert mean is not None
    assert (mean.temperatures, mean.questions) == ((0.0, 1.0), 2)
    assert mean.lower == pytest.approx((0.5, 0.3))
    assert mean.upper == pytest.approx((0.5, 0.45))
    for each, good in zip(mean.sampled, (10, 9), strict=True):
        low, high = proportion_confint(good, 20, method="beta")
        assert (each.share, each.samples) == (pytest.approx(good / 20), 20)
        assert (each.low, each.high) == (pytest.approx(low), pytest.approx(high))
    assert mean_bounds([]) is None
    assert (
        mean_bounds(
            [one, Compared(exact=samples.exact(temperatures=(0.7,), lower=(0,), upper=(1,)), counted={})]
        )
        is None
    )


@pytest.mark.parametrize(("good", "of"), [(0, 5), (5, 5)])
def test_shares_of_none_and_all_have_intervals_that_end_there(good, of):
    mean = mean_bounds(
        [
            Compared(
                exact=samples.exact(temperatures=(0.0,), lower=(0,), upper=(1,)),
                counted={0.0: Counted(good, of)},
            )
        ]
    )
    (share,) = mean.sampled
    assert (share.low, share.high) == pytest.approx(proportion_confint(good, of, method="beta"))


def test_a_stored_run_is_read_with_its_samples(tmp_path):
    plan = samples.plan()
    with Store.open(tmp_path / "t.db") as store:
        run = store.create_run(plan, samples.INFOS, version="1", environment={})
        store.add(
            run.id,
            [
                samples.completion(
                    key, text="12" if key.replicate else "zwölf", finish_reason="stop", thinking=None
                )
                for key in samples.keys(plan)
            ],
        )
        store.replace_exact(run.id, [samples.exact()])
        (found,) = compared(store, run)
    assert found.exact == samples.exact()
    # `icontains: zwölf` and `is-json` cannot both hold, so none is accepted.
    assert found.counted == {0.0: Counted(0, 3), 0.7: Counted(0, 3), 1.3: Counted(0, 3)}
