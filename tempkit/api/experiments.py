"""From what a command or a program asks for, in the words of the command line, to an experiment."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypedDict, Unpack, cast, runtime_checkable

from tempkit.decision import consented
from tempkit.errors import PromptError, UsageError, one_line
from tempkit.planning import (
    Consent,
    Executor,
    Experiment,
    parse_arms,
    parse_executor,
    parse_model,
    parse_temperatures,
)
from tempkit.prompts import DataRow, amount, questions_of_rows, whole_number
from tempkit.types import Budget, ModelSpec, Prompt

__all__ = ["Prompts", "SweepOptions", "experiment_of", "models_at", "questions"]


@runtime_checkable
class _Pandas(Protocol):
    def to_dict(self, orient: str) -> Any: ...


@runtime_checkable
class _Polars(Protocol):
    def to_dicts(self) -> Any: ...


Prompts = (
    str
    | Path
    | Prompt
    | Mapping[str, Any]
    | Iterable[str | Path | Prompt | Mapping[str, Any]]
    | _Pandas
    | _Polars
)
"""A prompt as the command line takes it: a file, or a text. Or several; or questions: a data frame, or rows as dictionaries."""

_SAMPLING = ("max_tokens", "logprobs", "top_k", "top_p", "min_p")
_EXPERIMENTS = (".yaml", ".yml")
_QUESTIONS = "questions"


class SweepOptions(TypedDict, total=False):
    """What can be said besides prompts and models. What is left out, or None, is as the prompts or the experiment file say."""

    temperatures: str | float | Sequence[object] | None
    """A list, or in words: `0:1.6:0.4`. Default: 0, 0.4, 0.8, 1.2 and 1.6."""
    arms: Sequence[str]
    """Settings beside the temperature to try too: `recommended`, or as in `0.7,top_p=0.9`."""
    repeat: int | None
    """Answers per question and temperature. Default: 4."""
    items: int | None
    """Only the first so many questions of every prompt."""
    max_tokens: int | None
    """Longest answer, in tokens. Default: the prompt's own, else 256."""
    logprobs: int | None
    """Alternatives kept per token; 0 keeps none. Default: 20."""
    top_p: float | None
    top_k: int | None
    min_p: float | None
    seed: int | None
    """Of the run; every sample's seed follows from it. Default: 0."""
    use_case: str | Path | None
    """What the answers are for: the name of a use case, or a TOML file."""
    data: str | Path | None
    """A file of rows that fill in the prompt files' inputs, in place of their own data or samples."""
    expect: str | None
    """What every answer must contain: `|` between wordings, `;` between facts."""
    name: str | None
    """Of the run; a number is added when it is taken."""
    budget_usd: float | None
    """Begin nothing more once the run has cost this much."""
    budget_tokens: int | None
    """The same in tokens, of prompts and answers together."""
    batch: bool | None
    """Use the providers' batch APIs."""
    base_url: str | Sequence[str] | None
    """For `openai:` models: the server, or several that have the same model."""
    api_key_env: str | None
    """With `base_url`: the environment variable that holds the key."""
    memory: str | None
    """For `gguf:` models: the most memory one may take, e.g. `4GB`."""
    env: Sequence[str]
    """Environment variables that prompt files may refer to."""
    executor: str | None
    """What draws samples from local models: `local`, or `ray` with resources, as in `ray,actors=4,num_gpus=1,address=auto`."""


def experiment_of(
    prompts: Prompts,
    models: str | ModelSpec | Sequence[str | ModelSpec] = (),
    *,
    consent: Consent | None = None,
    **asked: Unpack[SweepOptions],
) -> Experiment:
    """Return an experiment of prompts, models and options, over the experiment file if one is the first of the prompts.

    Args:
        prompts: Prompt files, texts, or questions.
        models: As `BACKEND:NAME`.
        consent: What an experiment file may do; None: nothing that reaches beyond its folder, and no key but its provider's own.
        **asked: Whatever else is said.

    Raises:
        UsageError: A value is none that can be used.
        PromptError: Questions cannot be used.
        ExperimentError: The experiment file cannot be used.
    """
    given = _prompts(prompts)
    base = Experiment()
    if given and isinstance(given[0], str) and _is_experiment(given[0]):
        path, *rest = given
        given = tuple(rest)
        allowed = consent or Consent(typed=False)
        base = consented(str(path), allowed, prompts=not given, models=not models)
    specs = _models(models, asked.get("base_url"), asked.get("api_key_env"))
    sampling = {name: asked[name] for name in _SAMPLING if asked.get(name) is not None}  # type: ignore[literal-required]
    temperatures, use_case, executor = asked.get("temperatures"), asked.get("use_case"), asked.get("executor")
    for name in ("repeat", "items"):
        count = asked.get(name)
        if isinstance(count, int) and count < 1:
            raise UsageError(f"{name} must be at least 1, not {count}")
    seed = asked.get("seed")
    if seed is not None and seed < 0:
        raise UsageError(f"seed must not be negative, got {seed}")
    experiment = Experiment(
        name=asked.get("name"),
        prompts=given,
        models=specs,
        temperatures=() if temperatures is None else parse_temperatures(temperatures),
        repeat=asked.get("repeat"),
        seed=seed,
        sampling=sampling,
        items=asked.get("items"),
        budget=Budget(
            usd=amount(asked.get("budget_usd"), "--budget-usd"),
            tokens=whole_number(asked.get("budget_tokens"), "--budget-tokens", least=1),
        ),
        batch=asked.get("batch"),
        executor=Executor() if executor is None else parse_executor(executor, "executor"),
        use_case=None if use_case is None else str(use_case),
        env=tuple(asked.get("env") or ()),
        expect=asked.get("expect"),
        data=None if asked.get("data") is None else Path(str(asked["data"])),
        arms=parse_arms(tuple(asked.get("arms") or ())),
    ).over(base)
    return _within(experiment, asked.get("memory"))


