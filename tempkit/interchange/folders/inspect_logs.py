"""Inspect's logs: a `.eval` file per run, prompt, model and temperature, as one log of its has one configuration.

A log is a zip archive of JSON: `header.json`, `summaries.json` and a file per sample, so that samples are written as they come and
only the sums of scores stay in memory. An item is inspect's sample, a replicate its epoch (from 1), a measure its scorer. JSON has no
infinity and inspect no token without a logprob, so an answer with one of these comes without its logprobs, and is counted.
"""

import math
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

from tempkit._version import __version__
from tempkit.interchange.exports.conventions import request
from tempkit.interchange.exports.rows import Source
from tempkit.interchange.exports.text_formats import json_text
from tempkit.interchange.folders.outcomes import About, Block, Lost, blocks, slug, stamp
from tempkit.interchange.schema import FORMAT_VERSION
from tempkit.store import storable
from tempkit.types import Completion, Failure, ModelSpec, Prompt, TokenLogprob

__all__ = ["write"]

_VERSION = 2
"""Of inspect's log format."""

_STOPS = {
    "stop": "stop",
    "length": "max_tokens",
    "content_filter": "content_filter",
    "refusal": "content_filter",
    "tool_calls": "tool_calls",
}
_CONFIG = {
    "max_tokens": "max_tokens",
    "top_p": "top_p",
    "top_k": "top_k",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "stop_sequences": "stop_seqs",
}
"""From the conventions' names to inspect's."""


def write(
    folder: Path, sources: Sequence[Source], about: About, lost: Lost, on_done: Callable[[int], None]
) -> int:
    """Write the logs; return how many."""
    del about  # inspect's scores have no direction
    files = done = 0
    for source in sources:
        logs: dict[float, _Log] = {}
        of: tuple[str, str] | None = None
        try:
            for block in blocks(source, scores=True):
                if (block.prompt.name, block.model.label) != of:
                    of = (block.prompt.name, block.model.label)
                    files += _close(logs)
                for outcome in block.outcomes:
                    temperature = outcome.key.temperature
                    if temperature not in logs:
                        logs[temperature] = _Log(folder, source, block.prompt, block.model, temperature)
                    logs[temperature].add(block, outcome, lost)
                    done += 1
                    on_done(done)
                for temperature, log in logs.items():
                    log.add_cell(block, temperature)
            files += _close(logs)
        finally:
            for log in logs.values():
                log.abandon()
    return files


def _close(logs: "dict[float, _Log]") -> int:
    count = len(logs)
    for log in logs.values():
        log.close()
    logs.clear()
    return count


