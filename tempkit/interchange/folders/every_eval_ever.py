"""Every Eval Ever: per run and model a JSON file of results and a JSON Lines file of scored answers.

A result is one measure of one prompt at one temperature, whose configuration it carries: the mean over questions of their answers' means.
An answer has a row per measure that has a value, as the schema asks; what has no value, no answer or no score has no row there, and is
counted. Both files are valid under the schema's versions 0.2.2, which they name, and 0.3.0, whose places of files they keep to.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from tempkit._version import __version__
from tempkit.interchange.exports.conventions import provider, request
from tempkit.interchange.exports.rows import Source
from tempkit.interchange.exports.text_formats import json_text
from tempkit.interchange.folders.outcomes import About, Block, Lost, MeasureFacts, blocks, slug, stamp
from tempkit.interchange.schema import FORMAT_VERSION
from tempkit.store import storable
from tempkit.types import Completion, ModelSpec, Score

__all__ = ["SCHEMA_VERSION", "write"]

SCHEMA_VERSION = "0.2.2"

_Cell = tuple[str, float, str, str]
"""A result: the prompt's name, the temperature, the measure and its version."""


@dataclass(slots=True)
class _Result:
    """What is known of a result so far."""

    by_item: dict[str, list[float]] = field(default_factory=dict)
    generation: dict[str, Any] = field(default_factory=dict)
    cell: bool = False
    """Whether it is measured of all answers to a question together."""


def write(
    folder: Path, sources: Sequence[Source], about: About, lost: Lost, on_done: Callable[[int], None]
) -> int:
    """Write both files for every run and model that has a score; return how many files."""
    files = done = 0
    for source in sources:
        writers: dict[str, _Model] = {}
        try:
            for block in blocks(source, scores=True):
                label = block.model.label
                if label not in writers:
                    writers[label] = _Model(folder, source, block.model, about)
                writers[label].add(block, lost)
                done += len(block.outcomes)
                on_done(done)
            files += sum(writer.finish() for writer in writers.values())
        finally:
            for writer in writers.values():
                writer.close()
    return files


