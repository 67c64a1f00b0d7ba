"""Where a model is asked, and which key goes there: as its options say, else as the environment says, else at its provider's."""

import os
from collections.abc import Callable
from urllib.parse import urlsplit

from tempkit.backends.protocol import check_address
from tempkit.backends.remote.api_keys import strange_address
from tempkit.backends.urls import written_addresses
from tempkit.types import ModelSpec

__all__ = ["ADDRESSES", "base_url", "is_host", "key_name"]

ADDRESSES = (str, list)
"""The kind of the option `base_url` where a model may be asked at several."""


def base_url(model: ModelSpec, variable: str, usual: str) -> str:
    """Return a model's address, the first of several; "" where nobody has named one.

    Args:
        model: The model, whose option `base_url` comes first.
        variable: The environment variable that may name another address; "": none.
        usual: The provider's own.

    Raises:
        UsageError: It is no address that may be used, or one of several is none.
    """
    given, *others = written_addresses(model.options) or ("",)
    for each in others:
        check_address(model, each, "base_url")
    url = given or (os.environ.get(variable, "").strip() if variable else "") or usual
    return check_address(model, url, "base_url" if given else variable) if url else ""


def is_host(url: str, domain: str) -> bool:
    """Whether an address is of a domain, or below it."""
    host = urlsplit(url).hostname or ""
    return host == domain or host.endswith(f".{domain}")


def key_name(
    model: ModelSpec, variable: str, key: str, url: str, is_own: Callable[[str], bool] | None
) -> str:
    """Return the variable that holds the key, "" where none is sent: a key never goes to a server that it was not meant for.

    Args:
        model: The model: its option `api_key_env` names another key, and `base_url` a server that gets none unasked.
        variable: The environment variable that may name another address.
        key: The variable of the provider's own key.
        url: The model's address.
        is_own: Whether an address is the provider's; None: any may have the key.

    Raises:
        UsageError: The environment names another server than the key is for, and nobody has said that it is meant.
    """
    named = model.options.get("api_key_env")
    if named is not None or model.options.get("base_url"):
        return str(named or "")
    if is_own is not None and not is_own(url):
        raise strange_address(model, variable, url, key)
    return key
