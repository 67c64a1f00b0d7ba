"""What else differs between two runs, beside what a reader means to compare.

A difference in an average may come from a question, a parameter or a model file that changed unnoticed. All of it is in
the plans and in what was found when the models were reached, so the page lists it, and lists nothing that is alike.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

from tempkit.analysis import Comparison, ModelFacts
from tempkit.report.text.format_values import Pairs, flat, shown_value
from tempkit.report.text.sentences import repeats
from tempkit.report.text.text import enumerated, first_of, ngettext, temperature
from tempkit.report.text.text import gettext as _
from tempkit.types import Item, SamplingParams

__all__ = ["differences", "same_models", "same_question"]

_NAMED = 3
"""How many names a sentence lists before it counts the others."""

Unlike = tuple[str, str, str]
"""A name with its value in the one run and in the other."""


def differences(one: Comparison, other: Comparison) -> list[str]:
    """Return a sentence for each thing that differs, what weighs most first; none where all is alike."""
    names = {"one": one.run.name, "other": other.run.name}
    return [
        *_items(one, other, names),
        *_sampling(one, other, names),
        *_design(one, other, names),
        *_models(one, other, names),
        *_software(one, other),
    ]


def same_question(one: Item, other: Item) -> bool:
    """Whether answers to two items of the same key can be compared: asked and judged in the same way."""
    return (one.messages, one.facts, one.checks) == (other.messages, other.facts, other.checks)


def same_models(one: Sequence[str], other: Sequence[str]) -> list[tuple[str, str]]:
    """Return which model of one run is compared with which of the other, by label.

    Those of the same label; where there are none and each run has one model, these two: that is a comparison of models.
    """
    shared = [(label, label) for label in one if label in other]
    if not shared and len(one) == len(other) == 1:
        return [(one[0], other[0])]
    return shared


def _items(one: Comparison, other: Comparison, names: dict[str, str]) -> Iterator[str]:
    here = {item.key: item for item in one.plan.items}
    there = {item.key: item for item in other.plan.items}
    shared = [key for key in here if key in there]
    worded = [key for key in shared if here[key].messages != there[key].messages]
    judged = [key for key in shared if key not in worded and not same_question(here[key], there[key])]
    if worded:
        yield ngettext(
            "%(n)d question of the same name asks something else in the other run: %(names)s. It is left out of the comparison.",
            "%(n)d questions of the same name ask something else in the other run: %(names)s. They are left out of the comparison.",
            len(worded),
        ) % {"n": len(worded), "names": first_of(worded, _NAMED)}
    if judged:
        yield ngettext(
            "%(n)d question has other reference facts or checks: %(names)s. It is left out of the comparison.",
            "%(n)d questions have other reference facts or checks: %(names)s. They are left out of the comparison.",
            len(judged),
        ) % {"n": len(judged), "names": first_of(judged, _NAMED)}
    for run, keys in (
        (names["one"], [key for key in here if key not in there]),
        (names["other"], [key for key in there if key not in here]),
    ):
        if keys:
            yield ngettext(
                "%(n)d question was asked in %(run)s alone: %(names)s.",
                "%(n)d questions were asked in %(run)s alone: %(names)s.",
                len(keys),
            ) % {"n": len(keys), "run": run, "names": first_of(keys, _NAMED)}


def _sampling(one: Comparison, other: Comparison, names: dict[str, str]) -> Iterator[str]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for prompt in one.plan.prompts:
        here, there = one.plan.sampling.get(prompt.name), other.plan.sampling.get(prompt.name)
        if here is None or there is None:
            continue
        for field in fields(SamplingParams):
            a, b = getattr(here, field.name), getattr(there, field.name)
            if a != b:
                found.setdefault((field.name, shown_value(a), shown_value(b)), []).append(prompt.name)
    for (name, a, b), prompts in found.items():
        yield _("%(name)s: %(a)s in %(one)s, %(b)s in %(other)s (%(prompts)s).") % {
            **names,
            "name": name,
            "a": a,
            "b": b,
            "prompts": first_of(prompts, _NAMED),
        }


def _design(one: Comparison, other: Comparison, names: dict[str, str]) -> Iterator[str]:
    here, there = one.plan, other.plan
    if here.temperatures != there.temperatures:
        shared = [t for t in here.temperatures if t in there.temperatures]
        yield (
            _("Temperatures: %(a)s in %(one)s, %(b)s in %(other)s; only %(shared)s can be compared.")
            if shared
            else _("Temperatures: %(a)s in %(one)s, %(b)s in %(other)s; none is shared.")
        ) % {
            **names,
            "a": _degrees(here.temperatures),
            "b": _degrees(there.temperatures),
            "shared": _degrees(shared),
        }
    if here.repeat != there.repeat or here.topups != there.topups:
        yield _("Samples per question and temperature: %(a)s in %(one)s, %(b)s in %(other)s.") % {
            **names,
            "a": _repeats(one),
            "b": _repeats(other),
        }
    if here.seed != there.seed:
        yield _(
            "Run seed: %(a)d in %(one)s, %(b)d in %(other)s, so samples of the same number did not draw the same random numbers."
        ) % {**names, "a": here.seed, "b": there.seed}
    for comparison in (one, other):
        if comparison.pending:
            yield ngettext(
                "%(run)s is not finished: %(n)d sample has not been generated.",
                "%(run)s is not finished: %(n)d samples have not been generated.",
                comparison.pending,
            ) % {"run": comparison.run.name, "n": comparison.pending}


def _models(one: Comparison, other: Comparison, names: dict[str, str]) -> Iterator[str]:
    here = {facts.spec.label: facts for facts in one.models}
    there = {facts.spec.label: facts for facts in other.models}
    pairs = same_models(list(here), list(there))
    if not pairs:
        yield _("The runs share no model.")
    for mine, theirs in pairs:
        yield from _model(here[mine], there[theirs], names)
    for run, labels in (
        (names["one"], [label for label in here if label not in dict(pairs)]),
        (names["other"], [label for label in there if label not in {b for _a, b in pairs}]),
    ):
        if pairs and labels:
            yield _("Only %(run)s has %(models)s.") % {"run": run, "models": first_of(labels, _NAMED)}


def _model(mine: ModelFacts, theirs: ModelFacts, names: dict[str, str]) -> Iterator[str]:
    def differs(what: str, a: str, b: str) -> str:
        return _("%(what)s: %(a)s in %(one)s, %(b)s in %(other)s.") % {**names, "what": what, "a": a, "b": b}

    label = mine.spec.label
    if mine.spec.id != theirs.spec.id:
        yield differs(_("Model"), mine.spec.id, theirs.spec.id)
        return  # its file and its options differ with it: that is what is being compared
    asked, found = _settings(mine, theirs)
    yield from (differs(f"{label}, {name}", a, b) for name, a, b in asked)
    digests = [None if facts.info is None else facts.info.digest for facts in (mine, theirs)]
    if digests[0] != digests[1]:
        unknown = _("not known")
        yield differs(_("Digest of %s") % label, digests[0] or unknown, digests[1] or unknown)
    yield from (differs(f"{label}, {name}", a, b) for name, a, b in found)
    for what, of in (
        (_("%s answered as") % label, lambda facts: facts.response_models),
        (_("Fingerprint of %s") % label, lambda facts: facts.fingerprints),
    ):
        yield from _seen(what, of, mine, theirs, differs)


def _settings(mine: ModelFacts, theirs: ModelFacts) -> tuple[list[Unlike], list[Unlike]]:
    """Return in what two models' settings differ: the options that one was asked with, then what else was found of them.

    An option that was found again when a model was reached is told as it was found there: that is what took effect, and an option
    that one of two never named has a value all the same.
    """
    options = [dict(flat(facts.spec.options)) for facts in (mine, theirs)]
    found = [{} if facts.info is None else dict(flat(facts.info.details)) for facts in (mine, theirs)]
    here, there = ([*{**asked, **seen}.items()] for asked, seen in zip(options, found, strict=True))
    unlike = _unlike(here, there)
    named = {*options[0], *options[1]}
    return [each for each in unlike if each[0] in named], [each for each in unlike if each[0] not in named]


def _seen(
    what: str,
    of: Callable[[ModelFacts], tuple[str, ...]],
    mine: ModelFacts,
    theirs: ModelFacts,
    differs: Callable[[str, str, str], str],
) -> Iterator[str]:
    if set(of(mine)) != set(of(theirs)):
        none = _("not reported")
        yield differs(what, first_of(of(mine), _NAMED) or none, first_of(of(theirs), _NAMED) or none)


def _software(one: Comparison, other: Comparison) -> Iterator[str]:
    here = [("tempkit", one.run.version), *flat(one.run.environment)]
    there = [("tempkit", other.run.version), *flat(other.run.environment)]
    unlike = _unlike(here, there)
    if unlike:
        yield _("Software: %s.") % "; ".join(
            _("%(name)s %(a)s, then %(b)s") % {"name": name.removeprefix("packages."), "a": a, "b": b}
            for name, a, b in unlike
        )


def _unlike(here: Pairs, there: Pairs) -> list[Unlike]:
    a, b = dict(here), dict(there)
    absent = _("not set")
    return [
        (name, a.get(name, absent), b.get(name, absent))
        for name in dict.fromkeys([*a, *b])
        if a.get(name) != b.get(name)
    ]


def _repeats(comparison: Comparison) -> str:
    least, most = repeats(comparison.plan)
    return str(least) if most == least else _("%(a)d to %(b)d") % {"a": least, "b": most}


def _degrees(temperatures: Sequence[float]) -> str:
    return enumerated([temperature(t) for t in temperatures])
