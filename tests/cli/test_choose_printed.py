"""What `tempkit choose` prints of its rounds, and what a judge that says nothing useful comes to."""

import re
from pathlib import Path

from choosing_runs import query, questions
from support import Cli

M = ("-m", "scripted:words", "-t", "0,0.8,1.6")


def test_a_pipe_gets_a_plain_line_for_each_round(cli: Cli, tmp_path: Path) -> None:
    done = cli("choose", questions(tmp_path), *M, "--no-report")
    assert done.code in (0, 4), done.err
    rounds = [line for line in done.err.splitlines() if line.startswith("round ")]
    assert len(rounds) > 1
    for number, line in enumerate(rounds, 1):
        assert line.startswith(f"round {number}, technical-documentation   ")
        assert "\x1b" not in line
    assert all(re.search(r"\d+ more answers, about \d+ s\.", line) for line in rounds[:-1])
    assert "more answers" not in rounds[-1]
    assert "at 0, 0.8, 1.6 first, 2 answers to 8 of 20 questions each (48 in all)" in done.err
    assert "20 questions can show differences of about" in done.err


def test_a_judge_is_kept_with_the_run_and_refused_where_nothing_it_says_can_be_read(
    cli: Cli, tmp_path: Path
) -> None:
    judge = ("--judge", "scripted:words", "--for", "creative-writing")
    done = cli("choose", questions(tmp_path), *M, *judge, "--no-report", "--json")
    # The scripted model names no answer, so nothing it says can be read.
    assert (done.code, "the judge is not used: none of its comparisons can be read" in done.err) == (1, True)
    (design,) = query(tmp_path, "select design from run")[0]
    assert '"judge": "scripted:words"' in design
    assert '"measure": "preference"' in design
    assert query(tmp_path, "select count(*) from rating")[0][0] > 0
    again = cli("choose", "--continue", "latest", "--judge", "scripted:words", "--no-report")
    assert (again.code, "leave out --judge" in again.err) == (2, True)
