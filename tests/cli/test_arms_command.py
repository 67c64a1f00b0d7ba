"""`--arm` as it is typed: what is refused, what a plan and a run make of it, and how a later command goes on."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support import RECOMMENDING, Cli

ASK = ("Say hello.", "-m", "scripted:words", "-t", "0,2", "-n", "2", "--max-tokens", "12")
ARM = "scripted:words @ recommended"


@pytest.fixture
def table(tmp_path: Path) -> dict[str, str]:
    """The environment in which something is recommended for the scripted model."""
    path = tmp_path / "table.toml"
    path.write_text(RECOMMENDING % "temperature = 1.0, repetition_penalty = 1.1")
    return {"TEMPKIT_CAPABILITIES": str(path)}


def _runs(folder: Path) -> list[tuple[str]]:
    """Return the runs in the database, which may not be there."""
    if not (folder / "tempkit.db").exists():
        return []
    with closing(sqlite3.connect(folder / "tempkit.db")) as connection:
        return connection.execute("select name from run").fetchall()


@pytest.mark.parametrize("command", ["run", "choose"])
@pytest.mark.parametrize(
    ("arm", "message"),
    [
        ("0.7", "--arm '0.7' sets nothing beside the temperature; name it with -t"),
        ("warm,top_p=0.9", "--arm 'warm,top_p=0.9' must be recommended, or a temperature"),
        ("0.7,top_p=2", "--arm '0.7,top_p=2': top_p must be a number above 0 and at most 1, not 2"),
        ("0.7,max_tokens=9", "--arm '0.7,max_tokens=9': max_tokens is the same for all that is compared"),
        ("recommended", "no recommendation for scripted:words is known; looked in: the capability table"),
    ],
)
def test_a_wrong_arm_is_one_line_and_nothing_is_stored(
    cli: Cli, tmp_path: Path, command: str, arm: str, message: str
) -> None:
    done = cli(command, *ASK, "--use-case", "general", "--arm", arm)
    assert (done.code, done.out) == (2, "")
    (line,) = (line for line in done.err.splitlines() if not line.startswith("note: "))
    assert line.startswith(f"error: {message}")
    assert not _runs(tmp_path)


def test_a_plan_says_what_an_arm_is_tried_with(cli: Cli, table: dict[str, str]) -> None:
    done = cli("run", *ASK, "--arm", "recommended", "--dry-run", "--json", env=table)
    assert done.code == 0, done.err
    facts = json.loads(done.out)["plan"]
    assert facts["models"] == ["scripted:words", ARM]
    assert facts["temperatures"] == [0.0, 1.0, 2.0]
    assert facts["arms"] == {ARM: "1"}
    assert (facts["cells"], facts["samples"]) == (3, 6)
    assert "arms" not in json.loads(cli("run", *ASK, "--dry-run", "--json").out)["plan"]


def test_what_cannot_be_set_is_said_and_the_run_goes_on_as_it_began(
    cli: Cli, tmp_path: Path, table: dict[str, str]
) -> None:
    done = cli("run", *ASK, "--arm", "recommended", env=table)
    assert done.code == 0, done.err
    assert (
        "warning: scripted:words recommends repetition_penalty=1.1 too (its card, 2026-01-02); "
        f"tempkit cannot set that for it, so {ARM} is without"
    ) in done.err
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection:
        query = (
            "select m.label, c.temperature_requested, count(*) from completion c join model m on m.id = c.model_id "
            "group by 1, 2 order by 1, 2"
        )
        cells = connection.execute(query).fetchall()
        assert cells == [("scripted:words", 0.0, 2), ("scripted:words", 2.0, 2), (ARM, 1.0, 2)]
        (arms,) = connection.execute("select arms from run").fetchone()
        assert json.loads(arms)[ARM]["left_out"] == ["repetition_penalty=1.1"]
        connection.execute("delete from completion where temperature_requested = 1")
        connection.commit()
    # It was settled when the run began: nothing is recommended here any more.
    again = cli("run", "--resume", "latest")
    assert again.code == 0, again.err
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection:
        assert connection.execute(query).fetchall() == cells
    shown = cli("show")
    assert shown.code == 0, shown.err
    assert ARM in shown.out
    listed = json.loads(cli("show", "--json").out)
    assert [(c["model"], c["temperature"]) for c in listed["cells"]] == [cell[:2] for cell in cells]
    assert listed["run"]["planned_by_topups"] == 0
    report = cli("report", "-o", "r.html")
    assert report.code == 0, report.err
    page = (tmp_path / "r.html").read_text()
    assert "repetition_penalty=1.1" in page
    assert "its card, 2026-01-02" in page


def test_a_stored_run_takes_no_further_arm(cli: Cli, table: dict[str, str]) -> None:
    assert cli("run", *ASK, "--arm", "recommended", env=table).code == 0
    done = cli("run", "--resume", "latest", "--arm", "0.7,top_k=5")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: --resume takes its plan from the store; leave out --arm\n"
    done = cli("choose", "--continue", "latest", "--arm", "0.7,top_k=5")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: --continue goes on as the run began; leave out --arm\n"


def test_settings_that_a_model_cannot_honour_are_refused_before_anything_is_sent(
    cli: Cli, tmp_path: Path
) -> None:
    done = cli("run", *ASK, "--arm", "0.7,top_k=5")
    assert (done.code, done.out) == (1, "")
    assert "scripted:words @ 0.7,top_k=5 cannot honour top_k=5" in done.err.splitlines()[-1]
    assert not _runs(tmp_path)


def test_models_shows_what_is_recommended(cli: Cli, table: dict[str, str]) -> None:
    done = cli("models", "scripted:words", "--json", env=table)
    assert done.code == 0, done.err
    (facts,) = json.loads(done.out)["models"]
    assert facts["recommended"] == "1 (its card, 2026-01-02); cannot be set: repetition_penalty=1.1"
    (facts,) = json.loads(cli("models", "scripted:words", "--json").out)["models"]
    assert facts["recommended"].startswith("nothing known; looked in: the capability table")
