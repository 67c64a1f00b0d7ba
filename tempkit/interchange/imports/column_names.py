"""Other people's names for an import's columns: `--map item="Problem ID"`, and what to type where a column is missing.

No column is taken for another by likeness: a suggestion is printed, and a person decides.
"""

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from tempkit.errors import UsageError, nearest, one_line

__all__ = ["REQUIRED", "RESERVED", "Naming", "naming", "quoted"]

REQUIRED = ("item", "model", "temperature")
RESERVED = (*REQUIRED, "replicate", "text", "finish_reason")

_KNOWN_AS: Mapping[str, tuple[str, ...]] = {
    "item": (
        *("item", "itemid", "problemid", "problem", "questionid", "question", "qid", "taskid", "task"),
        *("exampleid", "example", "sampleid", "instanceid", "instance", "promptid", "caseid", "case"),
        *("docid", "id", "idx", "index", "prompt", "input"),
    ),
    "model": (
        *(
            "model",
            "modelname",
            "modelid",
            "llm",
            "llmname",
            "engine",
            "deployment",
            "system",
            "modelversion",
        ),
        *("provider", "checkpoint"),
    ),
    "temperature": (
        *("temperature", "temp", "t", "tau", "samplingtemperature", "temperaturesetting", "tempvalue"),
        *("temperaturevalue", "decodingtemperature", "modeltemperature"),
    ),
    "replicate": (
        *("replicate", "rep", "repetition", "repeat", "trial", "run", "runid", "attempt", "iteration"),
        *("iter", "sample", "sampleidx", "sampleindex", "draw", "generation", "try", "round"),
    ),
    "text": (
        *(
            "text",
            "response",
            "answer",
            "output",
            "completion",
            "modelresponse",
            "modeloutput",
            "generatedtext",
        ),
        *("generation", "prediction", "modelanswer", "llmresponse", "llmoutput"),
    ),
}
"""How published tables call them, without blanks and signs, the likeliest first."""

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Naming:
    """What the columns of a table are called here, and which are left out."""

    ours: Mapping[str, str] = field(default_factory=dict)
    """By their name in the table."""
    skipped: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    """The columns of scores that are read, and no others; none: all of them."""

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names that are looked for in the header."""
        return (
            *(name for name in RESERVED if name not in self.ours.values()),
            *self.ours,
            *self.skipped,
            *self.only,
        )

    def columns(self, theirs: Sequence[str], source: str, *, strict: bool = True) -> dict[str, str]:
        """Return the columns that are read, by their name in the table, with their name here.

        Args:
            theirs: All of the table's.
            source: What messages begin with.
            strict: Whether all that were named must be there.

        Raises:
            UsageError: One that was named is not there, or two would have one name.
        """
        for option, names in (("--map", self.ours), ("--skip", self.skipped), ("--only", self.only)):
            for name in names:
                if strict and name not in theirs:
                    raise UsageError(
                        f"{source}: {option} names a column {name!r}, and there is none"
                        f"{nearest(name, list(theirs))}; there are: {_listed(theirs)}"
                    )
        found = {name: self.ours.get(name, name) for name in theirs if name not in self.skipped}
        if self.only:
            kept = (*RESERVED, *self.only, *self.ours.values())
            found = {name: called for name, called in found.items() if name in kept or called in kept}
        for name, called in self.ours.items():
            if called in theirs and found.get(called) == called:
                raise UsageError(
                    f"{source}: with --map {_typed(called, name)} two columns would be {called!r};"
                    f" leave the other out with --skip {quoted(called)}"
                )
        return found

    def missing(self, columns: Collection[str]) -> str | None:
        """Say which required columns are missing, and what to type; None where none is.

        Args:
            columns: Their names here.
        """
        absent = [name for name in REQUIRED if name not in columns]
        if not absent:
            return None
        free = [name for name in columns if name not in RESERVED and name not in self.ours.values()]
        typed = []
        for name in absent:
            found = _likely(name, free)
            if found is not None:
                free.remove(found)
                typed.append(f"--map {_typed(name, found)}")
        named = " or ".join(filter(None, [", ".join(absent[:-1]), absent[-1]]))
        if typed:
            return f"no column {named}; did you mean {' '.join(typed)}?{_alone(absent, typed)}"
        return (
            f"no column {named}; name yours with --map {absent[0]}=COLUMN, or add one;"
            f" there are: {_listed([*columns])}"
        )


def naming(maps: Sequence[str] = (), skipped: Sequence[str] = (), only: Sequence[str] = ()) -> Naming:
    """Read `COLUMN=Their Name`, the names of columns to leave out, and of those of scores to read.

    Raises:
        UsageError: A mapping without a name on either side, or one that says a thing twice.
    """
    ours: dict[str, str] = {}
    for text in maps:
        called, equals, name = (part.strip() for part in text.partition("="))
        if not equals or not called or not name:
            raise UsageError(
                f'--map {one_line(text, 60)!r} must be COLUMN="Their Name", e.g. item="Problem ID"'
            )
        if name in ours:
            raise UsageError(f"--map names the column {name!r} twice; one column has one name here")
        if called in ours.values():
            raise UsageError(f"--map says {called!r} twice; one column of the table can be it")
        if name in skipped:
            raise UsageError(f"--map and --skip both name the column {name!r}")
        ours[name] = called
    both = next((name for name in only if name in skipped), None)
    if both is not None:
        raise UsageError(f"--skip and --only both name the column {both!r}")
    return Naming(ours, tuple(skipped), tuple(only))


def _likely(name: str, free: Sequence[str]) -> str | None:
    """Return the column that is likeliest meant by one of ours."""
    plain = {_plain(each): each for each in reversed(free)}
    known = next((plain[each] for each in _KNOWN_AS[name] if each in plain), None)
    if known is not None:
        return known
    words = [
        each
        for each in free
        if {_plain(w) for w in re.split(r"[^A-Za-z0-9]+", each)} & set(_KNOWN_AS[name][:4])
    ]
    close = get_close_matches(name, list(plain), n=1, cutoff=0.8)
    return words[0] if words else plain[close[0]] if close else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _typed(called: str, name: str) -> str:
    return f"{called}={quoted(name)}"


def quoted(name: str) -> str:
    """Return a name as it is typed in a shell, in double quotes where that is enough."""
    shown = one_line(name, 60)
    if shlex.quote(shown) == shown:
        return shown
    return shlex.quote(shown) if any(c in shown for c in '"$`\\!') else f'"{shown}"'


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(one_line(name, 40) for name in names[:_SHOWN])
    return f"{shown}, and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else shown


def _alone(absent: Sequence[str], typed: Sequence[str]) -> str:
    """Say what is left to add where not every missing column has a likely one."""
    left = [name for name in absent if not any(each.startswith(f"--map {name}=") for each in typed)]
    return f" And name {left[0]} with --map {left[0]}=COLUMN, or add a column of it." if left else ""