def _is_experiment(text: str) -> bool:
    path = Path(text)
    return path.suffix in _EXPERIMENTS or (path.suffix == ".json" and path.name.startswith("promptfooconfig"))


def questions(rows: Iterable[Mapping[str, Any]] | _Pandas | _Polars, name: str = _QUESTIONS) -> Prompt:
    """Make a prompt of rows with a question each: dictionaries, or a data frame of pandas or Polars.

    Columns are known by the names that they have in a file of questions: `question`, `expected`, `system`, `id`, `checks`.

    Args:
        rows: The rows.
        name: What the prompt is called, in reports and as the beginning of each question's key.

    Raises:
        PromptError: There are no rows, no column is that of the questions, or a row cannot be used.
    """
    if isinstance(rows, _Polars):
        listed: list[Any] = rows.to_dicts()
    else:
        listed = rows.to_dict("records") if isinstance(rows, _Pandas) else list(rows)
    plain: list[dict[str, Any]] = []
    for number, row in enumerate(listed, 1):
        if not isinstance(row, Mapping):
            raise PromptError(
                f"{name}: row {number} is {one_line(repr(row), 60)}; a row is a dictionary such as "
                "{'question': '...', 'expected': '...'}"
            )
        plain.append({str(column): _plain(value) for column, value in row.items()})
    if not plain:
        raise PromptError(f"{name}: there are no rows")
    made = questions_of_rows(
        [DataRow(row, f"{name}: row {number}") for number, row in enumerate(plain, 1)], name, name
    )
    source = "\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in plain)
    return replace(made, source=source)


def _prompts(given: Prompts) -> tuple[str | Prompt, ...]:
    """Return prompts as an experiment holds them; rows among them are questions of one prompt."""
    if isinstance(given, str | Path | Prompt | Mapping):
        listed: list[Any] = [given]
    elif isinstance(given, _Pandas | _Polars):
        return (questions(given),)
    else:
        listed = list(given)
    rows = [each for each in listed if isinstance(each, Mapping)]
    if rows and len(rows) < len(listed):
        raise UsageError(
            "prompts and rows of questions do not go together in one list; make a prompt of the rows: tempkit.questions(rows)"
        )
    if rows:
        return (questions(rows),)
    return tuple(str(each) if isinstance(each, Path) else cast("str | Prompt", each) for each in listed)


def _plain(value: Any) -> Any:
    """Return a cell as Python has it: data frames have numbers of numpy's, and NaN where nothing is."""
    if hasattr(value, "item") and not isinstance(value, str | bytes | list | dict):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def _models(
    models: str | ModelSpec | Sequence[str | ModelSpec],
    base_url: str | Sequence[str] | None,
    api_key_env: str | None,
) -> tuple[ModelSpec, ...]:
    listed = [models] if isinstance(models, str | ModelSpec) else list(models)
    return (
        *models_at([each for each in listed if isinstance(each, str)], base_url, api_key_env),
        *(each for each in listed if isinstance(each, ModelSpec)),
    )


def models_at(
    models: Sequence[str], base_url: str | Sequence[str] | None, api_key_env: str | None
) -> tuple[ModelSpec, ...]:
    """Read models, those of `openai:` at the server that was named, or at several.

    Raises:
        UsageError: A model cannot be read, or the server is for none of them.
    """
    if base_url is not None and not isinstance(base_url, str):
        base_url = ",".join(base_url)
    server = {k: v for k, v in (("base_url", base_url), ("api_key_env", api_key_env)) if v is not None}
    if server and not any(m.startswith("openai:") for m in models):
        option = next(iter(server))
        message = f"--{option.replace('_', '-')} is for models given with -m openai:NAME"
        instead = f"; write it into the model: {models[0]},{option}={server[option]}" if models else ""
        raise UsageError(message + instead)
    return tuple(parse_model(m, options=server if m.startswith("openai:") else None) for m in models)


def _within(experiment: Experiment, memory: str | None) -> Experiment:
    """Return the experiment with a limit on the memory of each of its local models.

    Raises:
        UsageError: It has none.
    """
    if memory is None:
        return experiment
    if not any(model.backend == "gguf" for model in experiment.models):
        raise UsageError("--memory is for gguf: models, and there is none")
    limited = [
        replace(model, options={**model.options, "memory": memory}) if model.backend == "gguf" else model
        for model in experiment.models
    ]
    return replace(experiment, models=tuple(limited))
