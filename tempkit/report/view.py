"""The report as plain data: everything the page says, computed before anything is drawn.

What is here is JSON, so it can be compared with a stored copy, and the page's tables, charts and sentences take their
numbers from one place. Strings are as the models and users gave them: making them safe to show is the renderer's work.

A report can hold several runs. What belongs together is then a use case, with a series for each model of each run.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tempkit.analysis import ScoredSection, Section, curves
from tempkit.decision import Decision, between_models, between_use_cases, shipped, usable_pick
from tempkit.exact import mean_bounds
from tempkit.report.answers.answers import answers, without_tokens
from tempkit.report.answers.index import index, index_block
from tempkit.report.answers.means import Means, means
from tempkit.report.answers.scores import scores
from tempkit.report.answers.tokens import pack
from tempkit.report.cards import Judged, cards, title_of
from tempkit.report.charts.figures import all_charts, figures, measures_shown
from tempkit.report.charts.lines import Line
from tempkit.report.divergence.view import forks
from tempkit.report.explorer.view import Explorable, explorer
from tempkit.report.method.downloads import downloads
from tempkit.report.method.file_names import file_name
from tempkit.report.method.run_summary import run_summary, scores_only
from tempkit.report.method.view import method
from tempkit.report.study import Study
from tempkit.report.tables.paired import paired
from tempkit.report.tables.people import people
from tempkit.report.tables.run_differences import differences, same_models
from tempkit.report.tables.side import Side
from tempkit.report.tables.summary_table import Tabled, table
from tempkit.report.text.sentences import extent, sentences
from tempkit.report.text.slugs import harmless
from tempkit.report.text.text import temperature as degrees

__all__ = ["view"]

SERIES = 6
"""How many colours, and shapes of points, the page has for models; more models begin again with the first, paired otherwise."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A section with what the page calls its model, and its colour."""

    study: Study
    section: Section
    scored: ScoredSection
    labels: Mapping[str, str]
    """What the page calls each model of the study."""
    label: str
    series: int
    shape: int


