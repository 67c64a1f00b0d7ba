"""What a run consists of, in a sentence: questions, models, temperatures, answers; and what of it is missing.

A run that was imported was planned elsewhere: what its file holds is all there is, so nothing of it is missing, and a file of
scores has no answers.
"""

from collections.abc import Sequence
from typing import Any

from tempkit.analysis import Comparison, ScoredSection
from tempkit.report.study import Study
from tempkit.report.text.sentences import repeats, samples, scores_per_question
from tempkit.report.text.text import count, moment, ngettext
from tempkit.report.text.text import gettext as _
from tempkit.report.text.vocabulary import run_status

__all__ = ["imported_from", "per_question", "run_summary", "scores_only"]

_IMPORTED = "imported"
"""The version of scores that were brought in, see `tempkit.store`."""


def run_summary(study: Study) -> dict[str, Any]:
    """Return a run's name, what it consists of as `headline`, its `facts`, its `note`, and as `banner` what is missing, or None."""
    run = study.comparison.run
    return {
        "name": run.name,
        "headline": _headline(study),
        "facts": [
            (_("Status"), run_status(run.status)),
            (_("Started"), moment(run.created_at)),
            (_("Run"), run.id),
            (_("Made with"), f"tempkit {run.version}"),
        ],
        "note": run.note,
        "banner": _banner(study),
        "origin": _origin(study.comparison),
    }


def _origin(comparison: Comparison) -> str:
    """Say where the run is from, and where top-ups made its plan larger than it began."""
    run = comparison.run
    said = _("Run %(id)s of %(started)s, made with tempkit %(version)s.") % {
        "id": run.id,
        "started": moment(run.created_at),
        "version": run.version,
    }
    if more := comparison.plan.topped_up:
        said += " " + _("Of its %(planned)s planned answers, %(more)s were added by top-ups.") % {
            "planned": count(run.planned),
            "more": count(more),
        }
    return said


def scores_only(comparison: Comparison) -> bool:
    """Return whether a run is imported scores without any answer."""
    return imported_from(comparison) is not None and not comparison.completions


def imported_from(comparison: Comparison) -> str | None:
    """Return the name of the file that a run was imported from; None for a run of our own."""
    for facts in comparison.models:
        found = None if facts.info is None else facts.info.details.get("imported_from")
        if found is not None:
            return str(found)
    return None


def _imported_scores(study: Study) -> int:
    """Return how many scores were brought in rather than taken here."""
    tables = (table for section in study.scored for table in section.tables)
    return sum(table.count for table in tables if table.version == _IMPORTED)


def _headline(study: Study) -> str:
    comparison = study.comparison
    file = imported_from(comparison)
    values = {
        "design": _design(study),
        "planned": count(comparison.run.planned),
        "answers": count(comparison.completions),
        "failed": count(comparison.failed),
        "scores": count(_imported_scores(study)),
        "file": file,
    }
    if scores_only(comparison):
        form = _("%(design)s. %(scores)s scores were imported from %(file)s; there are no answers to show.")
    elif file is not None:
        form = _("%(design)s. %(answers)s answers and %(scores)s scores were imported from %(file)s.")
    elif comparison.failed:
        form = _("%(design)s. %(answers)s of %(planned)s planned answers came back, %(failed)s failed.")
    else:
        form = _("%(design)s. %(answers)s of %(planned)s planned answers came back, none failed.")
    return form % values


def _design(study: Study) -> str:
    plan = study.comparison.plan
    parts = [
        ngettext("%d question", "%d questions", len(plan.items)) % len(plan.items),
        ngettext("%d model", "%d models", len(plan.models)) % len(plan.models),
        ngettext("%d temperature", "%d temperatures", len(plan.temperatures)) % len(plan.temperatures),
        per_question(study.comparison, study.scored),
    ]
    return " × ".join(parts)


def per_question(comparison: Comparison, scored: Sequence[ScoredSection]) -> str:
    """Return how many answers, or scores, a question has at a temperature: as planned, or of an import what is there."""
    if imported_from(comparison) is None:
        return samples(*repeats(comparison.plan))
    if scores_only(comparison):
        return samples(*scores_per_question(scored), scores=True)
    found = [cell.planned for section in comparison.sections for row in section.rows for cell in row.cells]
    return samples(min(found), max(found))


def _banner(study: Study) -> str | None:
    comparison = study.comparison
    if not comparison.pending or imported_from(comparison) is not None:
        return None
    said = _(
        "%(pending)s of %(planned)s planned answers are not there yet (status: %(status)s). Everything below describes only "
        "those that are."
    ) % {
        "pending": count(comparison.pending),
        "planned": count(comparison.run.planned),
        "status": run_status(comparison.run.status),
    }
    if study.read_at is not None:
        said += " " + _("As of %(moment)s.") % {"moment": moment(study.read_at)}
    return said
