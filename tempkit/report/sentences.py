"""Say in plain sentences what a section rests on, and what is missing from it."""

from collections.abc import Iterator

from tempkit.compare import Section
from tempkit.report.text import count, ngettext, temperature
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
    """Return what is missing from a section; one sentence that says so when no answer came back."""
    if not any(level.completions for level in section.levels):
        return [_("No answer came back, so there is nothing to compare.")]
    return list(_incomplete(section))


def _incomplete(section: Section) -> Iterator[str]:
    levels = section.levels
    answers, samples = sum(level.completions for level in levels), sum(level.planned for level in levels)

    def told(all_at: str, most_at: str, numbers: list[int], of: int) -> Iterator[str]:
        total, worst = sum(numbers), max(range(len(levels)), key=numbers.__getitem__)
        if not total:
            return
        yield (all_at if numbers[worst] == total else most_at) % {
            "total": count(total),
            "of": count(of),
            "where": at(levels[worst].temperature),
            "worst": count(numbers[worst]),
        }

    yield from told(
        _("Cut off at the token limit: %(total)s of %(of)s answers, all at %(where)s."),
        _("Cut off at the token limit: %(total)s of %(of)s answers, %(worst)s of them at %(where)s."),
        [level.truncated for level in levels],
        answers,
    )
    yield from told(
        _("Cut by the content filter: %(total)s of %(of)s answers, all at %(where)s."),
        _("Cut by the content filter: %(total)s of %(of)s answers, %(worst)s of them at %(where)s."),
        [level.filtered for level in levels],
        answers,
    )
    yield from told(
        _("Failed: %(total)s of %(of)s samples, all at %(where)s."),
        _("Failed: %(total)s of %(of)s samples, %(worst)s of them at %(where)s."),
        [level.failed for level in levels],
        samples,
    )
