"""From what the user asked for to a `Plan`: command-line options over an experiment file, prompts rendered.

Building a plan reads prompt files and nothing else; it asks no model. The same inputs give the same plan, and every
sample in it has its seed before the first one is drawn, so the order of the work cannot matter.
"""

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from tempkit.errors import ModelError, UsageError
from tempkit.experiment_file import Experiment, parse_model, read_experiment
from tempkit.grid import parse_temperatures, sample_seed
from tempkit.prompts import inline_prompt, load_prompt
from tempkit.sampling import sampling_params, whole
from tempkit.types import (
    Capabilities,
    Plan,
    Prompt,
    Sample,
    SampleKey,
    SamplingParams,
    Sweep,
)

__all__ = [
    "Experiment",
    "build_plan",
    "check_plan",
    "max_tokens_of",
    "parse_model",
    "read_experiment",
    "sweeps",
]

DEFAULT_TEMPERATURES = (0.0, 0.4, 0.8, 1.2, 1.6)
DEFAULT_REPEAT = 4


def build_plan(experiment: Experiment) -> Plan:
    """Read the prompts and lay out the whole run.

    Raises:
        UsageError: Nothing to run, or two prompts or models of one name.
        PromptError: A prompt cannot be used.
    """
    if not experiment.prompts:
        raise UsageError("no prompts; name a prompt file, e.g. prompts/technical-documentation.prompty")
    if not experiment.models:
        raise UsageError("no model; name one with -m, e.g. -m gguf:smollm2")
    limit = whole(experiment.items, "items", least=1)
    prompts: list[Prompt] = []
    for text in experiment.prompts:
        prompt = _prompt(text, experiment.folder, len(prompts) + 1)
        if any(p.name == prompt.name for p in prompts):
            raise UsageError(f"two prompts are named {prompt.name!r}; rename one")
        prompts.append(dataclasses.replace(prompt, items=prompt.items[:limit]))
    labels = [m.label for m in experiment.models]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(
                f"model {label!r} is named twice; give one a label of its own in an experiment file"
            )
    repeat = whole(experiment.repeat, "repeat", least=1)
    return Plan(
        name=experiment.name or _name(prompts),
        prompts=tuple(prompts),
        models=experiment.models,
        temperatures=parse_temperatures(experiment.temperatures or DEFAULT_TEMPERATURES),
        repeat=DEFAULT_REPEAT if repeat is None else repeat,
        seed=whole(experiment.seed, "seed", least=0) or 0,
        sampling={p.name: sampling_params({**p.options, **experiment.sampling}) for p in prompts},
    )


def _prompt(text: str, folder: Path, number: int) -> Prompt:
    path = folder / text
    try:
        exists = path.is_file()
    except (OSError, ValueError):  # a long inline text is no possible file name
        exists = False
    if not exists and len(text.split()) > 1 and not text.endswith((".prompty", ".j2")):
        return inline_prompt(text, f"inline-{number}")
    return load_prompt(path)


def _name(prompts: Sequence[Prompt]) -> str:
    rest = len(prompts) - 2
    names = [p.name for p in prompts[:2]]
    return "+".join(names) + (f"+{rest}-more" if rest > 0 else "")


def check_plan(plan: Plan, capabilities: Mapping[str, Capabilities]) -> None:
    """Refuse a plan that a model cannot honour, before anything is sent.

    Args:
        plan: The plan.
        capabilities: By model label.

    Raises:
        ModelError: Saying which model, which value, and what would work.
    """
    for model in plan.models:
        can = capabilities[model.label]
        for value in plan.temperatures:
            if value < can.temperature_min or (
                can.temperature_max is not None and value > can.temperature_max
            ):
                high = "any" if can.temperature_max is None else f"{can.temperature_max:g}"
                raise ModelError(
                    f"{model.label} takes temperatures from {can.temperature_min:g} to {high}, not {value:g}; change -t"
                )
        for prompt, sampling in plan.sampling.items():
            if can.max_logprobs is not None and sampling.logprobs > can.max_logprobs:
                raise ModelError(
                    f"{model.label} returns at most {can.max_logprobs} logprobs per token, not {sampling.logprobs}; "
                    f"use --logprobs {can.max_logprobs}"
                )
            neutral = SamplingParams()
            for field in dataclasses.fields(SamplingParams):
                asked = getattr(sampling, field.name)
                if asked != getattr(neutral, field.name) and field.name not in can.params:
                    raise ModelError(
                        f"{model.label} cannot honour {field.name}={asked!r} (asked for {prompt!r}); leave it out"
                    )


def max_tokens_of(plan: Plan) -> int:
    """Return the most output tokens the plan can cost."""
    per_item = sum(plan.sampling[item.prompt].max_tokens for item in plan.items)
    return per_item * len(plan.models) * len(plan.temperatures) * plan.repeat


def sweeps(plan: Plan, without: Collection[SampleKey] = ()) -> Iterator[Sweep]:
    """Yield the plan's work, model by model and item by item, leaving out samples that are there already."""
    for model in plan.models:
        for item in plan.items:
            samples = tuple(
                Sample(temperature, replicate, seed)
                for replicate in range(plan.repeat)
                for seed in (sample_seed(plan.seed, item.key, model.label, replicate),)
                for temperature in plan.temperatures
                if SampleKey(item.key, model.label, temperature, replicate) not in without
            )
            if samples:
                yield Sweep(item=item, model=model, sampling=plan.sampling[item.prompt], samples=samples)
