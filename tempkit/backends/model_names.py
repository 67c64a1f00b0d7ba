"""What a model's name says of it, and whether whoever answered is the model that was asked for.

Providers resolve names: `gpt-5.4` answers as `gpt-5.4-2026-03-05`, routers put a vendor before it, and a server of one's own may
call its one model whatever it likes. None of that is another model. Another family is, and so is whatever does something else
with the temperature.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, cast
from urllib.parse import urlsplit

from tempkit.backends.capabilities import KnownModel, rows
from tempkit.backends.openai.presets import own_domain
from tempkit.backends.urls import written_addresses
from tempkit.types import ModelSpec, TemperatureStatus

__all__ = ["Answering", "Relation", "answering", "bare_name", "family_of", "snapshot_of_name"]

Relation = Literal["same", "snapshot", "renamed", "other"]
"""How the name that answered stands to the one asked for. `same`: the model, or a dated state of it. `snapshot`: another dated state than
the one asked for. `renamed`: a server whose names are its own calls it otherwise. `other`: another model."""

_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_STATE: Final = re.compile(
    rf"(?:[-@](?:20\d\d-{_MONTH}-{_DAY}|20\d\d{_MONTH}{_DAY}|\d\d{_MONTH}{_DAY}|{_MONTH}-20\d\d|\d{{4}}|00\d)"
    rf"|(?<=preview)-{_MONTH}-{_DAY}|(?<=exp)-{_MONTH}-{_DAY}|-v\d+:\d+)$"
)
"""The end of a name that says which state of the model it is: a date, a short date, a number such as 001."""
_MOVING: Final = re.compile(r"(?:[-:](?:latest|stable|preview|experimental|exp)|-0)$")
"""The end of a name that stands for whichever state is current."""
_VARIANT: Final = re.compile(r":(?:free|nitro|floor|online|extended|thinking|exacto|beta)$")
"""What routers append to a name to say how it is to be reached."""
_REGION: Final = re.compile(
    r"^(?:us|eu|apac|jp|au|global)\.(?=[a-z0-9]+\.)|^(?:anthropic|openai|meta|mistral|amazon|cohere|deepseek|qwen)\."
)
_DOMAINS: Final = {"anthropic": "anthropic.com", "google": "googleapis.com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What is known of the model that answered."""

    relation: Relation
    temperature: TemperatureStatus
    """What it does with temperature."""
    accepts: tuple[float, ...] = ()
    """The temperatures that it takes, where it rejects all others."""
    source: str = ""
    """Where that is known from, and since when."""

    def without(self, temperature: float) -> bool:
        """Whether it is known not to go by this temperature."""
        return self.temperature == "ignored" or (
            self.temperature == "rejected" and temperature not in self.accepts
        )


@cache
def bare_name(name: str) -> str:
    """Return a name without what only says by which way its model is reached: vendor, region, variant, case.

    >>> bare_name("models/gemini-2.5-flash"), bare_name("OpenAI/GPT-4.1-mini:free")
    ('gemini-2.5-flash', 'gpt-4.1-mini')
    """
    plain = _VARIANT.sub("", name.strip().casefold().rstrip("/").rpartition("/")[2])
    before = None
    while before != plain:
        before, plain = plain, _REGION.sub("", plain)
    return plain.removesuffix(":latest")


@cache
def family_of(name: str) -> str:
    """Return a name without the state of the model; a dot and a dash are one, as vendors and routers write them.

    >>> family_of("gpt-5.4-2026-03-05"), family_of("gpt-5.4"), family_of("claude-haiku-4-5-20251001")
    ('gpt-5-4', 'gpt-5-4', 'claude-haiku-4-5')
    """
    return _split(name)[0]


@cache
def snapshot_of_name(name: str) -> str:
    """Return which state of the model a name stands for; "" where it names none, or whichever is current.

    >>> snapshot_of_name("gpt-5.4-2026-03-05"), snapshot_of_name("mistral-large-latest")
    ('2026-03-05', '')
    """
    return _split(name)[1]


