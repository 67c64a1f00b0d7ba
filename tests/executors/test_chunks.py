"""How sweeps are handed out: in large parts at first, in small ones at the end, and by themselves after a death."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from tempkit.executors.chunks import TRIES, Ahead
from tempkit.planning import parse_model
from tempkit.types import Item, Message, Sample, SamplingParams, Sweep

MODELS = [parse_model(f"scripted:words,label={name}") for name in "ab"]


def sweep(number: int, samples: int, model: int = 0) -> Sweep:
    item = Item(key=f"p/{number}", prompt="p", messages=(Message("user", f"{number}?"),))
    drawn = tuple(Sample(0.5, replicate, replicate) for replicate in range(samples))
    return Sweep(item=item, model=MODELS[model], sampling=SamplingParams(max_tokens=2), samples=drawn)


@given(
    st.lists(st.tuples(st.integers(1, 200), st.integers(0, 1)), max_size=60),
    st.integers(1, 9),
    st.floats(0.01, 1e5),
)
def test_every_sweep_is_handed_out_once_and_in_order(
    sizes: list[tuple[int, int]], seats: int, rate: float
) -> None:
    sweeps = [sweep(number, *size) for number, size in enumerate(sizes)]
    ahead, out = Ahead(iter(sweeps)), []
    while (model := ahead.model()) is not None:
        chunk = ahead.take(seats)
        assert all(each.model == model for each in chunk.sweeps)
        out += chunk.sweeps
        ahead.took(chunk.samples, chunk.samples / rate)
    assert out == sweeps


def test_parts_grow_with_what_an_actor_can_do_and_shrink_towards_the_end() -> None:
    ahead = Ahead(sweep(number, 4) for number in range(5000))
    sizes = []
    while ahead.model() is not None:
        chunk = ahead.take(4)
        sizes.append(chunk.samples)
        ahead.took(chunk.samples, chunk.samples / 100)
    assert sizes[0] == 64
    assert max(sizes) == 800  # 8 s at 100 samples/s
    assert sizes[-1] == 4
    assert sum(sizes) == 20_000


def test_sweeps_are_made_as_they_are_needed() -> None:
    made = 0

    def endless() -> Iterator[Sweep]:
        nonlocal made
        while True:
            made += 1
            yield sweep(made, 4)

    ahead = Ahead(endless())
    assert ahead.look(2) == 64
    ahead.take(2)
    assert made <= 80


def test_after_a_death_each_sweep_goes_by_itself_and_without_what_came() -> None:
    ahead = Ahead(iter([sweep(number, 3) for number in range(2)]))
    chunk = ahead.take(1)
    assert len(chunk.sweeps) == 1  # of two, so that another place has the other
    ended = {chunk.sweeps[0].key(chunk.sweeps[0].samples[0])}
    ahead.again(chunk.without(ended), chunk.tries)
    again = ahead.take(1)
    assert (again.tries, len(again.sweeps), again.samples) == (2, 1, 2)
    assert again.without({again.sweeps[0].key(each) for each in again.sweeps[0].samples}) == []
    assert TRIES == 3
