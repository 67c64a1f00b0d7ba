"""What the user asks for: an experiment file, read with every mistake named by its line, or the command line's options."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tempkit.backends import read_addresses
from tempkit.errors import ExperimentError, PromptError, TempkitError, UsageError, one_line
from tempkit.files import Document, kind, parse_yaml
from tempkit.planning.arms import parse_arms
from tempkit.planning.executor_option import RESOURCES, Executor, parse_executor, ray_resources
from tempkit.planning.temperatures import parse_temperatures
from tempkit.prompts import (
    amount,
    read_text,
    sampling_params,
    whole_number,
)
from tempkit.types import Budget, ModelSpec, Prompt, SamplingParams

if TYPE_CHECKING:
    from tempkit.prompts import Configuration

__all__ = ["Experiment", "model_text", "parse_model", "read_experiment"]

_KEYS = (
    "name",
    "prompts",
    "models",
    "temperatures",
    "arms",
    "repeat",
    "seed",
    "sampling",
    "logprobs",
    "items",
    "use_case",
    "budget",
    "batch",
    "executor",
    "ray",
)
_SAMPLING = tuple(f.name for f in dataclasses.fields(SamplingParams) if f.name != "logprobs")
_SECRETS = re.compile(r"(api|auth|access)?(key|token)|password|passwd|secret|authorization|bearer")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What the user asked for, before prompts are read. None and empty mean: not said."""

    name: str | None = None
    prompts: tuple[str | Prompt, ...] = ()
    """Files, texts, or prompts that are made already."""
    models: tuple[ModelSpec, ...] = ()
    temperatures: tuple[float, ...] = ()
    repeat: int | None = None
    seed: int | None = None
    sampling: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """`SamplingParams` fields by name."""
    budget: Budget = dataclasses.field(default_factory=Budget)
    batch: bool | None = None
    """Use the providers' batch APIs."""
    executor: Executor = dataclasses.field(default_factory=Executor)
    """What draws samples from local models."""
    arms: tuple[str, ...] = ()
    """Settings beside the temperature to try as well, as `parse_arms` returns them."""
    items: int | None = None
    """Take only the first so many items of every prompt."""
    use_case: str | None = None
    """What the answers to all prompts are for: the name of a use case, or the path of a `.toml` file. None: as each prompt says."""
    folder: Path = Path()
    """What relative prompt paths are relative to."""
    env: tuple[str, ...] = ()
    """Names of the environment variables that prompt files may refer to; only the command line says them."""
    data: Path | None = None
    """A file of rows that fill in the prompt files in place of their own; only the command line says it."""
    expect: str | None = None
    """What every answer must contain: `;` between facts, `|` between wordings of one; only the command line says it."""
    notes: tuple[str, ...] = ()
    """What whoever runs it must know of how its file was read, a line each."""
    within: Path | None = None
    """The folder that use cases which its prompts name must lie in, where it came from a file; None: they may lie anywhere."""

    def over(self, base: "Experiment") -> "Experiment":
        """Return `base` with everything that this one says put in its place."""
        said = {
            f.name: getattr(self, f.name)
            for f in dataclasses.fields(self)
            if f.name not in ("sampling", "folder", "budget", "executor")
        }
        changes = {name: value for name, value in said.items() if value not in (None, ())}
        folder = self.folder if self.prompts else base.folder
        budget = Budget(
            usd=base.budget.usd if self.budget.usd is None else self.budget.usd,
            tokens=base.budget.tokens if self.budget.tokens is None else self.budget.tokens,
        )
        sampling = {**base.sampling, **self.sampling}
        within = self.within if self.prompts else base.within
        return dataclasses.replace(
            base,
            **{**changes, "within": within},
            folder=folder,
            budget=budget,
            sampling=sampling,
            executor=self.executor.over(base.executor),
        )


