"""The comparison of a run small enough to work out with a pencil, and what it must refuse."""

import dataclasses
import random
from pathlib import Path

import pytest
from report_sample import Run, completion, token_list

from tempkit.analysis import Curve, compare, curves, load_comparison
from tempkit.errors import ReportError
from tempkit.store import Store
from tempkit.types import Failure, ModelInfo, Prompt, SampleKey


def by_measure(run: Run) -> dict[tuple[str, str | None], Curve]:
    (section,) = run.scored
    return {(curve.measure, curve.kind): curve for curve in curves(section)}


def means(curve: Curve) -> list[float | None]:
    return [point.mean for point in curve.points]


def test_means_by_hand(hand: Run) -> None:
    found = by_measure(hand)
    assert means(found["fact_recall", None]) == pytest.approx([5 / 6, 1 / 4])
    assert means(found["facts_returned", None]) == pytest.approx([5 / 6, 7 / 12])
    assert means(found["mean_entropy", "raw"]) == pytest.approx([11 / 12, (6.5 / 3 + 3) / 2])
    assert means(found["mean_logprob", "raw"]) == pytest.approx([(-0.3 - 2.6 / 3) / 2, (-4.3 / 3 - 2) / 2])


def test_the_items_behind_a_mean_and_what_it_rests_on(hand: Run) -> None:
    curve = by_measure(hand)["fact_recall", None]
    cold, warm = curve.points
    assert (cold.items, cold.samples) == (2, 6)
    assert (warm.items, warm.samples) == (2, 3)  # two cut off, one failed
    assert curve.items == ("p/bits", "p/port")
    assert curve.by_item[1].tolist() == pytest.approx([2 / 3, 0.0])
    assert (cold.low, cold.high) == (None, None)  # two items
    assert cold.reason is not None
    assert sum(warm.missing.values()) == 2


def test_counts_by_temperature(hand: Run) -> None:
    (section,) = hand.comparison.sections
    cold, warm = section.levels
    assert (cold.planned, cold.completions, cold.failed, cold.truncated, cold.pending) == (6, 6, 0, 0, 0)
    assert (warm.planned, warm.completions, warm.failed, warm.truncated, warm.pending) == (6, 5, 1, 2, 0)
    assert (cold.output_tokens, warm.output_tokens) == (12, 10)
    assert section.name == "p"


def test_identical_answers_are_one_group_with_the_lowest_replicate_as_example(hand: Run) -> None:
    (section,) = hand.comparison.sections
    (group,) = section.rows[0].cells[0].groups
    assert (group.text, group.count, group.replicates, group.found) == ("8 bits", 3, (0, 1, 2), (True,))
    assert group.example.key.replicate == 0
    assert [(g.text, g.count) for g in section.rows[1].cells[0].groups] == [("443", 2), ("80", 1)]


def test_the_same_text_cut_off_and_whole_are_two_groups_but_one_text(hand: Run) -> None:
    key = SampleKey("p/bits", "scripted:x", 0.0, 0)
    pair = (completion(key, "8"), completion(dataclasses.replace(key, replicate=1), "8", finish="length"))
    (section,) = dataclasses.replace(hand, completions=pair, failures=()).comparison.sections
    cell = section.rows[0].cells[0]
    assert [group.incomplete for group in cell.groups] == [False, True]
    assert cell.pending == 1


def test_logprob_kinds_are_never_averaged_together(hand: Run) -> None:
    mixed = [
        dataclasses.replace(c, logprob_kind=("raw", "unknown", "none")[c.key.replicate])
        for c in hand.completions
    ]
    run = dataclasses.replace(hand, completions=tuple(mixed))
    (section,) = run.comparison.sections
    by_kind = {kind: curve for (name, kind), curve in by_measure(run).items() if name == "mean_logprob"}
    assert set(by_kind) == {"raw", "unknown"}
    assert by_kind["raw"].points[0].mean == pytest.approx(-0.3)
    assert by_kind["raw"].points[0].samples == 2
    assert set(section.kinds) == {"raw", "unknown", "none"}
    assert run.comparison.models[0].kinds == {"raw": 4, "unknown": 4, "none": 3}


def test_the_order_of_arrival_does_not_matter(sample: Run) -> None:
    shuffled = list(sample.completions)
    random.Random(3).shuffle(shuffled)
    again = dataclasses.replace(sample, completions=tuple(shuffled)).comparison
    for one, other in zip(sample.comparison.sections, again.sections, strict=True):
        assert one.levels == other.levels
        assert one.rows == other.rows


