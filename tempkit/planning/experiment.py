"""From what the user asked for to a `Plan`: command-line options over an experiment file, prompts rendered.

Building a plan reads prompt files, and for `recommended` arms the heads of model files; it asks no model. The same inputs give the same plan, and every
sample in it has its seed before the first one is drawn, so the order of the work cannot matter.
"""

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence

from tempkit.errors import ModelError, UsageError, one_line
from tempkit.planning.arms import with_arms
from tempkit.planning.experiment_file import Experiment, parse_model, read_experiment
from tempkit.planning.forewarnings import other_settings
from tempkit.planning.temperatures import parse_temperatures, sample_seed
from tempkit.planning.typed_prompts import prompt_of
from tempkit.prompts import NOT_CARRIED_OVER, sampling_params, whole_number
from tempkit.types import (
    Capabilities,
    Item,
    ModelSpec,
    Plan,
    Prompt,
    Sample,
    SampleKey,
    SamplingParams,
    Sweep,
    joined_names,
)

__all__ = [
    "Experiment",
    "build_plan",
    "check_plan",
    "expecting",
    "max_tokens_of",
    "parse_model",
    "read_experiment",
    "sweeps",
]

DEFAULT_TEMPERATURES = (0.0, 0.4, 0.8, 1.2, 1.6)
DEFAULT_REPEAT = 4

_WANT_USER = ("anthropic", "google")
"""Backends whose API keeps the system's words apart, and has no request without another message."""

_LEFT_OUT = f"{NOT_CARRIED_OVER}the provider "
"""What a note has that says which of a file's models cannot be asked."""


def build_plan(experiment: Experiment) -> Plan:
    """Read the prompts and lay out the whole run.

    Raises:
        UsageError: Nothing to run, two prompts or models of one name, or an arm that cannot be had.
        ModelError: What a model recommends cannot be read.
        PromptError: A prompt cannot be used.
    """
    if not experiment.prompts:
        raise UsageError("no prompts; name a prompt file, e.g. prompts/technical-documentation.prompty")
    limit = whole_number(experiment.items, "items", least=1)
    prompts: list[Prompt] = []
    for given in experiment.prompts:
        if isinstance(given, Prompt):
            if experiment.data is not None:
                raise UsageError(
                    f"--data fills in prompt files, and {given.path or given.name} brings its own questions; leave one of them out"
                )
            prompt = given
        else:
            prompt = prompt_of(given, experiment.folder, len(prompts) + 1, experiment.env, experiment.data)
        if any(p.name == prompt.name for p in prompts):
            raise UsageError(f"two prompts are named {prompt.name!r}; rename one")
        items = tuple(expecting(item, experiment.expect) for item in prompt.items[:limit])
        prompts.append(dataclasses.replace(prompt, items=items))
    if not experiment.models:
        why = next((f": {note}" for note in experiment.notes if _LEFT_OUT in note), "")
        raise UsageError(f"no model{why}; name one with -m, e.g. -m gguf:smollm2")
    labels = [m.label for m in experiment.models]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(
                f"model {label!r} is named twice; give one a label of its own in an experiment file"
            )
    repeat = whole_number(experiment.repeat, "repeat", least=1)
    plan = Plan(
        name=experiment.name or joined_names(prompts),
        prompts=tuple(prompts),
        models=experiment.models,
        temperatures=parse_temperatures(experiment.temperatures or DEFAULT_TEMPERATURES),
        repeat=DEFAULT_REPEAT if repeat is None else repeat,
        seed=whole_number(experiment.seed, "seed", least=0) or 0,
        sampling={p.name: sampling_params({**p.options, **experiment.sampling}) for p in prompts},
        budget=experiment.budget,
        logprobs_required=any(
            "logprobs" in given for given in (experiment.sampling, *(p.options for p in prompts))
        ),
    )
    return with_arms(plan, experiment.arms)


def expecting(item: Item, expect: str | None) -> Item:
    """Return an item with facts that every answer must contain beside its own.

    Raises:
        UsageError: One of them is empty.
    """
    if expect is None:
        return item
    facts = tuple(tuple(w.strip() for w in fact.split("|") if w.strip()) for fact in expect.split(";"))
    if not all(facts):
        raise UsageError(
            "--expect names words that every answer must contain, | between wordings and ; between facts, "
            f"not {one_line(repr(expect), 60)}"
        )
    return dataclasses.replace(item, facts=(*item.facts, *facts))


