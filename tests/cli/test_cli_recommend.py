"""`tempkit import`, `recommend`, `report`, `trends` and `topup` as a user types them."""

import csv
import html
import json
from pathlib import Path
from typing import Any

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


ACCURACY = ("--measure", "accuracy", "--margin", "0.1")


def decisions(cli: Cli, *args: str) -> list[dict[str, Any]]:
    done = cli("recommend", *args, "--json")
    assert done.code == 0, done.err
    found: list[dict[str, Any]] = json.loads(done.out)["decisions"]
    return found


def test_published_accuracies_give_a_temperature_and_what_it_could_cost(cli: Cli, exam: None) -> None:
    imported = cli("import", "exam.csv").out
    assert "4,000 of accuracy as run exam" in imported
    assert "Decide: tempkit recommend exam --measure accuracy --margin X\n" in imported
    shown = cli("recommend", "exam", *ACCURACY)
    assert shown.code == 0
    assert "accuracy, imported on gpt-3.5\nUse 1   ●●● shown\n" in shown.out
    (found,) = decisions(cli, "exam", *ACCURACY)
    assert {
        key: found[key] for key in ("use_case", "model", "grade", "pick", "effect", "cliff", "looks", "scope")
    } == {
        "use_case": "accuracy",
        "model": "gpt-3.5",
        "grade": "shown",
        "pick": 1.0,
        "effect": "matters",
        "cliff": None,
        "looks": 1,
        "scope": "items_like_these",
    }
    assert found["regret_upper"] <= 0.1
    assert [row["place"] for row in found["temperatures"]][2:] == ["excluded", "excluded"]


def test_a_report_of_an_imported_run_decides_by_the_measure_named(
    cli: Cli, exam: None, tmp_path: Path
) -> None:
    cli("import", "exam.csv")
    done = cli("report", "exam", *ACCURACY, "-o", "page.html")
    assert (done.code, done.err) == (0, "")
    assert "Use 1" in html.unescape((tmp_path / "page.html").read_text())


def test_imported_scores_are_decided_by_their_name_and_say_so_without_one(cli: Cli, exam: None) -> None:
    cli("import", "exam.csv")
    hint = "It has scores of accuracy. Decide by them: tempkit recommend exam --measure accuracy --margin X\n"
    assert cli("recommend", "exam").out == hint
    shown = cli("show", "exam").out
    assert shown.endswith(f"finished: imported scores, without answers\n{hint}")
    assert " imported " in cli("runs").out
    reported = cli("report", "exam")
    assert (reported.code, reported.err) == (0, f"note: exam: {hint}".replace("recommend", "report"))
    assert cli("recommend", "exam", "--require", "likely").code == 5
    cli("import", "exam.csv", "--db", "other.db", "--name", "my exam")
    assert (
        "tempkit recommend 'my exam' --db other.db --measure accuracy" in cli("show", "--db", "other.db").out
    )


def test_scope_and_policy_and_direction_are_obeyed(cli: Cli, exam: None) -> None:
    cli("import", "exam.csv")
    (these,) = decisions(cli, "exam", *ACCURACY, "--scope", "these-items")
    (like,) = decisions(cli, "exam", *ACCURACY, "--scope", "items-like-these")
    assert (these["scope"], like["scope"]) == ("these_items", "items_like_these")
    assert these["scopes"] == like["scopes"]
    assert these["regret_upper"] == these["scopes"]["these_items"]["regret_upper"]
    (best,) = decisions(cli, "exam", *ACCURACY, "--policy", "best-of:5")
    assert best["policy"] == "best-of:5"
    assert best["temperatures"][0]["mean"] > like["temperatures"][0]["mean"]
    (worst,) = decisions(cli, "exam", *ACCURACY, "--direction", "lower")
    assert worst["pick"] == 1.6


@pytest.fixture
def alike(tmp_path: Path) -> None:
    """12 problems that are as easy at every temperature."""
    rng = np.random.default_rng(5)
    rows = [f"q{i},m,{t},{r},{rng.integers(2)}" for i in range(12) for t in (0, 0.5, 1) for r in range(4)]
    (tmp_path / "alike.csv").write_text("\n".join(["item,model,temperature,replicate,accuracy", *rows]))


