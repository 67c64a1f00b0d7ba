"""A sample of inspect's log as answers, under the columns of tempkit's own exports."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.interchange.imports.inspect_asked import asked_of, content_of, roles_of
from tempkit.interchange.imports.inspect_tokens import tokens_of
from tempkit.interchange.schema import MESSAGES, SCORE, TOKENS
from tempkit.prompts import DataRow, LeftOut

__all__ = ["ALIKE", "answers_of", "as_object", "differing_settings"]

_VALUES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
"""What inspect's letters count: correct, partial, incorrect, no answer."""
_SETTINGS = ("max_tokens", "top_p", "top_k", "frequency_penalty", "presence_penalty")
ALIKE = (
    *_SETTINGS,
    "stop_seqs",
    "logit_bias",
    "system_message",
    "reasoning_effort",
    "reasoning_tokens",
    "best_of",
)
"""What two answers have to have in common to be of one question, beside the temperature."""
_TIMES = ("time", "working")
"""Limits of inspect on a sample that are of seconds."""


def as_object(given: Any, where: str) -> dict[str, Any]:
    """Return a part of a log that is an object, or nothing.

    Raises:
        PromptError: It is something else; the message begins with `where`.
    """
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise PromptError(f"{where}: must be an object, not {one_line(repr(given), 40)}")
    return given


def answers_of(
    sample: Mapping[str, Any],
    where: str,
    *,
    run: str,
    task: str,
    model: str,
    config: Mapping[str, Any],
    left: LeftOut,
) -> list[dict[str, Any]]:
    """Return a sample's answers, one for each choice of the model, or why there is none.

    Raises:
        PromptError: The sample is none of inspect's.
    """
    name, epoch = sample.get("id"), sample.get("epoch", 1)
    if not isinstance(name, (str, int)) or not isinstance(epoch, int) or isinstance(epoch, bool):
        raise PromptError(f"{where}: a sample needs an id and an epoch")
    output = as_object(sample.get("output"), where)
    choices = output.get("choices") or []
    choices = [as_object(each, where) for each in choices] if isinstance(choices, list) else []
    usage = as_object(output.get("usage"), where)
    if len(choices) > 1 and usage:
        left.add("the numbers of tokens of several choices together", where)
        usage = {}
    shared: dict[str, Any] = {
        "run": run,
        "prompt": task,
        "item": f"{task}/{name}",
        "model": model,
        "temperature": config.get("temperature"),
        "gen_ai.provider.name": model.partition("/")[0],
        "gen_ai.request.model": model.partition("/")[2] or model,
        "gen_ai.request.temperature": config.get("temperature"),
        "gen_ai.request.seed": config.get("seed"),
        **{f"gen_ai.request.{key}": config[key] for key in _SETTINGS if key in config},
        "gen_ai.response.model": output.get("model"),
        "gen_ai.response.id": output.get("response_id"),
        "gen_ai.usage.input_tokens": usage.get("input_tokens"),
        "gen_ai.usage.output_tokens": usage.get("output_tokens"),
        "gen_ai.usage.cache_read.input_tokens": usage.get("input_tokens_cache_read"),
        "gen_ai.usage.cache_creation.input_tokens": usage.get("input_tokens_cache_write"),
        "thinking_tokens": usage.get("reasoning_tokens"),
        "params": dict(config),
        "latency_s": output.get("time"),
        "gen_ai.epoch": epoch,
    }
    if asked := asked_of(sample, where, left):
        shared[MESSAGES.name] = asked
    if roles_of(sample.get("messages")) - roles_of(sample.get("input")) > 1:
        left.add("all but the last answer of a sample with several", where)
    for key in ("store", "events", "transcript", "attachments", "target"):
        if sample.get(key):
            left.add(f"{key} of a sample", where)
    scores = _scores(as_object(sample.get("scores"), where), where, left)
    if failure := _failure(sample, output, choices, where, left):
        return [shared | failure | scores]
    if choices[1:] and scores:
        left.add("scores of all choices but the first: inspect scores that one", where)
    answers = [shared | _answer(choice, sample, where, left) for choice in choices]
    return [answers[0] | scores, *answers[1:]]


