"""What a local model's files recommend: read key by key, and never taken for more than it is."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.backends.gguf.advice import advice_of
from tempkit.backends.gguf.metadata import MetadataError, read_metadata
from tempkit.errors import ModelError
from tempkit.types import ModelSpec

MODEL = ModelSpec(backend="gguf", name="m.gguf", label="m")
PREFIX = "general.sampling."


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def entry(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def head(*entries: bytes, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(entries)) + b"".join(entries)


WORDS = struct.pack("<IQ", 8, 2) + text("a") + text("bc")
NUMBERS = struct.pack("<IQ", 5, 3) + struct.pack("<3i", 1, 2, 3)
WHOLE = head(
    entry("tokenizer.ggml.tokens", 9, WORDS),
    entry("tokenizer.ggml.token_type", 9, NUMBERS),
    entry(f"{PREFIX}top_p", 6, struct.pack("<f", 0.95)),
    entry("general.name", 8, text("a model")),
    entry(f"{PREFIX}top_k", 5, struct.pack("<i", 20)),
    entry(f"{PREFIX}sequence", 8, text("kpt")),
    entry(f"{PREFIX}list", 9, NUMBERS),
    entry("general.flag", 7, b"\1"),
    entry(f"{PREFIX}temp", 6, struct.pack("<f", 0.7)),
)


def written(folder: Path, data: bytes) -> Path:
    path = folder / "m.gguf"
    path.write_bytes(data)
    return path


def test_numbers_are_as_they_were_written_and_lists_are_passed_over(tmp_path: Path) -> None:
    found = read_metadata(written(tmp_path, WHOLE), PREFIX)
    assert found == {"top_p": 0.95, "top_k": 20, "sequence": "kpt", "temp": 0.7}


@given(cut=st.integers(0, len(WHOLE) - 1))
def test_a_head_that_is_cut_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = written(tmp_path_factory.mktemp("cut"), WHOLE[:cut])
    with pytest.raises(MetadataError):
        read_metadata(path, PREFIX)


@given(place=st.integers(0, len(WHOLE) - 1), value=st.integers(0, 255))
def test_a_damaged_head_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    damaged = bytearray(WHOLE)
    damaged[place] = value
    path = written(tmp_path_factory.mktemp("bad"), bytes(damaged))
    try:
        found = read_metadata(path, PREFIX)
    except MetadataError:
        return
    assert all(isinstance(each, int | float | str) for each in found.values())


def test_a_head_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        advice_of(MODEL, written(tmp_path, WHOLE[:100]))
    assert str(caught.value) == "gguf:m.gguf: its metadata cannot be read: it ends in the middle"


def test_the_files_own_metadata_goes_before_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text('{"temperature": 0.1}')
    found, looked = advice_of(MODEL, written(tmp_path, WHOLE))
    assert found is not None
    assert found.values["temp"] == 0.7
    assert looked == ("general.sampling.* in m.gguf",)


@pytest.mark.parametrize(
    ("given_", "values"),
    [
        (
            {
                "do_sample": True,
                "temperature": 0.6,
                "top_k": 20,
                "eos_token_id": [1, 2],
                "transformers_version": "4",
            },
            {"temperature": 0.6, "top_k": 20},
        ),
        ({"do_sample": True}, {"temperature": 1.0}),
        ({"top_p": 0.9, "temperature": None}, {"top_p": 0.9, "temperature": 1.0}),
        ({"do_sample": False, "temperature": 0.6}, {"temperature": 0.0}),
        ({"_from_model_config": True, "bos_token_id": 1, "max_length": 2048}, None),
        (
            {"repetition_penalty": 1.1, "max_new_tokens": 99},
            {"repetition_penalty": 1.1, "max_new_tokens": 99, "temperature": 1.0},
        ),
    ],
)
def test_what_the_file_beside_it_says(
    tmp_path: Path, given_: dict[str, Any], values: dict[str, Any] | None
) -> None:
    (tmp_path / "generation_config.json").write_text(json.dumps(given_))
    found, looked = advice_of(MODEL, written(tmp_path, head()))
    assert (None if found is None else found.values) == values
    assert looked == ("general.sampling.* in m.gguf", "generation_config.json beside it")


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe\xfd", b" " * (2**20 + 1), b"[" * 100_000])
def test_a_file_beside_it_that_cannot_be_read_is_named_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "generation_config.json").write_bytes(content)
    with pytest.raises(ModelError) as caught:
        advice_of(MODEL, written(tmp_path, head()))
    said = str(caught.value)
    assert "generation_config.json cannot be read: " in said
    assert said.endswith("; mend it, or take it away")
    assert "\n" not in said
