"""Before a run on several addresses: each is reached by itself, and what is found there is held side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tempkit.backends.protocol import missing_model
from tempkit.backends.urls import asked_at, short_addresses, written_addresses
from tempkit.errors import ModelError, one_line
from tempkit.text import without_secrets
from tempkit.types import ModelInfo, ModelSpec

__all__ = ["ALONE", "prepared_at_each"]

ALONE = frozenset({"serves", "chat_template", "build"})
"""What is found at an address only to be held against the others, and kept where there are some."""

_OWN = "base_url"
_LONGEST = 300
"""Characters of why an address was not reached that are kept."""


async def prepared_at_each(model: ModelSpec, reach: Callable[[ModelSpec], Awaitable[ModelInfo]]) -> ModelInfo:
    """Reach a model at its address, or at each of several; of these one that answers is enough.

    What all that answer have in common is told of the model, what differs of each address in `addresses`, and why the others were not
    reached in `unreachable`.

    Args:
        model: The model.
        reach: Reaches it at one address.

    Raises:
        ModelError: It is to be had nowhere.
    """
    urls = written_addresses(model.options)
    if not isinstance(model.options.get("base_url"), list):
        found = await reach(model)
        return ModelInfo(digest=found.digest, details=_without(found.details, ALONE))
    tried = await asyncio.gather(*(reach(asked_at(model, url)) for url in urls), return_exceptions=True)
    names, infos, dead = short_addresses(urls), dict[str, ModelInfo](), dict[str, str]()
    for url, one in zip(urls, tried, strict=True):
        if isinstance(one, ModelInfo):
            infos[names[url]] = one
        elif isinstance(one, ModelError):
            why = one_line(without_secrets(str(one)), _LONGEST)
            dead[names[url]] = why.removeprefix(f"{model.id}: ")
        else:
            raise one
    if not infos:
        reasons = [*dict.fromkeys(dead.values())]
        if len(reasons) == 1:
            raise missing_model(model, reasons[0])
        raise missing_model(model, f"none of its {len(urls)} addresses can be asked: {'; '.join(reasons)}")
    return _together(urls, infos, dead)


def _together(urls: tuple[str, ...], infos: Mapping[str, ModelInfo], dead: Mapping[str, str]) -> ModelInfo:
    """Put what was found at each address into one."""
    facts = {
        name: {**({"digest": info.digest} if info.digest else {}), **_without(info.details, {_OWN})}
        for name, info in infos.items()
    }
    first = next(iter(facts.values()))
    common = {
        key: value
        for key, value in first.items()
        if all(key in each and each[key] == value for each in facts.values())
    }
    details: dict[str, Any] = {_OWN: list(urls), **_without(common, {"digest"})}
    own = {name: _without(each, common) for name, each in facts.items()}
    if any(own.values()):
        details["addresses"] = own
    # Whatever is not known of one address, or not sent to one, concerns the answers of all.
    if any("other_defaults" in each for each in own.values()):
        details["other_defaults"] = "unknown"
    if names := sorted({name for each in own.values() for name in each.get("not_sent", ())}):
        details["not_sent"] = names
    if dead:
        details["unreachable"] = dict(dead)
    return ModelInfo(digest=common.get("digest"), details=details)


def _without(details: Mapping[str, Any], names: Any) -> dict[str, Any]:
    return {name: value for name, value in details.items() if name not in names}