def test_a_failure_that_came_back_counts_as_recovered(hand: Run) -> None:
    late = Failure(key=SampleKey("p/bits", "scripted:x", 0.0, 0), kind="timeout", message="slow")
    comparison = dataclasses.replace(hand, failures=(*hand.failures, late)).comparison
    assert (comparison.recovered, comparison.failed, comparison.pending) == (1, 1, 0)


def test_nothing_came_back(hand: Run) -> None:
    comparison = dataclasses.replace(hand, completions=(), failures=()).comparison
    assert comparison.pending == 12
    assert comparison.models[0].completions == 0


@pytest.mark.parametrize(
    "key",
    [
        SampleKey("p/other", "scripted:x", 0.0, 0),
        SampleKey("p/bits", "scripted:y", 0.0, 0),
        SampleKey("p/bits", "scripted:x", 0.5, 0),
    ],
)
def test_an_outcome_outside_the_plan_is_refused(hand: Run, key: SampleKey) -> None:
    with pytest.raises(ReportError, match="not in the run's plan"):
        dataclasses.replace(hand, completions=(completion(key, "x"),)).comparison  # noqa: B018
    with pytest.raises(ReportError, match="not in the run's plan"):
        dataclasses.replace(hand, failures=(Failure(key=key, kind="server", message="x"),)).comparison  # noqa: B018


def test_a_sample_with_two_completions_is_refused(hand: Run) -> None:
    with pytest.raises(ReportError, match="two completions"):
        dataclasses.replace(hand, completions=hand.completions * 2).comparison  # noqa: B018


def test_prompts_of_one_use_case_share_a_section_and_the_others_stand_alone(hand: Run) -> None:
    prompt = hand.plan.prompts[0]
    items = [dataclasses.replace(prompt.items[0], key=f"{name}/1", prompt=name) for name in "abc"]
    prompts = tuple(
        Prompt(name=name, use_case=use_case, items=(item,))
        for name, use_case, item in zip("abc", ("chat", None, "chat"), items, strict=True)
    )
    plan = dataclasses.replace(hand.plan, prompts=prompts)
    sections = compare(hand.facts, plan, {}, (), ()).sections
    assert [(section.name, [p.name for p in section.prompts]) for section in sections] == [
        ("chat", ["a", "c"]),
        ("b", ["b"]),
    ]


def test_what_was_seen_of_a_model(sample: Run, hand: Run) -> None:
    local, remote = sample.comparison.models
    assert local.info is not None
    assert remote.info is None
    assert remote.response_models == ("llama-3.1-8b-instruct",)
    assert local.sent["temperature"] == sample.plan.temperatures
    assert local.altered == 0
    silent = [dataclasses.replace(c, temperature_sent=None) for c in hand.completions]
    facts = compare(hand.facts, hand.plan, {"scripted:x": ModelInfo()}, silent, ()).models[0]
    assert facts.altered == len(silent)


def test_completions_are_read_once_and_in_a_stream(hand: Run) -> None:
    stream = iter(hand.completions)
    assert compare(hand.facts, hand.plan, {}, stream, iter(hand.failures)).completions == 11
    assert next(stream, None) is None


def test_a_stored_run_compares_like_the_plain_values(sample: Run, tmp_path: Path) -> None:
    with Store.open(tmp_path / "runs.db") as store:
        run = store.create_run(sample.plan, sample.infos, version="0.1.0", environment={"python": "3.11"})
        first = sample.completions[0]
        store.add(run.id, [Failure(key=first.key, kind="timeout", message="slow"), *sample.failures])
        store.add(run.id, sample.completions)
        store.set_status(run.id, "finished")
        loaded = load_comparison(store, store.find_run("latest"))
    plain = sample.comparison
    assert loaded.recovered == 1
    assert (loaded.run.name, loaded.run.status, loaded.pending) == ("facts-and-ideas", "finished", 0)
    for one, other in zip(plain.sections, loaded.sections, strict=True):
        assert one.levels == other.levels
        assert [[len(cell.groups) for cell in row.cells] for row in one.rows] == [
            [len(cell.groups) for cell in row.cells] for row in other.rows
        ]
    assert loaded.sections[0].rows[0].cells[0].groups[0].example.tokens == ()


def test_tokens_of_the_sample_join_up_to_its_texts(sample: Run) -> None:
    for one in sample.completions:
        assert "".join(token.text for token in one.tokens) == one.text
    assert token_list("", 1.0, random.Random(1)) == ()
