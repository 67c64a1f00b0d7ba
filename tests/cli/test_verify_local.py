"""Deciding, keeping and testing again on the bundled model: the whole way, and another model file behind the name."""

import json
from pathlib import Path

import pytest
from support import Cli

from tempkit.prompts import kept_decision, load_prompt

pytestmark = pytest.mark.one_core

PROMPT = """---
name: capitals
model:
  options:
    maxOutputTokens: 12  # a word or two
inputs: [{name: country, kind: string}]
metadata:
  tempkit:
    data: capitals.csv
---
user:
What is the capital of {{ country }}? Answer with its name.
"""
CAPITALS = {"France": "Paris", "Italy": "Rome", "Spain": "Madrid", "Japan": "Tokyo", "Germany": "Berlin"}


@pytest.fixture
def kept(cli: Cli, tmp_path: Path, bundled_gguf: Path) -> Path:
    path = tmp_path / "capitals.prompty"
    path.write_text(PROMPT)
    rows = [f"{country},{capital}" for country, capital in CAPITALS.items()]
    (tmp_path / "capitals.csv").write_text("\n".join(["country,facts", *rows]) + "\n")
    done = cli("run", "capitals.prompty", "-m", "gguf:smollm2", "-t", "0,2,3", "-n", "2")
    assert done.code == 0, done.err
    done = cli("decide", "--measure", "fact_recall", "--margin", "0.1", "--write")
    assert done.code == 0, done.err
    return path


def test_the_same_model_is_known_by_its_digest_and_nothing_is_shown_against_the_temperature(
    cli: Cli, kept: Path
) -> None:
    found = kept_decision(kept)
    assert found is not None
    assert (found.model, found.temperature) == ("gguf:smollm2", 0.0)
    assert load_prompt(kept).suggested_temperature == 0
    assert (found.snapshot or "").startswith("sha256:")
    done = cli("verify", "capitals.prompty", "--json")
    assert done.code == 0, done.err
    (result,) = json.loads(done.out)["files"]
    assert result["outcome"] in ("holds", "open")
    assert (result["model_changed"], result["model_known"]) == (None, True)
    assert [each["temperature"] for each in result["neighbours"]] == [2.0]


def test_another_file_of_the_same_weights_is_another_model(
    cli: Cli, kept: Path, bundled_gguf: Path, tmp_path: Path
) -> None:
    data = bundled_gguf.read_bytes()
    name = b"general.name"
    at = data.index(name) + len(name) + 4 + 8  # behind the value's type and length: a letter of the name
    assert data[at : at + 1].isalnum()
    other = bytes([data[at] ^ 0x20])
    (tmp_path / "other.gguf").write_bytes(data[:at] + other + data[at + 1 :])
    done = cli("verify", "capitals.prompty", "-m", "gguf:other.gguf")
    assert done.code == 7, done.err
    assert "capitals.prompty: the model changed;" in done.out
    found = kept_decision(kept)
    assert found is not None
    assert (found.snapshot or "")[:40] in done.out
