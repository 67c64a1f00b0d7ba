"""How a provider's model is reached: a server's address, a region, and the name of a variable with its key; never a key itself."""

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["KEYS", "MANTLE", "REACHED", "named_key", "reached"]

MANTLE = "mantle"
"""Bedrock's second endpoint, of each region."""
_URL = ("apiBaseUrl", "baseUrl", "base_url")
_HOST = "apiHost"
_ADDRESSED = (
    *("openai", "azure", "vllm", "ollama", "mistral", "groq", "together", "fireworks", "openrouter"),
    *("xai", "deepseek", "cerebras", "moonshot", "huggingface"),
)
"""Backends that may be asked at another address."""
_GOOGLE, _GOOGLES = ("google", "vertex"), "googleapis.com"
"""Backends of Google's, and where its own hosts are."""
_KEY_NAME = "apiKeyEnvar"
KEYS = ("apiKey", "api_key")
REACHED = {
    **dict.fromkeys((*_URL, _HOST), "base_url"),
    _KEY_NAME: "api_key_env",
    "region": "region",
}
"""What a setting of how a model is reached becomes."""
_VARIABLE = re.compile(r"\{\{\s*env\.([A-Za-z_]\w*)\s*\}\}", re.ASCII)
_REGION = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)


def reached(config: Mapping[str, Any], name: str, model: str) -> dict[str, Any] | None:
    """Return how a model is reached; None where it is at an address that cannot be had, since no other is to be asked in its place."""
    backend = model.partition(":")[0]
    found: dict[str, Any] = {}
    address = _address(config, backend)
    if address is not None and ("{{" in address or backend not in _ADDRESSED):
        return None
    if address is not None:
        found["base_url"] = address
    region = config.get("region")
    if backend == "bedrock" and region is not None and _REGION.fullmatch(str(region)):
        found["region"] = region
    if name.startswith(f"bedrock:{MANTLE}:"):
        if "region" not in found:
            return None
        found["base_url"] = f"https://bedrock-mantle.{region}.api.aws/v1"
    if "base_url" in found and (named := named_key(config)) is not None:
        found["api_key_env"] = named
    if isinstance(config.get(_KEY_NAME), str):
        found["api_key_env"] = config[_KEY_NAME]
    return found


def _address(config: Mapping[str, Any], backend: str) -> str | None:
    """Return the address that a provider's configuration gives, as it is written; None where it gives none.

    One of Azure's that is not written out counts as none: Azure has no other, and tempkit takes it from the environment as well. So does a host
    of Google's own.
    """
    given = next((config[key] for key in _URL if config.get(key)), None)
    host = config.get(_HOST)
    if given is None and host:
        given = f"https://{host}/openai/v1" if backend == "azure" else f"https://{host}/v1"
    own = host is not None and backend in _GOOGLE and str(host).endswith(f".{_GOOGLES}")
    return None if given is None or own or (backend == "azure" and "{{" in str(given)) else str(given)


def named_key(config: Mapping[str, Any]) -> str | None:
    """Return the variable of the environment that an API key is taken from."""
    for key in KEYS:
        named = _VARIABLE.fullmatch(str(config.get(key)).strip())
        if named is not None:
            return named[1]
    return None
