"""Runs as folders of others' formats: read back as those have it, with what has no place there counted."""

import copy
import json
import math
import zipfile
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow.parquet
import pytest
import yaml
from export_sample import SECRET, add_full_run
from jsonschema import Draft7Validator
from odd_store import add_odd_run

from tempkit.errors import ExportError, UsageError
from tempkit.interchange import FOLDERS, FolderDone, MeasureFacts, export_folder
from tempkit.interchange.exports.formats import FOLDER_NAMES
from tempkit.interchange.imports.import_run import import_table
from tempkit.store import RunRecord, Store
from tempkit.types import Completion

SHAPES = Path(__file__).parent / "every_eval_ever"
SHARE = MeasureFacts(title="Recall", unit="share", low=-1e100, high=1.0, higher_is_better=True)


@pytest.fixture(params=[add_full_run, add_odd_run], ids=["full", "odd"])
def run(request: pytest.FixtureRequest, store: Store) -> RunRecord:
    made: RunRecord = request.param(store)
    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "tempkit.db") as opened:
        yield opened


def exported(store: Store, run: RunRecord, path: Path, form: str) -> FolderDone:
    return export_folder(
        store, [run], path, format=form, about=lambda name: SHARE if name == "fact_recall" else None
    )


def strict(text: str | bytes) -> Any:
    """Read JSON as every reader does: there is no NaN in it."""

    def refuse(name: str) -> None:
        pytest.fail(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_the_names_are_reserved() -> None:
    assert FOLDERS == FOLDER_NAMES


def test_every_sample_is_in_inspects_log_of_its_temperature(
    store: Store, run: RunRecord, tmp_path: Path
) -> None:
    done = exported(store, run, tmp_path / "logs", "inspect")
    files = sorted((tmp_path / "logs").iterdir())
    assert len(files) == done.files
    assert len({path.name for path in files}) == done.files
    found: dict[tuple[str, str, float, int], Any] = {}
    for path in files:
        with zipfile.ZipFile(path) as log:
            names = log.namelist()
            assert all(".." not in PurePosixPath(name).parts and not name.startswith("/") for name in names)
            header = strict(log.read("header.json"))
            assert strict(log.read("_journal/start.json")) == {
                name: header[name] for name in ("version", "eval", "plan")
            }
            samples = [strict(log.read(name)) for name in names if name.startswith("samples/")]
            summaries = strict(log.read("summaries.json"))
        assert header["version"] == 2
        about = header["eval"]["metadata"]
        assert [(s["id"], s["epoch"]) for s in samples] == [(s["id"], s["epoch"]) for s in summaries]
        assert header["results"]["total_samples"] == len(samples)
        assert f"samples/{samples[0]['id']}_epoch_{samples[0]['epoch']}.json" in names
        for sample in samples:
            assert sample["metadata"]["temperature"] == about["temperature"]
            key = (sample["metadata"]["item"], about["model"], about["temperature"], sample["epoch"] - 1)
            assert key not in found
            found[key] = sample
        for each in header["results"]["scores"]:
            values = [s["scores"][each["name"]]["value"] for s in samples if each["name"] in s["scores"]]
            assert each["scored_samples"] == len(values)
            if values:
                assert each["metrics"]["mean"]["value"] == pytest.approx(math.fsum(values) / len(values))
    outcomes = [*store.completions(run.id, tokens=True), *store.failures(run.id)]
    assert len(found) == len(outcomes)
    lost: Counter[str] = Counter()
    for outcome in outcomes:
        key = outcome.key
        sample = found[key.item, key.model, key.temperature, key.replicate]
        assert sample["metadata"]["temperature_sent"] == outcome.temperature_sent
        if not isinstance(outcome, Completion):
            assert sample["error"]["message"] == f"{outcome.kind}: {outcome.message}"
            continue
        (choice,) = sample["output"]["choices"]
        assert sample["output"]["completion"] == outcome.text
        parts = choice["message"]["content"]
        if outcome.thinking is not None:
            assert [part["type"] for part in parts] == ["reasoning", "text"]
            assert parts[0]["reasoning"] == outcome.thinking
        assert sample["metadata"]["finish_reason"] == outcome.finish_reason
        if outcome.tokens and choice["logprobs"] is None:
            lost["logprobs"] += 1
        elif outcome.tokens:
            assert [t["logprob"] for t in choice["logprobs"]["content"]] == [
                t.logprob for t in outcome.tokens
            ]
            lost["zero"] += sum(value == -math.inf for token in outcome.tokens for _, value in token.top)
    said = "\n".join(done.lost)
    if lost["logprobs"]:
        assert f"{lost['logprobs']:,} answers without their log-probabilities" in said
    if lost["zero"]:
        assert f"{lost['zero']:,} alternatives of tokens whose probability is zero" in said
    assert "samples under another id" in said


def shapes(version: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the shapes of results and of answers at a version."""
    results, answers = (
        json.loads((SHAPES / f"{name}-0.3.0.json").read_text()) for name in ("results", "answers")
    )
    if version == "0.2.2":
        results = copy.deepcopy(results)
        metric = results["properties"]["evaluation_results"]["items"]["properties"]["metric_config"]
        metric["properties"]["min_score"] = metric["properties"]["max_score"] = {"type": "number"}
        dialogue = answers["allOf"][1]["then"]["properties"]
        dialogue["messages"]["minItems"] = 1
        dialogue["evaluation"] = {"required": ["num_turns"]}
    return results, answers


@pytest.mark.parametrize("version", ["0.2.2", "0.3.0"])
def test_every_eval_ever_by_its_schema(store: Store, run: RunRecord, tmp_path: Path, version: str) -> None:
    exported(store, run, tmp_path / "out", "every-eval-ever")
    of_results, of_answers = map(Draft7Validator, shapes(version))
    files = sorted((tmp_path / "out").rglob("*_samples.jsonl"))
    assert files
    rows = 0
    for path in files:
        results = strict(path.with_name(path.name.replace("_samples.jsonl", ".json")).read_bytes())
        assert [error.message for error in of_results.iter_errors(results)] == []
        detail = results["detailed_evaluation_results"]
        assert (tmp_path / "out" / detail["file_path"]) == path
        assert detail["checksum"] == sha256(path.read_bytes()).hexdigest()
        lines = [strict(line) for line in path.read_bytes().splitlines()]
        assert detail["total_rows"] == len(lines)
        known = {each["evaluation_result_id"]: each for each in results["evaluation_results"]}
        assert len(known) == len(results["evaluation_results"])
        scores: dict[str, dict[str, list[float]]] = {}
        for line in lines:
            assert [error.message for error in of_answers.iter_errors(line)] == []
            assert line["evaluation_id"] == results["evaluation_id"]
            result = known[line["evaluation_result_id"]]
            asked = result["generation_config"]["additional_details"]["temperature_requested"]
            assert line["metadata"]["temperature"] == asked
            of = scores.setdefault(line["evaluation_result_id"], {})
            of.setdefault(line["sample_id"], []).append(line["evaluation"]["score"])
        for id_, by_item in scores.items():
            means = [math.fsum(values) / len(values) for values in by_item.values()]
            assert known[id_]["score_details"]["score"] == pytest.approx(math.fsum(means) / len(means))
        rows += len(lines)
    valued = [s for s in store.scores(run.id) if s.value is not None and s.replicate is not None]
    assert rows == len(valued)


def test_what_has_no_place_in_every_eval_ever_is_counted(store: Store, tmp_path: Path) -> None:
    run = add_odd_run(store)
    done = exported(store, run, tmp_path / "out", "every-eval-ever")
    missing = sum(score.value is None for score in store.scores(run.id))
    logprobs = sum(bool(each.tokens) for each in store.completions(run.id, tokens=True))
    assert set(done.lost) == {
        f"{run.failures} failures (a row there has a score)",
        f"{missing} answers without any score (a row there has one)",
        f"{missing} missing scores and why they are missing",
        f"{logprobs} answers' token log-probabilities, where they have some",
    }


def test_a_data_set_names_its_tables_and_is_read_back(store: Store, run: RunRecord, tmp_path: Path) -> None:
    done = exported(store, run, tmp_path / "set", "huggingface")
    assert done.lost == ()
    _, front, body = (tmp_path / "set" / "README.md").read_text("utf-8").split("---\n", 2)
    configs = {each["config_name"]: each["data_files"] for each in yaml.safe_load(front)["configs"]}
    assert [*configs] == ["answers", "scores", "tokens"]
    rows = {
        name: pyarrow.parquet.read_table(tmp_path / "set" / path).num_rows for name, path in configs.items()
    }
    tokens = sum(len(each.tokens) for each in store.completions(run.id, tokens=True))
    assert rows == {
        "answers": run.completions + run.failures,
        "scores": len(store.scores(run.id)),
        "tokens": tokens,
    }
    assert all(len(line.split("|")) in (1, 5, 8) for line in body.splitlines())
    back = import_table(store, tmp_path / "set" / configs["answers"], name="back").run
    assert (back.completions, back.failures) == (run.completions, run.failures)


@pytest.mark.parametrize("form", FOLDERS)
def test_a_folder_is_written_whole_or_not_at_all_and_never_over_another(
    store: Store, tmp_path: Path, form: str
) -> None:
    run = add_full_run(store)
    place = tmp_path / "new" / "out"

    def stop(done: int, of: int) -> None:
        if done > of // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_folder(store, [run], place, format=form, about=lambda _: None, on_progress=stop)
    assert list(place.parent.iterdir()) == []
    place.mkdir()
    exported(store, run, place, form)
    before = sorted(place.rglob("*"))
    with pytest.raises(UsageError, match=r"is there already: .* new folder; name another one with -o"):
        exported(store, run, place, form)
    assert sorted(place.rglob("*")) == before
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in before if path.is_file())
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="choose another folder with -o"):
        exported(store, run, tmp_path / "file" / "x", form)