def parse_model(text: str, label: str | None = None, options: Mapping[str, Any] | None = None) -> ModelSpec:
    """Read `backend:name` or `backend:name,option=value,...`; options written there go before `options`.

    Among them `label` is what tables and reports call the model.

    Raises:
        UsageError: No backend in front of a colon, or an option that would carry a secret.
    """
    text, *pairs = _OPTION.split(text)
    backend, colon, name = (part.strip() for part in text.partition(":"))
    if not colon or not backend or not name:
        raise UsageError(f"model {text!r} must be backend:name, e.g. gguf:smollm2 or openai:gpt-5.4-mini")
    options = {**(options or {}), **{k: _scalar(v) for k, v in (pair.split("=", 1) for pair in pairs)}}
    if "label" in options:
        label = str(options.pop("label")) or label
    for key in options:
        if _SECRETS.fullmatch(re.sub("[^a-z]", "", key.lower())):
            raise UsageError(
                f"model {text!r}: no keys here; put it in an environment variable and name that in api_key_env"
            )
    variable = options.get("api_key_env")
    if isinstance(variable, str) and not re.fullmatch(r"[A-Za-z_]\w*", variable, re.ASCII):
        raise UsageError(
            f"model {text!r}: api_key_env must be the name of an environment variable, e.g. OPENAI_API_KEY, never the key"
        )
    if options.get("base_url") is not None:
        options["base_url"] = read_addresses(f"model {text!r}", options["base_url"], "base_url")
    return ModelSpec(backend=backend, name=name, label=label or f"{backend}:{name}", options=options)


def model_text(model: ModelSpec) -> str:
    """Return a model as `parse_model` reads it; without its options where they cannot be written so."""
    given = {**model.options, **({} if model.label == model.id else {"label": model.label})}
    written = map(_written, given.values())
    text = ",".join((model.id, *(f"{k}={v}" for k, v in zip(given, written, strict=True))))
    try:
        return text if parse_model(text) == model else model.id
    except UsageError:
        return model.id


def _written(value: Any) -> str:
    """Return an option's value as the command line has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


_OPTION = re.compile(r",(?=[a-z]\w*=)", re.ASCII)
"""Where an option begins; any other comma belongs to the name."""


def _scalar(text: str) -> str | int | bool:
    """Read an option's value as a YAML file would: a whole number, true or false, else text."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"[-+]?\d{1,18}", text, re.ASCII) else text


def read_experiment(path: Path | str) -> Experiment:
    """Read an experiment file, a configuration of promptfoo's, or a file of OpenAI's registry of evals.

    Raises:
        ExperimentError: Naming file and line.
    """
    path = Path(path)
    try:
        text = read_text(path, "experiment file")
    except TempkitError as e:
        raise ExperimentError(str(e)) from e
    document = parse_yaml(text, str(path), ExperimentError)
    # Late: the name of a model is read by this module too, and needs none of it.
    from tempkit.prompts import is_promptfoo, is_registry, read_promptfoo, read_registry

    if is_promptfoo(document):
        return _of_others(document, path, read_promptfoo)
    if is_registry(document):
        return _of_others(document, path, read_registry)
    given = document.mapping(known=_KEYS, what="the experiment")
    sampling = dict(document.mapping("sampling", known=_SAMPLING, what="sampling"))
    for name, value in sampling.items():
        with _located(document, "sampling", name):
            sampling_params({name: value})
    with _located(document, "logprobs"):
        sampling["logprobs"] = whole_number(given.get("logprobs"), "logprobs", least=0)
    document.mapping("budget", known=("usd", "tokens"), what="budget")
    with _located(document, "budget", "usd"):
        usd = amount(document.at("budget", "usd"), "budget.usd")
    with _located(document, "budget", "tokens"):
        tokens = whole_number(document.at("budget", "tokens"), "budget.tokens", least=1)
    with _located(document, "temperatures"):
        temperatures = _temperatures(document)
    with _located(document, "repeat"):
        repeat = whole_number(given.get("repeat"), "repeat", least=1)
    with _located(document, "items"):
        items = whole_number(given.get("items"), "items", least=1)
    with _located(document, "seed"):
        seed = whole_number(given.get("seed"), "seed", least=0)
    batch = given.get("batch")
    if batch is not None and not isinstance(batch, bool):
        document.fail(f"batch must be true or false, not {one_line(repr(batch), 60)}", "batch")
    return Experiment(
        name=document.string("name", what="name"),
        prompts=tuple(_prompts(document)),
        models=tuple(_models(document)),
        temperatures=temperatures,
        repeat=repeat,
        seed=seed,
        sampling={name: value for name, value in sampling.items() if value is not None},
        items=items,
        budget=Budget(usd=usd, tokens=tokens),
        batch=batch,
        executor=_executor(document),
        arms=_arms(document),
        use_case=_use_case(document, path.parent),
        folder=path.parent,
    )


