"""What every database must do alike with runs that grow: more samples, items and temperatures, in rounds of a design."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from tempkit.errors import StoreError
from tempkit.store import RunRecord, Store
from tempkit.testing import store_samples as samples
from tempkit.testing.store_fixtures import StoreFixtures
from tempkit.types import Check, Design, Item, Message, Plan, Prompt, SampleKey, TopUp

__all__ = ["GrowthContract"]

_DESIGN = Design(
    looks=8,
    judged_by={"measure": "accuracy", "margin": 0.05, "policy": "best-of:3"},
    finest=0.2,
    pool={"facts": 12, "ideas": 1},
    fixed_limit=True,
    expect="bamboo|cane",
    in_place_of="0011aabb",
)
_NEW = Item(
    key="facts/dreizehn 🌡",
    prompt="facts",
    messages=(Message("user", "Was ist 13?"),),
    variables={"x": 13},
    facts=(("13", "dreizehn"),),
    checks=(Check("icontains", "prim"),),
)
_IDEA = Item(key="ideas/2", prompt="ideas", messages=(Message("user", "More ideas!"),))


def _designed() -> Plan:
    return replace(samples.plan(), design=_DESIGN)


def _more(number: int | None, *items: Item, repeat: int = 4) -> TopUp:
    return TopUp(
        model="scripted:a",
        prompts=("facts",),
        temperatures=(0.0, 0.35),
        repeat=repeat,
        items=tuple(item.key for item in items) or None,
        round=number,
    )


class GrowthContract(StoreFixtures):
    @pytest.fixture
    def designed(self, store: Store) -> RunRecord:
        return store.create_run(_designed(), samples.INFOS, version="0", environment={})

    def test_a_design_comes_back_equal(self, store: Store, designed: RunRecord) -> None:
        assert store.load_plan(designed.id) == _designed()
        later = replace(_designed(), design=replace(_DESIGN, in_place_of=designed.id))
        again = store.create_run(later, samples.INFOS, version="0", environment={})
        found = store.in_place_of(designed.id)
        assert (found, store.in_place_of(again.id)) == (again, None)

    def test_a_grown_plan_loads_as_it_grew_in_memory(self, store: Store, designed: RunRecord) -> None:
        plan = _designed()
        steps: list[tuple[list[TopUp], dict[str, list[Item]]]] = [
            ([_more(2, _NEW, *plan.prompts[0].items)], {"facts": [_NEW]}),
            ([_more(None, repeat=6)], {}),
            ([replace(_more(3), prompts=("ideas",), temperatures=(1.3,), repeat=9)], {"ideas": [_IDEA]}),
        ]
        for topups, items in steps:
            store.add_topups(designed.id, topups, after=len(plan.topups), items=items)
            plan = plan.grown(topups, items)
            assert store.load_plan(designed.id) == plan
            now = store.find_run(designed.id)
            assert (now.planned, now.topped_up) == (plan.sample_count, plan.topped_up)
            assert now.temperatures == (0.0, 0.35, 0.7, 1.3)
            assert now.status == "interrupted"
        assert [item.key for item in plan.prompts[0].items][-1] == _NEW.key
        for number in (1, 2, 3):
            assert store.load_plan(designed.id).at_round(number) == plan.at_round(number)

    def test_answers_to_what_came_later_are_kept_like_any(self, store: Store, designed: RunRecord) -> None:
        store.add_topups(designed.id, [_more(2, _NEW)], after=0, items={"facts": [_NEW]})
        key = SampleKey(_NEW.key, "scripted:a", 0.35, 3)
        store.add(designed.id, [samples.completion(key)])
        assert list(store.completions(designed.id, tokens=True)) == [samples.completion(key)]
        assert store.done(designed.id) == {key}
        assert [(c.temperature, c.n) for c in store.summary(designed.id) if c.n] == [(0.35, 1)]

    def test_items_of_all_prompts_come_in_the_plans_order(self, store: Store, designed: RunRecord) -> None:
        store.add_topups(designed.id, [_more(2, _NEW)], after=0, items={"ideas": [_IDEA], "facts": [_NEW]})
        keys = [item.key for item in store.load_plan(designed.id).items]
        assert keys == ["facts/zwölf", "facts/empty", _NEW.key, "ideas/1", "ideas/2"]

    def test_of_two_that_grow_at_once_one_is_told_to_look_again(
        self, target: str, store: Store, designed: RunRecord
    ) -> None:
        together = Barrier(2)

        def grow(repeat: int) -> str | None:
            with Store.open(target) as own:
                together.wait()
                try:
                    own.add_topups(
                        designed.id, [_more(2, _NEW, repeat=repeat)], after=0, items={"facts": [_NEW]}
                    )
                except StoreError as e:
                    return str(e)
            return None

        with ThreadPoolExecutor(2) as pool:
            ended = list(pool.map(grow, (4, 5)))
        refused = [each for each in ended if each is not None]
        assert len(refused) == 1
        assert refused[0].startswith("another process has topped up this run meanwhile")
        won = _more(2, _NEW, repeat=(4, 5)[ended.index(None)])
        assert store.load_plan(designed.id) == _designed().grown([won], {"facts": [_NEW]})

    @pytest.mark.parametrize("key", ["facts/empty", "ideas/1"])
    def test_an_item_that_is_there_is_not_planned_twice(
        self, store: Store, designed: RunRecord, key: str
    ) -> None:
        again = Item(key=key, prompt="facts", messages=())
        with pytest.raises(ValueError, match="in the plan already"):
            store.add_topups(designed.id, [_more(2, again)], after=0, items={"facts": [again]})
        assert store.load_plan(designed.id) == _designed()

    def test_a_key_that_no_database_keeps_is_refused(self, store: Store, designed: RunRecord) -> None:
        wrong = Item(key="facts/a\0b", prompt="facts", messages=())
        with pytest.raises(StoreError, match="has a character that no database keeps"):
            store.add_topups(designed.id, [_more(2, wrong)], after=0, items={"facts": [wrong]})
        assert store.load_plan(designed.id) == _designed()

    def test_looks_keep_their_rounds(self, store: Store, designed: RunRecord) -> None:
        looks = [samples.look(round=1), samples.look(digest="11", round=2), samples.look(digest="22")]
        store.add_looks(designed.id, looks)
        assert store.looks(designed.id) == looks

    def test_prompts_whose_items_all_come_later(self, store: Store) -> None:
        plan = replace(_designed(), prompts=(samples.plan().prompts[0], Prompt(name="ideas")))
        run = store.create_run(plan, {}, version="0", environment={})
        assert store.load_plan(run.id) == plan
        more = replace(_more(2, _IDEA), prompts=("ideas",))
        store.add_topups(run.id, [more], after=0, items={"ideas": [_IDEA]})
        assert store.load_plan(run.id) == plan.grown([more], {"ideas": [_IDEA]})
