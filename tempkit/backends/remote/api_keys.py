"""API keys: from the environment, a `.env` file here, or the system's keyring; told to nobody.

A key is looked up by its variable's name when it is needed, lives in the SDK's client, and is known to `tempkit.text.redaction`, which keeps
it out of every text.
"""

import os
from pathlib import Path

from tempkit.backends.protocol import missing_model
from tempkit.backends.remote.adapter_types import RequestError
from tempkit.errors import UsageError, one_line
from tempkit.text import keep_secret, without_secrets
from tempkit.types import ModelSpec

__all__ = ["find_key", "redact", "strange_address"]

_KEYRING = "tempkit"
"""What the keyring calls us: `keyring set tempkit OPENAI_API_KEY`."""


def find_key(model: ModelSpec, name: str) -> str:
    """Return the key that stands under a name.

    Raises:
        ModelError: There is none, or it cannot be one.
    """
    key = os.environ.get(name, "").strip() or _from_file(model, name) or _from_keyring(name)
    if not key:
        raise missing_model(
            model, f"no API key; set {name} in the environment, in .env, or in the keyring under {_KEYRING}"
        )
    keep_secret(key)
    # HTTP libraries would repeat such a key in their complaint about it.
    if not (key.isascii() and key.isprintable()):
        raise missing_model(model, f"the key in {name} holds characters that no key has; copy it again")
    return key


def _from_file(model: ModelSpec, name: str) -> str:
    from dotenv import dotenv_values

    path = Path(".env")
    if not path.is_file():
        return ""
    try:
        return (dotenv_values(path, interpolate=False).get(name) or "").strip()
    except UnicodeDecodeError as e:
        raise missing_model(model, f".env is not UTF-8; save it so, or set {name} in the environment") from e
    except OSError as e:
        raise missing_model(model, f".env cannot be read: {e.strerror}; set {name} in the environment") from e


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


def strange_address(model: ModelSpec, variable: str, url: str, key: str) -> UsageError:
    """Make the error for an address in the environment that is not the provider's own: its key is not for everybody."""
    return UsageError(
        f"{model.id}: {variable} leads to {one_line(url, 100)}, and the key in {key} goes to no other server than its own unasked; "
        f"add ,api_key_env={key} to the model to send it there, or ,base_url={one_line(url, 100)} to ask without a key"
    )


def redact(error: RequestError, *secrets: str) -> RequestError:
    """Take keys out of an error's words: those that `find_key` found, and others, with `Bearer` before them or without."""
    for secret in secrets:
        keep_secret(secret.removeprefix("Bearer "))
    error.message = without_secrets(error.message)
    return error
