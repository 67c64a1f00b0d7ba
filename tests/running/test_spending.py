"""Budgets: what is spent, what is promised to batches, and what a plan may come to."""

from dataclasses import replace
from pathlib import Path

import pytest

from tempkit.errors import UsageError
from tempkit.planning.experiment import Experiment, build_plan, parse_model
from tempkit.running.cost_estimate import check_promises, estimate, promise, spending_of
from tempkit.running.spending import Spending
from tempkit.store import Store, Uncounted
from tempkit.types import (
    BatchTerms,
    Budget,
    Capabilities,
    Completion,
    Failure,
    ModelInfo,
    Plan,
    Price,
    SampleKey,
    TokenLogprob,
)

MODEL = "openai:m"
CAN = {MODEL: Capabilities(price=Price(0.001, 0.01), batch=BatchTerms(requests=9, bytes=9, price=0.5))}


def plan(budget: Budget) -> Plan:
    return build_plan(
        Experiment(
            prompts=("Ten chars.",),  # one token for 2.5 of them at the most, for 6 at the least
            models=(parse_model(MODEL),),
            temperatures=(0.0, 1.0),
            repeat=3,
            sampling={"max_tokens": 20},
            budget=budget,
        )
    )


ITEM = plan(Budget()).items[0].key
KEYS = [SampleKey(ITEM, MODEL, t, r) for t in (0.0, 1.0) for r in range(3)]


def came(key: SampleKey, tokens: int, usd: float) -> Completion:
    return Completion(
        key=key,
        seed=None,
        text="",
        finish_reason="stop",
        temperature_sent=key.temperature,
        params={},
        input_tokens=4,
        output_tokens=tokens - 4,
        cost_usd=usd,
    )


def test_a_promise_is_the_most_that_a_sample_may_cost() -> None:
    spending = Spending(Budget(usd=10.0))
    promise(plan(spending.budget), CAN, KEYS, spending)
    # 4 tokens asked and 20 answered, six times, at half of $0.001 and $0.01.
    assert spending.promised_usd == pytest.approx(6 * (4 * 0.001 + 20 * 0.01) / 2)
    assert spending.promised_tokens == 6 * 24
    check_promises(spending)


def test_what_comes_takes_the_place_of_its_promise() -> None:
    spending = Spending(Budget(usd=10.0, tokens=1000))
    promise(plan(spending.budget), CAN, KEYS[:2], spending)
    spending.add(came(KEYS[0], 10, 0.03))
    assert (spending.tokens, spending.promised_tokens) == (10, 24)
    assert (spending.usd, spending.promised_usd) == (0.03, pytest.approx(0.102))
    spending.add(Failure(key=KEYS[1], kind="batch_expired", message=""))
    assert (spending.tokens, spending.promised_tokens) == (10, 0)
    spending.add(came(KEYS[2], 10, 0.03))  # by itself: nothing was promised
    assert (spending.tokens, spending.promised_tokens) == (20, 0)
    assert spending.promised_usd == pytest.approx(0)


def test_promises_leave_less_for_live_requests() -> None:
    spending = Spending(Budget(tokens=50))
    promise(plan(spending.budget), CAN, KEYS[:1], spending)
    spending.add(came(KEYS[1], 25, 0.0))
    assert not spending.reached()  # 25 spent, 24 promised
    spending.add(came(KEYS[2], 1, 0.0))
    assert spending.reached()
    assert (
        str(spending) == "the budget of 50 tokens is reached: 26 spent, samples in batches still to come: 1"
    )


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        (Budget(tokens=143), "may come to 144 tokens where the budget is 143, 0 spent included"),
        (Budget(usd=0.6), r"may come to \$0\.612 where the budget is \$0\.6, \$0 spent included"),
    ],
)
def test_what_may_be_too_much_is_refused(budget: Budget, message: str) -> None:
    spending = Spending(budget)
    promise(plan(budget), CAN, KEYS, spending)
    with pytest.raises(UsageError, match=message):
        check_promises(spending)


def test_an_estimate_of_batches_is_at_their_price() -> None:
    made = plan(Budget())
    (live,), (batch,) = estimate(made, CAN), estimate(made, CAN, batch=True)
    assert live.usd == pytest.approx((6 * 2 * 0.01 + 10 * 0.001, 6 * (4 * 0.001 + 20 * 0.01)))
    assert batch.usd == pytest.approx([usd / 2 for usd in live.usd or ()])
    assert batch.tokens == live.tokens == (22, 144)


def test_what_comes_without_a_count_is_estimated_from_the_texts_and_said() -> None:
    """Ten characters of the prompt, at 2.5 to a token."""
    made = plan(Budget(usd=10.0, tokens=30))
    spending = spending_of(made, CAN)
    uncounted = replace(came(KEYS[0], 4, 0.0), input_tokens=None, output_tokens=None, cost_usd=None)
    spending.add(replace(uncounted, text="x" * 25))
    assert (spending.tokens, spending.guessed) == (14, 14)
    assert spending.usd == pytest.approx(4 * 0.001 + 10 * 0.01)
    spending.add(replace(uncounted, text="x" * 5, thinking="y" * 20))
    assert (spending.tokens, spending.guessed) == (28, 28)
    spending.add(replace(uncounted, text="ab", tokens=(TokenLogprob("a", -1.0), TokenLogprob("b", -1.0))))
    assert (spending.tokens, spending.guessed) == (34, 32)
    assert spending.reached()
    assert "34 spent (32 of them estimated: they came without a count)" in str(spending)


def test_what_earlier_calls_spent_without_a_count_is_estimated_too() -> None:
    came = [Uncounted(ITEM, MODEL, 3, 50, 2, 25, 100, 10)]
    spending = spending_of(plan(Budget(usd=9, tokens=100)), CAN, (0.5, 7, 5), came)
    assert (spending.tokens, spending.guessed) == (7 + 3 * 4 + 20, 32)
    assert spending.usd == pytest.approx(0.5 + (2 * 4 + 100) * 0.001 + (10 + 10) * 0.01)
    assert spending_of(plan(Budget()), CAN, (0.0, 7, 5), came).tokens == 7  # nobody asks


@pytest.mark.parametrize("cost", [None, 0.07])
@pytest.mark.parametrize("asked", [None, 9])
@pytest.mark.parametrize("answered", [None, 6])
def test_a_resumed_run_counts_what_is_stored_as_when_it_came(
    cost: float | None, asked: int | None, answered: int | None, tmp_path: Path
) -> None:
    budget = Budget(usd=1.0, tokens=1000)
    bare = replace(came(KEYS[0], 10, 0.03), input_tokens=asked, output_tokens=answered, cost_usd=cost)
    completions = [
        replace(bare, text="x" * 25),
        replace(bare, key=KEYS[1], text="x" * 5, thinking="y" * 20),
        came(KEYS[2], 10, 0.03),
    ]
    first = spending_of(plan(budget), CAN)
    with Store.open(tmp_path / "t.db") as store:
        run = store.create_run(plan(budget), {MODEL: ModelInfo()}, version="1", environment={})
        for completion in completions:
            first.add(completion)
            store.add(run.id, [completion])
        again = spending_of(plan(budget), CAN, store.spent(run.id), store.uncounted(run.id))
    assert again.usd == pytest.approx(first.usd)
    assert (again.tokens, again.counted, again.guessed) == (first.tokens, first.counted, first.guessed)
