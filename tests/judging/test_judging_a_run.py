"""A whole judging against a server that answers by a rule: what it is shown, what becomes of its answers, what is stored."""

import json
from pathlib import Path

import pytest
from judging_samples import MODEL, TEMPERATURES, a_plan, a_run
from servers.judging import JudgeServer, Rule, is_upwards, parts
from support import Cli

from tempkit.analysis import load_tables
from tempkit.store import Store


@pytest.fixture(autouse=True)
def _key(cli_env: dict[str, str]) -> None:
    cli_env["OPENAI_API_KEY"] = "sk-test"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "tempkit.db"
    with Store.open(path) as store:
        a_run(store, a_plan())
    return path


def grade_by_length(question: str) -> str:
    grade = min(5, max(1, round(len(parts(question)["answer"].split()) / 3)))
    return f"It has some words.\n{grade if is_upwards(question) else 6 - grade}"


def prefer_the_longer(question: str) -> str:
    shown = parts(question)
    a, b = len(shown["answer A"]), len(shown["answer B"])
    return "TIE" if a == b else "A" if a > b else "B"


def always_a(_question: str) -> str:
    return "A"


def judged(cli: Cli, server: JudgeServer, *options: str, code: int = 0) -> dict[str, object]:
    done = cli("judge", "-m", server.model, "--json", *options)
    assert done.code == code, done.err
    found: dict[str, object] = json.loads(done.out)
    return found


def test_a_judge_that_goes_by_the_texts_recovers_their_order(cli: Cli, db: Path) -> None:
    with JudgeServer(prefer_the_longer) as server:
        found = judged(cli, server, "--pairs", "9")
    assert found["consistency"]["verdict"] == "reliable"
    assert found["consistency"]["kappa"]["value"] == 1
    assert found["consistency"]["alike"] == found["consistency"]["compared"]
    (section,) = found["sections"]
    strengths = [level["strength"] for level in section["levels"]]
    assert strengths == sorted(strengths, reverse=True)
    done = cli("recommend", "--measure", "preference", "--margin", "0.1", "--json")
    (advice,) = json.loads(done.out)["decisions"]
    means = [level["mean"] for level in advice["temperatures"]]
    assert means == sorted(means, reverse=True)
    assert (advice["measure"], advice["temperatures"][2]["place"]) == ("preference", "excluded")


def test_grades_become_scores_that_measuring_anew_leaves_alone(cli: Cli, db: Path) -> None:
    with JudgeServer(grade_by_length) as server:
        found = judged(cli, server)
        asked = 2 * 8 * len(TEMPERATURES) * 2
        assert len(server.questions) == found["questions"] == asked + asked // 8
        assert len(set(server.questions)) == asked  # an eighth of them twice, in the same words
        assert found["asked_again"] == found["consistency"]["again"] == asked // 8
        assert found["consistency"]["changed"] == 0
    assert found["consistency"]["equal"] == found["consistency"]["compared"]
    assert cli("measure", "--anew", "--reference", "none").code == 0
    with Store.open(db) as store:
        table = load_tables(store, store.find_run("latest"))[0].table("rubric")
    assert table is not None
    assert table.version.startswith("judged 1 openai:judge at http://127.0.0.1")
    means = table.values.array.mean(axis=(0, 2))
    assert means[0] > means[1] > means[2]


def test_the_judge_is_blind(cli: Cli, db: Path) -> None:
    def either(question: str) -> str:
        return prefer_the_longer(question) if "answer A" in parts(question) else grade_by_length(question)

    with JudgeServer(either) as server:
        judged(cli, server, "--pairs", "4")
        judged(cli, server)
        assert {body["temperature"] for body in server.bodies} == {0}
        sent = json.dumps([body["messages"] for body in server.bodies])
    for hidden in (MODEL, "secret-row", "0.45", "1.35", "987654321", "replicate", "temperature"):
        assert hidden not in sent


