"""What is in vain is said before it is done: before a judge is loaded, before a run is measured."""

import sys

import pytest
from endings import FACTS
from support import Cli

NOWHERE = "gguf:./nowhere.gguf"
"""A judge that is not there: whoever loads it says so, and not what is expected here."""


def test_pairs_of_one_temperature_are_none(cli: Cli) -> None:
    assert cli("run", FACTS, "--items", "2", "-m", "scripted:words", "-t", "1", "-n", "3").code == 0
    for more in ((), ("--dry-run",)):
        done = cli("judge", "latest", "-m", NOWHERE, "--pairs", "3", *more)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(
            "error: pairs are of answers at different temperatures, and the run has one; grade them with --rubric TEXT"
        )


def test_answers_that_all_say_the_same_leave_nothing_to_compare(cli: Cli, tmp_path) -> None:
    rows = [f"q{i},m,{t},0,the same" for i in range(3) for t in (0, 1)]
    (tmp_path / "same.csv").write_text("\n".join(["item,model,temperature,replicate,text", *rows]))
    assert cli("import", "same.csv").code == 0
    done = cli("judge", "latest", "-m", NOWHERE, "--pairs", "3")
    assert (done.code, done.out) == (2, "")
    assert "all answers that could be compared say the same" in done.err


def test_answers_that_cannot_be_judged_are_counted(cli: Cli) -> None:
    run = ("run", FACTS, "--items", "2", "-m", "scripted:words", "-t", "0,1", "-n", "2", "--max-tokens", "1")
    assert cli(*run).code == 0
    done = cli("judge", "latest", "-m", NOWHERE, "--rubric", "It is good.")
    assert (done.code, done.out) == (2, "")
    assert "no answer can be judged (8 " in done.err


@pytest.mark.parametrize("db", ["no.db", "also/no.db"])
def test_a_format_that_cannot_be_written_is_said_before_anything_is_read(
    db: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = cli("export", "latest", "-o", "answers.parquet", "--db", db)
    assert done.code == 1
    assert done.err == (
        'error: Parquet needs packages that are not installed: pip install "tempkit[parquet]"\n'
    )
