"""`tempkit report --watch` beside a sweep in another process: whole at every moment, and at its end what `report` writes."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest
from choosing_runs import query, questions
from endings import began, obedient, process, slow_run
from support import PATIENCE_S, Cli, heard, until
from terminals import typed_on_a_terminal

from tempkit.api import Standing, watch, watching
from tempkit.store import Store

ASK = ("run", "Name a colour.", "-m", "scripted:words", "-t", "0,1", "-n", "2")
RENEWED = '<meta name="tempkit-renewed" content="'
LEFT = re.compile(r"(\d+) of (\d+) planned answers are not there yet \(status: running\)")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look and write as often as can be."""
    for name in ("_LOOK_EVERY_S", "_WRITE_EVERY_S", "_TELL_EVERY_S"):
        monkeypatch.setattr(watching, name, 0.05)
    monkeypatch.setattr(watching, "_SHARE", 0.1)


@contextmanager
def sweep(
    folder: Path, env: dict[str, str], samples: int, delay_ms: int = 50
) -> Iterator["subprocess.Popen[str]"]:
    """A run in a process of its own that has stored its first answer; it does not outlive the test."""
    with process(slow_run(samples, delay_ms=delay_ms), folder, env) as run:
        try:
            began(folder / "tempkit.db")
            yield run
        finally:
            run.kill()
            run.communicate()


class _Ends(HTMLParser):
    """Which tags of the frame a page closes."""

    def __init__(self) -> None:
        super().__init__()
        self.closed: list[str] = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("head", "main", "body", "html"):
            self.closed.append(tag)


