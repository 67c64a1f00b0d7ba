"""What a use case wants, read from a TOML file that a user can copy and edit.

A profile holds everything in a recommendation that is a judgement and not a fact: which measure counts, how large a
difference matters, what an answer must never do, and which of several equally good temperatures to take. Each judgement
stands beside its reason, so that a reader can disagree with it in one place.
"""

import tomllib
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Literal

import msgspec

from tempkit.errors import UsageError, nearest, one_line
from tempkit.i18n import gettext
from tempkit.measures import needs_reference
from tempkit.plugins import plugins
from tempkit.statistics import Policy

__all__ = [
    "Guard",
    "Primary",
    "Prior",
    "Tie",
    "Tradeoff",
    "UseCase",
    "added",
    "parse_profile",
    "read_profile",
    "read_source",
    "shipped",
    "use_case",
]

GROUP = "tempkit.use_cases"
"""Entry points under which other packages register theirs: a text each, the TOML."""

_FOLDER = Path(__file__).with_name("shipped")

_MOST_BYTES = 16 * 2**10
"""Of a use case's file: many times the longest one shipped. It is kept with every run that it judges, and a dotted key takes
time that grows with the square of its length."""
_LONGEST_NAME = 60

Tie = Literal["lowest", "middle", "highest"]


class Primary(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A measure that says how well the use case is served."""

    measure: str
    margin: float
    """The smallest difference that matters, in the measure's own unit; above 0."""
    why: str
    direction: Literal["higher", "lower"] | None = None
    """Which way is better; None: the measure's own."""
    note: str = ""
    """A caveat that is shown wherever this measure decided; empty: there is none."""

    def __post_init__(self) -> None:
        if not 0 < self.margin < float("inf"):
            raise ValueError(f"the margin of {self.measure!r} must be above 0")


class Guard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A measure that must not go beyond a limit, however good the rest is."""

    measure: str
    limit: float
    why: str
    worse: Literal["above", "below"] = "above"
    """On which side of the limit it is broken."""
    relative: bool = False
    """Whether the limit is for the difference from the run's lowest temperature, item by item."""

    def __post_init__(self) -> None:
        if not isfinite(self.limit):
            raise ValueError(f"the limit of {self.measure!r} must be a number")


class Prior(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What others found or advise: shown beside a result, never part of it."""

    says: str
    source: str
    temperatures: tuple[float, ...] = ()
    """The temperatures that it speaks for."""
    start: bool = False
    """Whether its one temperature is where to start from as long as nothing is known."""

    def __post_init__(self) -> None:
        if not all(0 <= temperature < float("inf") for temperature in self.temperatures):
            raise ValueError("the temperatures of a [[prior]] must be 0 or above")
        if self.start and len(self.temperatures) != 1:
            raise ValueError(
                f"a [[prior]] with start = true must name one temperature, not {len(self.temperatures)}"
            )


class Tradeoff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a report draws against each other: what is gained by variety, and what it may cost. Nothing is decided by it."""

    quality: str | tuple[str, ...]
    """A measure; of several, the first one that the run has values of."""
    diversity: str | tuple[str, ...]
    """The same for how much the answers differ."""

    def __post_init__(self) -> None:
        if not self.qualities or not self.diversities:
            raise ValueError("a [tradeoff] needs a measure of quality and one of diversity")

    @property
    def qualities(self) -> tuple[str, ...]:
        return (self.quality,) if isinstance(self.quality, str) else self.quality

    @property
    def diversities(self) -> tuple[str, ...]:
        return (self.diversity,) if isinstance(self.diversity, str) else self.diversity


class UseCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A named objective with guard-rails."""

    name: str
    title: str
    wants: str
    """In one sentence, what a good answer is here."""
    why: str
    """Why these measures, margins and limits."""
    tie: Tie
    """Which temperature to take when several serve equally well."""
    tie_why: str
    primary: tuple[Primary, ...]
    """The first one that the run has values of is used."""
    guard: tuple[Guard, ...] = ()
    prior: tuple[Prior, ...] = ()
    tradeoff: Tradeoff | None = None
    """None: a report draws no quality against diversity."""
    policies: tuple[str, ...] = ("single",)
    """How answers are used, as `Policy.parse` reads it: the first one decides, the others are shown where they would choose
    another temperature."""
    variety: Primary | None = None
    """For a use case that names no single best: what says how varied answers are, for whoever wants them so. None: nobody
    asks."""

    def __post_init__(self) -> None:
        if not self.primary:
            raise ValueError("a use case needs at least one [[primary]] measure")
        if not self.policies:
            raise ValueError("policies must name at least one way to use answers, such as single")
        for policy in self.policies:
            Policy.parse(policy)
            if self.policies.count(policy) > 1:
                raise ValueError(f"policies names {policy!r} more than once")
        if sum(prior.start for prior in self.prior) > 1:
            raise ValueError("only one [[prior]] can have start = true")

    @property
    def start(self) -> Prior | None:
        """The prior whose one temperature is where to start from as long as nothing is known; None: none is good enough."""
        return next((prior for prior in self.prior if prior.start), None)

    @property
    def measures(self) -> tuple[str, ...]:
        """All measures that can decide something here, each once."""
        variety = () if self.variety is None else (self.variety,)
        return tuple(dict.fromkeys(part.measure for part in (*self.primary, *variety, *self.guard)))

    @property
    def needs_reference(self) -> bool:
        """Whether one of them can only be taken under a reference model."""
        return needs_reference(self.measures)


def read_profile(path: Path) -> UseCase:
    """Read a use case from its file.

    Raises:
        UsageError: It cannot be read, or is no use case; the message names the file and the place in it.
    """
    return parse_profile(read_source(path), str(path))


def read_source(path: Path) -> str:
    """Return a use case's file as text, without asking what it says.

    Raises:
        UsageError: It cannot be read, is larger than 16 KiB, or is not UTF-8; the message names the file.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise UsageError(f"{one_line(path)}: the use case cannot be read: not a file")
        with path.open("rb") as file:
            found = file.read(_MOST_BYTES + 1)
        if len(found) > _MOST_BYTES:
            raise UsageError(f"{one_line(path)}: the use case is larger than {_MOST_BYTES // 2**10} KiB")
        return found.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as e:
        raise UsageError(f"{one_line(path)}: the use case cannot be read: {e.strerror}") from e
    except ValueError as e:  # not UTF-8, or a name that no file can have
        raise UsageError(f"{one_line(path)}: the use case cannot be read: {one_line(e)}") from e


def parse_profile(text: str, where: str) -> UseCase:
    """Return the use case that a TOML text describes.

    Args:
        text: The TOML.
        where: It is from, for messages.

    Raises:
        UsageError: It is no use case; the message names `where` and the place in it.
    """
    where = one_line(where)
    try:
        return _named(msgspec.convert(tomllib.loads(text), UseCase))
    except RecursionError:
        raise UsageError(
            f"{where}: values are nested too deeply; copy one of those shipped and edit it"
        ) from None
    except ValueError as e:  # what TOML, msgspec and Python's own integers raise is of this kind
        raise UsageError(f"{where}: {one_line(e)}; copy one of those shipped and edit it") from e


def _named(found: UseCase) -> UseCase:
    """Return a use case whose name can stand in a table."""
    if not found.name.isprintable() or not found.name.strip() or len(found.name) > _LONGEST_NAME:
        raise ValueError(f"name must be one line of at most {_LONGEST_NAME} characters")
    return found


def shipped() -> dict[str, UseCase]:
    """Return the bundled use cases, by name, in the current language; one's own is as its file says it."""
    return {name: _translated(each) for name, each in _as_written().items()}


@cache
def _as_written() -> dict[str, UseCase]:
    found = [read_profile(path) for path in sorted(_FOLDER.glob("*.toml"))]
    return {each.name: each for each in found}


def _translated(each: UseCase) -> UseCase:
    """Return a use case with the texts that `tempkit.i18n.locale` puts into the catalogues in the current language."""
    replace, translated = msgspec.structs.replace, gettext

    def counted(primary: Primary) -> Primary:
        # A catalogue translates the empty text to its own header.
        note = translated(primary.note) if primary.note else ""
        return replace(primary, why=translated(primary.why), note=note)

    return replace(
        each,
        title=translated(each.title),
        wants=translated(each.wants),
        why=translated(each.why),
        tie_why=translated(each.tie_why),
        primary=tuple(counted(primary) for primary in each.primary),
        variety=None if each.variety is None else counted(each.variety),
        guard=tuple(replace(guard, why=translated(guard.why)) for guard in each.guard),
        prior=tuple(
            replace(prior, says=translated(prior.says), source=translated(prior.source))
            for prior in each.prior
        ),
    )


def added(name: str) -> str | None:
    """Return the TOML of another package's use case; None where no package has one of this name.

    Raises:
        PluginError: It cannot be used, or a package's has the name of a shipped one.
    """
    plugin = plugins(GROUP, "use case", _as_written()).get(name)
    if plugin is None:
        return None
    text = plugin.load()
    if not isinstance(text, str):
        raise plugin.error(f"is no text with TOML in it, but of type {type(text).__name__}")
    try:
        found = parse_profile(text, plugin.entry.value)
    except UsageError as e:
        raise plugin.error(f"cannot be used: {e}") from e
    if found.name != name:
        raise plugin.error(f"calls itself {found.name!r}; a use case and its entry point have one name")
    return text


def use_case(name: str) -> UseCase:
    """Return a use case by its name, shipped or another package's, or one's own by its file's path (`*.toml`).

    Raises:
        UsageError: There is none of this name, or the file cannot be used.
        PluginError: Another package's cannot be used.
    """
    if name.endswith(".toml"):
        return read_profile(Path(name))
    text = added(name)
    if text is not None:
        return parse_profile(text, name)
    known = shipped()
    if name not in known:
        listed = ", ".join([*known, *plugins(GROUP, "use case", known)])
        raise UsageError(
            f"no use case {one_line(name)!r}{nearest(name, list(known))}; known: {listed}, or the path of a .toml file"
        )
    return known[name]