def test_both_orders_are_asked_and_a_judge_of_places_decides_nothing(cli: Cli, db: Path) -> None:
    with JudgeServer(always_a) as server:
        found = judged(cli, server, "--pairs", "6", code=4)
        first = [parts(question) for question in server.questions]
    swapped = {(p["answer B"], p["answer A"]) for p in first}
    assert swapped == {(p["answer A"], p["answer B"]) for p in first}
    assert (found["consistency"]["verdict"], found["consistency"]["first"]) == ("unreliable", 1.0)
    assert found["consistency"]["kappa"]["value"] == -1
    assert "kappa -1.00" in found["consistency"]["warnings"][0]
    assert "so it goes by the order" in found["consistency"]["warnings"][0]
    assert found["consistency"]["warnings"]
    assert found["scores"] == 0
    (advice,) = json.loads(cli("recommend", "--measure", "preference", "--margin", "0.1", "--json").out)[
        "decisions"
    ]
    assert (advice["pick"], advice["grade"], advice["measure"]) == (None, "none", None)


@pytest.mark.parametrize("rule", [lambda _: "As a language model I like both.", lambda _: "", lambda _: "7"])
def test_an_answer_that_cannot_be_read_is_missing_and_no_default(cli: Cli, db: Path, rule: Rule) -> None:
    with JudgeServer(rule) as server:
        found = judged(cli, server, code=4)
    assert sum(found["unreadable"].values()) == found["questions"]
    assert found["scores"] == 0
    assert {level["share"] for level in found["sections"][0]["levels"]} == {None}


def test_what_was_answered_is_not_asked_again(cli: Cli, db: Path) -> None:
    with JudgeServer(grade_by_length) as server:
        server.fail_from = 20
        broken = judged(cli, server, "-j", "1", code=3)
        assert sum(broken["failed"].values()) > 0
        before = broken["answered_now"]
        assert 0 < before <= 19
        server.bodies.clear()
        server.fail_from = None
        whole = judged(cli, server)
        assert (whole["answered_before"], whole["answered_now"]) == (before, whole["questions"] - before)
        assert len(server.bodies) == whole["questions"] - before
        server.bodies.clear()
        again = judged(cli, server)
        assert (again["answered_now"], server.bodies) == (0, [])
    assert again["sections"] == whole["sections"]


def test_a_dry_run_asks_nothing(cli: Cli, db: Path) -> None:
    with JudgeServer(always_a) as server:
        outline = judged(cli, server, "--pairs", "2", "--dry-run")["plan"]
        assert server.bodies == []
    assert (outline["questions"], outline["asked_again"]) == (2 * 2 * 8 + 4, 4)
    assert outline["setting"] == {"temperature": 0.0, "why": ""}
    assert outline["left"]["tokens"][0] > 0


def test_mistakes_are_said_in_one_line(cli: Cli, tmp_path: Path) -> None:
    with Store.open(tmp_path / "tempkit.db") as store:
        a_run(store, a_plan(rubric=None))
    for options, said in (
        (["-m", "scripted:words"], "no item of the run has an llm-rubric check"),
        (["-m", "scripted:words", "--rubric", " "], "--rubric is empty"),
        (["-m", "scripted:words", "--pairs", "1", "--use-case", "chat"], "the run has no use case 'chat'"),
        (["-m", "openai:gpt-5", "--pairs", "1", "-t", "0.5"], "gpt-5 takes no temperature but 1"),
        (["-m", "scripted:words", "--pairs", "1", "-t", "-1"], "-1"),
        (
            ["-m", "scripted:words", "--pairs", "1", "--min-kappa", "1"],
            "--min-kappa must be above 0 and below 1",
        ),
    ):
        done = cli("judge", *options)
        assert done.code in (1, 2)
        assert said in done.err
        assert done.err.count("\n") == 1


@pytest.mark.engine
@pytest.mark.one_core
@pytest.mark.slow
def test_the_bundled_model_as_a_judge_shows_what_it_is_worth(cli: Cli, tmp_path: Path) -> None:
    """135 million parameters do not make a judge; the point is that nobody is led to believe so."""
    with Store.open(tmp_path / "tempkit.db") as store:
        a_run(store, a_plan(items=3, repeat=1))
    done = cli("judge", "-m", "gguf:smollm2", "--pairs", "2", "--max-tokens", "20", "--json")
    assert done.code == 4, done.err
    found = json.loads(done.out)
    assert found["consistency"]["verdict"] != "reliable"
    assert found["consistency"]["warnings"]
    assert found["scores"] == 0
