"""Plans: what is laid out, what is refused before anything is sent, and what is left of the work."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.errors import ModelError, PromptError, UsageError
from tempkit.planning.experiment import Experiment, build_plan, check_plan, max_tokens_of, parse_model, sweeps
from tempkit.planning.temperatures import sample_seed
from tempkit.types import Capabilities, Item, Message, Plan, Prompt, Sample, SampleKey, SamplingParams, Sweep

Write = Callable[[str, str], Path]

MODEL = parse_model("scripted:words")
HELLO = "Say hello."


def plan_of(*prompts: str, **said: Any) -> Plan:
    return build_plan(Experiment(**{"prompts": prompts or (HELLO,), "models": (MODEL,), **said}))


def refusal(*prompts: str, **said: Any) -> str:
    with pytest.raises(UsageError) as caught:
        plan_of(*prompts, **said)
    return str(caught.value)


def prompty(name: str, options: str = "{}") -> str:
    return f"---\nname: {name}\nmodel: {{options: {options}}}\nmetadata: {{tempkit: {{data: {name}.csv}}}}\n---\nHi {{{{ n }}}}\n"


def test_defaults() -> None:
    plan = plan_of()
    assert plan.name == "inline-1"
    assert plan.temperatures == (0.0, 0.4, 0.8, 1.2, 1.6)
    assert (plan.repeat, plan.seed) == (4, 0)
    assert plan.sampling == {"inline-1": SamplingParams()}
    assert plan.items == (Item(key="inline-1", prompt="inline-1", messages=(Message("user", HELLO),)),)
    assert plan == plan_of()


def test_counts(write: Write) -> None:
    write("a.csv", "id,n\n" + "".join(f"r{i},{i}\n" for i in range(5)))
    write("b.csv", "id,n\nx,1\ny,2\n")
    a, b = write("a.prompty", prompty("a", options="{maxOutputTokens: 10}")), write("b.prompty", prompty("b"))
    models = (MODEL, parse_model("scripted:words", "again"))
    plan = plan_of(str(a), str(b), HELLO, models=models, temperatures=(0.0, 0.5, 1.0), repeat=7)
    assert [len(p.items) for p in plan.prompts] == [5, 2, 1]
    assert plan.name == "a+b+1-more"
    assert plan.cell_count == 8 * 2 * 3
    assert plan.sample_count == 8 * 2 * 3 * 7
    assert max_tokens_of(plan) == (5 * 10 + 3 * 256) * 2 * 3 * 7
    work = list(sweeps(plan))
    assert len(work) == 8 * 2
    assert sum(len(s.samples) for s in work) == plan.sample_count
    limited = plan_of(str(a), str(b), HELLO, items=2)
    assert [i.key for i in limited.items] == ["a/r0", "a/r1", "b/x", "b/y", "inline-3"]


def test_paths_are_relative_to_the_file_or_the_folder_of_the_command(write: Write) -> None:
    write("sub/note.txt", "in sub")
    write("note.txt", "here")
    assert plan_of("note.txt", folder=Path("sub")).items[0].messages[0].content == "in sub"
    assert plan_of("note.txt").items[0].messages[0].content == "here"


def test_what_is_a_file_and_what_a_text(write: Write) -> None:
    write("two words.txt", "from the file")
    plan = plan_of("two words.txt", "Explain README.md", "x " * 3000)
    assert [p.name for p in plan.prompts] == ["two words", "inline-2", "inline-3"]
    assert [p.path for p in plan.prompts] == ["two words.txt", None, None]
    with pytest.raises(PromptError, match=r"^my prompts/missing one.prompty: prompt file not found$"):
        plan_of("my prompts/missing one.prompty")
    assert plan_of("Hello").items[0].messages[0].content == "Hello"
    with pytest.raises(
        PromptError, match=r"^'a\\x00b.txt': prompt file cannot have this name: embedded null byte$"
    ):
        plan_of("a\0b.txt")


def test_what_cannot_be_planned(write: Write) -> None:
    write("a/same.txt", "x")
    write("b/same.txt", "y")
    assert refusal("a/same.txt", "b/same.txt") == "two prompts are named 'same'; rename one"
    assert refusal(models=()) == "no model; name one with -m, e.g. -m gguf:smollm2"
    assert refusal(models=(MODEL, MODEL)) == (
        "model 'scripted:words' is named twice; give one a label of its own in an experiment file"
    )
    assert refusal(repeat=0) == "repeat must be a whole number of at least 1, not 0"
    assert refusal(items=0) == "items must be a whole number of at least 1, not 0"
    assert refusal(seed=-1) == "seed must be a whole number of at least 0, not -1"
    assert refusal(seed=2**63) == f"seed must be a whole number of at most {2**63 - 1}"
    assert refusal(temperatures=(-1.0,)) == (
        "temperature -1.0 is negative; the lowest is 0 (always the most probable token)"
    )
    assert (
        refusal(temperatures=(0.5, 0.5))
        == "temperature 0.5 is given twice; use --repeat for more samples of it"
    )
    assert refusal(temperatures=(float("nan"),)) == "temperature 'nan' is not a finite number"
    assert refusal(sampling={"max_token": 1}) == (
        "unknown sampling parameter 'max_token' (did you mean 'max_tokens'?); known: max_tokens, top_p, top_k, min_p, "
        "frequency_penalty, presence_penalty, stop, logprobs"
    )
    with pytest.raises(
        UsageError, match=r"^no prompts; name a prompt file, e.g. prompts/technical-documentation.prompty$"
    ):
        build_plan(Experiment(models=(MODEL,)))


def test_the_command_line_goes_over_the_file_over_the_prompt_over_neutral(write: Write) -> None:
    write("a.csv", "n\n1\n")
    a = write(
        "a.prompty",
        prompty("a", options="{maxOutputTokens: 10, topP: 0.5, topK: 5, stop: [X], temperature: 0.9}"),
    )
    file = Experiment(
        prompts=(str(a), HELLO), models=(MODEL,), sampling={"top_p": 0.6, "min_p": 0.1, "logprobs": 3}
    )
    line = Experiment(sampling={"min_p": 0.2, "max_tokens": 7})
    plan = build_plan(line.over(file))
    assert plan.sampling == {
        "a": SamplingParams(max_tokens=7, top_p=0.6, top_k=5, min_p=0.2, stop=("X",), logprobs=3),
        "inline-2": SamplingParams(max_tokens=7, top_p=0.6, min_p=0.2, logprobs=3),
    }
    assert plan.prompts[0].suggested_temperature == 0.9
    assert plan.temperatures == (0.0, 0.4, 0.8, 1.2, 1.6)


@pytest.mark.parametrize(
    ("can", "said", "message"),
    [
        (
            Capabilities(temperature_max=1.0),
            {"temperatures": (0.0, 1.0, 1.5)},
            "scripted:words takes temperatures from 0 to 1, not 1.5; change -t",
        ),
        (
            Capabilities(temperature_min=0.01),
            {"temperatures": (0.0, 1.0)},
            "scripted:words takes temperatures from 0.01 to any, not 0; change -t",
        ),
        (
            Capabilities(max_logprobs=5, params=frozenset({"logprobs"})),
            {"sampling": {"logprobs": 6}},
            "scripted:words returns at most 5 logprobs per token, not 6; use --logprobs 5",
        ),
        (
            Capabilities(params=frozenset({"max_tokens"})),
            {"sampling": {"max_tokens": 5, "top_p": 0.5}},
            "scripted:words cannot honour top_p=0.5 (asked for 'inline-1'); leave it out",
        ),
    ],
)
def test_a_plan_that_a_model_cannot_honour(can: Capabilities, said: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        check_plan(plan_of(**said), {"scripted:words": can})
    assert str(caught.value) == message


def test_a_plan_that_every_model_can_honour() -> None:
    plan = plan_of(temperatures=(0.0, 2.0), sampling={"logprobs": 5, "max_tokens": 9})
    can = Capabilities(temperature_max=2.0, max_logprobs=5, params=frozenset({"logprobs", "max_tokens"}))
    check_plan(plan, {"scripted:words": can})
    check_plan(plan_of(temperatures=(0.0, 1e6)), {"scripted:words": Capabilities()})


def made_plan(items: int, models: int, temperatures: int, repeat: int, seed: int) -> Plan:
    names = [f"p/{i}" for i in range(items)]
    prompt = Prompt(
        name="p", items=tuple(Item(key=k, prompt="p", messages=(Message("user", k),)) for k in names)
    )
    return Plan(
        name="x",
        prompts=(prompt,),
        models=tuple(parse_model("scripted:words", f"m{i}") for i in range(models)),
        temperatures=tuple(float(t) for t in range(temperatures)),
        repeat=repeat,
        seed=seed,
        sampling={"p": SamplingParams()},
    )


PLANS = st.builds(made_plan, *(st.integers(1, 4) for _ in range(4)), st.integers(0, 2**40))


def flat(work: list[Sweep]) -> dict[SampleKey, Sample]:
    keys = [(sweep.key(sample), sample) for sweep in work for sample in sweep.samples]
    assert len(dict(keys)) == len(keys)
    return dict(keys)


@settings(deadline=None, max_examples=100)
@given(PLANS, st.data())
def test_what_is_left_is_the_plan_without_what_is_there(plan: Plan, data: st.DataObject) -> None:
    whole = flat(list(sweeps(plan)))
    assert set(whole) == {
        SampleKey(item.key, model.label, t, r)
        for item in plan.items
        for model in plan.models
        for t in plan.temperatures
        for r in range(plan.repeat)
    }
    there = data.draw(st.sets(st.sampled_from(sorted(whole)))) | {SampleKey("other", "m0", 0.0, 0)}
    rest = list(sweeps(plan, without=there))
    assert flat(rest) == {key: sample for key, sample in whole.items() if key not in there}
    assert all(sweep.samples for sweep in rest)
    assert len({(s.item.key, s.model.label) for s in rest}) == len(rest)
    for sweep in rest:
        assert sweep.sampling is plan.sampling["p"]


@settings(deadline=None, max_examples=50)
@given(PLANS, st.randoms(use_true_random=False))
def test_a_samples_seed_depends_on_what_it_is_alone(plan: Plan, order: Any) -> None:
    seeds = {key: sample.seed for key, sample in flat(list(sweeps(plan))).items()}
    for key, seed in seeds.items():
        assert seed == sample_seed(plan.seed, key.item, key.model, key.replicate)
    models, temperatures = list(plan.models), list(plan.temperatures)
    order.shuffle(models)
    order.shuffle(temperatures)
    other = dataclasses.replace(
        plan, models=tuple(models), temperatures=(*temperatures, 99.0), repeat=plan.repeat + 1, name="other"
    )
    assert seeds.items() <= {key: s.seed for key, s in flat(list(sweeps(other))).items()}.items()
