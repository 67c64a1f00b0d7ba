"""What `tempkit choose` refuses: in one line that says what to do, before anything is asked or written."""

import subprocess
from pathlib import Path

import pytest
from choosing_runs import query, questions
from endings import TEMPKIT, obedient, one_line
from support import PATIENCE_S, Cli

M = ("-m", "scripted:words")


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ((), 2, "no prompts; name a prompt file"),
        (("p.prompty",), 2, "no model; name one with -m"),
        (("gone.prompty", *M), 1, "gone.prompty: prompt file not found"),
        (("p.prompty", "p.prompty", *M), 2, "two prompts are named 'p'"),
        (("p.prompty", *M, *M), 2, "model 'scripted:words' is named twice"),
        (("p.prompty", "-m", "scripted:other"), 1, "no such script; known: words"),
        (
            ("p.prompty", *M, "--for", "chatbot", "--use-case", "chatbot"),
            2,
            "--for and --use-case are the same",
        ),
        (("p.prompty", *M, "--for", "chat"), 2, "no use case 'chat'"),
        (("p.prompty", *M, "-o", "x.html", "--no-report"), 2, "--no-report leaves nothing for -o"),
        (("p.prompty", *M, "-o", "x.txt"), 2, "name it x.html or x.md"),
        (("p.prompty", *M, "-o", "."), 2, "name it report.html or report.md"),
        (("p.prompty", *M, "-o", ".."), 2, "name it ../report.html or ../report.md"),
        (("p.prompty", *M, "-o", ""), 2, "name it report.html or report.md"),
        (("p.prompty", *M, "--lang", "xx"), 2, "there is no language 'xx'"),
        (("p.prompty", *M, "--lang", "xx", "--no-report"), 2, "there is no language 'xx'"),
        (("p.prompty", *M, "--expect", "a;;b"), 2, "--expect names words"),
        (("p.prompty", *M, "--measure", "fact_recall"), 2, "--measure needs --margin"),
        (("p.prompty", *M, "--measure", "fact_recal", "--margin", "1"), 2, "did you mean 'fact_recall'?"),
        (("p.prompty", *M, "--direction", "higher"), 2, "--direction goes with --measure"),
        (("p.prompty", *M, "--margin", "0"), 2, "a margin must be above 0"),
        (("p.prompty", *M, "--margin", "5"), 2, "a margin of 5 points is 0.05"),
        (("p.prompty", *M, "--rubric", "Short."), 2, "a rubric is for a judge: name one with --judge"),
        (("p.prompty", *M, "--judge", "words"), 2, "must be backend:name"),
        (("p.prompty", *M, "--judge", "scripted:words", "--rubric", " "), 2, "the rubric is empty"),
        (
            ("p.prompty", *M, "--judge", "scripted:words", "--measure", "fact_recall", "--margin", "0.1"),
            2,
            "a judge's word is the measure; leave out --measure, or the judge",
        ),
        (("p.prompty", *M, "--policy", "best-of:1"), 2, "--policy 'best-of:1'"),
        (("p.prompty", *M, "-t", "0,x"), 2, "temperature 'x' is not a number"),
        (("p.prompty", *M, "-t", "0,200"), 1, "takes temperatures from 0 to 100"),
        (("p.prompty", *M, "-n", "0"), 2, "repeat must be at least 1"),
        (("p.prompty", *M, "-n", "1.5"), 2, "-n"),
        (("p.prompty", *M, "--seed", "-1"), 2, "seed must not be negative"),
        (("p.prompty", *M, "--max-tokens", "0"), 2, "max_tokens must be a whole number of at least 1"),
        (
            ("p.prompty", *M, "--budget-tokens", "0"),
            2,
            "--budget-tokens must be a whole number of at least 1",
        ),
        (("p.prompty", *M, "--budget-usd", "nan"), 2, "--budget-usd"),
        (("p.prompty", *M, "--time-limit", "soon"), 2, "--time-limit must be a time such as 90s"),
        (("p.prompty", *M, "--require", "none"), 2, "'--require'"),
        (
            ("p.prompty", *M, "--base-url", "http://127.0.0.1:1"),
            2,
            "--base-url is for models given with -m openai",
        ),
        (("p.prompty", *M, "--db", "gone/x.db"), 1, "its folder does not exist"),
        (("Say it.", *M), 2, "nothing says what a good answer is here; add --expect"),
    ],
)
def test_nothing_is_asked(cli: Cli, tmp_path: Path, args: tuple[str, ...], code: int, said: str) -> None:
    questions(tmp_path)
    refused(cli, "--no-report" not in args, *args, code=code, said=said)
    assert not (tmp_path / "tempkit.db").exists() or query(tmp_path, "select * from run") == []
    assert not (tmp_path / "reports").exists()