class _Model:
    """The two files of a run on a model."""

    def __init__(self, folder: Path, source: Source, model: ModelSpec, about: About) -> None:
        self._source, self._model, self._about = source, model, about
        self._model_id = f"{slug(provider(model))}/{slug(model.name)}"
        began = source.run.created_at
        self._evaluation = (
            f"{source.run.name}/{self._model_id}/{began.timestamp():.6f}/{stamp(model.label)[:8]}"
        )
        digits = UUID(stamp(source.run.id, model.label), version=4)
        place = folder / "data" / slug(source.run.name) / self._model_id
        place.mkdir(parents=True, exist_ok=True)
        self._path = place / f"{digits}.json"
        self._rows_path = place / f"{digits}_samples.jsonl"
        self._relative = self._rows_path.relative_to(folder).as_posix()
        self._rows = self._rows_path.open("xb")
        self._digest, self._count = sha256(), 0
        self._results: dict[_Cell, _Result] = {}

    def add(self, block: Block, lost: Lost) -> None:
        for outcome in block.outcomes:
            key = outcome.key
            scores = block.scores.get((key.temperature, key.replicate), ())
            if not isinstance(outcome, Completion):
                lost.add("failures (a row there has a score)")
                continue
            valued = [score for score in scores if score.value is not None]
            if not valued:
                lost.add("answers without any score (a row there has one)")
            lost.add("missing scores and why they are missing", len(scores) - len(valued))
            lost.add("answers' token log-probabilities, where they have some", outcome.logprob_kind != "none")
            for score in valued:
                result = self._result(block, score, outcome)
                result.by_item.setdefault(key.item, []).append(score.value or 0.0)
                self._write(self._row(block, outcome, score))
        for (_, replicate), scores in block.scores.items():
            for score in scores if replicate is None else ():
                if score.value is None:
                    lost.add("missing scores and why they are missing")
                    continue
                result = self._result(block, score, None)
                result.by_item.setdefault(score.item, []).append(score.value)
                result.cell = True

    def finish(self) -> int:
        """Write the file of results; return how many files there are: none where nothing has a score."""
        self._rows.close()
        if not self._results:
            self._rows_path.unlink()
            return 0
        if not self._count:
            self._rows_path.unlink()
        self._path.write_bytes(json_text(self._aggregate()) + b"\n")
        return 1 + bool(self._count)

    def close(self) -> None:
        self._rows.close()

    def _result(self, block: Block, score: Score, outcome: Completion | None) -> _Result:
        cell = (block.prompt.name, score.temperature, score.measure, score.version)
        result = self._results.setdefault(cell, _Result())
        if not result.generation:
            result.generation = _generation(score.temperature, outcome)
        return result

    def _write(self, row: Mapping[str, Any]) -> None:
        line = json_text(row) + b"\n"
        self._rows.write(line)
        self._digest.update(line)
        self._count += 1

    def _row(self, block: Block, outcome: Completion, score: Score) -> dict[str, Any]:
        item, key = block.item, outcome.key
        said = [message for message in item.messages if message.role != "system"]
        raw = said[-1].content if said else ""
        reference = [storable(fact[0]) for fact in item.facts if fact]
        dialogue = len(said) > 1
        common: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "evaluation_id": self._evaluation,
            "model_id": self._model_id,
            "evaluation_name": block.prompt.name,
            "evaluation_result_id": _result_id(
                self._evaluation, (block.prompt.name, score.temperature, score.measure, score.version)
            ),
            "sample_id": item.key,
            "sample_hash": sha256(
                (storable(raw) + "".join(reference)).encode("utf-8", "backslashreplace")
            ).hexdigest(),
            "interaction_type": "multi_turn" if dialogue else "single_turn",
            "input": {
                "raw": raw,
                "formatted": "\n\n".join(f"{m.role}: {m.content}" for m in item.messages),
                "reference": reference,
            },
            "answer_attribution": [
                {
                    "turn_idx": len(item.messages) if dialogue else 0,
                    "source": "messages[turn_idx].content" if dialogue else "output.raw",
                    "extracted_value": outcome.text,
                    "extraction_method": "none",
                    "is_terminal": True,
                }
            ],
            "evaluation": {
                "score": score.value,
                "is_correct": _best(score.value or 0.0, self._about(score.measure)),
            },
            "performance": None if outcome.latency_s is None else {"latency_ms": outcome.latency_s * 1000},
            "token_usage": _usage(outcome),
            "metadata": _texts(
                {
                    "temperature": key.temperature,
                    "temperature_sent": outcome.temperature_sent,
                    "replicate": key.replicate,
                    "model": key.model,
                    "measure": score.measure,
                    "measure_version": score.version,
                    "seed": outcome.seed,
                    "finish_reason": outcome.finish_reason,
                    "params": outcome.params,
                    "response_model": outcome.response_model,
                    "response_id": outcome.response_id,
                    "fingerprint": outcome.fingerprint,
                    "cost_usd": outcome.cost_usd,
                    "attempts": outcome.attempts,
                    "batch": outcome.batch,
                }
            ),
        }
        if not dialogue:
            thought = None if outcome.thinking is None else [outcome.thinking]
            return {**common, "output": {"raw": [outcome.text], "reasoning_trace": thought}}
        common["evaluation"]["num_turns"] = sum(message.role == "user" for message in item.messages)
        turns = [
            {"turn_idx": turn, "role": message.role, "content": message.content}
            for turn, message in enumerate(item.messages)
        ]
        answer = {"turn_idx": len(turns), "role": "assistant", "content": outcome.text}
        return {**common, "messages": [*turns, {**answer, "reasoning_trace": outcome.thinking}]}

    def _aggregate(self) -> dict[str, Any]:
        run = self._source.run
        found: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "evaluation_id": self._evaluation,
            "evaluation_timestamp": run.created_at.isoformat(),
            "retrieved_timestamp": f"{(run.finished_at or run.created_at).timestamp():.6f}",
            "source_metadata": {
                "source_name": run.name,
                "source_type": "evaluation_run",
                "source_organization_name": "not stated",
                "evaluator_relationship": "other",
                "additional_details": _texts(
                    {"run": run.name, "run_id": run.id, "status": run.status, "note": run.note}
                ),
            },
            "eval_library": {
                "name": "tempkit",
                "version": run.tempkit_version,
                "additional_details": {"exported_by": __version__, "format_version": FORMAT_VERSION},
            },
            "model_info": {
                "name": self._model.label,
                "id": self._model_id,
                "inference_platform": provider(self._model),
                "additional_details": {
                    "deployment_type": "self_deployed" if self._model.backend == "gguf" else "unknown",
                    "model_availability": "open_weights" if self._model.backend == "gguf" else "unknown",
                    "model": f"{self._model.backend}:{self._model.name}",
                },
            },
            "evaluation_results": [self._of(cell, result) for cell, result in self._results.items()],
        }
        if self._count:
            found["detailed_evaluation_results"] = {
                "format": "jsonl",
                "file_path": self._relative,
                "hash_algorithm": "sha256",
                "checksum": self._digest.hexdigest(),
                "total_rows": self._count,
            }
        return found

    def _of(self, cell: _Cell, result: _Result) -> dict[str, Any]:
        prompt, _temperature, measure, version = cell
        means = [math.fsum(values) / len(values) for values in result.by_item.values()]
        mean = math.fsum(means) / len(means)
        answers = sum(map(len, result.by_item.values()))
        score: dict[str, Any] = {
            "score": mean,
            "details": _texts({"questions": len(means), "cells" if result.cell else "answers": answers}),
        }
        if len(means) > 1:
            deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in means) / (len(means) - 1))
            score["uncertainty"] = {
                "standard_error": {
                    "value": deviation / math.sqrt(len(means)),
                    "method": "over questions' means",
                },
                "standard_deviation": deviation,
                "num_samples": len(means),
            }
        return {
            "evaluation_result_id": _result_id(self._evaluation, cell),
            "evaluation_name": prompt,
            "source_data": {"dataset_name": prompt, "source_type": "other"},
            "metric_config": _metric(measure, version, self._about(measure)),
            "score_details": score,
            "generation_config": result.generation,
        }