def _failure(
    sample: Mapping[str, Any],
    output: Mapping[str, Any],
    choices: Sequence[Mapping[str, Any]],
    where: str,
    left: LeftOut,
) -> dict[str, Any] | None:
    """Return what a sample without an answer says of it."""
    error, said, limit = sample.get("error"), output.get("error"), _limit(sample)
    filtered = any(each.get("stop_reason") == "content_filter" for each in choices)
    if isinstance(error, dict):
        message = str(error.get("message") or "the log says no more")
    elif isinstance(said, str) and said and not filtered:
        message = said
    elif not choices:
        message = f"the sample ended at a limit: {limit}" if limit else "the log has no answer"
    else:
        return None
    if any(
        content_of(as_object(each.get("message"), where).get("content"), where, left)[0] for each in choices
    ):
        left.add("what was answered in a sample that failed", where)
    late = limit is not None and limit.partition(" ")[0] in _TIMES and not isinstance(error, dict)
    return {
        "status": "failure",
        "error.type": "timeout" if late and not choices else "bad_answer",
        "error.message": message,
    }


def _limit(sample: Mapping[str, Any]) -> str | None:
    """Return which limit of inspect ended a sample: its kind and how much it is."""
    limit = sample.get("limit")
    if not isinstance(limit, dict):
        return None
    return one_line(f"{limit.get('type', 'unknown')} {limit.get('limit', '')}".strip(), 80)


def _answer(
    choice: Mapping[str, Any], sample: Mapping[str, Any], where: str, left: LeftOut
) -> dict[str, Any]:
    message = as_object(choice.get("message"), where)
    text, thinking = content_of(message.get("content"), where, left)
    if message.get("tool_calls"):
        left.add("calls of tools in an answer", where)
    end = _end(choice.get("stop_reason"))
    limit = _limit(sample)
    if limit is not None:
        left.add(
            f"that a sample ended at a limit of {limit.partition(' ')[0]}: its answer is not known to be complete",
            where,
        )
        end = end if end == "length" else "unknown"
    return {
        "status": "completion",
        "text": text,
        "thinking": thinking,
        "finish_reason": end,
        TOKENS.name: tokens_of(choice, where, left),
    }


def _end(said: Any) -> str | None:
    if not isinstance(said, str):
        return None
    from tempkit.backends import end_of

    end = end_of("length" if said in ("max_tokens", "model_length") else said)
    return "unknown" if end == "error" else end


def _scores(given: Mapping[str, Any], where: str, left: LeftOut) -> dict[str, Any]:
    """Return the scores that are numbers, as they are written: what is too large is told where all tables are read."""
    found: dict[str, Any] = {}
    for name, score in given.items():
        value = score.get("value") if isinstance(score, dict) else score
        for key, each in value.items() if isinstance(value, dict) else (("", value),):
            called = f"{SCORE}{name}.{key}" if key else SCORE + name
            if called in found:
                left.add(
                    f"scores that are called as others are: {one_line(called.removeprefix(SCORE), 40)}", where
                )
            elif isinstance(each, (bool, int, float)):
                found[called] = each
            elif isinstance(each, str) and each in _VALUES:
                found[called] = _VALUES[each]
            else:
                left.add(
                    f"scores of {one_line(name, 40)} that are no number: {one_line(json.dumps(each), 40)}",
                    where,
                )
    return found


def differing_settings(rows: Sequence[DataRow], left: LeftOut) -> None:
    """Name the settings in which answers of one model at one temperature differ: they stand in one column all the same."""
    first: dict[tuple[str, str], Mapping[str, Any]] = {}
    for row in rows:
        if "format_version" in row.values:  # tempkit's own: arms at one temperature are told apart
            continue
        settings = row.values["params"]
        before = first.setdefault((row.values["model"], repr(row.values.get("temperature"))), settings)
        for name in ALIKE:
            if settings.get(name) != before.get(name):
                left.add(
                    f"that {name} differs between answers of one model at one temperature: they are put together",
                    row.where,
                )
