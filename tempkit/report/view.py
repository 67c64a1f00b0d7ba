"""The report as plain data: everything the page says, computed before anything is drawn.

What is here is JSON, so it can be compared with a stored copy, and the page's tables, charts and sentences take their
numbers from one place. Strings are as the models and users gave them: making them safe to show is the renderer's work.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from tempkit.compare import Comparison, Section
from tempkit.report.answers import answers
from tempkit.report.cards import cards
from tempkit.report.figures import charts, domains, measures_shown, table
from tempkit.report.method import method
from tempkit.report.sentences import extent, sentences
from tempkit.report.text import count, moment, ngettext
from tempkit.report.text import gettext as _
from tempkit.usecases import Recommendation

__all__ = ["view"]

SERIES = 6
"""How many colours the page has for models; more models begin again with the first."""


def view(comparison: Comparison, recommendations: Sequence[Recommendation] = ()) -> dict[str, Any]:
    """Return the whole page as JSON-able data; `blocks` holds the packed tokens by block id."""
    run, plan = comparison.run, comparison.plan
    series = {model.label: i % SERIES + 1 for i, model in enumerate(plan.models)}
    blocks: dict[str, str] = {}
    by_prompts = groupby(comparison.sections, key=lambda section: [prompt.name for prompt in section.prompts])
    return {
        "title": run.name,
        "headline": _headline(comparison),
        "facts": [
            (_("Status"), run.status),
            (_("Started"), moment(run.created_at)),
            (_("Run"), run.id),
            (_("Made with"), f"tempkit {run.version}"),
        ],
        "banner": _banner(comparison),
        "cards": cards(recommendations, series),
        "temperatures": list(plan.temperatures),
        "domains": domains(comparison),
        "use_cases": [
            _use_case(list(sections), f"use-case-{i}", series, blocks)
            for i, (_names, sections) in enumerate(by_prompts, 1)
        ],
        "method": method(comparison, measures_shown(comparison)),
        "blocks": blocks,
    }


def _headline(comparison: Comparison) -> str:
    plan = comparison.plan
    parts = [
        ngettext("%d item", "%d items", len(plan.items)) % len(plan.items),
        ngettext("%d model", "%d models", len(plan.models)) % len(plan.models),
        ngettext("%d temperature", "%d temperatures", len(plan.temperatures)) % len(plan.temperatures),
        ngettext("%d sample", "%d samples", plan.repeat) % plan.repeat,
    ]
    numbers = {
        "design": " × ".join(parts),
        "planned": count(comparison.run.planned),
        "answers": count(comparison.completions),
        "failed": count(comparison.failed),
    }
    if comparison.failed:
        return (
            _("%(design)s. Of %(planned)s planned samples, %(answers)s were answered and %(failed)s failed.")
            % numbers
        )
    return (
        _("%(design)s. Of %(planned)s planned samples, %(answers)s were answered and none failed.") % numbers
    )


def _banner(comparison: Comparison) -> str | None:
    if not comparison.pending:
        return None
    return _(
        "%(pending)s of %(planned)s samples have not been drawn (status: %(status)s). Everything below describes only "
        "those that have."
    ) % {
        "pending": count(comparison.pending),
        "planned": count(comparison.run.planned),
        "status": comparison.run.status,
    }


def _use_case(
    sections: list[Section], ident: str, series: dict[str, int], blocks: dict[str, str]
) -> dict[str, Any]:
    return {
        "id": ident,
        "name": sections[0].name,
        "descriptions": [prompt.description for prompt in sections[0].prompts if prompt.description],
        "sections": [
            _section(section, f"{ident}-{i}", series[section.model.label], blocks)
            for i, section in enumerate(sections, 1)
        ],
    }


def _section(section: Section, ident: str, series: int, blocks: dict[str, str]) -> dict[str, Any]:
    return {
        "id": ident,
        "model": section.model.label,
        "series": series,
        "extent": extent(section),
        "sentences": sentences(section),
        "charts": charts(section, ident),
        "table": table(section),
        "items": [answers(row, f"{ident}-item-{i}", blocks) for i, row in enumerate(section.rows, 1)],
    }
