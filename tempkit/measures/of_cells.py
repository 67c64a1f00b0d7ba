"""How each measure of a cell is taken from a block: the numbers come from the families, the data from the view.

A function here is given a cell and those of its completions that count, enough of them, and returns a value or a reason.
"""

from collections.abc import Callable, Mapping, Sequence

from tempkit.i18n.messages import N_, Phrase
from tempkit.measures import consistency, diversity, ideas, reshaping
from tempkit.measures.base import Measure, Missing
from tempkit.measures.block import NO_ALTERNATIVES, View
from tempkit.measures.of_completions import Found
from tempkit.measures.samples import Cell, common_budget
from tempkit.measures.vectors import MOST_CLUSTERED
from tempkit.softmax.topk_bounds import EffectiveTemperature
from tempkit.types import Completion

__all__ = ["OF_CELLS", "Taker"]

Taker = Callable[[View, Cell, Sequence[Completion]], Found]

_TOO_MANY = Phrase(N_("more than %(most)d different texts, which take too long to group"))(
    most=MOST_CLUSTERED
)
_FEW_WORDS = N_("its answers hold too few words to compare")
_FEW_CHARACTERS = N_("its answers hold too few characters to compare")
_SHORT = Phrase(N_("no answer has %(n)d words"))
_NO_CLAIMS = N_("no answer holds a number or a name")
_FEW = N_("too few completions")


def _of_texts(measure: Callable[[Sequence[str]], float | None]) -> Taker:
    return lambda _, __, completions: _known(measure([c.text for c in completions]))


def _of_rows(measure: Callable[..., float | None]) -> Taker:
    return lambda view, _, completions: _known(measure(view.vectors.rows([c.text for c in completions])))


