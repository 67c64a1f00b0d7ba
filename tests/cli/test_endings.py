"""A run's end is its own: whoever reads its output, sends it signals or holds its database, it ends as it went, and loses nothing."""

import fcntl
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from contextlib import closing
from pathlib import Path

import pytest
from endings import FACTS, Stored, began, one_line, process, shell, slow_run, stored
from support import PATIENCE_S, Cli, heard
from terminals import typed_on_a_terminal

WHOLE = Stored("finished", 20, 0)


@pytest.mark.parametrize(
    "line",
    [
        "tempkit 2> >(head -1 > /dev/null)",  # gone after the first line
        "tempkit 2> >(exec true)",
        "tempkit 2>&-",
        "tempkit 1>&-",
        "tempkit 0<&-",
        "tempkit 0<&- 1>&- 2>&-",
        "tempkit | true",
        "tempkit | head -1",
        "tempkit |& head -1",
        "tempkit > /dev/full",
        "tempkit 2> /dev/full",
        "tempkit &> /dev/full",
        "PYTHONUNBUFFERED=1 tempkit > /dev/full",
        "PYTHONUNBUFFERED=1 tempkit |& true",
        "PYTHONIOENCODING=ascii tempkit",
        "TERM=dumb COLUMNS=0 tempkit",
        "(trap '' PIPE; tempkit | true)",
    ],
)
def test_a_run_is_whole_wherever_its_output_goes(line: str, tmp_path: Path, cli_env: dict[str, str]) -> None:
    done = shell(line, tmp_path, cli_env, *slow_run())
    assert (done.returncode, stored(tmp_path / "tempkit.db")) == (0, WHOLE), done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_reader_that_closes_stderr_in_the_middle(tmp_path: Path, cli_env: dict[str, str]) -> None:
    with process(slow_run(), tmp_path, cli_env) as run:
        assert run.stderr is not None
        assert run.stderr.readline() == "20 samples planned\n"
        run.stderr.close()
        assert run.wait(PATIENCE_S) == 0
    assert stored(tmp_path / "tempkit.db") == WHOLE


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_pipe_that_nobody_reads_from_the_start(
    stream: str, tmp_path: Path, cli_env: dict[str, str]
) -> None:
    ours, its = os.pipe()
    os.close(ours)
    with process(slow_run(), tmp_path, cli_env, **{stream: its}) as run:
        os.close(its)
        run.communicate(timeout=PATIENCE_S)
    assert (run.returncode, stored(tmp_path / "tempkit.db")) == (0, WHOLE)


def test_a_pipe_that_takes_no_more_at_the_moment(tmp_path: Path, cli_env: dict[str, str]) -> None:
    """Another process may have made the pipe non-blocking; nothing of what is printed is lost for it."""
    ours, its = os.pipe()
    os.set_blocking(its, False)
    fcntl.fcntl(its, fcntl.F_SETPIPE_SZ, 4096)
    with process((*slow_run(), "--json"), tmp_path, cli_env, stdout=its) as run:
        os.close(its)
        time.sleep(0.5)
        with os.fdopen(ours) as reader:
            printed = reader.read()
        assert run.wait(PATIENCE_S) == 0
    assert json.loads(printed)["run"]["completions"] == 20
    assert stored(tmp_path / "tempkit.db") == WHOLE


def test_failed_samples_give_their_exit_code_to_nobody_too(tmp_path: Path, cli_env: dict[str, str]) -> None:
    model = ("-m", "scripted:words,fail_every=4", "-t", "0,1", "-n", "10")
    done = shell("tempkit &> /dev/full", tmp_path, cli_env, "run", FACTS, "--items", "1", *model)
    assert (done.returncode, stored(tmp_path / "tempkit.db")) == (3, Stored("finished", 15, 5))


