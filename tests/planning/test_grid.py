"""Temperatures as decimals, seeds as names: repeatable to the last digit."""

import itertools
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tempkit.errors import UsageError
from tempkit.planning.temperatures import parse_temperatures, sample_seed, temperature

DECIMALS = (
    st.decimals(0, 20, places=3, allow_nan=False)
    | st.decimals(0, 5, places=1)
    | st.integers(0, 9).map(Decimal)
)
STEPS = DECIMALS.filter(lambda d: d > 0)


def places(number: Decimal) -> int:
    return max(0, -int(number.normalize().as_tuple().exponent))


@settings(deadline=None, max_examples=300)
@given(DECIMALS, DECIMALS, STEPS)
def test_a_range_is_inclusive_ascending_and_free_of_noise(
    one: Decimal, other: Decimal, step: Decimal
) -> None:
    start, stop = sorted((one, other))
    assume((stop - start) / step < 1000)
    values = parse_temperatures(f"{start}:{stop}:{step}")
    assert values[0] == float(start)
    exact = [start + step * i for i in range(len(values))]
    assert list(values) == [float(d) for d in exact]
    assert exact[-1] <= stop < exact[-1] + step
    if (stop - start) % step == 0:
        assert values[-1] == float(stop)
    decimals = max(places(start), places(step))
    assert all(places(Decimal(str(v))) <= decimals for v in values)
    assert all(low < high for low, high in itertools.pairwise(values))


@settings(deadline=None, max_examples=100)
@given(st.lists(DECIMALS, min_size=1, max_size=12, unique=True), st.randoms(use_true_random=False))
def test_a_list_comes_back_sorted_however_it_was_given(numbers: list[Decimal], order: random.Random) -> None:
    want = tuple(sorted(float(n) for n in numbers))
    order.shuffle(numbers)
    assert parse_temperatures(",".join(map(str, numbers))) == want
    assert parse_temperatures([float(n) for n in numbers]) == want
    assert parse_temperatures([str(n) for n in numbers]) == want
    assert parse_temperatures(parse_temperatures(numbers)) == want