def refused(cli: Cli, bare: bool, *args: str, code: int, said: str) -> None:
    done = cli("choose", *args, *(("--no-report",) if bare and "-o" not in args else ()))
    assert (done.code, done.out) == (code, ""), done.err
    (line,) = done.err.splitlines()
    assert line.startswith("error: ")
    assert said in line


@pytest.fixture
def chosen(cli: Cli, tmp_path: Path) -> Path:
    """A run that choose has ended."""
    done = cli("choose", questions(tmp_path, rows=6), *M, "-t", "0,1.6", "--no-report")
    assert done.code == 0, done.err
    return tmp_path


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ((), 1, "no run 'gone' in tempkit.db"),
        *(
            ((option, value), 2, f"--continue goes on as the run began; leave out {option}")
            for option, value in {
                "-m": "scripted:words", "-t": "0,1", "-n": "3", "--max-tokens": "9", "--seed": "1", "--name": "x",
                "--base-url": "http://127.0.0.1:1", "--api-key-env": "KEY", "--expect": "x", "--for": "chatbot",
                "--use-case": "chatbot", "--measure": "fact_recall", "--margin": "1", "--policy": "best-of:2",
                "--scope": "these-items", "--direction": "lower",
            }.items()
        ),
        (("gone.csv",), 1, "gone.csv"),
        (("And this?",), 2, "'And this?' is not a file; further questions come from files"),
        (("--budget-tokens", "0"), 2, "--budget-tokens must be a whole number of at least 1"),
    ],
)  # fmt: skip
def test_a_run_goes_on_as_it_began(
    cli: Cli, chosen: Path, args: tuple[str, ...], code: int, said: str
) -> None:
    before = query(chosen, "select count(*) from completion")
    refused(cli, True, "--continue", "latest" if args else "gone", *args, code=code, said=said)
    assert query(chosen, "select count(*) from completion") == before


def test_a_run_by_hand_has_no_rounds_to_go_on_with(cli: Cli, tmp_path: Path) -> None:
    prompt = questions(tmp_path, rows=2)
    assert cli("run", prompt, *M, "-t", "0,1", "-n", "2").code == 0
    refused(
        cli, True, "--continue", "latest", code=2,
        said="run p was not begun by choose, so it has no rounds to go on with; see tempkit topup",
    )  # fmt: skip


def test_a_database_that_is_not_there_cannot_be_gone_on_with(cli: Cli, tmp_path: Path) -> None:
    refused(cli, True, "--continue", "latest", code=1, said="no database at tempkit.db")
    assert not (tmp_path / "tempkit.db").exists()


def test_a_changed_question_is_not_asked_half_in_its_old_words(cli: Cli, chosen: Path) -> None:
    path = chosen / "p.prompty"
    path.write_text(path.read_text().replace("Say", "Tell"))
    refused(cli, True, "--continue", "latest", code=1, said="is not what it was when run p asked it")


def test_a_database_that_cannot_be_written_is_named(chosen: Path, cli_env: dict[str, str]) -> None:
    (chosen / "tempkit.db").chmod(0o444)
    before = (chosen / "tempkit.db").read_bytes()
    for args in (("p.prompty", *M, "-t", "0,1"), ("--continue", "latest", "--budget-tokens", "9999")):
        done = subprocess.run(
            [*obedient(), *TEMPKIT, "choose", *args, "--no-report"],
            cwd=chosen, env=cli_env, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "")
        one_line(done.stderr)
        assert "tempkit.db" in done.stderr
    assert (chosen / "tempkit.db").read_bytes() == before


def test_a_folder_in_the_databases_place_is_named(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    refused(cli, True, questions(tmp_path), *M, "--db", "there", code=1, said="there")