@pytest.mark.parametrize(
    ("sent", "times"),
    [
        (signal.SIGINT, 1),
        (signal.SIGINT, 2),
        (signal.SIGINT, 5),
        (signal.SIGTERM, 1),
        (signal.SIGTERM, 3),
        (signal.SIGHUP, 1),
        (signal.SIGHUP, 3),
    ],
)
def test_a_signal_ends_a_run_so_that_it_can_go_on(
    sent: signal.Signals, times: int, cli: Cli, tmp_path: Path, cli_env: dict[str, str]
) -> None:
    db = tmp_path / "tempkit.db"
    with process(slow_run(400), tmp_path, cli_env) as run:
        began(db)
        for _ in range(times):
            run.send_signal(sent)
        _, err = run.communicate(timeout=PATIENCE_S)
    after = stored(db)
    assert (run.returncode, after.status) == (130, "interrupted"), err
    assert 0 < after.completions < 400
    last = err.splitlines()[-1]
    assert "Traceback" not in err
    assert "error" not in err
    if times == 1:
        went_on = "go on with: tempkit run --resume technical-documentation"
        assert last == f"interrupted with {after.completions} of 400 samples stored; {went_on}"
    else:
        assert last.startswith("interrupted")
    assert cli("run", "--resume", "latest", "--time-limit", "0.2s").code == 1
    assert stored(db).completions >= after.completions


def test_broken_pipes_are_no_signal_to_end(tmp_path: Path, cli_env: dict[str, str]) -> None:
    with process(slow_run(40), tmp_path, cli_env) as run:
        began(tmp_path / "tempkit.db")
        run.send_signal(signal.SIGPIPE)
        run.communicate(timeout=PATIENCE_S)
    assert (run.returncode, stored(tmp_path / "tempkit.db")) == (0, Stored("finished", 40, 0))


def test_what_nohup_has_ignored_stays_ignored(tmp_path: Path, cli_env: dict[str, str]) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does in the background

    with process(slow_run(40), tmp_path, cli_env, preexec_fn=ignore) as run:
        began(tmp_path / "tempkit.db")
        run.send_signal(signal.SIGHUP)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=PATIENCE_S)
    assert (run.returncode, stored(tmp_path / "tempkit.db")) == (0, Stored("finished", 40, 0))


def test_a_terminal_that_is_closed_hangs_up(tmp_path: Path, cli_env: dict[str, str]) -> None:
    db = tmp_path / "tempkit.db"
    ours, its = pty.openpty()

    def take_over() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    with process(
        slow_run(400), tmp_path, cli_env, stdin=its, stdout=its, stderr=its, preexec_fn=take_over
    ) as run:
        os.close(its)
        began(db)
        os.close(ours)  # the kernel sends SIGHUP, and from now on nothing can be written
        assert run.wait(PATIENCE_S) == 130
    after = stored(db)
    assert after.status == "interrupted"
    assert 0 < after.completions < 400


def test_ctrl_c_while_the_program_is_being_imported_shows_no_traceback(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, time\n"
        "class Pressed:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "            time.sleep(5)\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "from tempkit.__main__ import run\n"
        "run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


@pytest.mark.parametrize("delay_s", [0.15, 0.3, 0.6])
def test_ctrl_c_at_any_time_after_is_no_error(
    delay_s: float, tmp_path: Path, cli_env: dict[str, str]
) -> None:
    with process(slow_run(400), tmp_path, cli_env) as run:
        time.sleep(delay_s)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=PATIENCE_S)
    assert run.returncode in (130, -signal.SIGINT)
    assert "error" not in err
    assert ("Traceback" not in err) or "tempkit/cli" not in err  # Python's own beginning is Python's
    if run.returncode == 130:
        assert err.splitlines()[-1].startswith("interrupted")


