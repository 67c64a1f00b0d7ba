"""Server addresses as users write them: in a model's options, in an experiment file, in the environment."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from tempkit.errors import UsageError
from tempkit.types import ModelSpec

__all__ = ["address", "asked_at", "read_addresses", "short_addresses", "written_addresses"]

_MOST = 256
"""Addresses of one model."""


def address(who: str, url: str, source: str) -> str:
    """Return an address that may be used, without a slash at its end.

    Args:
        who: Whose it is, for the message.
        url: It may hold a secret, so it is not repeated.
        source: What it was read from.

    Raises:
        UsageError: It is none, or holds a user, a password or a query.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is no port number
        (parts.hostname or "").encode("idna")  # raises when it is no host's name, as a..b
        if any(c.isspace() or not c.isprintable() for c in url):
            raise ValueError  # noqa: TRY301
    except ValueError as e:
        raise UsageError(f"{who}: {source} is no URL; write e.g. http://localhost:8080/v1") from e
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"{who}: {source} must begin with http:// or https://, e.g. http://localhost:8080/v1"
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        instead = "; use api_key_env" if source == "base_url" else ""
        raise UsageError(f"{who}: {source} must hold no user, password or query{instead}")
    return url.rstrip("/")


def read_addresses(who: str, given: Any, source: str) -> str | list[str]:
    """Return the addresses of one model as its option `base_url` has them: one as a text, several as a list.

    Args:
        who: Whose they are, for the message.
        given: A text, with commas between several, or a list of texts.
        source: What they were read from.

    Raises:
        UsageError: One is none, or is named twice, or there are none at all or too many.
    """
    if not isinstance(given, list | tuple):
        if "," not in str(given):
            address(who, str(given), source)
            return str(given)
        given = str(given).split(",")
    texts = list(given)
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise UsageError(f"{who}: {source} must be an address, or a list of them, and none may be empty")
    if len(texts) > _MOST:
        raise UsageError(
            f"{who}: {source} names {len(texts)} addresses; at most {_MOST} are asked for one model"
        )
    urls = [address(who, text.strip(), source) for text in texts]
    if len(urls) == 1:
        return urls[0]
    if twice := next((url for url in urls if urls.count(url) > 1), None):
        raise UsageError(f"{who}: {source} names {twice} twice; each address is asked once")
    return urls


def written_addresses(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses that a model's options name, as they are written there; none where they name none."""
    given = options.get("base_url")
    return tuple(map(str, given)) if isinstance(given, list | tuple) else (str(given),) if given else ()


def asked_at(model: ModelSpec, url: str) -> ModelSpec:
    """Return a model as it is asked at one of its addresses."""
    return replace(model, options={**model.options, "base_url": url})


def short_addresses(urls: Sequence[str]) -> dict[str, str]:
    """Return what each of several addresses is called: its host and port; with its path, or all of it, where these are others' too."""
    hosts = {url: urlsplit(url).netloc.rpartition("@")[2] for url in urls}
    paths = {url: re.sub(r"^\w+://([^/]*@)?", "", url).rstrip("/") for url in urls}
    schemes = {url: f"{urlsplit(url).scheme}://{path}" for url, path in paths.items()}
    return next((each for each in (hosts, paths) if len({*each.values()}) == len(urls)), schemes)
