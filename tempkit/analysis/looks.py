"""How often a run's data have been looked at, which is what the confidence of a decision has to pay for.

Whoever decides, draws more samples while the answer does not please, and decides again gives chance another try each time. So
every state of the data that a decision was read from counts, whoever read it: `recommend`, a report, the end of a run. Reading
the same state again, by whatever command, is the same look.

Data are what was drawn: completions, and scores that came from elsewhere or from a judge. Measures are computed from them, and
computing another one, or the same one by a newer version, draws nothing, so it is no look. Completions are never changed, so
within a run their number says which there are.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tempkit.types import Look, Score

if TYPE_CHECKING:
    from tempkit.analysis.tables import ScoredSection
    from tempkit.store import RunRecord, ScoredBlock, Store

__all__ = ["counted", "is_given", "note_looks"]


def counted(
    sections: Sequence["ScoredSection"],
    scores: Iterable[Score],
    blocks: Mapping[tuple[str, str], "ScoredBlock"],
    before: Iterable[Look],
) -> list["ScoredSection"]:
    """Return sections with the state of their data, and how often they have been looked at, this time included.

    Args:
        sections: Of a run.
        scores: Of the run all that were not computed from its answers; others do not count.
        blocks: How many completions there are, by item key and model label.
        before: The looks that the store knows of.
    """
    given: dict[tuple[str, str], list[str]] = {}
    for score in scores:
        if is_given(score):
            line = (score.temperature, score.replicate, score.measure, score.version, score.value)
            given.setdefault((score.item, score.model), []).append(repr(line))
    known: dict[tuple[str, str], dict[str, int | None]] = {}
    for look in before:
        known.setdefault((look.prompt, look.model), {})[look.digest] = look.round
    found = []
    for section in sections:
        now = _look(section, given, blocks)
        seen = dict(known.get((section.prompts[0].name, section.model.label), {}))
        if now is not None:
            seen.setdefault(now.digest, None)
        found.append(_at_its_look(replace(section, look=now), seen))
    return found


def is_given(score: Score) -> bool:
    """Whether a score came from elsewhere or from a judge."""
    from tempkit.store import IMPORTED, JUDGED

    return score.version == IMPORTED or score.version.startswith(f"{JUDGED} ")


def _at_its_look(section: "ScoredSection", seen: Mapping[str, int | None]) -> "ScoredSection":
    """Return a section with the number of its look; those that the run's design announced come before all others."""
    number = None if section.look is None else seen[section.look.digest]
    announced = [each for each in seen.values() if each is not None]
    if number is None:
        # A round that has not ended was no look yet, and its share of alpha is still to be spent.
        rounds = section.rounds[: max(announced, default=0)]
        return replace(
            section, looks=max(section.planned_looks + len(seen) - len(announced), 1), rounds=rounds
        )
    return replace(section, looks=number, rounds=section.rounds[: number - 1])


def note_looks(store: "Store", run: "RunRecord", sections: Iterable["ScoredSection"]) -> None:
    """Keep it with the run that decisions were read from these sections.

    Raises:
        StoreError: It cannot be written.
    """
    known = {(look.prompt, look.model, look.digest) for look in store.looks(run.id)}
    seen = [section.look for section in sections if section.look is not None]
    # Who reads the same data again writes nothing, so that a database which cannot be written can still be read.
    store.add_looks(run.id, [look for look in seen if (look.prompt, look.model, look.digest) not in known])


def _look(
    section: "ScoredSection",
    given: Mapping[tuple[str, str], list[str]],
    blocks: Mapping[tuple[str, str], "ScoredBlock"],
) -> Look | None:
    """Return the state of a section's data; None where there are none yet."""
    of = [(item.key, section.model.label) for prompt in section.prompts for item in prompt.items]
    completions = sum(blocks[each].completions for each in of if each in blocks)
    lines = [f"{each[0]!r} {line}" for each in of for line in sorted(given.get(each, ()))]
    if not completions and not lines:
        return None
    digest = hashlib.sha256("\n".join([str(completions), *lines]).encode("utf-8", "backslashreplace"))
    return Look(
        prompt=section.prompts[0].name,
        model=section.model.label,
        digest=digest.hexdigest()[:32],
        completions=completions,
        scores=len(lines),
    )
