"""Take measures from a block of completions: one score for each completion or cell, or the reason why there is none.

What keeps any measure from being taken (a truncated text, no logprobs, no embedder) is settled here, in one place
and in the same words for all of them. A measure that has nothing to do with an item, such as facts where it has none, gives
no score at all.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tempkit.measures.base import Measure, OfCell, OfCompletions
from tempkit.measures.block import Block, Cell, Resources, View
from tempkit.measures.consensus import LEAST_TEMPERATURES, agreements
from tempkit.measures.missing import INCOMPLETE_ENDS, Found, Missing
from tempkit.measures.reshaping import all_listed
from tempkit.measures.samples import sampled
from tempkit.measures.tempered import bounded
from tempkit.types import Completion, FinishReason, LogprobKind, Reason, Score

__all__ = ["scores"]

_INCOMPLETE: Mapping[FinishReason, Reason] = {
    "length": Reason("token_limit"),
    "content_filter": Reason("content_filter"),
    "unknown": Reason("end_unknown"),
}

_KINDS: Mapping[LogprobKind, Reason] = {
    "tempered": Reason("logprobs_tempered"),
    "unknown": Reason("logprobs_unknown"),
}


def scores(block: Block, measures: Iterable[Measure], resources: Resources) -> Iterator[Score]:
    """Yield the scores of a block: measure by measure in the order given, by temperature, by replicate.

    A measure of completions gives one score for each completion, a measure of cells one for each temperature of the block
    (without a replicate).

    Args:
        block: All completions of one item on one model.
        measures: Of `tempkit.measures.MEASURES`.
        resources: The embedder and the reference model, where there are any.

    Raises:
        ValueError: A completion is not of the block, or a measure is one that only a judge gives.
    """
    view = View(block, resources)
    for measure in measures:
        of_cell, of_completions = measure.of_cell, measure.of_completions
        if of_cell is None and of_completions is None:
            raise ValueError(f"{measure.name!r} is not computed")
        if not _applies(measure, view):
            continue
        for cell in view.cells:
            if of_cell is not None:
                found = _of_cell(measure, of_cell, view, cell)
                yield _score(block, measure, cell, None, _version(measure, view, cell.completions), found)
            elif of_completions is not None:
                # Of kinds there are few, of completions thousands.
                versions = {kind: _version(measure, view, [c]) for kind, c in _by_kind(cell)}
                for completion, value in _of_completions(measure, of_completions, view, cell):
                    version = versions[completion.logprob_kind]
                    yield _score(block, measure, cell, completion.key.replicate, version, value)


def _applies(measure: Measure, view: View) -> bool:
    needs = measure.needs
    return (
        ("facts" not in needs or bool(view.item.facts))
        and ("checks" not in needs or bool(view.item.checks))
        and ("list" not in needs or view.lists)
        and ("bounds" not in needs or bounded(view))
    )


def _of_completions(
    measure: Measure, taken: OfCompletions, view: View, cell: Cell
) -> Iterator[tuple[Completion, Found]]:
    lacking = {c.key: _lacks(measure, view, c) for c in cell.completions}
    ready = [c for c in cell.completions if lacking[c.key] is None]
    values = iter(taken(view, ready) if ready else ())
    for completion in cell.completions:
        missing = lacking[completion.key]
        yield completion, next(values) if missing is None else missing


def _of_cell(measure: Measure, taken: OfCell, view: View, cell: Cell) -> Found:
    counted = sampled(view, measure, cell)
    if isinstance(counted, Missing):
        return counted
    if "embedder" in measure.needs and view.resources.embedder is None:
        return Missing(Reason("needs_embedder"))
    if "raw" in measure.needs:
        kinds = _kinds(cell.completions)
        if len(kinds) > 1:
            return Missing(Reason("logprobs_mixed", kinds=", ".join(kinds)))
        if kinds != ["raw"]:
            return Missing(_KINDS.get(kinds[0], Reason("no_logprobs")))
    return taken(view, cell, counted)


def _lacks(measure: Measure, view: View, completion: Completion) -> Missing | None:
    """Return why the measure cannot be taken from a completion, before it is tried; None when nothing is known to be missing."""
    needs, resources = measure.needs, view.resources
    if "embedder" in needs and resources.embedder is None:
        return Missing(Reason("needs_embedder"))
    if "reference" in needs and resources.reference is None:
        return Missing(Reason("needs_reference"))
    if measure.needs_complete and completion.finish_reason in INCOMPLETE_ENDS:
        return Missing(_INCOMPLETE[completion.finish_reason])
    if "text" in needs and not completion.text.strip():
        return Missing(Reason("empty_answer"))
    if "others" in needs and not agreements(view):
        answered = sum(bool(some) for some in view.answered)
        return Missing(Reason("few_temperatures", least=LEAST_TEMPERATURES, n=answered))
    if "exemplar" in needs:
        return _lacks_exemplar(measure, view, completion)
    return _lacks_logprobs(measure, completion) if "logprobs" in needs else None


def _lacks_exemplar(measure: Measure, view: View, completion: Completion) -> Missing | None:
    if not view.typical:
        return Missing(Reason("no_exemplar"))
    if not measure.exemplar_too and completion.key == view.typical[0].key:
        return Missing(Reason("is_exemplar"))
    return None


def _lacks_logprobs(measure: Measure, completion: Completion) -> Missing | None:
    if completion.logprob_kind == "none" or not completion.tokens:
        return Missing(Reason("no_logprobs") if completion.text else Reason("empty_answer"))
    if "raw" in measure.needs and completion.logprob_kind != "raw":
        return Missing(_KINDS[completion.logprob_kind])
    if "alternatives" in measure.needs and not all_listed(completion.tokens):
        return Missing(Reason("no_alternatives"))
    return None


def _by_kind(cell: Cell) -> Iterator[tuple[LogprobKind, Completion]]:
    """Yield a completion of each kind of logprobs."""
    yield from {completion.logprob_kind: completion for completion in cell.completions}.items()


def _kinds(completions: Sequence[Completion]) -> list[LogprobKind]:
    """Return the different kinds of logprobs; an answer without a token brings none along where another has some."""
    return sorted({c.logprob_kind for c in completions if c.tokens} or {c.logprob_kind for c in completions})


def _version(measure: Measure, view: View, completions: Sequence[Completion]) -> str:
    """Return the measure's version and whatever else decides its value, as words."""
    needs, parts = measure.needs, [str(measure.version)]
    if "logprobs" in needs:
        parts += _kinds(completions)
    if "alternatives" in needs:
        parts += [f"top-{k}" for k in view.listed]
    if view.resources.embedder and needs & {"embedder", "checks"}:
        parts.append(view.resources.embedder.name)
    if "exemplar" in needs:
        parts.append(f"exemplar T={view.reference_cell.temperature:g}")
    if "others" in needs:
        parts.append("T=" + ",".join(f"{cell.temperature:g}" for cell in view.cells))
    if "reference" in needs and view.resources.reference:
        parts.append(view.resources.reference.name)
    if measure.also is not None:
        parts.append(measure.also(view))
    return " ".join(parts)


def _score(
    block: Block, measure: Measure, cell: Cell, replicate: int | None, version: str, found: Found
) -> Score:
    missing = found.reason if isinstance(found, Missing) else None
    value = None if isinstance(found, Missing) else float(found)
    if value is not None and not math.isfinite(value):
        raise ValueError(f"{measure.name} gave {value}, which is no number")
    return Score(
        item=block.item.key,
        model=block.model,
        temperature=cell.temperature,
        replicate=replicate,
        measure=measure.name,
        version=version,
        value=value,
        reason=missing,
    )
