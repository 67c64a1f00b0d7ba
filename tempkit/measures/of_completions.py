"""How each measure of a completion is taken from a block: the numbers come from the families, the data from the view.

A function here is given the completions of one cell that can have a value, and returns one value or reason for each.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from tempkit.i18n.messages import N_, Phrase
from tempkit.measures import checks, consensus, degeneration, logprobs, peeperkorn, reshaping, tempered
from tempkit.measures.base import Missing
from tempkit.measures.block import View
from tempkit.measures.reshaping import Alternatives
from tempkit.softmax.probabilities import CERTAIN, known_entropy
from tempkit.types import Completion

__all__ = ["OF_COMPLETIONS", "Found", "Taker"]

Found = float | Missing
Taker = Callable[[View, Sequence[Completion]], list[Found]]


def _facts(view: View, completions: Sequence[Completion]) -> list[Found]:
    return [_or_missing(checks.fact_recall(c.text, view.item.facts), _NO_FACTS) for c in completions]


def _checks(view: View, completions: Sequence[Completion]) -> list[Found]:
    return [view.check_pass(c.text) for c in completions]


def _each(measure: Callable[[Completion], bool]) -> Taker:
    return lambda _, completions: [float(measure(c)) for c in completions]


def _loop(view: View, completions: Sequence[Completion]) -> list[Found]:
    return [float(view.loops[c.text]) for c in completions]


def _language(view: View, completions: Sequence[Completion]) -> list[Found]:
    return [float(view.switches[c.text]) for c in completions]


def _mean_logprob(_: View, completions: Sequence[Completion]) -> list[Found]:
    return [_of_logprobs(c, logprobs.mean_logprob(c.tokens)) for c in completions]


def _perplexity(_: View, completions: Sequence[Completion]) -> list[Found]:
    return [_of_logprobs(c, logprobs.perplexity(c.tokens)) for c in completions]


def _of_logprobs(completion: Completion, value: float | None) -> Found:
    if value is not None:
        return value
    beyond = any(t.logprob is not None and t.logprob > CERTAIN for t in completion.tokens)
    return Missing(_NO_LOGPROB if beyond else _UNKNOWN_TOKEN)


_NO_LOGPROB = N_("the logprob of one of its tokens is one that no probability has")
_NO_ENTROPY = N_("the entropy at one of its tokens is one that no choice has")
_UNKNOWN_TOKEN = N_("the logprob of one of its tokens is not known")
_NO_OTHER = N_("there is no other answer at the lowest temperature to compare with")
_UNKNOWN_ENTROPY = N_("the entropy at one of its tokens is not known")
_NO_FACTS = N_("there are no facts")
_NOT_SENT = N_("the temperature was not sent, and the model's own is not known")
_NO_TEMPERATURE = N_("what is stored as the temperature that was sent is none")
_FEW_SENTENCES = Phrase(N_("needs at least 2 sentences, has %(n)d"))
_ONLY_LISTED = N_("only the most probable tokens are known, which leaves bounds")


def _mean_entropy(view: View, completions: Sequence[Completion]) -> list[Found]:
    found = [
        _of_entropies(logprobs.mean_entropy(c.tokens), (t.entropy for t in c.tokens)) for c in completions
    ]
    bounded = [
        i
        for i, (value, c) in enumerate(zip(found, completions, strict=True))
        if isinstance(value, Missing) and c.logprob_kind == "raw" and reshaping.all_listed(c.tokens)
    ]
    if bounded:
        values = reshaping.entropy_from_top(view.alternatives([completions[i] for i in bounded]))
        for i, value in zip(bounded, values, strict=True):
            found[i] = value
    return found


def _of_entropies(
    value: float | None, entropies: Iterable[float | None], reason: str = _UNKNOWN_ENTROPY
) -> Found:
    if value is not None:
        return value
    beyond = any(each is not None and not known_entropy(each) for each in entropies)
    return Missing(_NO_ENTROPY if beyond else reason)


def _reshaped(take: Callable[[Alternatives, float], list[Found]]) -> Taker:
    def taken(view: View, completions: Sequence[Completion]) -> list[Found]:
        found: list[Found] = [Missing(_NOT_SENT)] * len(completions)
        for sent in {c.temperature_sent for c in completions} - {None}:
            if sent is not None and not 0 <= sent < math.inf:
                found = [
                    Missing(_NO_TEMPERATURE) if c.temperature_sent == sent else value
                    for c, value in zip(completions, found, strict=True)
                ]
                continue
            places = [i for i, c in enumerate(completions) if c.temperature_sent == sent]
            values = take(view.alternatives([completions[i] for i in places]), sent or 0.0)
            for i, value in zip(places, values, strict=True):
                found[i] = value
        return found

    return taken


def _tempered_entropy(_: View, completions: Sequence[Completion]) -> list[Found]:
    return [
        _of_entropies(
            tempered.tempered_entropy(c.tokens), (t.entropy_tempered for t in c.tokens), _ONLY_LISTED
        )
        for c in completions
    ]


def _tempered_end(end: int) -> Taker:
    taken = _reshaped(
        lambda listed, temperature: [
            ends if isinstance(ends, Missing) else ends[end]
            for ends in tempered.tempered_bounds(listed, temperature)
        ]
    )

    def known(view: View, completions: Sequence[Completion]) -> list[Found]:
        exact = [tempered.tempered_entropy(c.tokens) for c in completions]
        bounded = iter(taken(view, [c for c, value in zip(completions, exact, strict=True) if value is None]))
        return [next(bounded) if value is None else value for value in exact]

    return known


def _novelty(view: View, completions: Sequence[Completion]) -> list[Found]:
    row = view.vectors.rows([view.typical[0].text])[0]
    rows = view.vectors.rows([c.text for c in completions])
    return [peeperkorn.novelty(own, row) for own in rows]


def _edit_novelty(view: View, completions: Sequence[Completion]) -> list[Found]:
    return [peeperkorn.edit_novelty(c.text, view.typical[0].text) for c in completions]


def _typicality(view: View, completions: Sequence[Completion]) -> list[Found]:
    typical = view.vectors.rows([c.text for c in view.typical])
    total, own = typical.sum(axis=0, dtype=np.float64), {c.key for c in view.typical}
    rows = view.vectors.rows([c.text for c in completions])
    return [
        _or_missing(peeperkorn.typicality(row, total - row if c.key in own else total), _NO_OTHER)
        for c, row in zip(completions, rows, strict=True)
    ]


def _cohesion(view: View, completions: Sequence[Completion]) -> list[Found]:
    found: list[Found] = []
    for c in completions:
        sentences = view.sentences(c)
        value = peeperkorn.cohesion(view.vectors.rows(sentences)) if len(sentences) > 1 else None
        found.append(_or_missing(value, _FEW_SENTENCES(n=len(sentences))))
    return found


def _consensus(view: View, completions: Sequence[Completion]) -> list[Found]:
    return [view.agreements[c.key] for c in completions]


def _incoherence(view: View, completions: Sequence[Completion]) -> list[Found]:
    return [peeperkorn.incoherence(view.scored[c.text]) for c in completions]


def _or_missing(value: float | None, reason: str) -> Found:
    return Missing(reason) if value is None else value


OF_COMPLETIONS: Mapping[str, Taker] = {
    measure.name: taker
    for measure, taker in (
        (checks.FACT_RECALL, _facts),
        (checks.FACTS_RETURNED, _facts),
        (checks.CHECK_PASS, _checks),
        (consensus.CONSENSUS, _consensus),
        (degeneration.EMPTY, _each(lambda c: degeneration.is_empty(c.text))),
        (degeneration.TRUNCATED, _each(lambda c: degeneration.is_truncated(c.finish_reason))),
        (degeneration.LOOP, _loop),
        (degeneration.LANGUAGE_SWITCH, _language),
        (degeneration.REFUSAL, _each(lambda c: degeneration.is_refusal(c.text, c.finish_reason))),
        (peeperkorn.NOVELTY, _novelty),
        (peeperkorn.NOVELTY_EDIT, _edit_novelty),
        (peeperkorn.TYPICALITY, _typicality),
        (peeperkorn.COHESION, _cohesion),
        (peeperkorn.INCOHERENCE, _incoherence),
        (logprobs.MEAN_LOGPROB, _mean_logprob),
        (logprobs.MEAN_ENTROPY, _mean_entropy),
        (logprobs.PERPLEXITY, _perplexity),
        (tempered.TEMPERED_ENTROPY, _tempered_entropy),
        (tempered.TEMPERED_LEAST, _tempered_end(0)),
        (tempered.TEMPERED_MOST, _tempered_end(1)),
        (reshaping.N95, _reshaped(reshaping.n95)),
        (reshaping.LEAKAGE, _reshaped(reshaping.leakage)),
    )
}
"""By the measure's name."""
