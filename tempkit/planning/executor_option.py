"""What draws samples from local models: this machine, or the actors of a Ray cluster; as the command line or a file says it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from tempkit.errors import UsageError, nearest, one_line
from tempkit.types import Workers

__all__ = ["RESOURCES", "Executor", "parse_executor", "ray_resources"]

_RANGES: Mapping[str, tuple[str, Callable[[float], bool]]] = {
    "actors": ("a whole number from 1 to 100000", lambda n: 1 <= n <= 100_000 and n == int(n)),
    "num_cpus": ("a number above 0, at most 10000", lambda n: 0.0001 <= n <= 10_000),
    # Several actors can share a GPU; one that has several has them alone.
    "num_gpus": (
        "a number from 0 to 1, or a whole number",
        lambda n: 0 <= n <= 10_000 and (n <= 1 or n == int(n)),
    ),
}
RESOURCES = tuple(_RANGES)
"""What may be said of Ray's actors in a file."""

_NAMES = ("local", "ray")


@dataclass(frozen=True, slots=True)
class Executor:
    """What was said of it, here or there."""

    name: str | None = None
    """`local` or `ray`; None: not said, which is `local`."""
    resources: Workers = field(default_factory=Workers)
    """Of `ray`."""

    def over(self, base: "Executor") -> "Executor":
        """Return `base` with what this one says put in its place."""
        said = {
            f.name: value for f in fields(Workers) if (value := getattr(self.resources, f.name)) is not None
        }
        return Executor(self.name or base.name, replace(base.resources, **said))

    @property
    def workers(self) -> Workers | None:
        """What draws in place of this machine."""
        return self.resources if self.name == "ray" else None


def parse_executor(text: str, what: str = "--executor") -> Executor:
    """Read `local`, or `ray` with resources, as in `ray,actors=4,num_gpus=1`.

    Raises:
        UsageError: It is neither, or a resource is none.
    """
    name, *pairs = (part.strip() for part in text.split(","))
    if name not in _NAMES:
        raise UsageError(
            f"{what} must be local or ray{nearest(name, _NAMES)}, not {one_line(repr(name), 60)}"
        )
    given = dict(pair.partition("=")[::2] for pair in pairs)
    if name == "local" and given:
        raise UsageError(f"{what} local takes no resources; leave out {', '.join(pairs)}")
    address = given.pop("address", None)
    resources = ray_resources({key: _number(value) for key, value in given.items()}, f"{what} ray")
    return Executor(name, replace(resources, address=address or None))


def ray_resources(given: Mapping[str, Any], what: str) -> Workers:
    """Return the resources that a mapping names.

    Raises:
        UsageError: One is unknown, of another kind or out of range; or it is an address, which a file must not say.
    """
    for name, value in given.items():
        if name == "address":
            raise UsageError(
                f"{what}: a cluster runs code of its own on this machine, so its address is said by --ray-address or RAY_ADDRESS alone"
            )
        if name not in RESOURCES:
            raise UsageError(
                f"{what}: unknown resource {name!r}{nearest(name, RESOURCES)}; known: {', '.join(RESOURCES)}"
            )
        number = isinstance(value, int | float) and not isinstance(value, bool)
        kind, usable = _RANGES[name]
        if not number or not usable(value):
            raise UsageError(f"{what}: {name} must be {kind}, not {one_line(repr(value), 60)}")
    actors = given.get("actors")
    return Workers(
        actors=None if actors is None else int(actors),
        num_cpus=None if (cpus := given.get("num_cpus")) is None else float(cpus),
        num_gpus=None if (some := given.get("num_gpus")) is None else float(some),
    )


def _number(text: str) -> int | float | str:
    """Read a number as a YAML file would; anything else stays text."""
    if re.fullmatch(r"\d{1,18}", text, re.ASCII):
        return int(text)
    return float(text) if re.fullmatch(r"\d{0,18}\.\d{1,18}", text, re.ASCII) else text