@cache
def _split(name: str) -> tuple[str, str]:
    plain, states = bare_name(name), list[str]()
    while True:
        if found := _STATE.search(plain):
            states.insert(0, found[0].lstrip("-@"))
        elif not (found := _MOVING.search(plain)):
            return re.sub(r"[._]", "-", plain), "-".join(states)
        if not found.start():  # nothing else is in the name
            return re.sub(r"[._]", "-", plain), "-".join(states)
        plain = plain[: found.start()]


def answering(model: ModelSpec, answered: str, address: str | None = None) -> Answering:
    """Say how the model that answered stands to the one that was asked.

    Args:
        model: Whom was asked; its `family` option is what its name stands for.
        answered: By what name it answered.
        address: Where it was asked, where that is known otherwise than by the model's `base_url`.

    Raises:
        UsageError: The user's own table of models cannot be used.
    """
    asked = str(model.options.get("family") or model.name)
    own, theirs = _row(model, asked), _row(model, answered)
    status = "unknown" if theirs is None else _status(theirs, model)
    relation = _relation(model, asked, answered, address)
    if relation in ("same", "renamed") and status in ("ignored", "rejected"):
        before = "unknown" if own is None else _status(own, model)
        # A table may know a dated name better than the one that was asked for.
        relation = relation if before == status else "other"
    return Answering(
        relation=relation,
        temperature=status,
        accepts=() if theirs is None else theirs.accepts,
        source="" if theirs is None else f"{theirs.source}, {theirs.date}",
    )


def _relation(model: ModelSpec, asked: str, answered: str, address: str | None) -> Relation:
    if bare_name(asked) == bare_name(answered):
        return "same"
    parts, theirs = _parts(asked), _parts(answered)
    if parts == theirs:
        states = snapshot_of_name(asked), snapshot_of_name(answered)
        return "snapshot" if all(states) and states[0] != states[1] else "same"
    if "latest" in asked and set(parts) <= set(theirs):
        return "same"  # `gemini-flash-latest` is whichever flash is current
    return "other" if _says_which(model, asked, address) else "renamed"


def _parts(name: str) -> list[str]:
    """Return what a family's name is made of, in any order: one is `claude-haiku-4-5` here and `claude-4.5-haiku` there."""
    return sorted(re.findall(r"\d+(?:-\d+)+(?=-|$)|[^-]+", family_of(name)))


def _says_which(model: ModelSpec, asked: str, address: str | None) -> bool:
    """Whether the name asked for says which model it is: not on a server that calls its models what it likes."""
    if model.backend == "ollama" or _specific(model.backend, asked, model) is not None:
        return True
    domain = _DOMAINS.get(model.backend) or own_domain(model.backend)
    urls = (address,) if address else written_addresses(model.options)
    hosts = [urlsplit(url).hostname or "" for url in urls]
    return bool(domain) and all(host == domain or host.endswith(f".{domain}") for host in hosts)


def _row(model: ModelSpec, name: str) -> KnownModel | None:
    """Return what is known of a name where a model is asked: of the name itself, else of all that is asked there."""
    return _specific(model.backend, name, model) or next(
        (row for row in rows() if row.fits(model.backend, name, model.options)), None
    )


def _specific(provider: str, name: str, model: ModelSpec) -> KnownModel | None:
    """Return the row that knows this very name: the provider's own, else the vendor's whose model a router or a proxy passes on."""
    names = (name.casefold(), bare_name(name))
    found = [row for row in rows() if "*" not in row.names]
    own = (row for row in found for each in names if row.fits(provider, each, model.options))
    vendors = (
        row
        for row in found
        if row.provider not in (provider, "gguf") and not row.options
        for each in names
        if row.fits(row.provider, each, {})
    )
    return next(own, None) or next(vendors, None)


def _status(row: KnownModel, model: ModelSpec) -> TemperatureStatus:
    if row.temperature == "needs_effort_none":
        return "honoured" if model.options.get("reasoning_effort", row.effort) == "none" else "rejected"
    return cast("TemperatureStatus", row.temperature)
