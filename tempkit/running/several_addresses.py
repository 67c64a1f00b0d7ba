"""A model at several addresses: what is said of them before a run, and which others a run that goes on may be given."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tempkit.backends import read_addresses, written_addresses
from tempkit.errors import UsageError, one_line
from tempkit.planning import Consent
from tempkit.types import ModelInfo, ModelSpec, Plan

__all__ = ["about_addresses", "moved_to", "same_files", "told_apart"]

_WHAT = {
    "digest": "the digest of the model's file",
    "serves": "the model's name there",
    "n_params": "the number of its parameters",
    "size": "its size in bytes",
    "n_vocab": "its vocabulary",
    "chat_template": "its chat template",
    "software": "the server's software",
    "build": "the server's build",
    "n_ctx": "the longest context",
    "max_model_len": "the longest context",
    "server_defaults": "what the server fills in",
    "not_sent": "what is not sent",
}
"""What is said to differ, by the name of the fact; others follow from these."""
_NAMED = 3
_LONGEST = 60


def about_addresses(infos: Mapping[str, ModelInfo]) -> Iterator[str]:
    """Say of each model that is asked at several addresses which cannot be asked now, and in what they differ.

    Args:
        infos: What was found of the models, by label.
    """
    for label, info in infos.items():
        for name, why in _mapping(info, "unreachable").items():
            yield f"warning: {label}: {name} is set aside until it answers, the other addresses are asked: {one_line(why, 200)}"
        found = _mapping(info, "addresses")
        for fact, what in _WHAT.items():
            values = {name: each.get(fact) for name, each in found.items() if isinstance(each, Mapping)}
            if any(value is not None for value in values.values()):
                yield f"warning: {label}: its addresses differ in {what}, and so may their answers: {_side_by_side(values)}"


def _side_by_side(values: Mapping[str, Any]) -> str:
    """Return which address has which value: of two mappings only what differs in them."""
    if all(isinstance(value, Mapping) for value in values.values()):
        names = {name for value in values.values() for name in value}
        odd = sorted(name for name in names if len({repr(value.get(name)) for value in values.values()}) > 1)
        values = {
            at: " ".join(f"{name} {value.get(name, 'unset')}" for name in odd[:_NAMED])
            for at, value in values.items()
        }
    groups: dict[str, list[str]] = {}
    for at, value in values.items():
        groups.setdefault("unknown" if value is None else one_line(str(value), _LONGEST), []).append(at)
    said = [
        f"{value} at {', '.join(at[:_NAMED])}{f' and {len(at) - _NAMED} more' if len(at) > _NAMED else ''}"
        for value, at in [*groups.items()][:_NAMED]
    ]
    rest = len(groups) - _NAMED
    return "; ".join(said) + (f"; and {rest} more" if rest > 0 else "")


def same_files(before: ModelInfo, now: ModelInfo) -> bool:
    """Whether a model's file, or that of each of its addresses, is one that the run began with, as far as that is told."""
    if "addresses" in before.details or "addresses" in now.details:
        return _digests(now) <= _digests(before)
    return before.digest == now.digest


def _digests(info: ModelInfo) -> set[Any]:
    each = [one.get("digest") for one in _mapping(info, "addresses").values() if isinstance(one, Mapping)]
    return {info.digest, *each} - {None}


def _mapping(info: ModelInfo, name: str) -> Mapping[str, Any]:
    found = info.details.get(name)
    return found if isinstance(found, Mapping) else {}


def moved_to(plan: Plan, base_url: str | Sequence[str] | None, consent: Consent) -> tuple[Plan, Consent]:
    """Return a stored plan whose models are asked at other addresses, with the leave to send their keys there.

    An address is no part of what makes a sample the one it is; each answer keeps from which of them it came.

    Args:
        plan: The plan.
        base_url: One address or several; None: those that it began with.
        consent: What it may do besides.

    Raises:
        UsageError: No model of it is asked at an address that was named, or different models at different ones.
    """
    if base_url is None:
        return plan, consent
    urls = read_addresses(f"run {plan.name}", base_url, "base_url")
    urls = [urls] if isinstance(urls, str) else urls
    at: Collection[tuple[str, ...]] = {written_addresses(each.options) for each in plan.models} - {()}
    if len(at) != 1:
        why = "asks its models at different servers" if at else "names no server for any of its models"
        raise UsageError(
            f"run {plan.name} {why}, so that another address for it means nothing; leave out --base-url"
        )
    models = tuple(_moved(each, urls) for each in plan.models)
    return replace(plan, models=models), replace(consent, servers=[*consent.servers, *urls])


def told_apart(plan: Plan) -> Plan:
    """Return a plan of which each answer says where it came from, though a model is asked at one address: other shards may ask at others."""
    return replace(
        plan, models=tuple(_moved(each, [*written_addresses(each.options)]) for each in plan.models)
    )


def _moved(model: ModelSpec, urls: list[str]) -> ModelSpec:
    there = written_addresses(model.options)
    if not there or model.options["base_url"] == urls:
        return model
    return replace(model, options={**model.options, "base_url": urls})