class _Log:
    """A log that is being written."""

    def __init__(
        self, folder: Path, source: Source, prompt: Prompt, model: ModelSpec, temperature: float
    ) -> None:
        self._source, self._prompt, self._model, self._temperature = source, prompt, model, temperature
        self._id = stamp(source.run.id, prompt.name, model.label, temperature)[:22]
        self._created = source.run.created_at.astimezone(UTC)
        task = slug(f"{prompt.name}-{model.label}-t{temperature!r}", 120)
        self._zip = zipfile.ZipFile(
            folder / f"{self._created:%Y-%m-%dT%H-%M-%S}+00-00_{task}_{self._id}.eval",
            "x",
            zipfile.ZIP_DEFLATED,
            compresslevel=6,
        )
        self._config: dict[str, Any] | None = None
        self._summaries: list[dict[str, Any]] = []
        self._values: dict[str, list[float]] = {}
        self._missing: dict[str, int] = {}
        self._cells: dict[str, dict[str, float | None]] = {}
        self._usage: dict[str, int] = {}
        self._completed = 0

    def add(self, block: Block, outcome: Completion | Failure, lost: Lost) -> None:
        sample = _sample(block, outcome, self._name, lost)
        for score in block.scores.get((self._temperature, outcome.key.replicate), ()):
            if score.value is None:
                self._missing[score.measure] = self._missing.get(score.measure, 0) + 1
            else:
                self._values.setdefault(score.measure, []).append(score.value)
        if isinstance(outcome, Completion):
            self._completed += 1
            config = _config(outcome)
            if self._config is None:
                self._config = config
            elif self._config != config:
                lost.add(
                    "answers whose parameters are other ones than their log's (they are in the sample's metadata)"
                )
            for usage in sample["model_usage"].values():
                for name, count in usage.items():
                    self._usage[name] = self._usage.get(name, 0) + count
        name = f"samples/{sample['id']}_epoch_{sample['epoch']}.json"
        self._zip.writestr(name, json_text(sample))
        self._summaries.append(_summary(sample))

    def add_cell(self, block: Block, temperature: float) -> None:
        for score in block.scores.get((temperature, None), ()):
            self._cells.setdefault(score.measure, {})[block.item.key] = score.value

    @property
    def _name(self) -> str:
        return f"{self._model.backend}/{self._model.name}"

    def close(self) -> None:
        header = self._header()
        start = {name: header[name] for name in ("version", "eval", "plan")}
        self._zip.writestr("_journal/start.json", json_text(start))
        self._zip.writestr("summaries.json", json_text(self._summaries))
        self._zip.writestr("header.json", json_text(header))
        self._zip.close()

    def abandon(self) -> None:
        """Let go of the file, which is not kept."""
        self._zip.close()

    def _header(self) -> dict[str, Any]:
        run, config = self._source.run, self._config or {"temperature": self._temperature}
        keys = list(dict.fromkeys(each["id"] for each in self._summaries))
        created = self._created.isoformat()
        usage = {self._name: self._usage} if self._usage else {}
        measures = list(dict.fromkeys((*self._values, *self._missing)))
        return {
            "version": _VERSION,
            "status": "success" if run.status == "finished" else "cancelled",
            "eval": {
                "eval_id": self._id,
                "run_id": stamp(run.id)[:22],
                "created": created,
                "task": self._prompt.name,
                "task_id": self._id,
                "task_version": 0,
                "dataset": {
                    "name": self._prompt.name,
                    "samples": len(keys),
                    "sample_ids": keys,
                    "shuffled": False,
                },
                "model": self._name,
                "model_generate_config": config,
                "config": {"epochs": max(each["epoch"] for each in self._summaries)},
                "packages": {"tempkit": __version__},
                "scorers": [{"name": measure} for measure in measures],
                "metadata": {
                    "run": run.name,
                    "run_id": run.id,
                    "model": self._model.label,
                    "use_case": self._prompt.use_case,
                    "temperature": self._temperature,
                    "note": run.note,
                    "format_version": FORMAT_VERSION,
                },
            },
            "plan": {
                "name": "plan",
                "steps": [{"solver": "generate", "params": {}}],
                "config": config,
            },
            "results": {
                "total_samples": len(self._summaries),
                "completed_samples": self._completed,
                "scores": [
                    {
                        "name": measure,
                        "scorer": measure,
                        "scored_samples": len(values := self._values.get(measure, [])),
                        "unscored_samples": self._missing.get(measure, 0),
                        "params": {},
                        "metrics": {"mean": {"name": "mean", "value": math.fsum(values) / len(values)}}
                        if values
                        else {},
                    }
                    for measure in measures
                ],
                "metadata": {"of_cells": self._cells} if self._cells else None,
            },
            "stats": {
                "started_at": created,
                "completed_at": "" if run.finished_at is None else run.finished_at.isoformat(),
                "model_usage": usage,
            },
        }


def _config(outcome: Completion) -> dict[str, Any]:
    """Return what was sent, under inspect's names; what was left out is not there."""
    sent = request(outcome.params)
    config = {ours: sent[f"gen_ai.request.{theirs}"] for theirs, ours in _CONFIG.items()}
    found = {"temperature": outcome.temperature_sent, **config, "logprobs": bool(outcome.tokens) or None}
    return {name: value for name, value in found.items() if value is not None}


