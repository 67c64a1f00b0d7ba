"""From answers to scores and standings, by hand: what counts, what is a tie, what is missing and why."""

from pathlib import Path

import pytest
from judging_samples import MODEL, TEMPERATURES, a_plan, a_run, completion

from tempkit.errors import UsageError
from tempkit.judging.layout import Graded, ItemPairings, Pairing, Section, Wanted, Work, lay_out
from tempkit.judging.parse import Reading
from tempkit.judging.verdicts import WITHHELD, consistency_of, scores_of, standings
from tempkit.store import Store
from tempkit.types import Failure, SampleKey
from tempkit.types.reasons import Reason

LOW, HIGH = SampleKey("i", "m", 0.0, 0), SampleKey("i", "m", 1.0, 0)
OTHER = SampleKey("i", "m", 1.0, 1)


def work(mode="pairs", *, graded=(), pairs=(), left_out=(), items=1):
    blocks = tuple(
        ItemPairings(item=f"i{n}", graded=tuple(graded), pairs=tuple(pairs), left_out=tuple(left_out))
        for n in range(items)
    )
    names = tuple(block.item for block in blocks)
    section = Section(name="s", model="m", temperatures=(0.0, 1.0), items=names, blocks=blocks)
    return Work(mode=mode, seed=0, sections=(section,))


def readings(**values):
    return {key: Reading(*((None, v) if isinstance(v, str) else (v,))) for key, v in values.items()}


def scores(of: Work, said, *, verdict="reliable"):
    found = scores_of(of, said, measure="x", version="judged 1 j", verdict=verdict)
    return {(s.temperature, s.replicate): s.value if s.reason is None else str(s.reason) for s in found}


def test_a_grade_is_the_mean_of_both_between_0_and_1() -> None:
    made = work("grades", graded=[Graded(LOW, ("a", "b")), Graded(HIGH, ("c", "d"))])
    assert scores(made, readings(a=5.0, b=5.0, c=2.0, d=3.0)) == {(0.0, 0): 1.0, (1.0, 0): 0.375}
    assert scores(made, readings(a=1.0, b=1.0, c=1.0, d=5.0)) == {(0.0, 0): 0.0, (1.0, 0): 0.5}


def test_a_grade_of_which_half_is_missing_is_missing() -> None:
    made = work("grades", graded=[Graded(LOW, ("a", "b")), Graded(HIGH, ("c", "d"))])
    found = scores(made, readings(a=5.0, b="no grade", c=2.0))
    assert found == {(0.0, 0): "no grade", (1.0, 0): "the judge did not answer"}
    (section,) = standings(made, readings(a=5.0, b="no grade", c=2.0), shrinks=1.0)
    assert [(level.share, level.judged, level.missing) for level in section.levels] == [(None, 0, 1)] * 2


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        (1.0, 0.0, 1.0, 0.0),  # shown first it won, shown second it won
        (0.0, 1.0, 0.0, 1.0),
        (1.0, 1.0, 0.5, 0.5),  # the first one won twice: that was the place
        (0.0, 0.0, 0.5, 0.5),
        (0.5, 0.5, 0.5, 0.5),
        (1.0, 0.5, 0.5, 0.5),  # a win in one order only is none
    ],
)
def test_a_win_counts_only_if_both_orders_agree(first, second, low, high) -> None:
    made = work(pairs=[Pairing(LOW, HIGH, ("a", "b"))])
    assert scores(made, readings(a=first, b=second)) == {(0.0, 0): low, (1.0, 0): high}


def test_a_completion_scores_the_share_of_its_comparisons_that_can_be_read() -> None:
    pairs = [
        Pairing(LOW, HIGH, ("a", "b")),
        Pairing(LOW, OTHER, ("c", "d")),
        Pairing(LOW, OTHER, None),
    ]
    made = work(pairs=pairs)
    said = readings(a=1.0, b=0.0, c="both", d=1.0)
    assert scores(made, said) == {(0.0, 0): 0.75, (1.0, 0): 0.0, (1.0, 1): 0.5}
    (section,) = standings(made, said, shrinks=1.0)
    assert [(level.share, level.judged, level.missing) for level in section.levels] == [
        (0.75, 2, 1),
        (0.25, 2, 1),
    ]
    unread = readings(a="both", b=0.0)
    assert scores(work(pairs=pairs[:1]), unread) == {(0.0, 0): "both", (1.0, 0): "both"}