@pytest.mark.parametrize(
    ("margin", "require", "code"),
    [
        ("0.6", "shown", 0),
        ("0.6", "likely", 0),
        ("0.01", "shown", 4),
        ("0.01", "likely", 4),
        ("0.01", None, 0),
    ],
)
def test_a_script_can_require_a_grade(
    cli: Cli, alike: None, margin: str, require: str | None, code: int
) -> None:
    cli("import", "alike.csv")
    asked = ["recommend", "--measure", "accuracy", "--margin", margin]
    done = cli(*asked, *(("--require", require) if require else ()))
    assert (done.code, done.err) == (code, "")
    assert done.out == cli(*asked).out
    assert json.loads(cli(*asked, "--require", "shown", "--json").out)["decisions"][0]["pick"] is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--measure", "accuracy"], "--measure needs --margin"),
        (["--direction", "lower"], "--direction goes with --measure"),
        (["--use-case", "chat"], "no use case 'chat' (did you mean 'chatbot'?); known: brainstorming, "),
        (["--use-case", "none.toml"], "none.toml: the use case cannot be read: No such file or directory"),
        (["--measure", "accurcy", "--margin", "1"], "the run has no measure 'accurcy' (did you mean 'accuracy'?); it has: accuracy"),
        (["--measure", "novlty", "--margin", "1"], "the run has no measure 'novlty' (did you mean 'novelty'?); it has: accuracy"),
        (["--measure", "\x1b[2J", "--margin", "1"], "the run has no measure '[2J'; it has: accuracy"),
        (["--measure", "fact_recall", "--margin", "0.1"], "the run has no measure 'fact_recall' (Facts found"),
        (["--measure", "accuracy", "--margin", "5"], "a margin of 5 is beyond what accuracy can differ by, from 0 to 1: a margin of 5 points is 0.05"),
        (["--measure", "accuracy", "--margin", "1"], "from 0 to 1: a margin of 1 points is 0.01"),
        (["--measure", "accuracy", "--margin", "500"], "a margin of 500 is beyond what accuracy can differ by, from 0 to 1\n"),
        (["--measure", "accuracy", "--margin", "0"], "a margin must be above 0, not 0"),
        (["--measure", "accuracy", "--margin", "nan"], "a margin must be above 0, not nan"),
        (["--measure", "mean_entropy", "--margin", "0.1"], "mean_entropy is neither better high nor better low by itself: say which you want"),
        (["--policy", "majority"], "--policy 'majority' does not say how answers are used: single, best-of:K"),
        ([*ACCURACY, "--policy", "best-of:11"], "--policy best-of:11 needs at least 11 answers to a question at each temperature; the run has 10"),
        (["--scope", "mine"], "'mine' is not one of 'items-like-these', 'these-items'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["recommend", "report"])
def test_what_cannot_be_asked_is_said_in_one_line(
    cli: Cli, exam: None, tmp_path: Path, command: str, arguments: list[str], said: str
) -> None:
    cli("import", "exam.csv")
    done = cli(command, "exam", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err
    assert not (tmp_path / "reports").exists()


def test_a_grade_that_there_is_not_cannot_be_required(cli: Cli) -> None:
    done = cli("recommend", "--require", "certain")
    assert (done.code, done.out) == (2, "")
    assert "'certain' is not one of 'shown', 'likely'" in done.err


def test_a_policy_that_a_measure_cannot_have_is_refused(cli: Cli, exam: None, tmp_path: Path) -> None:
    rows = [
        {
            "item": f"q{i}",
            "model": "m",
            "temperature": t,
            "replicate": r,
            "rating": (i + r) % 5,
            "text": f"{i} {r} a b",
        }
        for i in range(6)
        for t in (0, 1)
        for r in range(3)
    ]
    (tmp_path / "rated.jsonl").write_text("\n".join(map(json.dumps, rows)))
    cli("import", "rated.jsonl")
    for measure, more, said in (
        (
            "rating",
            (),
            "--policy majority:3 cannot be asked of rating: majority:3 needs values that are all 0 or 1",
        ),
        (
            "vendi",
            ("--direction", "higher"),
            "vendi is one value for all answers to a question, so majority:3 cannot be asked of it",
        ),
    ):
        done = cli(
            "recommend", "rated", "--measure", measure, "--margin", "0.5", *more, "--policy", "majority:3"
        )
        assert (done.code, done.out) == (2, "")
        assert said in done.err
        assert done.err.count("\n") == 1


def test_a_reference_model_has_to_be_able_to_score(cli: Cli, exam: None) -> None:
    cli("import", "exam.csv")
    done = cli("measure", "--reference", "openai:x")
    assert (done.code, done.err) == (2, "error: openai:x cannot score given texts; name a gguf: model\n")


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
    (found,) = json.loads(cli("trends", "--json").out)["trends"]
    assert found["measure"] == "accuracy"
    assert found["trend"]["slope"] < -0.5
    assert found["adjusted_p"] < 1e-6
    assert "accuracy" in cli("trends").out


def test_a_temperature_by_entropy_alone_is_among_the_numbers(cli: Cli, tmp_path: Path) -> None:
    """The scripted model keeps what each token was drawn from, as local models do."""
    (tmp_path / "rows.yaml").write_text("\n".join(f"- {{id: q{i}, n: {i}}}" for i in range(6)))
    (tmp_path / "facts.prompty").write_text(
        "---\nname: facts\nmetadata:\n  tempkit:\n    use_case: technical-documentation\n    data: rows.yaml\n"
        "---\nuser:\nTell me of {{ n }}.\n"
    )
    run = ["run", "facts.prompty", "-m", "scripted:words", "-n", "2", "--name", "many"]
    assert cli(*run, "-t", "0:1.4:0.2").code == 0
    (found,) = json.loads(cli("recommend", "many", "--json").out)["decisions"]
    turn = found["turn"]
    assert turn["status"] in ("found", "none")
    assert turn["temperature"] in (0.4, 0.6, 0.8, 1.0, 1.2)
    assert (turn["items"], turn["left_out"]) == (6, [0.0])
    assert [at["temperature"] for at in turn["entropies"]] == [0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4]
    assert all(at["least"] == at["most"] for at in turn["entropies"])
    assert [at["least"] for at in turn["entropies"]] == sorted(at["least"] for at in turn["entropies"])
