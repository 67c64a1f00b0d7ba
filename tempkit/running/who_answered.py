"""Who answered: whether it is the model that was asked, and the same one all through a run.

Providers resolve a name to whichever state of a model is current, routers pass on to one server or another, and a name may be
led to another model altogether. Answers of two models side by side differ by more than the temperature, so each is counted here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tempkit.backends import Answering, answering, bare_name
from tempkit.errors import one_line
from tempkit.store import AnsweredBy
from tempkit.types import Completion, ModelInfo, ModelSpec, Outcome, Plan

__all__ = ["Answerer", "Answerers", "Watcher", "address_of", "watching"]

_MOST = 200
"""Different ones that are told apart of one model; a server may make up another fingerprint for every answer."""
_FEW = 5
"""Fingerprints that may all differ without being taken for made up."""
_NAMED = 3
"""How many are named before the rest are counted."""
_AT_MOST = 8
"""Addresses that are counted one by one."""
_LONGEST = 80
"""Characters of a name that are shown."""

_DOES = {"ignored": "ignores", "rejected": "rejects"}


@dataclass(frozen=True, slots=True)
class Answerer:
    """One that answered, as the server says."""

    name: str | None
    fingerprint: str | None = None
    address: str | None = None
    """Where, of a model that is asked at several addresses."""


class Answerers:
    """Who answered one model's samples, and how many at each temperature.

    Args:
        model: Whom was asked.
        address: Where, as far as it is known.
    """

    def __init__(self, model: ModelSpec, address: str | None = None) -> None:
        self.model, self._address = model, address
        self.counts: dict[Answerer, Counter[float]] = {}
        """By temperature, in the order in which they were first seen."""
        self._known: dict[str, Answering] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answerers) and (self.model, self.counts) == (other.model, other.counts)

    def add(self, who: Answerer, temperature: float, n: int = 1) -> None:
        """Count some answers."""
        if who not in self.counts and len(self.counts) >= _MOST:
            plain = Answerer(who.name, address=who.address)
            who = plain if plain in self.counts else Answerer(None, address=who.address)
        self.counts.setdefault(who, Counter())[temperature] += n

    @property
    def whole(self) -> int:
        """How many answers there are."""
        return sum(by.total() for by in self.counts.values())

    def names(self) -> dict[str, Counter[float]]:
        """Return how often each name answered at each temperature, by how it was first written; answers without one are left out."""
        written: dict[str, str] = {}
        found: dict[str, Counter[float]] = {}
        for who, by in self.counts.items():
            if who.name is not None:
                name = written.setdefault(bare_name(who.name), who.name)
                found.setdefault(name, Counter()).update(by)
        return found

    def fingerprints(self) -> dict[str, Counter[float]]:
        """Return the same for fingerprints."""
        found: dict[str, Counter[float]] = {}
        for who, by in self.counts.items():
            if who.fingerprint is not None:
                found.setdefault(who.fingerprint, Counter()).update(by)
        return found

    def addresses(self) -> dict[str, Counter[float]]:
        """Return the same for addresses; empty where the model has one."""
        found: dict[str, Counter[float]] = {}
        for who, by in self.counts.items():
            if who.address is not None:
                found.setdefault(who.address, Counter()).update(by)
        return found

    @property
    def by_address(self) -> bool:
        """Whether that is one of its addresses answering otherwise than another, and each always alike."""
        if self.changed is None:
            return False
        states: dict[str | None, set[str]] = {}
        for who in self.counts:
            state = who.fingerprint if self.changed == "fingerprint" else who.name and bare_name(who.name)
            if state is not None:
                states.setdefault(who.address, set()).add(state)
        return None not in states and all(len(each) == 1 for each in states.values())

    @property
    def changed(self) -> Literal["name", "fingerprint"] | None:
        """By what it is seen that not all answers are one model's in one state; None where nothing shows it."""
        if len(self.names()) > 1:
            return "name"
        states = len(self.fingerprints())
        # A server that makes up another for every answer tells nothing by it.
        made_up = states >= _MOST or (states > _FEW and states > self.whole / 2)
        return "fingerprint" if states > 1 and not made_up else None

    def states(self) -> dict[str, Counter[float]]:
        """Return what answered at each temperature: names where those differ, else fingerprints."""
        return self.names() if self.changed == "name" else self.fingerprints()

    def stands(self, name: str) -> Answering:
        """Return how a name that answered stands to the model that was asked.

        Raises:
            UsageError: The user's own table of models cannot be used.
        """
        if name not in self._known:
            self._known[name] = answering(self.model, name, self._address)
        return self._known[name]

    def others(self) -> dict[str, Counter[float]]:
        """Return those of the names that are another model than the one that was asked."""
        return {name: by for name, by in self.names().items() if self.stands(name).relation == "other"}