def view(studies: Sequence[Study]) -> dict[str, Any]:
    """Return the whole page as JSON-able data; `blocks` holds the packed tokens by block id."""
    names = _labels(studies)
    labels = [{model: name for (j, model), name in names.items() if j == i} for i in range(len(studies))]
    marks = {key: (i % SERIES + 1, (i + i // SERIES) % SERIES + 1) for i, key in enumerate(names)}
    parts = [
        _Part(
            study, section, scored, labels[i], names[i, section.model.label], *marks[i, section.model.label]
        )
        for i, study in enumerate(studies)
        for section, scored in zip(study.comparison.sections, study.scored, strict=True)
    ]
    groups = _by_use_case(parts)
    judged = [
        Judged(
            found=_called(each, part.labels),
            run=part.study.comparison.run.name,
            judging=part.study.judging,
            series=part.series,
            section=part.section,
            scored=part.scored,
        )
        for group in groups
        for part in group
        for each in part.study.decisions
        if (each.section, each.model) == (part.section.name, part.section.model.label)
    ]
    blocks: dict[str, str] = {}
    drawn = [curve for part in parts for curve in curves(part.scored)]
    comparisons = [study.comparison for study in studies]
    stem = file_name([each.run for each in comparisons])
    cases = [_use_case(group, f"use-case-{i}", blocks, stem) for i, group in enumerate(groups, 1)]
    files = downloads(studies)
    blocks |= files["blocks"]
    return {
        "title": ", ".join(each.run.name for each in comparisons),
        "runs": [run_summary(each) for each in studies],
        "compared": [_compared(parts, studies[0], other) for other in studies[1:]],
        "cards": cards(judged),
        "between": _between([each.found for each in judged]),
        "temperatures": sorted({t for each in comparisons for t in each.plan.temperatures}),
        "use_cases": cases,
        "people": _people(studies, parts, labels),
        "explorer": explorer([_explorable(part) for group in groups for part in group], blocks),
        "method": [method(study.comparison, study.scored, measures_shown(drawn)) for study in studies],
        "downloads": files["files"],
        "blocks": blocks,
    }


def _people(
    studies: Sequence[Study], parts: Sequence[_Part], labels: Sequence[Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Return what people's ratings of each run come to, where there are any."""
    found = []
    for study, called in zip(studies, labels, strict=True):
        if study.people is None:
            continue
        titles = {part.section.name: _title(part) for part in parts if part.study is study}
        sections = [
            replace(section, model=called[section.model], name=titles.get(section.name) or section.name)
            for section in study.people.sections
        ]
        run = study.comparison.run.name if len(studies) > 1 else None
        found.append(people(replace(study.people, sections=tuple(sections)), run))
    return found


def _between(found: Sequence[Decision]) -> list[str]:
    return [*between_models(found), *between_use_cases(found)]


def _explorable(part: _Part) -> Explorable:
    return Explorable(
        comparison=part.study.comparison,
        explored=part.study.explored,
        section=part.section,
        title=_title(part) or part.section.name,
        label=part.label,
        series=part.series,
    )


def _labels(studies: Sequence[Study]) -> dict[tuple[int, str], str]:
    """Return what the page calls each model of each study: with the run's name where a label is not enough."""
    models = [
        (i, model.label, study.comparison.run.name)
        for i, study in enumerate(studies)
        for model in study.comparison.plan.models
    ]
    times = Counter(label for _i, label, _run in models)
    return {(i, label): f"{label} · {run}" if times[label] > 1 else label for i, label, run in models}


def _by_use_case(parts: Sequence[_Part]) -> list[list[_Part]]:
    groups: dict[tuple[bool, str], list[_Part]] = {}
    for part in parts:
        groups.setdefault((part.section.use_case is None, part.section.name), []).append(part)
    return list(groups.values())


def _compared(parts: Sequence[_Part], one: Study, other: Study) -> dict[str, Any]:
    """Return what changed from one run to another, and what else differs between them."""
    mine = {(part.section.name, part.section.model.label): part for part in parts if part.study is one}
    theirs = {(part.section.name, part.section.model.label): part for part in parts if part.study is other}
    pairs = same_models(
        [model.label for model in one.comparison.plan.models],
        [model.label for model in other.comparison.plan.models],
    )
    found = [
        (
            mine[name, a],
            paired(_side(mine[name, a], one, alike=a == b), _side(theirs[name, b], other, alike=a == b)),
        )
        for name in dict.fromkeys(name for name, _model in mine)
        for a, b in pairs
        if (name, a) in mine and (name, b) in theirs
    ]
    several = len(pairs) > 1
    return {
        "one": one.comparison.run.name,
        "other": other.comparison.run.name,
        "paired": [
            {**each, "title": _title(part), "models": part.section.model.label if several else None}
            for part, each in found
            if each is not None
        ],
        "differences": differences(one.comparison, other.comparison),
    }


def _side(part: _Part, study: Study, *, alike: bool) -> Side:
    return Side(
        label=study.comparison.run.name if alike else part.label,
        section=part.section,
        scored=part.scored,
        found=_found(study, part.section.name, part.section.model.label),
    )


def _use_case(parts: Sequence[_Part], ident: str, blocks: dict[str, str], stem: str) -> dict[str, Any]:
    descriptions = {
        prompt.description: None
        for part in parts
        for prompt in part.section.prompts
        if prompt.description is not None
    }
    named = harmless(parts[0].section.name) or ident
    drawn = figures([_line(part) for part in parts], ident, f"{stem}-{named}")
    blocks[f"{ident}-items"] = pack(drawn.pop("items"))
    return {
        "id": ident,
        "name": parts[0].section.name,
        "title": _title(parts[0]),
        "descriptions": list(filter(None, descriptions)),
        "figures": drawn,
        "table": _table(parts, drawn),
        "sections": [_section(part, f"{ident}-{i}", blocks) for i, part in enumerate(parts, 1)],
    }


def _table(parts: Sequence[_Part], drawn: Mapping[str, Any]) -> dict[str, Any]:
    return table(
        [
            Tabled(label=part.label, series=part.series, section=part.section, curves=curves(part.scored))
            for part in parts
        ],
        {chart["measure"] for chart in drawn["lead"]},
        {(chart["measure"], chart["version"]): chart["id"] for chart in all_charts(drawn)},
        scores_only=all(scores_only(part.study.comparison) for part in parts),
    )


def _title(part: _Part) -> str | None:
    """Return the title of the use case that the prompts name, in the current language; None where they name none that is known."""
    name = part.section.use_case
    if name is None:
        return None
    found = _found(part.study, part.section.name, part.section.model.label)
    named = shipped().get(name)
    if found is None or (named is not None and found.use_case != name):  # decided by another one
        return None if named is None else named.title
    return title_of(found)


def _called(found: Decision, labels: Mapping[str, str]) -> Decision:
    """Return the decision with the page's names for its model and the others."""
    label = labels[found.model]
    variety = None if found.variety is None else replace(found.variety, model=label)
    rivals = tuple(replace(each, model=labels[each.model]) for each in found.rivals)
    return replace(found, model=label, variety=variety, rivals=rivals)


def _line(part: _Part) -> Line:
    return Line(
        label=part.label,
        series=part.series,
        shape=part.shape,
        scored=part.scored,
        found=_found(part.study, part.section.name, part.section.model.label),
        exact=mean_bounds(
            [
                each
                for each in part.study.exact
                if each.exact.model == part.section.model.label
                and each.exact.item in {row.item.key for row in part.section.rows}
            ]
        ),
        noise_floor=_noise_floor(part),
    )


def _noise_floor(part: _Part) -> float | None:
    """Return how alike a model's answers at temperature 0 were in a probe before the run; None where there was none."""
    label = part.section.model.label
    facts = next((each for each in part.study.comparison.models if each.spec.label == label), None)
    kept = None if facts is None or facts.info is None else facts.info.details.get("noise_floor")
    share = kept.get("together") if isinstance(kept, Mapping) else None
    return 1 - share if isinstance(share, int | float) and 0 <= share <= 1 else None


def _found(study: Study, section: str, model: str) -> Decision | None:
    return next((each for each in study.decisions if (each.section, each.model) == (section, model)), None)


def _section(part: _Part, ident: str, blocks: dict[str, str]) -> dict[str, Any]:
    section, bare = part.section, scores_only(part.study.comparison)
    found = _found(part.study, section.name, section.model.label)
    by = None if found is None else means(part.scored, found.measure, higher_is_better=found.higher_is_better)
    pick = None if found is None else usable_pick(found)
    items = [] if bare else list(_items(part, ident, blocks, by))
    if items:
        blocks[f"{ident}-index"] = pack(index_block(items, by, (section.name, section.model.label)))
    return {
        "id": ident,
        "model": part.label,
        "series": part.series,
        "extent": extent(section, part.scored, scores_only=bare),
        "sentences": [] if bare else sentences(section),
        "items": items,
        "index": index(items, by, None if pick is None else degrees(pick)),
        "without_tokens": without_tokens(items),
        "unlisted": len(section.rows) - len(section.listed),
    }


def _items(part: _Part, ident: str, blocks: dict[str, str], by: Means | None) -> Iterator[dict[str, Any]]:
    of = (part.section.name, part.section.model.label)
    found = _found(part.study, *of)
    scored = scores(part.scored, None if found is None else found.measure)
    for i, row in enumerate(part.section.listed, 1):
        name = f"{ident}-item-{i}"
        key = row.item.key, part.section.model.label
        block = part.study.tokens.get(key)
        if block is not None:
            blocks[name] = block.packed
        places = {} if block is None else block.index
        yield {
            **answers(row, name, block, scored, by),
            "forks": forks(part.study.divergences.get(key), places),
        }