@pytest.mark.parametrize("verdict", ["unreliable", "unknown"])
def test_scores_of_a_judge_that_is_not_used_are_missing_and_others_keep_their_own_reasons(verdict) -> None:
    pairs = [Pairing(LOW, HIGH, ("a", "b"))]
    made = work(pairs=pairs, left_out=[(OTHER, Reason("empty_answer"))])
    found = scores(made, readings(a=1.0, b=0.0), verdict=verdict)
    why = str(WITHHELD[verdict])
    assert found == {(0.0, 0): why, (1.0, 0): why, (1.0, 1): "the answer is empty"}


def test_equal_questions_count_once_for_consistency_and_in_whichever_order() -> None:
    made = work(pairs=[Pairing(LOW, HIGH, ("a", "b")), Pairing(HIGH, LOW, ("b", "a"))], items=4)
    found = consistency_of(made, readings(a=1.0, b=0.0), min_kappa=0.4)
    assert (found.compared, found.alike, found.decided) == (1, 1, 1)
    assert not found.shown  # one pair shows nothing, however often it is counted


def test_texts_that_are_all_equal_are_ties_that_need_no_judge() -> None:
    made = work(pairs=[Pairing(LOW, HIGH, None)])
    assert consistency_of(made, {}, min_kappa=0.4).shown
    assert scores(made, {}) == {(0.0, 0): 0.5, (1.0, 0): 0.5}


def test_what_cannot_be_judged_is_left_out_with_its_reason(tmp_path: Path) -> None:
    plan = a_plan(items=2)
    first = plan.items[0].key
    key = [SampleKey(first, MODEL, t, r) for t in TEMPERATURES for r in range(2)]
    odd = {
        key[0]: completion(key[0], "It goes on and", finish="length"),
        key[1]: completion(key[1], "It goes", finish="content_filter"),
        key[2]: " \n ",
        key[3]: Failure(key=key[3], kind="server", message="down"),
        key[4]: "The same.",
        key[5]: "The same.",
    }
    with Store.open(tmp_path / "t.db") as store:
        run = a_run(store, plan, odd)
        grades, pairs = lay_out(store, run, Wanted()), lay_out(store, run, Wanted(pairs=50))
    assert {key: str(why) for key, why in grades.sections[0].blocks[0].left_out} == {
        key[0]: "truncated at max_tokens",
        key[1]: "truncated by the provider's content filter",
        key[2]: "the answer is empty",
    }
    assert grades.failed == pairs.failed == 1
    assert len(grades.questions) == 2 + 2 * 6  # two equal texts, and the six of the other item
    assert [graded.sample for graded in grades.sections[0].blocks[0].graded] == key[4:]
    assert pairs.sections[0].blocks[0].pairs == ()  # one temperature is left, so nothing can meet
    assert len(pairs.sections[0].blocks[1].pairs) == 12


def test_equal_texts_at_different_temperatures_are_not_asked_about(tmp_path: Path) -> None:
    plan = a_plan(items=1, repeat=1)
    keys = [SampleKey(plan.items[0].key, MODEL, t, 0) for t in TEMPERATURES]
    with Store.open(tmp_path / "t.db") as store:
        run = a_run(store, plan, {keys[0]: "Same.", keys[1]: "Same.", keys[2]: "Other."})
        found = lay_out(store, run, Wanted(pairs=3))
    pairs = found.sections[0].blocks[0].pairs
    assert sum(pair.questions is None for pair in pairs) == 1
    assert len(found.questions) == 2  # of the two other pairs, which are the same to a judge


def test_a_run_without_completions_has_nothing_to_judge(tmp_path: Path) -> None:
    plan = a_plan(items=1, repeat=1)
    keys = [SampleKey(plan.items[0].key, MODEL, t, 0) for t in TEMPERATURES]
    with Store.open(tmp_path / "t.db") as store:
        run = a_run(store, plan, {key: Failure(key=key, kind="server", message="down") for key in keys})
        with pytest.raises(UsageError, match="has no completions to judge"):
            lay_out(store, run, Wanted())