class TestLocks:
    def hold(self, db: Path, how: str = "IMMEDIATE") -> sqlite3.Connection:
        connection = sqlite3.connect(db, isolation_level=None, timeout=PATIENCE_S)
        connection.execute(f"BEGIN {how}")
        return connection

    @pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
    @pytest.mark.parametrize("samples", [20, 200])  # it ends while the lock is held, or long after
    def test_a_lock_is_waited_for_and_no_answer_is_lost(
        self, how: str, samples: int, tmp_path: Path, cli_env: dict[str, str]
    ) -> None:
        db = tmp_path / "tempkit.db"
        url = f"sqlite:///{db}?timeout=0.1"  # so that many transactions fail while it is held
        with process(slow_run(samples, delay_ms=10, db=url), tmp_path, cli_env) as run:
            began(db)
            with closing(self.hold(db, how)):
                time.sleep(1.5)
                assert run.poll() is None
            _, err = run.communicate(timeout=PATIENCE_S)
        assert (run.returncode, stored(db)) == (0, Stored("finished", samples, 0)), err
        waited = re.findall(
            r"^waiting for .*tempkit\.db, which another program seems to hold", err, re.MULTILINE
        )
        assert len(waited) == 1

    def test_ctrl_c_while_it_is_held_keeps_what_has_come(
        self, tmp_path: Path, cli_env: dict[str, str]
    ) -> None:
        db = tmp_path / "tempkit.db"
        with process(slow_run(400, db=f"sqlite:///{db}?timeout=0.1"), tmp_path, cli_env) as run:
            began(db)
            before = stored(db).completions
            with closing(self.hold(db)):
                heard(run, "waiting for")
                run.send_signal(signal.SIGINT)
                time.sleep(0.5)
                assert run.poll() is None  # it still has answers in its hands
            _, err = run.communicate(timeout=PATIENCE_S)
        after = stored(db)
        assert (run.returncode, after.status) == (130, "interrupted"), err
        assert before < after.completions < 400
        assert f"interrupted with {after.completions} of 400 samples stored" in err

    def test_ctrl_c_twice_gives_them_up_and_says_so(
        self, cli: Cli, tmp_path: Path, cli_env: dict[str, str]
    ) -> None:
        db = tmp_path / "tempkit.db"
        with process(slow_run(400, db=f"sqlite:///{db}?timeout=0.1"), tmp_path, cli_env) as run:
            began(db)
            with closing(self.hold(db)):
                heard(run, "waiting for")
                for _ in range(2):
                    run.send_signal(signal.SIGINT)
                    time.sleep(0.3)
                _, err = run.communicate(timeout=PATIENCE_S)
        assert run.returncode == 130
        assert re.search(
            r"^interrupted; \d+ answers that had come are not stored; go on with: ", err, re.MULTILINE
        )
        assert stored(db).completions > 0
        assert cli("run", "--resume", "latest", "--time-limit", "0.2s").code == 1  # it can go on

    def test_a_database_that_is_locked_from_the_start_is_asked_for_nothing(
        self, cli: Cli, tmp_path: Path, cli_env: dict[str, str]
    ) -> None:
        db = tmp_path / "tempkit.db"
        assert cli(*slow_run(2, delay_ms=0)).code == 0
        with closing(self.hold(db)):
            done = shell("tempkit", tmp_path, cli_env, *slow_run(db=f"sqlite:///{db}?timeout=0.1"))
        assert done.returncode == 1
        assert done.stderr.endswith(
            "is locked by another program: wait until it is done or stop it, then try again\n"
        )
        one_line(done.stderr)
        assert stored(db) == Stored("finished", 2, 0)


def test_a_disk_that_fills_up_keeps_what_it_has(cli: Cli, tmp_path: Path, cli_env: dict[str, str]) -> None:
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    arguments = [*slow_run(800, delay_ms=1)]
    arguments[arguments.index("--max-tokens") + 1] = "30"
    cli_env["TEMPKIT_DB_WAIT"] = "1"
    with process(arguments, tmp_path, cli_env, preexec_fn=limit) as run:
        _, err = run.communicate(timeout=PATIENCE_S)
    after = stored(tmp_path / "tempkit.db")
    assert (run.returncode, after.status) == (1, "interrupted")
    one_line(err)
    assert re.search(r"; \d+ answers that had come are not stored$", err, re.MULTILINE)
    assert 0 < after.completions < 800
    done = cli("run", "--resume", "latest")
    assert (done.code, stored(tmp_path / "tempkit.db")) == (0, Stored("finished", 800, 0))


def on_a_terminal(
    arguments: tuple[str, ...], folder: Path, env: dict[str, str], columns: int
) -> tuple[int, str]:
    """Run a command on a terminal so wide; return its exit code and all that it shows."""
    return typed_on_a_terminal(arguments, "", folder, env, columns=columns)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (1, {}),
        (0, {}),
        (80, {"TERM": "dumb"}),
        (80, {"COLUMNS": "0"}),
        (80, {"COLUMNS": "1"}),
        (80, {"COLUMNS": "99999999"}),
        (80, {"COLUMNS": "many", "LINES": "0"}),
        (80, {"TERM": ""}),
    ],
)
def test_a_run_is_whole_on_any_terminal(
    columns: int, said: dict[str, str], tmp_path: Path, cli_env: dict[str, str]
) -> None:
    env = {name: value for name, value in cli_env.items() if name != "COLUMNS"} | {"TERM": "xterm"} | said
    code, shown = on_a_terminal(slow_run(), tmp_path, env, columns)
    assert (code, stored(tmp_path / "tempkit.db")) == (0, WHOLE), shown
    assert "Traceback" not in shown
