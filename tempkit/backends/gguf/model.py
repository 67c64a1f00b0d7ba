"""A loaded GGUF model: text to tokens and back, with llama.cpp's own answers for everything it knows.

llama.cpp reports problems through a log callback and then returns nothing; the log is captured while loading, so that
its reason reaches the user instead of a screen full of lines.
"""

import ctypes
import os
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import llama_cpp

from tempkit.backends.gguf.chat import CLOCK, ChatTemplate
from tempkit.backends.gguf.ipc import TIME_TOLD
from tempkit.backends.protocol import missing_model
from tempkit.errors import ModelError, one_line
from tempkit.text import CHANNEL_MARKS, MARKS, OPENINGS
from tempkit.types import Message, ModelSpec

__all__ = ["LoadedModel"]

_TAIL = 16
"""Tokens at a prompt's end in which a mark of thoughts may stand, spelled out."""

_ERROR_LEVEL = 4  # ggml_log_level: GGML_LOG_LEVEL_ERROR
_errors: list[str] = []


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def _log(level: int, text: bytes, _data: Any) -> None:
    if level == _ERROR_LEVEL:
        _errors.append(text.decode("utf-8", "replace").strip())


@cache
def _start() -> None:
    llama_cpp.llama_log_set(_log, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()


class LoadedModel:
    """A model in memory; `close` frees it.

    Args:
        spec: The model, for messages.
        path: Of its file.
        n_gpu_layers: As in `Settings`.
        now: The time that its chat template is told whenever it asks: the same for every prompt. None: the present one.

    Raises:
        ModelError: The file is missing, no GGUF file, damaged, or of a kind that llama.cpp does not know.
    """

    def __init__(self, spec: ModelSpec, path: str, n_gpu_layers: int, now: datetime | None = None) -> None:
        _start()
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = n_gpu_layers
        _errors.clear()
        self.handle = llama_cpp.llama_model_load_from_file(os.fsencode(path), params)
        if not self.handle:
            raise missing_model(spec, f"llama.cpp cannot load it: {_reason()}")
        self.path = Path(path)
        self.vocab = llama_cpp.llama_model_get_vocab(self.handle)
        self.n_vocab: int = llama_cpp.llama_vocab_n_tokens(self.vocab)
        self.n_embd: int = llama_cpp.llama_model_n_embd(self.handle)
        self.n_bytes: int = llama_cpp.llama_model_size(self.handle)
        """Of the weights."""
        self.n_ctx_train: int = llama_cpp.llama_model_n_ctx_train(self.handle)
        self.meta = self._meta()
        self._pieces: dict[tuple[int, bool], bytes] = self._marks()
        self._texts: dict[tuple[int, bool], str] = {}
        bos = llama_cpp.llama_vocab_bos(self.vocab)
        self._bos = self.piece(bos, special=True).decode("utf-8", "replace") if bos >= 0 else ""
        template = self.meta.get("tokenizer.chat_template")
        self._formatter = self._compile(spec, template) if template else None
        self._now = now or datetime.now().astimezone()
        self._tells_time = template is not None and CLOCK in template

    def _compile(self, spec: ModelSpec, template: str) -> ChatTemplate:
        eos_id = llama_cpp.llama_vocab_eos(self.vocab)
        eos = self.piece(eos_id, special=True).decode("utf-8", "replace") if eos_id >= 0 else ""
        try:
            return ChatTemplate(template, self._bos, eos)
        except ModelError as e:
            self.close()
            raise missing_model(spec, str(e)) from e

    def _meta(self) -> dict[str, str]:
        read_key, read_value = (
            llama_cpp.llama_model_meta_key_by_index,
            llama_cpp.llama_model_meta_val_str_by_index,
        )

        def text(read: Any, index: int) -> str:
            size = read(self.handle, index, ctypes.create_string_buffer(1), 1) + 1
            buffer = ctypes.create_string_buffer(size)
            read(self.handle, index, buffer, size)
            return buffer.value.decode("utf-8", "replace")

        count = llama_cpp.llama_model_meta_count(self.handle)
        return {text(read_key, i): text(read_value, i) for i in range(count)}

    def cell_bytes(self, number: float) -> int:
        """Return the bytes that one token takes in the key-value cache, `number` bytes to a number.

        Counted as for plain attention in every layer: kinds of models that keep less are overestimated.
        """
        architecture = self.meta.get("general.architecture", "")
        layers = llama_cpp.llama_model_n_layer(self.handle)
        n_head = llama_cpp.llama_model_n_head(self.handle)
        usual = self.n_embd // n_head if n_head else 0
        length = sum(
            int(self.meta.get(f"{architecture}.attention.{name}_length", usual)) for name in ("key", "value")
        )
        by_layer = self.meta.get(f"{architecture}.attention.head_count_kv", "")
        if by_layer.startswith("["):
            heads = sum(int(n) for n in by_layer.strip("[]").split(","))
        else:
            heads = layers * llama_cpp.llama_model_n_head_kv(self.handle)
        return int(heads * length * number)

    def _marks(self) -> dict[tuple[int, bool], bytes]:
        """Return how the control tokens are written that thoughts are marked by: without them nobody could tell what they separate."""
        found: dict[tuple[int, bool], bytes] = {}
        for marks in (*((mark,) for mark in MARKS), CHANNEL_MARKS):
            spelled = [self._tokenise(mark, add_special=False, parse_special=True) for mark in marks]
            if all(len(tokens) == 1 for tokens in spelled):
                found |= {
                    (tokens[0], False): mark.encode() for tokens, mark in zip(spelled, marks, strict=True)
                }
        return found

    def thoughts_begun(self, tokens: Sequence[int]) -> str:
        """Return the mark of thoughts that a prompt ends with; empty where it ends with none."""
        tail = b"".join(self.piece(token, special=True) for token in tokens[-_TAIL:])
        end = tail.decode("utf-8", "replace").rstrip()
        return next((mark for mark in OPENINGS if end.endswith(mark)), "")

    @staticmethod
    def restore_log() -> None:
        """Have llama.cpp tell this module again what goes wrong, after somebody else listened."""
        llama_cpp.llama_log_set(_log, ctypes.c_void_p(0))

    @staticmethod
    def reason() -> str:
        """Return the first complaint of llama.cpp since the model was loaded."""
        return _reason()

    def close(self) -> None:
        """Free the model; harmless when done twice."""
        if self.handle:
            llama_cpp.llama_model_free(self.handle)
            self.handle = None

    def details(self) -> dict[str, Any]:
        """Return what a report needs to say which model this was."""
        names = (
            "general.name",
            "general.architecture",
            "general.size_label",
            "general.license",
            "general.file_type",
        )
        return {
            "engine": f"llama-cpp-python {llama_cpp.__version__}",
            "system": llama_cpp.llama_print_system_info().decode("utf-8", "replace").strip(" |"),
            "file": self.path.name,
            "weights_bytes": self.n_bytes,
            "parameters": llama_cpp.llama_model_n_params(self.handle),
            "vocabulary": self.n_vocab,
            "context_trained": self.n_ctx_train,
            "chat_template": "from the model" if self._formatter else "none: texts joined by blank lines",
            **({TIME_TOLD: self._now.isoformat(timespec="seconds")} if self._tells_time else {}),
            **{name: self.meta[name] for name in names if name in self.meta},
        }

    def prompt_tokens(self, messages: Sequence[Message]) -> list[int]:
        """Return the token ids of a conversation, through the model's own chat template.

        Raises:
            ModelError: The template refuses the conversation (some models take no system message), or goes over its limits.
        """
        if self._formatter is None:
            text = "\n\n".join(m.content for m in messages)
        else:
            text = self._formatter.prompt(messages, self._now)
        # A template that writes the beginning-of-text token itself must not get a second one.
        add_special = not (self._bos and text.startswith(self._bos))
        return self._tokenise(text, add_special=add_special, parse_special=True)

    def plain_tokens(self, text: str) -> list[int]:
        """Return the token ids of a text that is no conversation; what looks like a control token is text."""
        return self._tokenise(text, add_special=False, parse_special=False)

    def whole_tokens(self, text: str) -> list[int]:
        """Return the token ids of a text with what the model wants around one; what looks like a control token is text."""
        return self._tokenise(text, add_special=True, parse_special=False)

    @property
    def opening(self) -> list[int]:
        """What the model wants before any text: its beginning-of-text token, or nothing."""
        bos = llama_cpp.llama_vocab_bos(self.vocab)
        return [bos] if bos >= 0 and llama_cpp.llama_vocab_get_add_bos(self.vocab) else []

    def _tokenise(self, text: str, *, add_special: bool, parse_special: bool) -> list[int]:
        data = text.encode("utf-8")
        room = len(data) + 8
        tokens = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(
            self.vocab, data, len(data), tokens, room, add_special, parse_special
        )
        if count < 0:
            raise ModelError("the text cannot be tokenised")
        return list(tokens[:count])

    def piece(self, token: int, *, special: bool) -> bytes:
        """Return a token's bytes; control tokens are empty unless `special`, or marks of thoughts. A token may be part of a character."""
        known = self._pieces.get((token, special))
        if known is None:
            buffer = ctypes.create_string_buffer(64)
            size = llama_cpp.llama_token_to_piece(self.vocab, token, buffer, 64, 0, special)
            if size < 0:
                buffer = ctypes.create_string_buffer(-size)
                size = llama_cpp.llama_token_to_piece(self.vocab, token, buffer, -size, 0, special)
            known = self._pieces[token, special] = buffer.raw[:size]
        return known

    def text(self, token: int, *, special: bool) -> str:
        r"""Return a token as text; what is no UTF-8 by itself (part of a character) is written `\xNN`."""
        known = self._texts.get((token, special))
        if known is None:
            piece = self.piece(token, special=special)
            known = self._texts[token, special] = piece.decode("utf-8", "backslashreplace")
        return known

    def ends(self, token: int) -> bool:
        """Whether the token ends a text or a turn."""
        return bool(llama_cpp.llama_vocab_is_eog(self.vocab, token))


def _reason() -> str:
    """The first thing llama.cpp complained about: later lines only say that loading failed."""
    texts = [text.split("error loading model: ")[-1] for text in _errors if text]
    return one_line(next((t for t in texts if "failed to load model" not in t), "no reason given"))
