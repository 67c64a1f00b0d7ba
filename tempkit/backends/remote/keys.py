"""API keys: from the environment, a `.env` file here, or the system's keyring; told to nobody.

A key is looked up by its variable's name when it is needed, and lives in the SDK's client alone.
"""

import os
from pathlib import Path

from tempkit.backends.base import missing_model
from tempkit.backends.remote.exchange import RequestError
from tempkit.types import ModelSpec

__all__ = ["find_key", "redact"]

_KEYRING = "tempkit"
"""What the keyring calls us: `keyring set tempkit OPENAI_API_KEY`."""


def find_key(model: ModelSpec, name: str) -> str:
    """Return the key that stands under a name.

    Raises:
        ModelError: There is none, or it cannot be one.
    """
    key = os.environ.get(name, "").strip() or _from_file(name) or _from_keyring(name)
    if not key:
        raise missing_model(
            model, f"no API key; set {name} in the environment, in .env, or in the keyring under {_KEYRING}"
        )
    # HTTP libraries would repeat such a key in their complaint about it.
    if not (key.isascii() and key.isprintable()):
        raise missing_model(model, f"the key in {name} holds characters that no key has; copy it again")
    return key


def _from_file(name: str) -> str:
    from dotenv import dotenv_values

    path = Path(".env")
    return (dotenv_values(path, interpolate=False).get(name) or "").strip() if path.is_file() else ""


def _from_keyring(name: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:  # it is optional
        return ""
    try:
        return (keyring.get_password(_KEYRING, name) or "").strip()
    except KeyringError:  # no keyring runs here, or it is locked: then there is no key in it for us
        return ""


def redact(error: RequestError, *secrets: str) -> RequestError:
    """Take keys out of an error's words, with `Bearer` before them or without: servers like to repeat them."""
    for secret in secrets:
        key = secret.removeprefix("Bearer ")
        if len(key) > 4:
            error.message = error.message.replace(key, "[key]")
    return error