@pytest.mark.parametrize(
    ("given_", "values"),
    [
        ("0:1:0.1", (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
        ("0:1.6:0.4", (0.0, 0.4, 0.8, 1.2, 1.6)),
        ("0:1:0.3", (0.0, 0.3, 0.6, 0.9)),
        ("0.7:0.7:1", (0.7,)),
        (" 0 : 1 : 0.5 ", (0.0, 0.5, 1.0)),
        ("0,1:2:0.5,5", (0.0, 1.0, 1.5, 2.0, 5.0)),
        (["1:2:0.5", 0], (0.0, 1.0, 1.5, 2.0)),
        (0.7, (0.7,)),
        (1, (1.0,)),
        ("1e-1", (0.1,)),
        ("5e-324", (5e-324,)),
        (" 0.5\n,\t0 ", (0.0, 0.5)),
        ("0:999:1", tuple(float(i) for i in range(1000))),
    ],
)
def test_grids(given_: Any, values: tuple[float, ...]) -> None:
    assert parse_temperatures(given_) == values


@pytest.mark.parametrize("text", ["-0", "-0.0", "0e5", "-0:0:1"])
def test_there_is_one_zero(text: str) -> None:
    (value,) = parse_temperatures(text)
    assert str(value) == "0.0"


EXAMPLE = "write e.g. 0,0.3,0.7 or 0:1.6:0.2"


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ("", f"temperature '' is not a number; {EXAMPLE}"),
        ("0,,1", f"temperature '' is not a number; {EXAMPLE}"),
        ("0,1,", f"temperature '' is not a number; {EXAMPLE}"),
        ("warm", f"temperature 'warm' is not a number; {EXAMPLE}"),
        ("0x1", f"temperature '0x1' is not a number; {EXAMPLE}"),
        ("0 1", f"temperature '0 1' is not a number; {EXAMPLE}"),
        (["0,1"], f"temperature '0,1' is not a number; {EXAMPLE}"),
        (True, f"temperature 'True' is not a number; {EXAMPLE}"),
        ([None], f"temperature 'None' is not a number; {EXAMPLE}"),
        ([[1]], f"temperature '[1]' is not a number; {EXAMPLE}"),
        ("a\nb\x1b[31m", f"temperature 'a b [31m' is not a number; {EXAMPLE}"),
        ([], f"no temperatures; {EXAMPLE}"),
        ("nan", "temperature 'nan' is not a finite number"),
        (float("nan"), "temperature 'nan' is not a finite number"),
        ("sNaN", "temperature 'sNaN' is not a finite number"),
        ("inf", "temperature 'inf' is not a finite number"),
        ("-inf", "temperature '-inf' is not a finite number"),
        ("1e400", "temperature '1e400' is not a finite number"),
        ("9" * 5000, f"temperature '{'9' * 39}…' is not a finite number"),
        ("0:1e400:1", "temperature '1e400' is not a finite number"),
        ("1e101", "temperature 1e101 is too large; the highest is 1e+100"),
        ("1e-400", "temperature 1e-400 is too small for a computer's number; write 0"),
        ("0:1:1e-400", "temperature 1e-400 is too small for a computer's number; write 0"),
        ("-0.1", "temperature -0.1 is negative; the lowest is 0 (always the most probable token)"),
        ([0, -1], "temperature -1 is negative; the lowest is 0 (always the most probable token)"),
        ("0,0.50,0.5", "temperature 0.5 is given twice; use --repeat for more samples of it"),
        ("0,-0", "temperature 0 is given twice; use --repeat for more samples of it"),
        ("0:1:0.5,1", "temperature 1 is given twice; use --repeat for more samples of it"),
        ("0.1,0.1000000000000000000001", "temperature 0.1 is given twice; use --repeat for more samples of it"),
        ("0:1", "temperature range '0:1' must be start:stop:step, e.g. 0:1.6:0.2"),
        ("0:1:2:3", "temperature range '0:1:2:3' must be start:stop:step, e.g. 0:1.6:0.2"),
        ("0:1:0", "temperature range '0:1:0' has a step of 0"),
        ("1:0:0.1", "temperature range '1:0:0.1' stops below its start"),
        ("0:1000:1", "temperature range '0:1000:1' has more than 1000 steps"),
        ("0:1:1e-9", "temperature range '0:1:1e-9' has more than 1000 steps"),
        ("0:1e99:1e-320", "temperature range '0:1e99:1e-320' has more than 1000 steps"),
        ("0:999:1,1000:1001:1", "more than 1000 temperatures; take a larger step"),
    ],
)  # fmt: skip
def test_what_is_wrong(given_: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_temperatures(given_)
    assert str(caught.value) == message


def test_one_temperature() -> None:
    assert temperature("0.3") == 0.3
    assert temperature(2) == 2.0
    with pytest.raises(UsageError, match=r"^temperature '' is not a number; "):
        temperature("")


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=20) | st.text(st.sampled_from("0123456789.,:-+eE naif"), max_size=20))
def test_any_text_is_temperatures_or_one_line(text: str) -> None:
    values: tuple[float, ...] = (0.0,)
    message = ""
    try:
        values = parse_temperatures(text)
    except UsageError as e:
        message = str(e)
    assert message.isprintable()
    assert list(values) == sorted(set(values))
    assert values[0] >= 0
    assert values[-1] < float("inf")


def test_a_golden_seed() -> None:
    # Stored runs were made with these. If they change, no run of an older version can be continued or repeated.
    assert sample_seed(0, "technical-documentation/bits-in-a-byte", "gguf:smollm2", 0) == 720807994
    assert sample_seed(7, "chatbot-es/ñandú", "openai:gpt-4.1-mini", 3) == 1935280402


NAMES = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**63 - 1), NAMES, NAMES, st.integers(0, 10**6))
def test_seeds_are_31_bits_and_follow_from_each_part(run: int, item: str, model: str, replicate: int) -> None:
    seed = sample_seed(run, item, model, replicate)
    assert 0 <= seed < 2**31
    assert seed == sample_seed(run, item, model, replicate)
    others = {
        sample_seed(run + 1, item, model, replicate),
        sample_seed(run, item + "x", model, replicate),
        sample_seed(run, item, model + "x", replicate),
        sample_seed(run, item, model, replicate + 1),
    }
    assert seed not in others
    assert len(others) == 4


def test_parts_of_a_seed_do_not_run_into_each_other() -> None:
    assert sample_seed(1, "a", "b", 2) != sample_seed(1, "ab", "", 2)
    assert sample_seed(1, "a", "b", 2) != sample_seed(1, "b", "a", 2)
    assert sample_seed(1, 'a", "b', "", 2) != sample_seed(1, "a", 'b", "', 2)
    assert sample_seed(1, "1", "x", 1) != sample_seed(11, "", "x", 1)


def test_seeds_are_spread_over_their_range() -> None:
    seeds = [sample_seed(0, f"item-{i}", "m", r) for i in range(200) for r in range(20)]
    assert len(set(seeds)) == len(seeds)
    for bit in range(31):
        share = sum(seed >> bit & 1 for seed in seeds) / len(seeds)
        assert abs(share - 0.5) < 0.05, bit