def check_plan(
    plan: Plan, capabilities: Mapping[str, Capabilities], *, allow_ignored: Collection[str] = ()
) -> None:
    """Refuse a plan that a model cannot honour, before anything is sent.

    Args:
        plan: The plan.
        capabilities: By model label.
        allow_ignored: Labels of models that may ignore the temperature.

    Raises:
        ModelError: Saying which model, which value, and what would work.
    """
    lone = next(
        (p.name for p in plan.prompts for item in p.items if {m.role for m in item.messages} == {"system"}),
        None,
    )
    for model in plan.models:
        can = capabilities[model.label]
        if lone is not None and model.backend in _WANT_USER:
            raise ModelError(
                f"{model.label} answers nothing but a user's message, and prompt {lone!r} has only the system's; begin a message with a line of user:"
            )
        if can.temperature == "ignored" and model.label not in allow_ignored and not plan.without_temperature:
            raise ModelError(
                f"{model.label} ignores the temperature without a word ({can.source}), so all its temperatures would be alike; "
                f"{can.instead or 'choose another model'}, or run it all the same with --allow-ignored-temperature"
            )
        temperatures, change = plan.asked_at(model.label), "--arm" if model.label in plan.arms else "-t"
        for value in () if plan.without_temperature else temperatures:
            _check_temperature(model.label, can, value, change)
        for prompt in plan.sampling:
            sampling = plan.sampling_of(model.label, prompt)
            if plan.logprobs_required:
                _check_logprobs(model.label, can, sampling.logprobs)
            _check_sampling(model.label, can, prompt, sampling, temperatures)


def _check_temperature(label: str, can: Capabilities, value: float, change: str) -> None:
    if can.temperature == "rejected" and value not in can.temperature_accepts:
        only = ", ".join(f"{t:g}" for t in can.temperature_accepts)
        takes = f"takes no temperature but {only}" if only else "takes no temperature"
        options = other_settings(can)
        settings = f", or compare other settings of it: {options}" if options else ""
        raise ModelError(
            f"{label} {takes} ({can.source}), not {value:g}; {can.instead or 'choose another model'}{settings}"
        )
    low, high = can.temperature_min, can.temperature_max
    if value < low or (high is not None and value > high):
        to = "any" if high is None else f"{high:g}"
        raise ModelError(f"{label} takes temperatures from {low:g} to {to}, not {value:g}; change {change}")
    if value == 0 and not can.temperature_zero:
        raise ModelError(f"{label} takes no temperature of 0 ({can.source}); {can.instead or 'leave it out'}")


def _check_logprobs(label: str, can: Capabilities, asked: int) -> None:
    if can.max_logprobs is not None and asked > can.max_logprobs:
        returns = f"at most {can.max_logprobs} logprobs per token" if can.max_logprobs else "no logprobs"
        raise ModelError(f"{label} returns {returns}, not {asked}; use --logprobs {can.max_logprobs}")


def _check_sampling(
    label: str, can: Capabilities, prompt: str, sampling: SamplingParams, temperatures: Sequence[float]
) -> None:
    neutral = SamplingParams()
    for field in dataclasses.fields(SamplingParams):
        asked = getattr(sampling, field.name)
        if asked != getattr(neutral, field.name) and field.name not in (can.params | {"logprobs"}):
            raise ModelError(
                f"{label} cannot honour {field.name}={asked!r} (asked for {prompt!r}); leave it out"
            )
    if sampling.top_p == 1 or can.top_p is None or (can.top_p == "one_at_zero" and 0 not in temperatures):
        return
    when = {
        "alone": "together with a temperature",
        "one": "other than 1",
        "one_at_zero": "other than 1 at temperature 0",
    }
    raise ModelError(
        f"{label} takes no top_p {when[can.top_p]} ({can.source}), not {sampling.top_p:g} (asked for {prompt!r}); leave it out"
    )


def max_tokens_of(plan: Plan) -> int:
    """Return the most output tokens the plan can cost."""
    limits = {item.key: plan.sampling[item.prompt].max_tokens for item in plan.items}
    return sum(
        limits[key] * sum(row.values())
        for model in plan.models
        for key, row in plan.repeats(model.label).items()
    )


def sweeps(
    plan: Plan, without: Collection[SampleKey] = (), models: Sequence[ModelSpec] | None = None
) -> Iterator[Sweep]:
    """Yield the plan's work, or that of some of its models, item by item, leaving out samples that are there already."""
    for model in plan.models if models is None else models:
        planned = plan.repeats(model.label)
        arm = plan.arms.get(model.label)
        drawn_as = model.label if arm is None else arm.of
        for item in plan.items:
            repeats = planned[item.key]
            samples = tuple(
                Sample(temperature, replicate, seed)
                for replicate in range(max(repeats.values(), default=0))
                for seed in (sample_seed(plan.seed, item.key, drawn_as, replicate),)
                for temperature, repeat in repeats.items()
                if replicate < repeat
                and SampleKey(item.key, model.label, temperature, replicate) not in without
            )
            if samples:
                sampling = plan.sampling_of(model.label, item.prompt)
                yield Sweep(
                    item=item, model=model, sampling=sampling, samples=samples,
                    without_temperature=plan.without_temperature,
                )  # fmt: skip
