"""What a plan asks as it grows, against a model that counts sample by sample."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_samples import growths, plans

from tempkit.planning import sweeps
from tempkit.types import Item, Plan, SampleKey, TopUp

Growth = tuple[list[TopUp], dict[str, list[Item]]]


class Counted:
    """A plan as the set of its samples, grown one by one."""

    def __init__(self, plan: Plan) -> None:
        self.began = {item.key: item.prompt for item in plan.items}
        self.samples = {
            SampleKey(item, model.label, temperature, replicate)
            for item in self.began
            for model in plan.models
            for temperature in plan.temperatures
            for replicate in range(plan.repeat)
        }

    def grow(self, topups: list[TopUp]) -> None:
        for topup in topups:
            began = [key for key, prompt in self.began.items() if prompt in topup.prompts]
            for key in began if topup.items is None else topup.items:
                for temperature in topup.temperatures:
                    for replicate in range(topup.repeat):
                        self.samples.add(SampleKey(key, topup.model, temperature, replicate))


def asked(plan: Plan) -> set[SampleKey]:
    return {sweep.key(sample) for sweep in sweeps(plan) for sample in sweep.samples}


@st.composite
def histories(draw: st.DrawFn) -> tuple[Plan, list[Growth]]:
    """A plan and how it grows in rounds, with top-ups by hand between them."""
    plan, steps = draw(plans()), []
    begun = plan
    for number in range(2, 2 + draw(st.integers(0, 3))):
        for by in (number, None):
            step = draw(growths(plan, by))
            steps.append(step)
            plan = plan.grown(*step)
    return begun, steps


@given(histories())
def test_a_grown_plan_asks_what_was_asked_for_and_nothing_else(history: tuple[Plan, list[Growth]]) -> None:
    plan, steps = history
    counted = Counted(plan)
    first = set(counted.samples)
    assert asked(plan) == counted.samples
    for topups, items in steps:
        before = asked(plan)
        plan = plan.grown(topups, items)
        counted.grow(topups)
        assert asked(plan) == counted.samples >= before
        assert plan.sample_count == len(counted.samples)
        cells = {(key.item, key.model, key.temperature) for key in counted.samples}
        assert plan.cell_count == len(cells)
        assert plan.topped_up == len(counted.samples - first)
        assert list(plan.temperatures) == sorted(set(plan.temperatures))
        for model in plan.models:
            for key, row in plan.repeats(model.label).items():
                assert list(row) == list(plan.temperatures)
                for temperature, repeat in row.items():
                    cell = (key, model.label, temperature)
                    mine = [k.replicate for k in counted.samples if (k.item, k.model, k.temperature) == cell]
                    assert sorted(mine) == list(range(repeat))


@given(histories())
def test_a_plan_remembers_each_of_its_rounds(history: tuple[Plan, list[Growth]]) -> None:
    plan, steps = history
    counted, after = Counted(plan), {1: asked(plan)}
    for topups, items in steps:
        plan = plan.grown(topups, items)
        planned = [each for each in topups if each.round is not None]
        counted.grow(planned)
        for each in planned:
            assert each.round is not None
            after[each.round] = set(counted.samples)
    names = [prompt.name for prompt in plan.prompts]
    last = plan.round_of(names)
    assert last == max(after)
    for number in range(1, last + 1):
        latest = max(each for each in after if each <= number)
        assert asked(plan.at_round(number)) == after[latest]
    assert plan.round_of(()) == 1


@given(plans())
def test_an_item_comes_once(plan: Plan) -> None:
    name, first = plan.prompts[0].name, plan.items[0]
    for items in ([first], [new := Item(key="p/new", prompt=name, messages=()), new]):
        with pytest.raises(ValueError, match="in the plan already"):
            plan.grown((), {name: items})