def watching(
    plan: Plan, infos: Mapping[str, ModelInfo], before: Iterable[AnsweredBy], *, every: bool
) -> "Watcher":
    """Return what watches a plan's models; one that is asked though it ignores the temperature may be led to another such.

    Args:
        plan: The plan.
        infos: What was found when its models were reached, by label.
        before: What the store holds of its run.
        every: Whether all of them may ignore the temperature.
    """
    allowed = [
        label
        for label, info in infos.items()
        if every or info.details.get("temperature") in ("ignored", "rejected")
    ]
    return Watcher(plan.models, infos, before, allowed)


class Watcher:
    """Watches the answers of a run, those of earlier calls included.

    Args:
        models: Of the plan.
        infos: What was found when they were reached, by label.
        before: What the store holds already.
        allowed: Labels of models that may ignore the temperature.
    """

    def __init__(
        self,
        models: Iterable[ModelSpec],
        infos: Mapping[str, ModelInfo],
        before: Iterable[AnsweredBy] = (),
        allowed: Iterable[str] = (),
    ) -> None:
        self._models = {each.label: Answerers(each, address_of(infos.get(each.label))) for each in models}
        self._allowed = frozenset(allowed)
        for each in before:
            self._models[each.model].add(
                Answerer(each.name, each.fingerprint, each.address), each.temperature, each.n
            )
        # What an earlier call or round has seen of a model, it has said.
        self._said: set[tuple[str, str]] = {
            (label, seen.stands(name).relation)
            for label, seen in self._models.items()
            for name in seen.names()
        }
        self._spoken: set[str] = set()
        """Labels of models that this call has said something of."""
        self.stops: str | None = None
        """Why nothing more is to be asked; None: nothing is in the way."""

    def seen(self, label: str) -> Answerers:
        """Return who answered a model's samples."""
        return self._models[label]

    def add(self, outcome: Outcome) -> Iterator[str]:
        """Count an outcome, and yield what is to be said of it at once: of each kind once for each model."""
        if not isinstance(outcome, Completion):
            return
        label = outcome.key.model
        seen = self._models[label]
        who = Answerer(outcome.response_model, outcome.fingerprint, outcome.address)
        before = None if who in seen.counts else (seen.names(), seen.fingerprints())
        seen.add(who, outcome.key.temperature)
        if who.name is not None:
            yield from self._held_against(seen, who.name, outcome.temperature_sent)
        if before is not None and seen.changed is not None:
            yield from self._changed(seen, who, *before)

    def notes(self) -> Iterator[str]:
        """Say at the end who answered how many, of models that something was said of."""
        for label in sorted(self._spoken):
            seen = self._models[label]
            if seen.changed is not None:
                what = "answered as" if seen.changed == "name" else "answered with the fingerprint"
                parts = sorted(seen.states().items(), key=lambda each: -each[1].total())
                said = [f"{_shown(name)} ({_counted(by)})" for name, by in parts[:_NAMED]]
                if rest := sum(by.total() for _, by in parts[_NAMED:]):
                    said.append(f"{len(parts) - _NAMED} more ({rest:,} answers)")
                yield f"warning: in this run {label} {what} {', '.join(said[:-1])} and {said[-1]}"
                if seen.by_address:
                    where = sorted(seen.addresses().items())
                    parts_at = ", ".join(f"{at} {by.total():,}" for at, by in where[:_AT_MOST])
                    more = f" and {len(where) - _AT_MOST} more" if len(where) > _AT_MOST else ""
                    yield f"note: each address of {label} always answered alike (answers: {parts_at}{more})"
            elif others := seen.others():
                ((name, by),) = others.items()
                yield f"warning: all answers of {label} that say whose they are ({by.total():,}) are by {_shown(name)}"

    def _held_against(self, seen: Answerers, name: str, sent: float | None) -> Iterator[str]:
        found, label = seen.stands(name), seen.model.label
        if found.relation not in ("other", "snapshot"):
            return
        if self._first(label, found.relation):
            asked = _shown(str(seen.model.options.get("family") or seen.model.name))
            how = f"which is not {asked}" if found.relation == "other" else f"another snapshot than {asked}"
            yield f"warning: {label} is answered by {_shown(name)}, {how}"
        if (
            found.relation == "other"
            and self.stops is None
            and label not in self._allowed
            and sent is not None
            and found.without(sent)
        ):
            does, source = _DOES[found.temperature], one_line(found.source, 120).replace(";", ",")
            self.stops = f"{label} is answered by {_shown(name)}, which {does} the temperature ({source})"

    def _changed(
        self,
        seen: Answerers,
        who: Answerer,
        names: Mapping[str, Counter[float]],
        fingerprints: Mapping[str, Counter[float]],
    ) -> Iterator[str]:
        label = seen.model.label
        other_name = who.name is not None and names and len(seen.names()) > len(names)
        if seen.by_address and (other_name or who.fingerprint not in fingerprints):
            if self._first(label, f"{seen.changed} by address"):
                what = "names" if seen.changed == "name" else "fingerprints"
                at = " and ".join(
                    f"{_shown(str(each.name if seen.changed == 'name' else each.fingerprint))} at {each.address}"
                    for each in _differing(seen, who)
                )
                yield f"warning: the addresses of {label} answer with different {what}: {at}"
        elif other_name and self._first(label, "name"):
            yield f"warning: {label} changed: it answers as {_shown(str(who.name))} now, and answered as {_shown([*names][-1])} before"
        elif (
            who.fingerprint is not None
            and seen.changed == "fingerprint"
            and fingerprints
            and who.fingerprint not in fingerprints
            and self._first(label, "fingerprint")
        ):
            now, then = _shown(who.fingerprint), _shown([*fingerprints][-1])
            yield f"warning: {label} changed: its fingerprint is {now} now, and was {then} before"

    def _first(self, label: str, what: str) -> bool:
        """Whether nothing of the kind was said of a model yet."""
        if (label, what) in self._said:
            return False
        self._said.add((label, what))
        self._spoken.add(label)
        return True


def address_of(info: ModelInfo | None) -> str | None:
    """Return where a model was reached, where that was noted."""
    found = None if info is None else info.details.get("base_url")
    return found if isinstance(found, str) else None


def _differing(seen: Answerers, who: Answerer) -> tuple[Answerer, Answerer]:
    """Return one that answered before in another state than the one that answers now, and that."""
    state = "name" if seen.changed == "name" else "fingerprint"
    before = next(each for each in seen.counts if getattr(each, state) not in (None, getattr(who, state)))
    return before, who


def _shown(name: str) -> str:
    return one_line(name, _LONGEST)


def _counted(by: Mapping[float, int]) -> str:
    """Return how many answers there are at each temperature."""
    total = sum(by.values())
    at = ", ".join(f"{n:,} at {t:g}" for t, n in sorted(by.items()))
    return f"{total:,} answer{'s' * (total != 1)}: {at}"
