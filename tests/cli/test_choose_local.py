"""Choosing on the bundled model: from questions to a temperature, its report, and the same said by every other command."""

import json
from pathlib import Path

import pytest
from choosing_runs import query, said
from support import Cli

pytestmark = [pytest.mark.engine, pytest.mark.one_core, pytest.mark.slow]

CAPITALS = {
    "France": "Paris", "Italy": "Rome", "Spain": "Madrid", "Japan": "Tokyo", "Germany": "Berlin", "Russia": "Moscow",
    "Egypt": "Cairo", "Portugal": "Lisbon", "Greece": "Athens", "Cuba": "Havana",
}  # fmt: skip


def test_a_temperature_is_found_stored_reported_and_said_again(cli: Cli, tmp_path: Path) -> None:
    rows = [f"What is the capital of {land}? Answer with its name.,{city}" for land, city in CAPITALS.items()]
    (tmp_path / "capitals.csv").write_text("\n".join(["question,facts", *rows]) + "\n")
    done = cli(
        "choose", "capitals.csv", "-m", "gguf:smollm2", "-t", "0,0.7,2", "--max-tokens", "16", "--for",
        "technical-documentation", "--measure", "fact_recall", "--margin", "0.2", "--budget-tokens", "2500", "--json",
    )  # fmt: skip
    found = said(done, 0, 4)
    (chosen,) = found["decisions"]
    assert chosen["measure"] == "fact_recall"
    assert chosen["pick"] in (0.0, 0.7)
    counts = dict(query(tmp_path, "select temperature_requested, count(*) from completion group by 1"))
    assert min(counts.values()) >= 2 * 8
    assert sum(counts.values()) == found["run"]["completions"]
    assert (tmp_path / found["report"]).stat().st_size > 10_000
    (read,) = json.loads(cli("recommend", "latest", "--json").out)["decisions"]
    assert read == chosen
    resumed = json.loads(cli("run", "--resume", "latest", "--json").out)
    assert resumed["stored_now"] == 0
    assert said(cli("choose", "--continue", "latest", "--no-report", "--json"), 0, 4)["decisions"] == [chosen]
    texts = query(tmp_path, "select count(distinct text) from completion where temperature_requested = 0 group by item_id")  # fmt: skip
    assert {count for (count,) in texts} == {1}
