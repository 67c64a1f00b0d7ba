"""Incoherence is measured under the bundled model where a use case guards against it, unless something else was said."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support import Cli

import tempkit.api.reference_choice as reference
from tempkit.models import ScoringModel
from tempkit.store import Store

WORDS = ("-m", "scripted:words", "-t", "0,1", "-n", "1", "--max-tokens", "8")
SAID = "measuring how coherent the answers are to gguf:smollm2, the bundled model"


def incoherence(folder: Path) -> dict[tuple[str, float], str]:
    """By item and temperature, the version of each value."""
    with Store.open(folder / "tempkit.db") as store:
        scores = store.scores(store.find_run("latest").id, "incoherence")
    return {(each.item, each.temperature): each.version for each in scores if each.value is not None}


def measured(cli: Cli, *args: str) -> dict[str, Any]:
    done = cli("measure", *args, "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def not_to_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a model is loaded")

    monkeypatch.setattr(ScoringModel, "__enter__", refused)


@pytest.mark.engine
def test_the_bundled_model_is_asked_once_and_named(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cli("run", "Say a word.", *WORDS, "--use-case", "creative-writing")
    assert run.code == 0
    assert run.err.count(SAID) == 1
    versions = set(incoherence(tmp_path).values())
    (version,) = versions
    assert version.startswith("1 gguf:smollm2@")
    not_to_be_loaded(monkeypatch)
    for command in ("measure", "recommend", "show"):
        done = cli(command)
        assert (done.code, done.err) == (0, "")
    assert f"Incoherence is under {version[2:]}.\n" in cli("measure").out
    assert measured(cli) == {**measured(cli), "measured": 0, "reference_models": [version[2:]]}


@pytest.mark.engine
def test_only_what_its_use_case_guards_is_scored(cli: Cli, tmp_path: Path) -> None:
    for name, use_case in (("a", "chatbot"), ("b", "creative-writing")):
        (tmp_path / f"{name}.prompty").write_text(
            f"---\nname: {name}\nmetadata: {{tempkit: {{use_case: {use_case}}}}}\n---\nuser:\nSay {name}.\n"
        )
    assert cli("run", "a.prompty", "b.prompty", *WORDS).code == 0
    assert {item for item, _ in incoherence(tmp_path)} == {"b"}
    done = cli("recommend", "--use-case", "creative-writing")
    assert (done.code, done.err) == (0, "")  # the section of this name, which is scored already
    done = cli("recommend", "--use-case", "general")
    assert SAID in done.err
    assert {item for item, _ in incoherence(tmp_path)} == {"a", "b"}
    assert measured(cli)["measured"] == 0


def test_no_model_is_loaded_for_use_cases_without_such_a_guard(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    not_to_be_loaded(monkeypatch)
    done = cli("run", "Say a word.", *WORDS, "--use-case", "chatbot")
    assert done.code == 0
    assert measured(cli)["reference_models"] == []


def test_where_the_bundled_model_is_not_installed_the_pick_stays_a_guess(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "_is_installed", lambda: False)
    done = cli("run", "Say a word.", *WORDS, "--use-case", "creative-writing", "--json")
    assert done.code == 0
    (found,) = json.loads(done.out)["decisions"]
    (guard,) = (each for each in found["guardrails"] if each["measure"] == "incoherence")
    assert guard["levels"] == []
    assert {"code": "measure_guard", "measure": "incoherence", "reference": "gguf:smollm2"} in found["next"]
    assert incoherence(tmp_path) == {}


@pytest.mark.engine
def test_none_is_remembered_until_another_is_named(cli: Cli, tmp_path: Path) -> None:
    cli("run", "Say a word.", *WORDS, "--use-case", "chatbot")
    assert measured(cli, "--reference", "none")["reference_models"] == []
    assert SAID not in cli("recommend", "--use-case", "creative-writing").err
    assert incoherence(tmp_path) == {}
    assert len(measured(cli, "--reference", "gguf:smollm2")["reference_models"]) == 1
    assert len(incoherence(tmp_path)) == 2


def test_another_model_is_kept_for_what_comes_later(cli: Cli, tmp_path: Path, bundled_gguf: Path) -> None:
    shutil.copy(bundled_gguf, tmp_path / "mine.gguf")
    cli("run", "Say a word.", *WORDS, "--use-case", "chatbot", "--name", "r")
    cli("measure", "--reference", "gguf:mine.gguf")
    done = cli("topup", "-n", "1", "--use-case", "creative-writing")
    assert done.code == 0
    assert SAID not in done.err
    assert {version.partition("@")[0] for version in incoherence(tmp_path).values()} == {"1 gguf:mine.gguf"}


def test_a_model_that_is_gone_is_said_and_nothing_else_fails(
    cli: Cli, tmp_path: Path, bundled_gguf: Path
) -> None:
    shutil.copy(bundled_gguf, tmp_path / "mine.gguf")
    cli("run", "Say a word.", *WORDS, "--use-case", "chatbot", "--name", "r")
    cli("measure", "--reference", "gguf:mine.gguf")
    (tmp_path / "mine.gguf").unlink()
    assert cli("recommend").err == ""
    done = cli("measure", "--anew")
    assert done.code == 0
    assert "warning: incoherence is not measured of what is new: gguf:mine.gguf: no such file" in done.err
    refused = cli("measure", "--anew", "--reference", "gguf:mine.gguf")
    assert (refused.code, refused.out) == (1, "")


def test_a_run_from_before_models_were_remembered_keeps_the_one_it_was_scored_under(
    cli: Cli, tmp_path: Path, bundled_gguf: Path
) -> None:
    shutil.copy(bundled_gguf, tmp_path / "mine.gguf")
    cli("run", "Say a word.", *WORDS, "--use-case", "chatbot")
    cli("measure", "--reference", "gguf:mine.gguf")
    before = incoherence(tmp_path)
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection, connection:
        connection.execute("update run set reference = null")
    done = cli("recommend", "--use-case", "creative-writing")
    assert (done.code, done.err) == (0, "")
    assert incoherence(tmp_path) == before


@pytest.mark.engine
def test_what_would_take_long_is_left_to_be_asked_for(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "_MOST", 10)
    done = cli("run", "Say a word.", *WORDS, "--use-case", "creative-writing", "--name", "r")
    assert done.code == 0
    assert "warning: incoherence is not measured, as scoring " in done.err
    assert done.err.rstrip().endswith("do it with: tempkit measure r --reference gguf:smollm2")
    assert incoherence(tmp_path) == {}
    assert len(measured(cli, "--reference", "gguf:smollm2")["reference_models"]) == 1


@pytest.mark.engine
def test_a_setting_names_it_for_all_runs(cli: Cli, tmp_path: Path) -> None:
    guarded = ("run", "Say a word.", *WORDS, "--use-case", "creative-writing")
    assert cli(*guarded, env={"TEMPKIT_REFERENCE": "none"}).code == 0
    assert incoherence(tmp_path) == {}
    done = cli("measure", env={"TEMPKIT_REFERENCE": "gguf:smollm2,n_ctx=512"})
    assert "measuring how coherent the answers are to gguf:smollm2,n_ctx=512" in done.err
    assert {temperature for _, temperature in incoherence(tmp_path)} == {0.0, 1.0}
    assert measured(cli)["measured"] == 0


@pytest.mark.parametrize("named", ["nowhere:x", "gguf:/no/such.gguf"])
def test_a_setting_that_is_wrong_is_said(cli: Cli, tmp_path: Path, named: str) -> None:
    done = cli(
        "run", "Say a word.", *WORDS, "--use-case", "creative-writing", env={"TEMPKIT_REFERENCE": named}
    )
    assert done.code == 0
    assert "warning: incoherence is not measured of what is new: " in done.err
    assert incoherence(tmp_path) == {}
