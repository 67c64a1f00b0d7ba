"""What local model files recommend, sampled with and told apart: the bundled model's file with other metadata, three times."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from planted import planted
from support import Cli

from tempkit.api import opened, run
from tempkit.backends.gguf.engine import Engine
from tempkit.planning import Experiment, parse_model
from tempkit.prompts import kept_decision

pytestmark = [pytest.mark.one_core, pytest.mark.engine]

RECOMMENDED = {
    "bad.gguf": {"general.sampling.temp": 2.0, "general.sampling.top_k": 0},
    "cool.gguf": {
        "general.sampling.temp": 0.2,
        "general.sampling.top_p": 0.95,
        "general.sampling.penalty_repeat": 1.1,
    },
    "mild.gguf": {"general.sampling.temp": 0.5, "general.sampling.min_p": 0.1, "general.sampling.top_k": 40},
}
SHORT = ("--max-tokens", "6", "-n", "2")


@pytest.fixture
def questions(tmp_path: Path) -> str:
    words = ("apple", "bread", "chair", "dog", "egg", "fish")
    (tmp_path / "say.csv").write_text("question\n" + "".join(f"Say the word {word}.\n" for word in words))
    return "say.csv"


@pytest.mark.slow
def test_a_bad_recommendation_is_told_from_the_models_own_temperature_and_sane_ones_are_not(
    cli: Cli, tmp_path: Path, questions: str
) -> None:
    names = list(RECOMMENDED)
    for name, values in RECOMMENDED.items():
        planted(tmp_path / name, values)
    models = [part for name in names for part in ("-m", f"gguf:{name}")]
    done = cli(
        "choose", questions, *models, "-t", "0.2", *SHORT, "--arm", "recommended", "--no-report",
        "--measure", "mean_logprob", "--direction", "higher", "--margin", "0.5",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert (
        "warning: gguf:cool.gguf recommends penalty_repeat=1.1 too (general.sampling.* in cool.gguf)"
        in done.err
    )

    said = done.out.splitlines()
    bad = "gguf:bad.gguf as recommended (2, top_k=0)"
    (better,) = (line for line in said if " is better than " in line and " not settled" not in line)
    assert better.partition(" is better than ")[2].startswith(bad)
    for name, settings in (("cool", "0.2, top_p=0.95"), ("mild", "0.5, min_p=0.1, top_k=40")):
        assert f"gguf:{name}.gguf as recommended ({settings})" in done.out
        assert f"gguf:{name}.gguf as recommended" not in better

    found = json.loads(
        cli(
            "recommend", "--json", "--measure", "mean_logprob", "--direction", "higher", "--margin", "0.5"
        ).out
    )["decisions"]
    rivals = {each["model"]: {rival["model"]: rival for rival in each["rivals"]} for each in found}
    for name in names:
        own = rivals[f"gguf:{name}"][f"gguf:{name} @ recommended"]
        assert own["verdict"] == "better" if name == "bad.gguf" else own["verdict"] != "better", name

    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection:
        query = "select distinct m.label, c.params from completion c join model m on m.id = c.model_id"
        sent = {(label, name, value) for label, text in connection.execute(query)
                for name, value in json.loads(text).items() if name in ("temperature", "top_p", "top_k", "min_p")}  # fmt: skip
    assert {(n, v) for label, n, v in sent if label == "gguf:mild.gguf @ recommended"} == {
        ("temperature", 0.5), ("min_p", 0.1), ("top_k", 40), ("top_p", 1.0),
    }  # fmt: skip
    assert {(n, v) for label, n, v in sent if label == "gguf:cool.gguf"} == {
        ("temperature", 0.2), ("min_p", 0.0), ("top_k", 0), ("top_p", 1.0),
    }  # fmt: skip


def test_arms_share_the_loaded_model_with_the_one_that_they_are_of(
    tmp_path: Path, questions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    start = Engine.start

    async def counted() -> Engine:
        engine = await start()
        started.append(engine)
        return engine

    monkeypatch.setattr(Engine, "start", counted)
    experiment = Experiment(
        prompts=(str(tmp_path / questions),), models=(parse_model("gguf:smollm2"),), items=2, repeat=2,
        temperatures=(0.0, 0.7), sampling={"max_tokens": 6}, arms=("recommended", "0.7,top_p=1", "0.7,top_k=1"),
    )  # fmt: skip
    with opened(str(tmp_path / "shared.db"), must_exist=False) as store:
        done = run(experiment, db=store).run
        texts = {each.key: each.text for each in store.completions(done.id, tokens=False)}
    assert (done.completions, done.failures) == (20, 0)
    assert len(started) == 1
    # The same settings draw the same answers, and a single token to choose from is the most probable one.
    for key, text in texts.items():
        if key.model.endswith("@ 0.7,top_p=1"):
            assert text == texts[replace(key, model="gguf:smollm2")]
        if key.model.endswith("@ 0.7,top_k=1"):
            assert text == texts[replace(key, model="gguf:smollm2", temperature=0.0)]


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        (
            "model: {parameters: {temperature: 0.2}}\n",
            "model: {parameters: {top_p: 0.9, temperature: 1}}\n",
        ),
        ("model:\n  options:\n    topP: 0.5\n", "  options:\n    topP: 0.9\n    temperature: 1\n"),
    ],
)
def test_an_arm_is_kept_with_a_prompt_file_whole_and_tested_again(
    cli: Cli, tmp_path: Path, front: str, expected: str
) -> None:
    (tmp_path / "rows.yaml").write_text("\n".join(f"- {{id: i{i}, n: {i}}}" for i in range(6)))
    path = tmp_path / "p.prompty"
    path.write_text(
        f"---\nname: p\n{front}inputs: [{{name: n, kind: integer}}]\n"
        "metadata: {tempkit: {data: rows.yaml}}\n---\nuser:\nSay {{ n }}.\n"
    )
    asked = ("p.prompty", "-m", "gguf:smollm2", "-t", "0.2", "-n", "2", "--max-tokens", "6")
    assert cli("run", *asked, "--arm", "1,top_p=0.9").code == 0
    judged = ("--measure", "mean_logprob", "--direction", "higher", "--margin", "0.1")
    for _ in range(2):  # the second time it replaces itself, and says nothing of a changed prompt
        done = cli("decide", "p", "--model", "gguf:smollm2 @ 1,top_p=0.9", *judged, "--write")
        assert done.code == 0, done.err
        assert "is not as run" not in done.err
        assert expected in path.read_text()
    kept = kept_decision(path)
    assert kept is not None
    assert (kept.temperature, kept.beside, kept.sampling) == (1.0, {"top_p": 0.9}, {"max_tokens": 6})
    assert (kept.model, kept.at_worst) == ("gguf:smollm2", None)

    done = cli("verify", "p.prompty")
    assert done.code in (0, 6), done.err
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection:
        query = "select params from completion c join run r on r.id = c.run_id where r.name like 'verify-%'"
        assert {json.loads(text)["top_p"] for (text,) in connection.execute(query)} == {0.9}

    path.write_text(path.read_text().replace("0.9", "0.8", 1))
    done = cli("verify", "p.prompty")
    assert done.code == 1
    assert "the file says top_p=0.8, but the decision kept in it is 0.9 with the temperature" in done.err
