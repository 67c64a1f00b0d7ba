"""`tempkit exact` on the bundled model: bounds beside samples, kept with the run, and in one line what it cannot do."""

import json
from pathlib import Path

import pytest
from support import Cli

from tempkit.models import ContinuationModel

CLOSED = "What is the colour of snow? Answer with one word."


def questions(folder: Path, *rows: dict[str, str]) -> None:
    lines = [json.dumps(row) for row in rows]
    (folder / "colours.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "colours.prompty").write_text(
        "---\nname: colours\nmodel: {options: {maxOutputTokens: 4}}\ninputs: [{name: question, kind: string}]\n"
        "metadata: {tempkit: {data: colours.jsonl}}\n---\nuser:\n{{ question }}\n",
        encoding="utf-8",
    )


@pytest.mark.engine
@pytest.mark.one_core
def test_bounds_are_computed_once_and_shown_with_the_samples(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = {"id": "snow", "question": CLOSED, "checks": [{"type": "regex", "value": r"^(?i)white\.?$"}]}
    open_ = {"id": "grass", "question": "Name a colour.", "checks": [{"type": "contains", "value": "e"}]}
    bare = {"id": "sky", "question": "What is up?"}
    questions(tmp_path, closed, open_, bare)
    done = cli("run", "colours.prompty", "-m", "gguf:smollm2", "-t", "0,1", "-n", "2", "--logprobs", "0")
    assert done.code == 0, done.err
    first = cli("exact", "--within", "0.05", "--passes", "16")
    assert first.code == 0, first.err
    assert "Accepted answers of gguf:smollm2, mean over 1 question" in first.out
    assert "for 25 temperatures." in first.out
    assert (
        "warning: not computed: colours/grass: its checks accept more answers than can be gone through (--all tries all the same)"
        in first.err
    )
    assert "warning: not computed: colours/sky: it has neither checks nor facts" in first.err

    def refused(*_: object) -> None:
        raise AssertionError("a model is loaded")

    with monkeypatch.context() as patch:
        patch.setattr(ContinuationModel, "__enter__", refused)
        again = json.loads(cli("exact", "--within", "0.05", "--passes", "16", "--json").out)
    assert again["computed"] == 0
    (found,) = again["exact"]
    assert (found["item"], found["model"], found["closed"]) == ("colours/snow", "gguf:smollm2", True)
    assert len(found["temperatures"]) == len(found["lower"]) == len(found["upper"]) == 25
    assert all(0 <= low <= high <= 1 for low, high in zip(found["lower"], found["upper"], strict=True))
    assert found["passes"] <= 16 < found["tokens"]
    assert [each["of"] for each in found["samples"]] == [2, 2]
    # At 0 both samples are the most probable answer, and that is accepted or not for sure.
    assert found["samples"][0]["accepted"] / 2 == pytest.approx(found["lower"][0], abs=1e-6)
    assert "Accepted answers, exactly" in _page(cli, tmp_path)


def _page(cli: Cli, folder: Path) -> str:
    assert cli("report", "-o", "r.html").code == 0
    return (folder / "r.html").read_text(encoding="utf-8")


def test_a_model_that_gives_no_whole_distributions_is_named(cli: Cli) -> None:
    assert (
        cli("run", "Say a word.", "-m", "scripted:words", "-t", "0,1", "-n", "1", "--max-tokens", "4").code
        == 0
    )
    done = cli("exact")
    assert done.code == 0
    assert done.out == "There is nothing to compute in this run.\n"
    assert done.err == (
        "warning: not computed: scripted:words: it does not give the probabilities of all its tokens; local models do\n"
    )


@pytest.mark.parametrize(
    ("args", "code", "line"),
    [
        (("--within", "1"), 2, "error: bounds can be between 0 and 1 apart, not 1: e.g. 0.01\n"),
        (("--within", "0"), 2, "error: bounds can be between 0 and 1 apart, not 0: e.g. 0.01\n"),
        (("--within", "nan"), 2, "error: bounds can be between 0 and 1 apart, not nan: e.g. 0.01\n"),
        (("--passes", "0"), 2, "error: Invalid value for '--passes'"),
        (("nowhere",), 1, "error: no run 'nowhere'"),
    ],
)
def test_bad_input_is_one_line(cli: Cli, args: tuple[str, ...], code: int, line: str) -> None:
    assert cli("run", "Say a word.", "-m", "scripted:words", "-t", "0", "-n", "1").code == 0
    done = cli("exact", *args)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(line)
    assert done.err.count("\n") == 1


def test_truncating_settings_are_named(cli: Cli, tmp_path: Path) -> None:
    closed = {"id": "snow", "question": CLOSED, "checks": [{"type": "equals", "value": "White"}]}
    questions(tmp_path, closed)
    import tempkit.exact.service as service
    from tempkit.types import SamplingParams

    assert service._shaped(SamplingParams()) is None
    assert service._shaped(SamplingParams(top_p=0.9, top_k=5)) == "its answers are drawn with top_p=0.9"