@contextmanager
def read_all_the_time(path: Path) -> Iterator[list[str]]:
    """Read a file as often as possible meanwhile; gives every state that it was found in, in order."""
    states: list[str] = []
    over = threading.Event()

    def read() -> None:
        last = False
        while not last:
            last = over.is_set()
            if path.exists():
                text = path.read_text("utf-8")
                if not states or text != states[-1]:
                    states.append(text)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield states
    finally:
        over.set()
        thread.join()


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
def test_at_every_moment_the_page_is_whole_and_at_the_end_it_is_what_report_writes(
    cli: Cli, tmp_path: Path, cli_env: dict[str, str]
) -> None:
    page = tmp_path / "page.html"
    with sweep(tmp_path, cli_env, 400) as run, read_all_the_time(page) as states:
        done = cli("report", "latest", "--watch", "-o", "page.html")
        assert run.wait(PATIENCE_S) == 0
    assert done.code == 0, done.err
    assert done.out.startswith("Report of technical-documentation: page.html (")
    assert len(states) > 2
    for state in states:
        assert state.startswith("<!doctype html>")
        ends = _Ends()
        ends.feed(state)
        assert ends.closed == ["head", "main", "body", "html"]
    left = [
        (int(found[1]), int(found[2])) for state in states[:-1] for found in [LEFT.search(state)] if found
    ]
    assert left
    assert left == sorted(left, reverse=True)
    assert {of for _, of in left} == {400}
    assert all(RENEWED in state for state in states[:-1])
    assert RENEWED not in states[-1]
    said = done.err.splitlines()
    assert all(re.fullmatch(r"written \d\d:\d\d:\d\d, \d+ of 400 answers", line) for line in said)
    assert said[-1].endswith("400 of 400 answers")
    # Who looked at the pages on the way has not looked at the data more than once.
    assert query(tmp_path, "select count(*), max(completions) from look") == [(1, 400)]
    assert cli("report", "latest", "-o", "after.html").code == 0
    assert (tmp_path / "after.html").read_text("utf-8") == states[-1]
    assert not list(tmp_path.glob(".tempkit-*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_a_page_that_stays(number: int, tmp_path: Path, cli_env: dict[str, str]) -> None:
    with (
        sweep(tmp_path, cli_env, 2000) as run,
        process(("report", "latest", "--watch", "--json", "-o", "page.html"), tmp_path, cli_env) as watcher,
    ):
        heard(watcher, "written ")
        assert RENEWED in (tmp_path / "page.html").read_text("utf-8")
        watcher.send_signal(number)
        out, err = watcher.communicate(timeout=PATIENCE_S)
        assert run.poll() is None
    assert (watcher.returncode, err.splitlines()[-1]) == (130, "not watched any more; the run goes on")
    assert "error" not in err
    told = json.loads(out)
    assert (told["report"], told["ended"], told["written"]) == ("page.html", "stopped", 2)
    assert told["bytes"] == (tmp_path / "page.html").stat().st_size
    ((of),) = told["runs"]
    assert (of["name"], of["status"], of["planned"]) == ("technical-documentation", "running", 2000)
    page = (tmp_path / "page.html").read_text("utf-8")
    assert RENEWED not in page
    assert LEFT.search(page)


@pytest.mark.usefixtures("hasty")
def test_a_run_that_was_killed_is_noticed(tmp_path: Path, cli_env: dict[str, str]) -> None:
    with sweep(tmp_path, cli_env, 2000) as run:
        killed = False

        def kill(standing: Standing) -> None:
            nonlocal killed
            if standing.written_at is not None and not killed:
                killed = True
                os.kill(run.pid, signal.SIGKILL)

        notes: list[str] = []
        found = watch(
            db=tmp_path / "tempkit.db", output=tmp_path / "page.html", silence_s=1.0,
            on_note=notes.append, on_standing=kill,
        )  # fmt: skip
    assert (found.ended, found.runs[0].status) == ("silent", "running")
    assert 0 < found.runs[0].completions < 2000
    (note,) = notes
    assert "so nobody seems to carry it out any more; " in note
    assert "; go on with: tempkit run --resume technical-documentation --db " in note
    page = (tmp_path / "page.html").read_text("utf-8")
    assert RENEWED not in page
    assert f"{2000 - found.runs[0].completions} of 2000 planned answers" in page.replace("\u2009", "")


@pytest.mark.usefixtures("hasty")
def test_a_run_that_was_interrupted_is_told_of(cli: Cli, tmp_path: Path, cli_env: dict[str, str]) -> None:
    with sweep(tmp_path, cli_env, 2000) as run:
        threading.Timer(2.0, run.send_signal, [signal.SIGINT]).start()
        done = cli("report", "latest", "--watch")
    assert done.code == 0
    note = done.err.splitlines()[-1]
    assert note.startswith("warning: run technical-documentation was interrupted; ")
    assert note.endswith(
        " of 2000 answers are there; go on with: tempkit run --resume technical-documentation"
    )


def test_a_run_that_has_ended_is_written_once(cli: Cli, tmp_path: Path) -> None:
    assert cli(*ASK, "--name", "one").code == 0
    told = json.loads(cli("report", "--watch", "--json").out)
    assert (told["ended"], told["written"], told["report"]) == ("finished", 1, "reports/one.html")
    assert RENEWED not in (tmp_path / "reports" / "one.html").read_text("utf-8")


@pytest.mark.usefixtures("hasty")
def test_several_runs_in_markdown(cli: Cli, tmp_path: Path, cli_env: dict[str, str]) -> None:
    assert cli(*ASK, "--name", "one").code == 0
    with process((*slow_run(60), "--name", "other"), tmp_path, cli_env) as run:
        until(lambda: query(tmp_path, "select count(*) from completion")[0][0] > 4)
        done = cli("report", "one", "other", "--watch", "-o", "both.md")
        run.communicate()
    assert (done.code, done.out.split(" (")[0]) == (0, "Report of one, other: both.md")
    text = (tmp_path / "both.md").read_text("utf-8")
    assert "Unfinished run" not in text
    cli("report", "one", "other", "-o", "after.md")
    assert (tmp_path / "after.md").read_text("utf-8") == text


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            (),
            "no runs in tempkit.db yet: run `tempkit run` first or pass --db; a run can be watched once it has begun",
        ),
        (
            ("-o", "-"),
            "-o - prints the summary, so there is nothing for --watch: name a file, or leave out --watch",
        ),
    ],
)
def test_what_cannot_be_watched(cli: Cli, tmp_path: Path, more: tuple[str, ...], message: str) -> None:
    Store.open(tmp_path / "tempkit.db").close()
    done = cli("report", "latest", "--watch", *more)
    assert done.err.startswith(f"error: {message}")
    assert done.err.count("\n") == 1


def test_without_a_database(cli: Cli) -> None:
    done = cli("report", "latest", "--watch")
    assert (done.code, done.err) == (
        1,
        "error: no database at tempkit.db: run `tempkit run` first or pass --db\n",
    )