def _sample(block: Block, outcome: Completion | Failure, model: str, lost: Lost) -> dict[str, Any]:
    item, key = block.item, outcome.key
    sent = [{"role": message.role, "content": message.content} for message in item.messages]
    scores = block.scores.get((key.temperature, key.replicate), ())
    versions: dict[str, list[str]] = {}
    for score in scores:
        versions.setdefault(score.measure, []).append(score.version)
    named = {
        id(score): score.measure
        if len(versions[score.measure]) == 1
        else f"{score.measure} ({score.version})"
        for score in scores
    }
    usage = _usage(outcome) if isinstance(outcome, Completion) else {}
    made: dict[str, Any] = {
        "id": _safe(item.key, lost),
        "epoch": key.replicate + 1,
        "input": sent,
        "target": "",
        "messages": sent,
        "output": {"model": model, "choices": []},
        "scores": {
            named[id(score)]: {"value": score.value, "metadata": {"version": score.version}}
            for score in scores
            if score.value is not None
        },
        "metadata": {
            "item": item.key,
            "temperature": key.temperature,
            "temperature_sent": outcome.temperature_sent,
            "seed": outcome.seed,
            "attempts": outcome.attempts,
            "batch": outcome.batch,
            "facts": [list(fact) for fact in item.facts],
            "not_scored": {
                named[id(score)]: None if score.reason is None else str(score.reason)
                for score in scores
                if score.value is None
            },
        },
        "model_usage": {model: usage} if usage else {},
        "uuid": stamp(key.item, key.model, key.temperature, key.replicate)[:22],
    }
    if isinstance(outcome, Failure):
        said = storable(outcome.message)
        made["error"] = {"message": f"{outcome.kind}: {said}", "traceback": "", "traceback_ansi": ""}
        made["output"]["error"] = said
        made["metadata"]["failure"] = {"kind": outcome.kind, "message": said}
        return made
    message = {"role": "assistant", "content": _content(outcome), "source": "generate", "model": model}
    made["messages"] = [*sent, message]
    made["output"] = {
        "model": outcome.response_model or model,
        "choices": [
            {
                "message": message,
                "stop_reason": _STOPS.get(outcome.finish_reason, "unknown"),
                "logprobs": _logprobs(outcome.tokens, lost),
            }
        ],
        "completion": outcome.text,
        "usage": usage or None,
        "time": outcome.latency_s,
        "response_id": outcome.response_id,
    }
    made["total_time"] = outcome.latency_s
    made["metadata"] |= {
        "finish_reason": outcome.finish_reason,
        "params": dict(outcome.params),
        "fingerprint": outcome.fingerprint,
        "logprob_kind": outcome.logprob_kind,
        "address": outcome.address,
        "response_model": outcome.response_model,
        "cost_usd": outcome.cost_usd,
    }
    return made


def _content(outcome: Completion) -> Any:
    if outcome.thinking is None:
        return outcome.text
    return [{"type": "reasoning", "reasoning": outcome.thinking}, {"type": "text", "text": outcome.text}]


def _usage(outcome: Completion) -> dict[str, int]:
    asked, answered = outcome.input_tokens, outcome.output_tokens
    found = {
        "input_tokens": asked,
        "output_tokens": answered,
        "total_tokens": None if asked is None or answered is None else asked + answered,
        "input_tokens_cache_write": outcome.cache_write_tokens,
        "input_tokens_cache_read": outcome.cache_read_tokens,
        "reasoning_tokens": outcome.thinking_tokens,
    }
    return {name: count for name, count in found.items() if count is not None}


def _logprobs(tokens: Sequence[TokenLogprob], lost: Lost) -> dict[str, Any] | None:
    if not tokens:
        return None
    if any(token.logprob is None or not math.isfinite(token.logprob) for token in tokens):
        lost.add("answers without their log-probabilities, as not every token has one")
        return None
    content = []
    for token in tokens:
        kept = [(text, value) for text, value in token.top if math.isfinite(value)]
        lost.add("alternatives of tokens whose probability is zero", len(token.top) - len(kept))
        content.append({"token": token.text, "logprob": token.logprob, "top_logprobs": list(_top(kept))})
    lost.add("tokens without their entropy, rank and number", len(content))
    return {"content": content}


def _top(kept: Iterable[tuple[str, float]]) -> Iterable[dict[str, Any]]:
    for text, value in kept:
        yield {"token": text, "logprob": value}


def _safe(key: str, lost: Lost) -> str:
    """Return an item's key as the name of a file in an archive, which must not lead out of it."""
    parts = storable(key).replace("\\", "/").split("/")
    if all(part not in ("", ".", "..") for part in parts) and key.isprintable() and "\\" not in key:
        return key
    lost.add(
        "samples under another id, as their items' keys cannot be names of files (they are in the metadata)"
    )
    return f"{slug(key)}-{stamp(key)[:8]}"


def _summary(sample: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": sample["id"],
        "epoch": sample["epoch"],
        "input": "\n".join(message["content"] for message in sample["input"])[:1000],
        "target": "",
        "scores": sample["scores"],
        "model_usage": sample["model_usage"],
        "error": sample["error"]["message"] if "error" in sample else None,
        "total_time": sample.get("total_time"),
        "completed": "error" not in sample,
        "uuid": sample["uuid"],
    }
