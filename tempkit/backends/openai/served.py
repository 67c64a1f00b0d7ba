"""What a server says of itself besides answering: whose software it is, and what it fills in where a request is silent."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from hashlib import sha256
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import msgspec

from tempkit.backends.openai.presets import Preset, served_by
from tempkit.backends.remote import Reply, RequestError, reach
from tempkit.backends.remote.decoding import decode
from tempkit.errors import one_line
from tempkit.text import without_secrets
from tempkit.types import ModelSpec

__all__ = ["UNRELATED", "ask_props", "listed", "read_props", "way_out"]

UNRELATED = frozenset(
    {
        "id", "id_task", "is_processing", "max_tokens", "n_ctx", "n_discard", "n_keep", "n_predict", "n_probs",
        "post_sampling_probs", "reasoning_in_content", "seed", "speculative", "stream", "timings_per_token",
        # Of older servers: nothing in the order of samplers that is sent looks at these.
        "penalize_nl", "tfs_z",
    }
)  # fmt: skip
"""Numbers at llama.cpp's /props that are not about how tokens are drawn."""

_SIZES = ("n_ctx", "n_ctx_train", "n_vocab", "n_params", "size")


class _Listed(msgspec.Struct):
    id: Any = None
    owned_by: Any = None
    max_model_len: Any = None
    meta: Any = None


class _List(msgspec.Struct):
    data: list[_Listed | None] | None = None


class _Props(msgspec.Struct):
    default_generation_settings: dict[str, Any] | None = None
    chat_template: Any = None
    build_info: Any = None


_list_decoder = msgspec.json.Decoder(_List)
_props_decoder = msgspec.json.Decoder(_Props)


def listed(content: bytes, name: str) -> tuple[Preset | None, dict[str, Any]]:
    """Return what a server's list of models says of its software and of one model.

    Returns:
        The preset of the software, None where the list does not say or is none; and the model's sizes: vLLM's `max_model_len`, and
        what llama.cpp's server has as `meta`; with `serves`, what the server itself calls the model.
    """
    try:
        found = [m for m in decode(_list_decoder, content, "a list of models").data or () if m is not None]
    except RequestError:  # a server need not list its models
        return None, {}
    software = served_by({m.owned_by for m in found if isinstance(m.owned_by, str)})
    # Who serves a single model may answer to any name.
    of = next((m for m in found if m.id == name), found[0] if len(found) == 1 else _Listed())
    meta = of.meta if isinstance(of.meta, dict) else {}
    sizes = {"max_model_len": of.max_model_len, **{name: meta.get(name) for name in _SIZES}}
    serves = {"serves": _named(of.id)} if isinstance(of.id, str) else {}
    return software, {
        **{n: size for n, size in sizes.items() if type(size) is int and 0 < size < 2**53},
        **serves,
    }


def _named(text: str) -> str:
    """Return a name as it may be kept: of a file's path, which says where a server has it, its end."""
    plain = without_secrets(one_line(text, 200))
    return PurePath(plain).name if plain.startswith(("/", ".")) else plain


async def ask_props(
    model: ModelSpec, url: str, get: Callable[[str], Awaitable[Reply]], key_name: str
) -> tuple[Mapping[str, Any] | None, dict[str, str]]:
    """Ask llama.cpp's server what it fills in for a model, None where it does not say; and which template and build it has.

    Args:
        model: Whom it is for. Where one server has several, each has its own values.
        url: The model's address, which may end in /v1.
        get: Makes the request.
        key_name: The variable that holds the key; "" where none is sent.

    Raises:
        ModelError: As `reach`.
    """
    where = f"{url.removesuffix('/v1')}/props?model={quote(model.name, safe='')}"
    reply = await reach(model, where, get(where), key_name=key_name)
    return read_props(reply.content) if reply else (None, {})


def read_props(content: bytes) -> tuple[Mapping[str, Any] | None, dict[str, str]]:
    """Return what llama.cpp's server fills in, by the names of its requests, None where this does not say so.

    Returns:
        That; and `chat_template`, by its digest, and `build`, as far as these are told.
    """
    try:
        props = decode(_props_decoder, content, "llama.cpp's properties")
    except RequestError:  # something else answers at /props
        return None, {}
    found, also = props.default_generation_settings, dict[str, str]()
    if isinstance(props.chat_template, str):
        also["chat_template"] = f"sha256:{sha256(props.chat_template.encode(errors='replace')).hexdigest()}"
    if isinstance(props.build_info, str):
        also["build"] = without_secrets(one_line(props.build_info, 100))
    inner = (found or {}).get("params", found)  # older servers have them one level higher
    return (inner if isinstance(inner, dict) else None), also


def way_out(sent: Collection[str], message: str) -> str:
    """Return what to add to a refusal that names parameters beyond OpenAI's own; "" where it names none of those sent."""
    refused = sorted(name for name in sent if re.search(rf"\b{name}\b", message))
    if not refused:
        return ""
    return (
        f"; {' and '.join(refused)} {'is' if len(refused) == 1 else 'are'} sent so that the server puts in no value of its own; "
        "to send nothing but OpenAI's own parameters, add ,extended_sampling=false to the model"
    )
