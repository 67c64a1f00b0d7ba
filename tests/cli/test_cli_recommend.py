"""`tempkit import`, `recommend`, `trends`, `measure` and `topup` as a user types them."""

import csv
import html
import json
from pathlib import Path

import numpy as np
import pytest
from support import Cli

CLIFF = {1.0: 0.569, 1.3: 0.514, 1.5: 0.310, 1.6: 0.055}
"""GPT-3.5 on multiple-choice problems, as read from Renze & Guven 2024 (arXiv 2402.05201)."""


@pytest.fixture
def exam(tmp_path: Path) -> None:
    """100 problems that differ in difficulty, 10 answers each, with the published accuracies."""
    rng = np.random.default_rng(3)
    with (tmp_path / "exam.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["item", "model", "temperature", "replicate", "accuracy"])
        for item in range(100):
            ease = rng.uniform(-1, 1)
            for temperature, mean in CLIFF.items():
                chance = mean + 0.9 * min(mean, 1 - mean) * ease
                for replicate, right in enumerate(rng.random(10) < chance):
                    table.writerow([f"q{item}", "gpt-3.5", temperature, replicate, int(right)])


def test_published_accuracies_give_the_cliff(cli: Cli, exam: None) -> None:
    assert "4,000 of accuracy as run exam" in cli("import", "exam.csv").out
    shown = cli("recommend", "exam", "--measure", "accuracy", "--margin", "0.1")
    assert shown.code == 0
    assert "accuracy on gpt-3.5: temperature 1 (recommended)" in shown.out
    (found,) = json.loads(cli("recommend", "exam", "--measure", "accuracy", "--margin", "0.1", "--json").out)
    assert {
        key: found[key] for key in ("use_case", "model", "status", "temperature", "acceptable", "cliff")
    } == {
        "use_case": "accuracy",
        "model": "gpt-3.5",
        "status": "recommended",
        "temperature": 1.0,
        "acceptable": [1.0, 1.3],
        "cliff": None,
    }
    assert found["p_best"] > 0.9
    assert [level["place"] for level in found["levels"]][2:] == ["excluded", "excluded"]


def test_what_is_missing_is_said_in_one_line(cli: Cli, exam: None) -> None:
    cli("import", "exam.csv")
    for arguments, said in (
        (["recommend"], "no use case is known for imported"),
        (["recommend", "--measure", "accuracy"], "--measure and --margin belong together"),
        (["recommend", "--direction", "lower"], "--direction goes with --measure"),
        (["recommend", "--use-case", "chat"], "no use case 'chat' (did you mean 'chatbot'?)"),
        (["measure", "--reference", "openai:x"], "openai:x cannot score given texts"),
    ):
        done = cli(*arguments)
        assert done.code == 2
        assert said in done.err
        assert done.err.count("\n") == 1


def test_a_measure_without_values_is_undecided_not_an_error(cli: Cli, exam: None) -> None:
    cli("import", "exam.csv")
    done = cli("recommend", "--measure", "chrF", "--margin", "1")
    assert done.code == 0
    assert "undecided" in done.out
    assert "no temperature with enough values of chrF" in done.out


def test_an_imported_run_cannot_be_resumed(cli: Cli, exam: None) -> None:
    cli("import", "exam.csv")
    for command in (
        ("run", "--resume", "exam"),
        ("topup", "exam", "--measure", "accuracy", "--margin", "0.001", "-n", "5"),
    ):
        done = cli(*command)
        assert done.code == 2
        assert "run exam was imported, so no model can go on with it" in done.err


def test_trends_of_what_was_imported(cli: Cli, exam: None) -> None:
    cli("import", "exam.csv")
    (found,) = json.loads(cli("trends", "--json").out)
    assert found["measure"] == "accuracy"
    assert found["trend"]["slope"] < -0.5
    assert found["adjusted_p"] < 1e-6
    assert "accuracy" in cli("trends").out


def test_a_temperature_by_entropy_alone_is_shown_beside_the_answer(cli: Cli, tmp_path: Path) -> None:
    """The scripted model keeps what each token was drawn from, as local models do."""
    (tmp_path / "rows.yaml").write_text("\n".join(f"- {{id: q{i}, n: {i}}}" for i in range(6)))
    (tmp_path / "facts.prompty").write_text(
        "---\nname: facts\nmetadata:\n  tempkit:\n    use_case: technical-documentation\n    data: rows.yaml\n"
        "---\nuser:\nTell me of {{ n }}.\n"
    )
    run = ["run", "facts.prompty", "-m", "scripted:words", "-n", "2", "--name", "many"]
    assert cli(*run, "-t", "0:1.4:0.2").code == 0
    (found,) = json.loads(cli("recommend", "many", "--json").out)
    turn = found["turn"]
    assert turn["status"] in ("found", "none")
    assert turn["temperature"] in (0.4, 0.6, 0.8, 1.0, 1.2)
    assert (turn["items"], turn["left_out"]) == (6, [0.0])
    assert [at["temperature"] for at in turn["entropies"]] == [0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4]
    assert all(at["least"] == at["most"] for at in turn["entropies"])
    assert [at["least"] for at in turn["entropies"]] == sorted(at["least"] for at in turn["entropies"])
    shown = cli("recommend", "many").out
    for sentence in found["turn_says"]:
        assert sentence in shown
    assert "no information on the quality" in shown
    page = cli("report", "many", "-o", "page.html")
    assert page.code == 0
    assert found["turn_says"][0] in html.unescape((tmp_path / "page.html").read_text())

    assert cli(*run[:-1], "few", "-t", "0,0.5,1").code == 0
    assert "needs at least 5 temperatures above 0" in cli("recommend", "few").out
