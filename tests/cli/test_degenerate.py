"""Runs that no statistics was made for: each gets measured and a status, and no number that nothing stands behind."""

import json
import math
from dataclasses import asdict
from pathlib import Path

import pytest
from support import Cli

from tempkit.analysis import load_tables
from tempkit.analysis.trends import measure_trends
from tempkit.decision import decide_run, use_case
from tempkit.decision.prose import words
from tempkit.interchange.imports.import_run import import_table
from tempkit.measures import Resources, WordLlamaEmbedder
from tempkit.measures.service import measure_run
from tempkit.store import Store

GRID = (0, 0.7, 1.4)


def rows(text_of, items: int = 3, replicates: int = 3) -> list[dict[str, object]]:
    return [
        {"item": f"i{item}", "model": "m", "temperature": t, "replicate": r, "text": text_of(item, t, r)}
        for item in range(items)
        for t in GRID
        for r in range(replicates)
    ]


CASES = {
    "one item": rows(lambda i, t, r: f"Answer {t} {r}. And more.", items=1),
    "one replicate": rows(lambda i, t, r: f"Answer {i} {t}.", replicates=1),
    "one sample": [{"item": "i", "model": "m", "temperature": 0, "text": "One."}],
    "all identical": rows(lambda i, t, r: "The same thing. Again.", items=6),
    "empty texts": rows(lambda i, t, r: "", items=6),
    "white space": rows(lambda i, t, r: " \n\t\u200b", items=6),
    "emoji": rows(lambda i, t, r: "🌡️👩‍👩‍👧‍👦" * (1 + r), items=6),
    "right to left": rows(lambda i, t, r: "درجة الحرارة مهمة. نعم! " * (r + 1) + "\u202e", items=6),
    "long": rows(lambda i, t, r: f"word{r} and some more {t} " * 5_000, items=1, replicates=2),
    "one long word": rows(lambda i, t, r: "a" * 100_000, items=1, replicates=2),
    "control characters": rows(lambda i, t, r: "\x1b[31mred\x07 \x0b <script>alert(1)</script>", items=2),
}


def numbers(value: object) -> list[float]:
    if isinstance(value, dict):
        return [n for inner in value.values() for n in numbers(inner)]
    if isinstance(value, (list, tuple)):
        return [n for inner in value for n in numbers(inner)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("case", CASES)
def test_texts(tmp_path: Path, case: str) -> None:
    (tmp_path / "t.jsonl").write_text("\n".join(json.dumps(row) for row in CASES[case]))
    with Store.open(tmp_path / "tempkit.db") as store:
        run = import_table(store, tmp_path / "t.jsonl").run
        measure_run(store, run, Resources(embedder=WordLlamaEmbedder()))
        sections = load_tables(store, run)
    for name in ("creative-writing", "brainstorming", "technical-documentation"):
        (found,) = decide_run(sections, use_case(name))
        assert found.grade != "shown"  # a handful of answers shows nothing
        said = words(found, "t")
        assert said.verdict
        assert said.marks != "●●●"
        assert all(math.isfinite(n) for n in numbers(asdict(found)))
    for each in measure_trends(sections):
        assert all(math.isfinite(n) for n in numbers(asdict(each)))


def test_what_is_printed_holds_no_control_characters(cli: Cli, tmp_path: Path) -> None:
    hostile = "\x1b[31mred\x07"
    table = [
        {**row, "model": hostile, "item": f"{hostile}{row['item']}"} for row in CASES["control characters"]
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(json.dumps(row) for row in table))
    assert cli("import", "t.jsonl", "--name", hostile).code == 0
    for command in (["trends"], ["recommend", "--use-case", "chatbot"], ["measure"], ["show"]):
        done = cli(*command)
        assert done.code == 0
        assert not {"\x1b", "\x07"} & {*done.out, *done.err}


def test_a_run_whose_every_sample_failed(cli: Cli, tmp_path: Path) -> None:
    done = cli("run", "Say a word.", "-m", "scripted:words,fail_every=1", "-t", "0,1", "-n", "2")
    assert done.code == 3
    found = json.loads(cli("recommend", "--use-case", "creative-writing", "--json").out)["decisions"]
    (decided,) = found
    assert (decided["pick"], decided["grade"], decided["effect"]) == (None, "none", "unknown")
    assert decided["notes"][0]["code"] == "no_values"
    assert decided["start"] == 0.7
    assert cli("trends").code == 0


def test_a_run_whose_every_answer_was_cut_off(cli: Cli, tmp_path: Path) -> None:
    prompt = Path(__file__).parents[2] / "prompts" / "technical-documentation.prompty"
    assert (
        cli("run", str(prompt), "-m", "scripted:words", "--max-tokens", "1", "--items", "6", "-t", "0,1").code
        == 0
    )
    (found,) = json.loads(cli("recommend", "--json").out)["decisions"]
    assert (found["pick"], found["grade"]) == (None, "none")
    assert found["notes"][0]["reasons"]["fact_recall"] == "truncated at max_tokens"


def test_scores_that_are_no_numbers(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "item,model,temperature,good\n" + "".join(f"i{i},m,{t},NaN\n" for i in range(6) for t in GRID)
    )
    done = cli("import", "t.csv")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "t.csv:2: 'good' is 'NaN', not a number; leave the cell empty where there is none" in done.err