def test_a_folder_that_cannot_be_written_is_one_line(
    cli: Cli, tmp_path: Path, cli_env: dict[str, str]
) -> None:
    assert cli(*ASK, "--use-case", "chatbot").code == 0
    (tmp_path / "closed").mkdir(mode=0o555)
    command = [*obedient(), sys.executable, "-m", "tempkit", "report", "--watch", "-o", "closed/page.html"]
    done = subprocess.run(
        command, cwd=tmp_path, env=cli_env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: the report cannot be written to 'closed/page.html': Permission denied; choose another file with -o\n"
    )


@pytest.mark.usefixtures("hasty")
def test_a_database_that_another_program_holds_is_waited_for(tmp_path: Path, cli_env: dict[str, str]) -> None:
    with sweep(tmp_path, cli_env, 40) as run:
        run.communicate(timeout=PATIENCE_S)
    holder = sqlite3.connect(tmp_path / "tempkit.db", check_same_thread=False, isolation_level=None)
    holder.execute("delete from scoring")  # so that there is something to store
    holder.execute("begin immediate")
    held = [""]

    def let_go(standing: Standing) -> None:
        if standing.doing == "unreachable" and not held[0]:
            held[0] = standing.why
            holder.execute("rollback")

    found = watch(
        db=f"sqlite:///{tmp_path}/tempkit.db?timeout=0.2", output=tmp_path / "page.html", on_standing=let_go
    )
    holder.close()
    assert "tempkit.db is locked by another program" in held[0]
    assert (found.ended, found.written) == ("finished", 1)


@pytest.mark.usefixtures("hasty")
def test_between_the_rounds_of_choose_it_goes_on(
    tmp_path: Path, cli: Cli, cli_env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_BETWEEN_ROUNDS_S", 20.0)
    questions(tmp_path, rows=14, fact="the")
    command = ("choose", "p.prompty", "-m", "scripted:words,delay_ms=25", "-t", "0,0.8,1.6", "--no-report")
    with process(command, tmp_path, cli_env) as choosing:
        began(tmp_path / "tempkit.db")
        done = cli("report", "--watch", "-o", "page.html", "--json")
        _, err = choosing.communicate(timeout=PATIENCE_S)
    assert choosing.returncode in (0, 4), err
    told = json.loads(done.out)
    rounds = query(tmp_path, "select max(round) from look")[0][0]
    assert rounds > 1, "there was no time between rounds"
    assert told["ended"] == "finished"
    assert told["runs"][0]["completions"] == query(tmp_path, "select count(*) from completion")[0][0]


@pytest.mark.usefixtures("hasty")
def test_questions_that_come_while_the_page_is_made_are_no_error(
    tmp_path: Path, cli_env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan that grew between two readings leaves answers without their question; a fault of another kind stays one."""
    drawn, calls = watching.drawn, []

    def torn(*args: object) -> object:
        calls.append(args)
        if len(calls) > 1:
            return drawn(*args)
        with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection, connection:
            connection.execute("update run set planned = 41")
        raise KeyError("a question")

    with sweep(tmp_path, cli_env, 40) as run:
        run.communicate(timeout=PATIENCE_S)
    monkeypatch.setattr(watching, "drawn", torn)
    found = watch(db=tmp_path / "tempkit.db", output=tmp_path / "page.html")
    assert (len(calls), found.written, found.runs[0].planned) == (2, 1, 41)
    calls.clear()
    with pytest.raises(KeyError, match="a question"):
        watch(db=tmp_path / "tempkit.db", output=tmp_path / "page.html")


@pytest.mark.parametrize("columns", [60, 80])
def test_on_a_terminal_it_is_one_line(columns: int, tmp_path: Path, cli_env: dict[str, str]) -> None:
    env = {**cli_env, "TERM": "xterm", "NO_COLOR": "1"}
    with sweep(tmp_path, cli_env, 150, delay_ms=100):
        code, shown = typed_on_a_terminal(
            ("report", "latest", "--watch", "-o", "page.html"), "", tmp_path, env, columns=columns
        )
    assert code == 0
    lines = [re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", line).strip() for line in re.split(r"[\r\n]", shown)]
    drawn = [line for line in lines if line]
    assert any(re.fullmatch(r"written [\d:]{8}, \d+ of 150 answers, next in \d+ s", line) for line in drawn)
    assert all(len(line) <= columns for line in drawn)
    assert "…" not in shown
    assert drawn[-1].startswith("Report of technical-documentation: page.html (")
    assert "\x1b[3" not in shown  # no colour
