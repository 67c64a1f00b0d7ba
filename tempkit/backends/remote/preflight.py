"""Is there a server, and does it take the key? Asked before a run, and told alike for every provider."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from tempkit.backends.protocol import missing_model
from tempkit.backends.remote.adapter_types import RequestError
from tempkit.backends.remote.connection_errors import ADDRESS
from tempkit.types import ModelSpec

__all__ = ["reach"]

_TIMEOUT_S = 15.0

T = TypeVar("T")


async def reach(
    model: ModelSpec, url: str, answer: Awaitable[T], *, key_name: str = "", hint: str = ""
) -> T | None:
    """Make a first request that costs nothing; return its answer, or None when it was refused for reasons of its own.

    A server need not list its models, and a key need not be allowed to, so only what no request would survive is an error.

    Args:
        model: Whom it is for.
        url: Where it goes.
        answer: The request; what goes wrong comes out of it as `RequestError`.
        key_name: The variable that holds the key; "" where none is sent.
        hint: What to add for a server that is not there, e.g. `; is the server running?`.

    Raises:
        ModelError: The server is not there or does not answer, or refuses the key or wants one.
    """
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await answer
    except TimeoutError as e:
        raise missing_model(model, f"{url} does not answer{hint}") from e
    except RequestError as e:
        if e.kind == "auth" and e.status == 401 and key_name:
            raise missing_model(model, f"{url} refuses the key in {key_name}; check it") from e
        if e.status == 401:
            why = f"{url} wants a key; name the variable that holds it in api_key_env"
            raise missing_model(model, why) from e
        if e.kind == "connection":
            also = "" if e.code == ADDRESS else hint
            raise missing_model(model, f"cannot reach {url}: {e.message}{also}") from e
        return None
