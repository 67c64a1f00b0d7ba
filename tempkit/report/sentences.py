"""Say in plain sentences what changed with temperature, using only what was seen.

Each sentence names its numbers and the samples behind them. None of them says why, none generalises beyond the run's
items, and none calls a difference large, small or significant: no test has been made.
"""

from collections.abc import Iterator

from tempkit.compare import Curve, Point, Section
from tempkit.measures.checks import FACT_RECALL, FACTS_RETURNED
from tempkit.measures.diversity import DISTINCT_SHARE
from tempkit.measures.logprobs import MEAN_ENTROPY, MEAN_LOGPROB
from tempkit.report.text import count, figure, ngettext, number, share, temperature
from tempkit.report.text import gettext as _

__all__ = ["at", "extent", "sentences"]


def at(value: float) -> str:
    """Return `T = 0.7` with spaces that do not break."""
    return f"T\u00a0=\u00a0{temperature(value)}"


def extent(section: Section) -> str:
    """Return what the section's numbers rest on: items, and samples per item and temperature."""
    items, repeat = len(section.rows), section.rows[0].cells[0].planned
    return _("%(items)s × %(samples)s at each temperature") % {
        "items": ngettext("%d item", "%d items", items) % items,
        "samples": ngettext("%d sample", "%d samples", repeat) % repeat,
    }


def sentences(section: Section) -> list[str]:
    """Return up to five sentences about a section; one that says so when no answer came back."""
    if not any(level.completions for level in section.levels):
        return [_("No answer came back, so there is nothing to compare.")]
    return [*_facts(section), *_variety(section), *_certainty(section), *_incomplete(section)]


def _ends(curve: Curve | None) -> tuple[Point, Point] | None:
    known = [point for point in curve.points if point.mean is not None] if curve else []
    return (known[0], known[-1]) if known else None


def _facts(section: Section) -> Iterator[str]:
    scored, returned = section.curve(FACT_RECALL), section.curve(FACTS_RETURNED)
    found = _("%(share)s at %(t)s (%(basis)s)")
    if scored and (ends := _ends(scored)):
        low, high = ends
        if low is high:
            yield _("Facts found: %s.") % (found % _found(low))
        else:
            best = max(scored.points, key=lambda point: -1 if point.mean is None else point.mean)
            more = ""
            if share(best.mean) not in (share(low.mean), share(high.mean)):
                more = _("; the most, %(share)s, at %(t)s") % _found(best)
            numbers = {"first": found % _found(low), "last": found % _found(high), "more": more}
            yield _("Facts found: %(first)s, %(last)s%(more)s.") % numbers
    # Whole answers can be the few that stayed short: say what is known of the others where it matters most.
    if returned and (ends := _ends(returned)):
        bound = ends[1]
        whole = (
            next((p for p in scored.points if p.temperature == bound.temperature), None) if scored else None
        )
        if whole is None or whole.mean is None:
            yield _(
                "At %(t)s no answer was whole; as far as they went, they held %(share)s of the facts (%(n)s answers)."
            ) % _found(bound)
        elif bound.samples > whole.samples:
            yield _(
                "With the answers cut off at %(t)s counted as far as they went, at least %(share)s (%(n)s answers)."
            ) % _found(bound)


def _found(point: Point) -> dict[str, str]:
    items = ngettext("%d item", "%d items", point.items) % point.items
    answers = ngettext("%d whole answer", "%d whole answers", point.samples) % point.samples
    return {
        "share": share(point.mean),
        "t": at(point.temperature),
        "basis": f"{items}, {answers}",
        "n": count(point.samples),
    }


def _variety(section: Section) -> Iterator[str]:
    ends = _ends(section.curve(DISTINCT_SHARE))
    if not ends:
        return
    low, high = ends
    sizes = {value.n for point in ends for value in point.by_item.values()}
    if len(sizes) > 1:
        yield _("Different texts among an item's answers: %(first)s at %(low)s, %(last)s at %(high)s, on average.") % {
            "first": share(low.mean), "low": at(low.temperature), "last": share(high.mean), "high": at(high.temperature),
        }  # fmt: skip
        return
    asked = sizes.pop()
    first, last = _different(low, asked), _different(high, asked)
    form = _("Asked %(n)d times per item, the model gave %(first)s at %(low)s and %(last)s at %(high)s.")
    if low is high:
        form = _("Asked %(n)d times per item, the model gave %(first)s at %(low)s.")
    elif first == last:
        form = _("Asked %(n)d times per item, the model gave %(first)s at %(low)s and at %(high)s alike.")
    yield form % {
        "n": asked, "first": first, "last": last, "low": at(low.temperature), "high": at(high.temperature),
    }  # fmt: skip


def _different(point: Point, asked: int) -> str:
    texts = (point.mean or 0) * asked
    if texts <= 1 + 1e-9:
        return _("the same answer every time")
    if texts >= asked - 1e-9:
        return _("a different answer every time")
    return _("%s different answers on average") % number(texts, 1)


def _certainty(section: Section) -> Iterator[str]:
    for measure in (MEAN_ENTROPY, MEAN_LOGPROB):
        curve = section.curve(measure)
        ends = _ends(curve)
        if not curve or not ends:
            continue
        low, high = (figure(point.mean, measure.unit) for point in ends)
        basis = {
            "raw": _("of the model's own distribution, before temperature is applied"),
            "tempered": _("of the distribution after temperature is applied"),
        }.get(curve.kind or "", _("of a distribution that the provider does not specify"))
        form = _(
            "%(name)s went from %(first)s nats per token at %(low)s to %(last)s at %(high)s (%(basis)s)."
        )
        if low == high:
            form = _("%(name)s was %(first)s nats per token at %(low)s and at %(high)s (%(basis)s).")
        if ends[0] is ends[1]:
            form = _("%(name)s was %(first)s nats per token at %(low)s (%(basis)s).")
        yield form % {
            "name": _(measure.title), "basis": basis, "first": low, "last": high,
            "low": at(ends[0].temperature), "high": at(ends[1].temperature),
        }  # fmt: skip
        return  # the entropy says it; the logprob stands in where there is none


def _incomplete(section: Section) -> Iterator[str]:
    levels = section.levels
    answers, samples = sum(level.completions for level in levels), sum(level.planned for level in levels)

    def told(what: str, numbers: list[int], of: int, noun: str) -> Iterator[str]:
        total, worst = sum(numbers), max(range(len(levels)), key=numbers.__getitem__)
        if not total:
            return
        where = at(levels[worst].temperature)
        form = _("%(what)s: %(total)s of %(of)s %(noun)s, all at %(where)s.")
        if numbers[worst] < total:
            form = _("%(what)s: %(total)s of %(of)s %(noun)s, %(worst)s of them at %(where)s.")
        yield form % {
            "what": what, "total": count(total), "of": count(of), "noun": noun, "where": where,
            "worst": count(numbers[worst]),
        }  # fmt: skip

    yield from told(
        _("Cut off at the token limit"), [level.truncated for level in levels], answers, _("answers")
    )
    yield from told(
        _("Cut by the content filter"), [level.filtered for level in levels], answers, _("answers")
    )
    yield from told(_("Failed"), [level.failed for level in levels], samples, _("samples"))
