"""A run's samples, tokens and scores as rows: dictionaries by column, one at a time, in the order of the plan.

Completions and failures come out of the store sorted alike, so they are merged as they stream. Of the scores, only
those of one item on one model are in memory at a time.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tempkit.interchange.exports.conventions import messages, operation, provider, request
from tempkit.interchange.schema import MESSAGES, REASON, SCORE, Column
from tempkit.store import IMPORTED, JUDGED
from tempkit.types import Completion, Failure, Item, ModelSpec, Plan, Prompt, Score, TokenLogprob

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["Record", "Source", "sample_rows", "score_columns", "score_rows", "token_rows"]

Record = dict[str, Any]
OnProgress = Callable[[int], None]
"""Is called with the number of samples that are done."""


class Source:
    """One run to be exported."""

    def __init__(self, store: "Store", run: "RunRecord", *, tokens: bool = False) -> None:
        self.store, self.run, self.tokens = store, run, tokens
        self.plan: Plan = store.load_plan(run.id)
        self.models: Mapping[str, ModelSpec] = {model.label: model for model in self.plan.models}
        self.items: Mapping[str, tuple[Prompt, Item]] = {
            item.key: (prompt, item) for prompt in self.plan.prompts for item in prompt.items
        }

    def key(self, item: str, model: str, temperature: float, replicate: int | None) -> Record:
        """Return the columns that say which sample or cell a row is of."""
        prompt, _ = self.items[item]
        return {
            "run": self.run.name,
            "prompt": prompt.name,
            "use_case": prompt.use_case,
            "item": item,
            "model": model,
            "temperature": temperature,
            "replicate": replicate,
        }

    def outcomes(self) -> Iterator[Completion | Failure]:
        """Yield every completion and every failure that stands, by item, model, temperature and replicate."""
        items = {key: position for position, key in enumerate(self.items)}
        models = {label: position for position, label in enumerate(self.models)}

        def place(outcome: Completion | Failure) -> tuple[int, int, float, int]:
            key = outcome.key
            return items[key.item], models[key.model], key.temperature, key.replicate

        failures: Iterable[Failure] = self.store.failures(self.run.id) if self.run.failures else ()
        return heapq.merge(self.completions(), failures, key=place)

    def completions(self) -> Iterator[Completion]:
        """Yield every completion in the same order, with its tokens if they were asked for."""
        return self.store.completions(self.run.id, tokens=self.tokens)


def score_columns(sources: Sequence[Source]) -> tuple[Mapping[tuple[str, str], str], list[Column]]:
    """Return the columns for the scores of samples, and each one's name by measure and origin.

    A measure that was both taken here and imported, or judged, has a column for each: two versions are never mixed.
    """
    found: dict[tuple[str, str], bool] = {}
    for source in sources:
        for measure, version, missing in source.store.sample_measures(source.run.id):
            of = (measure, _origin(version))
            found[of] = found.get(of, False) or missing
    origins: dict[str, set[str]] = {}
    for measure, origin in found:
        origins.setdefault(measure, set()).add(origin)
    names = {
        (measure, origin): measure if len(origins[measure]) == 1 or not origin else f"{measure}.{origin}"
        for measure, origin in found
    }
    columns = []
    for of, missing in found.items():
        columns.append(Column(SCORE + names[of], "number", f"the measure {of[0]}"))
        if missing:
            columns.append(Column(REASON + names[of], "text", f"why {of[0]} is missing"))
    return names, columns


def sample_rows(
    source: Source,
    names: Mapping[tuple[str, str], str],
    *,
    with_messages: bool,
    on_progress: OnProgress,
) -> Iterator[Record]:
    """Yield a row for every sample: the columns of `SAMPLE`, its tokens and scores where there are any, and what was asked for besides."""
    block: tuple[str, str] | None = None
    scores: dict[tuple[float, int], Record] = {}
    for done, outcome in enumerate(source.outcomes(), 1):
        key = outcome.key
        if names and (key.item, key.model) != block:
            block = (key.item, key.model)
            scores = _scores(source.store.scores(source.run.id, of=block), names)
        row = source.key(key.item, key.model, key.temperature, key.replicate)
        row |= _sample(outcome, source.models[key.model])
        if with_messages:
            row[MESSAGES.name] = messages(source.items[key.item][1].messages)
        if isinstance(outcome, Completion) and outcome.tokens:
            row["tokens"] = [_token(position, token) for position, token in enumerate(outcome.tokens)]
        row |= scores.get((key.temperature, key.replicate), {})
        yield row
        on_progress(done)


def token_rows(source: Source, on_progress: OnProgress) -> Iterator[Record]:
    """Yield a row for every token of every completion: the columns of `TOKEN`."""
    for done, completion in enumerate(source.completions(), 1):
        key = completion.key
        of = {
            "run": source.run.name,
            "item": key.item,
            "model": key.model,
            "temperature": key.temperature,
            "replicate": key.replicate,
            "logprob_kind": completion.logprob_kind,
        }
        for position, token in enumerate(completion.tokens):
            yield {**of, **_token(position, token)}
        on_progress(done)


def score_rows(source: Source, on_progress: OnProgress) -> Iterator[Record]:
    """Yield a row for every score, of samples and of whole cells: the columns of `SCORES`."""
    done = 0
    for item in source.items:
        for model in source.models:
            for score in source.store.scores(source.run.id, of=(item, model)):
                yield {
                    **source.key(item, model, score.temperature, score.replicate),
                    "measure": score.measure,
                    "version": score.version,
                    "value": score.value,
                    "status": "missing" if score.value is None else "ok",
                    "reason": _sentence(score),
                    "gen_ai.evaluation.name": score.measure,
                    "gen_ai.evaluation.score.value": score.value,
                    "gen_ai.evaluation.explanation": _sentence(score),
                }
            done += 1
            on_progress(done)


def _sample(outcome: Completion | Failure, model: ModelSpec) -> Record:
    asked = {
        "gen_ai.operation.name": operation(model),
        "gen_ai.provider.name": provider(model),
        "gen_ai.request.model": model.name,
        "gen_ai.request.temperature": outcome.temperature_sent,
        "gen_ai.request.seed": outcome.seed,
    }
    if isinstance(outcome, Failure):
        failed = {"status": "failure", "error.type": outcome.kind, "error.message": outcome.message}
        return {**failed, **asked, "attempts": outcome.attempts, "batch": outcome.batch}
    return {
        "status": "completion",
        "text": outcome.text,
        "thinking": outcome.thinking,
        "finish_reason": outcome.finish_reason,
        **asked,
        **request(outcome.params),
        "gen_ai.response.id": outcome.response_id,
        "gen_ai.response.finish_reasons": [outcome.finish_reason],
        "gen_ai.response.model": outcome.response_model,
        "gen_ai.usage.input_tokens": outcome.input_tokens,
        "gen_ai.usage.output_tokens": outcome.output_tokens,
        "gen_ai.usage.reasoning.output_tokens": outcome.thinking_tokens,
        "gen_ai.usage.cache_read.input_tokens": outcome.cache_read_tokens,
        "gen_ai.usage.cache_creation.input_tokens": outcome.cache_write_tokens,
        "thinking_tokens": outcome.thinking_tokens,
        "fingerprint": outcome.fingerprint,
        "address": outcome.address,
        "params": outcome.params,
        "latency_s": outcome.latency_s,
        "cost_usd": outcome.cost_usd,
        "attempts": outcome.attempts,
        "batch": outcome.batch,
        "logprob_kind": outcome.logprob_kind,
    }


def _token(position: int, token: TokenLogprob) -> Record:
    return {
        "position": position,
        "text": token.text,
        "logprob": token.logprob,
        "entropy": token.entropy,
        "entropy_tempered": token.entropy_tempered,
        "rank": token.rank,
        "token_id": token.token_id,
        "top": [{"text": text, "logprob": logprob} for text, logprob in token.top],
    }


def _scores(scores: Iterable[Score], names: Mapping[tuple[str, str], str]) -> dict[tuple[float, int], Record]:
    found: dict[tuple[float, int], Record] = {}
    for score in scores:
        if score.replicate is None:
            continue
        name = names[score.measure, _origin(score.version)]
        row = found.setdefault((score.temperature, score.replicate), {})
        row[SCORE + name], row[REASON + name] = score.value, _sentence(score)
    return found


def _origin(version: str) -> str:
    """Return `imported` or `judged`, or nothing for what was measured here."""
    first = version.partition(" ")[0]
    return first if first in (IMPORTED, JUDGED) else ""


def _sentence(score: Score) -> str | None:
    return None if score.reason is None else str(score.reason)
