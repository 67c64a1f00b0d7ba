"""Models that are compared are judged by one measure, though each by itself would take another."""

import numpy as np

from tempkit.analysis import ScoredSection, Table
from tempkit.decision import AS_THE_RUN_SAYS, Asked
from tempkit.types import Arm, Item, Message, ModelSpec, Prompt

ITEMS = tuple(f"p/{n}" for n in range(6))
PROMPT = Prompt(
    name="p",
    use_case="technical-documentation",
    items=tuple(Item(key=key, prompt="p", messages=(Message("user", key),)) for key in ITEMS),
)


def section(label: str, temperatures: tuple[float, ...], arm: Arm | None, *measures: str) -> ScoredSection:
    values = np.linspace(0.2, 0.8, len(ITEMS) * len(temperatures) * 2).reshape(len(ITEMS), -1, 2)
    return ScoredSection(
        use_case=PROMPT.use_case,
        prompts=(PROMPT,),
        model=ModelSpec(backend="scripted", name="words", label=label),
        tables=tuple(Table.of(measure, "1", ITEMS, temperatures, values) for measure in measures),
        arm=arm,
    )


def test_the_measure_that_compares_most_is_taken_for_all() -> None:
    first, second, *_others = AS_THE_RUN_SAYS.case(section("m", (0.0, 1.0), None)).profile.primary
    arm = Arm(of="m", temperature=0.5, sampling={"top_p": 0.9})
    own = section("m", (0.0, 0.7, 1.4), None, second.measure)
    other = section("m @ 0.5,top_p=0.9", (0.5,), arm, first.measure)
    alone = [AS_THE_RUN_SAYS.case(each).primary for each in (own, other)]
    assert alone == [second, first]
    both = AS_THE_RUN_SAYS.cases([own, other])
    assert [case.primary for case in both] == [second, second]
    assert [bool(case.table.count) for case in both] == [True, False]
    whole = section("m @ 0.5,top_p=0.9", (0.5,), arm, first.measure, second.measure)
    assert [case.primary for case in AS_THE_RUN_SAYS.cases([own, whole])] == [second, second]
    named = Asked(measure=first.measure, margin=0.1)
    assert {case.primary.measure for case in named.cases([own, other])} == {first.measure}