def _metric(measure: str, version: str, facts: MeasureFacts | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "metric_id": measure,
        "metric_name": measure if facts is None else facts.title,
        # The schema has no third answer: where no direction is known, it says so in the details.
        "lower_is_better": facts is not None and facts.higher_is_better is False,
        "additional_details": _texts(
            {
                "version": version,
                "direction": "not known" if facts is None or facts.higher_is_better is None else "known",
            }
        ),
    }
    if facts is not None:
        made["metric_unit"] = facts.unit
        if facts.low is not None and facts.high is not None:
            made |= {"score_type": "continuous", "min_score": facts.low, "max_score": facts.high}
    return made


def _generation(temperature: float, outcome: Completion | None) -> dict[str, Any]:
    """Return how answers were drawn; what was not sent is not there, but in the details what was asked for."""
    details: dict[str, Any] = {"temperature_requested": temperature}
    if outcome is None:
        return {"generation_args": {"temperature": temperature}, "additional_details": _texts(details)}
    sent = request(outcome.params)
    args = {
        "temperature": outcome.temperature_sent,
        "top_p": sent["gen_ai.request.top_p"],
        "top_k": sent["gen_ai.request.top_k"],
        "max_tokens": sent["gen_ai.request.max_tokens"],
    }
    details["params"] = outcome.params
    return {
        "generation_args": {name: value for name, value in args.items() if value is not None},
        "additional_details": _texts(details),
    }


def _usage(outcome: Completion) -> dict[str, int | None] | None:
    asked, answered = outcome.input_tokens, outcome.output_tokens
    if asked is None or answered is None:
        return None
    return {
        "input_tokens": asked,
        "output_tokens": answered,
        "total_tokens": asked + answered,
        "input_tokens_cache_write": outcome.cache_write_tokens,
        "input_tokens_cache_read": outcome.cache_read_tokens,
        "reasoning_tokens": outcome.thinking_tokens,
    }


def _best(value: float, facts: MeasureFacts | None) -> bool:
    """Return whether a score is the best that its measure can have; no other is a correct answer's."""
    if facts is None or facts.higher_is_better is None:
        return False
    return value == (facts.high if facts.higher_is_better else facts.low)


def _result_id(evaluation: str, cell: _Cell) -> str:
    return stamp(evaluation, *cell)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is known as texts, as the schema wants further details: numbers with all their digits, the rest as JSON."""
    return dict(_as_texts(values))


def _as_texts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if value is not None:
            plain = isinstance(value, (str, int, float))
            yield name, storable(str(value)) if plain else json.dumps(value, ensure_ascii=True, default=str)