def _modal_share(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    return _known(consistency.modal_share([view.words[c.text] or c.text.strip() for c in completions]))


def _semantic_entropy(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    texts = list(dict.fromkeys(c.text for c in completions))
    if len(texts) > MOST_CLUSTERED:
        return Missing(_TOO_MANY)
    labels = dict(zip(texts, consistency.meanings(view.vectors.rows(texts), texts).tolist(), strict=True))
    return _known(consistency.entropy_of([labels[c.text] for c in completions]))


def _first_divergence(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    if view.has_tokens:
        return _known(consistency.first_divergence([[t.text for t in c.tokens] for c in completions]))
    return _known(consistency.first_divergence([c.text.split() for c in completions]))


def _claims_shared(_: View, __: Cell, completions: Sequence[Completion]) -> Found:
    shared = consistency.claims_shared([consistency.claims(c.text) for c in completions])
    return Missing(_NO_CLAIMS) if shared is None else shared


def _distinct(n: int) -> Taker:
    def taken(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
        measure = diversity.DISTINCT[n]
        budget = _shared(view, measure, diversity.LEAST_WORDS, lambda c: len(view.word_ids(c.text)))
        texts = [view.word_ids(c.text) for c in completions]
        if budget is None or sum(map(len, texts)) < budget:
            return Missing(_FEW_WORDS)
        value = diversity.distinct_n(texts, n, budget)
        return Missing(_SHORT(n=n)) if value is None else value

    return taken


def _self_bleu(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    return _known(diversity.self_bleu([view.word_ids(c.text) for c in completions]))


def _compression(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    budget = _shared(view, diversity.COMPRESSION, diversity.LEAST_BYTES, lambda c: len(_bytes(c)))
    texts = [_bytes(c) for c in completions]
    if budget is None or sum(map(len, texts)) < budget:
        return Missing(_FEW_CHARACTERS)
    return _known(diversity.compression_ratio(texts, budget))


def _curve(view: View, cell: Cell) -> list[float] | Missing:
    """Return the expected number of different ideas in m of a cell's completions, m = 0, 1, ..."""
    owners: dict[str, set[int]] = {}
    for i, completion in enumerate(cell.completions):
        quality = view.quality(completion)
        if isinstance(quality, Missing):
            return quality
        for idea in view.items[completion.text] if quality else ():
            owners.setdefault(idea, set()).add(i)
    if len(owners) > MOST_CLUSTERED:
        return Missing(_TOO_MANY)
    held = ideas.group_ideas(view.vectors.rows(list(owners)), list(owners.values())) if owners else []
    return [
        float(value) for value in ideas.rarefaction([len(samples) for samples in held], len(cell.completions))
    ]


def _unique_ideas(view: View, cell: Cell, completions: Sequence[Completion]) -> Found:
    curve = view.once("ideas", cell, _curve)
    return curve if isinstance(curve, Missing) else curve[len(completions)]


def _marginal_ideas(view: View, cell: Cell, completions: Sequence[Completion]) -> Found:
    curve = view.once("ideas", cell, _curve)
    return curve if isinstance(curve, Missing) else _known(ideas.marginal_ideas(curve, len(completions)))


def _novelty_utility(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    passing: dict[str, int] = {}
    for completion in completions:
        quality = view.quality(completion)
        if isinstance(quality, Missing):
            return quality
        if quality:
            passing.setdefault(completion.text, len(passing))
    if len(passing) > MOST_CLUSTERED:
        return Missing(_TOO_MANY)
    texts = list(passing)
    grouped = consistency.meanings(view.vectors.rows(texts), texts).tolist() if texts else []
    labels = [grouped[passing[c.text]] if view.quality(c) is True else None for c in completions]
    return _known(ideas.novelty_utility(labels))


def _estimate(view: View, cell: Cell) -> EffectiveTemperature | Missing:
    listed = [c for c in cell.completions if reshaping.all_listed(c.tokens)]
    return reshaping.effective(view.alternatives(listed)) if listed else Missing(NO_ALTERNATIVES)


def _effective(part: Callable[[EffectiveTemperature], float]) -> Taker:
    def taken(view: View, cell: Cell, _: Sequence[Completion]) -> Found:
        found = view.once("effective temperature", cell, _estimate)
        return found if isinstance(found, Missing) else part(found)

    return taken


def _shared(view: View, measure: Measure, least: int, size: Callable[[Completion], int]) -> int | None:
    """Return how many words or bytes every cell is compared on."""
    sampled = [view.samples(measure, cell) for cell in view.cells]
    return common_budget(
        [sum(map(size, found)) for found in sampled if not isinstance(found, Missing)], least
    )


def _bytes(completion: Completion) -> bytes:
    return completion.text.encode("utf-8", "surrogatepass")


def _known(value: float | None) -> Found:
    return Missing(_FEW) if value is None else value


OF_CELLS: Mapping[str, Taker] = {
    measure.name: taker
    for measure, taker in (
        (consistency.MODAL_SHARE, _modal_share),
        (consistency.MEAN_COSINE, _of_rows(consistency.mean_similarity)),
        (consistency.SEMANTIC_ENTROPY, _semantic_entropy),
        (consistency.FIRST_DIVERGENCE, _first_divergence),
        (consistency.CLAIMS_SHARED, _claims_shared),
        (diversity.DISTINCT_SHARE, _of_texts(diversity.distinct_share)),
        *((measure, _distinct(n)) for n, measure in diversity.DISTINCT.items()),
        (diversity.SELF_BLEU, _self_bleu),
        (diversity.COSINE_DISTANCE, _of_rows(diversity.cosine_distance)),
        (diversity.VENDI, _of_rows(diversity.vendi_score)),
        (diversity.COMPRESSION, _compression),
        (ideas.UNIQUE_IDEAS, _unique_ideas),
        (ideas.MARGINAL_IDEAS, _marginal_ideas),
        (ideas.NOVELTY_UTILITY, _novelty_utility),
        (reshaping.EFFECTIVE_TEMPERATURE, _effective(lambda found: found.value)),
        (reshaping.EFFECTIVE_SE, _effective(lambda found: found.se)),
    )
}
"""By the measure's name."""