def _of_others(document: Document, path: Path, read: Callable[[Document], "Configuration"]) -> Experiment:
    """Return what a file of another program's asks for."""
    try:
        found = read(dataclasses.replace(document, error=PromptError))
    except PromptError as e:
        raise ExperimentError(str(e)) from e
    models = []
    for each in found.models:
        with _located(document, *each.place):
            models.append(parse_model(each.model, each.label, each.options))
    labels = [model.label for model in models]
    numbered = [
        model
        if labels.count(model.label) == 1
        else dataclasses.replace(model, label=f"{model.label}#{labels[: i + 1].count(model.label)}")
        for i, model in enumerate(models)
    ]
    return Experiment(
        prompts=found.prompts,
        models=tuple(numbered),
        repeat=found.repeat,
        sampling=found.sampling,
        folder=path.parent,
        notes=found.left_out,
    )


class _located:  # noqa: N801  (reads as a word in a with statement)
    """Put file and line in front of an error about a value."""

    def __init__(self, document: Document, *place: str | int) -> None:
        self._document, self._place = document, place

    def __enter__(self) -> None: ...

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, UsageError):
            self._document.fail(str(error), *self._place)


def _temperatures(document: Document) -> tuple[float, ...]:
    given = document.at("temperatures")
    if given is None:
        return ()
    if isinstance(given, bool) or not isinstance(given, (str, int, float, list)):
        raise UsageError(f"temperatures must be a list or start:stop:step, not {kind(given)}")
    return parse_temperatures(given)


def _arms(document: Document) -> tuple[str, ...]:
    given = document.at("arms")
    given = [] if given is None else given if isinstance(given, list) else [given]
    texts = [each if isinstance(each, str) else str(each) for each in given]
    for place, each in enumerate(given):
        with _located(document, "arms", place):
            if isinstance(each, bool) or not isinstance(each, str | int | float):
                raise UsageError(f"an arm must be recommended, or a text as 0.7,top_p=0.9, not {kind(each)}")
            parse_arms([texts[place]], "arm")
    with _located(document, "arms"):
        return parse_arms(texts, "arm")


def _executor(document: Document) -> Executor:
    """Return what the keys `executor` and `ray` say; resources alone leave it to the command line whether they are used."""
    named = document.string("executor", what="executor")
    with _located(document, "executor"):
        said = Executor() if named is None else parse_executor(named, "executor")
        if said.resources.address is not None:
            ray_resources({"address": said.resources.address}, "executor")
    named_ray = document.at("ray")
    if isinstance(named_ray, dict) and "address" in named_ray:
        with _located(document, "ray", "address"):
            ray_resources({"address": named_ray["address"]}, "ray")
    given = document.mapping("ray", known=RESOURCES, what="ray")
    for name, value in given.items():
        with _located(document, "ray", name):
            ray_resources({name: value}, "ray")
    return said.over(Executor(None, ray_resources(given, "ray")))


def _use_case(document: Document, folder: Path) -> str | None:
    """Return the use case named, a file's path as from where the command is typed."""
    named = document.string("use_case", what="use_case")
    return str(folder / named) if named and named.endswith(".toml") else named


def _prompts(document: Document) -> Iterator[str]:
    given = document.at("prompts") or []
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list):
        document.fail(f"prompts must be a list of files or texts, not {kind(given)}", "prompts")
    for i, entry in enumerate(given):
        if not isinstance(entry, str):
            document.fail(f"a prompt must be a file or a text, not {kind(entry)}", "prompts", i)
        yield entry


def _models(document: Document) -> Iterator[ModelSpec]:
    given = document.at("models") or []
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list):
        document.fail(f"models must be a list, not {kind(given)}", "models")
    for i, entry in enumerate(given):
        with _located(document, "models", i):
            if isinstance(entry, str):
                yield parse_model(entry)
            elif isinstance(entry, dict) and isinstance(entry.get("model"), str):
                label = document.string("models", i, "label", what="label")
                options = {k: v for k, v in entry.items() if k not in ("model", "label")}
                yield parse_model(entry["model"], label, options)
            else:
                raise UsageError("a model must be backend:name, or a mapping with the key model")
