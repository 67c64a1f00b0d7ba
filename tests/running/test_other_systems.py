"""Systems that lack what POSIX has: every module can be imported there, and a run can be stopped there."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tempkit.running.signals import stop_on_signals

_IMPORT_ALL = """
import builtins, pkgutil, signal, sys
from importlib import import_module

missing = {"fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "syslog", "posix", "readline", "curses"}
whole = builtins.__import__

def without(name, globals=None, locals=None, fromlist=(), level=0):
    if (globals or {}).get("__name__", "").split(".")[0] == "tempkit" and name.split(".")[0] in missing:
        raise ImportError(f"no module named {name!r} here")
    return whole(name, globals, locals, fromlist, level)

builtins.__import__ = without
for name in ("SIGHUP", "SIGKILL", "SIGALRM", "SIGPIPE", "SIGUSR1", "SIGUSR2", "SIGQUIT", "SIGXFSZ", "SIGXCPU", "SIGTSTP", "SIGCONT", "SIGSTOP"):
    if hasattr(signal, name):
        delattr(signal, name)
import tempkit
names = [m.name for m in pkgutil.walk_packages(tempkit.__path__, "tempkit.") if ".migrations." not in m.name]
for name in names:
    import_module(name)
from tempkit.cli import cli
for name in cli.list_commands(None):
    assert cli.get_command(None, name) is not None
print(len(names))
"""


@pytest.mark.engine
def test_every_module_is_imported_where_posix_is_missing() -> None:
    done = subprocess.run([sys.executable, "-c", _IMPORT_ALL], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 250


def test_no_module_asks_for_posix_at_its_top() -> None:
    """What only some systems have is asked for where it is used, so that a test on any system sees it."""
    lacking = ("fcntl", "resource", "termios", "pwd", "grp", "tty", "pty")
    found = [
        f"{path}:{number}"
        for path in sorted((Path(__file__).parents[2] / "tempkit").rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.startswith(("import ", "from ")) and line.split()[1].split(".")[0] in lacking
    ]
    assert found == []


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_loop_that_takes_no_signals_is_stopped_all_the_same(
    sent: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of Windows takes none, and lacks SIGHUP."""
    monkeypatch.delattr(signal, "SIGHUP")
    before = signal.getsignal(sent)

    async def run() -> list[str]:
        heard: list[str] = []
        stopped = asyncio.Event()
        monkeypatch.setattr(asyncio.get_running_loop(), "add_signal_handler", None)
        with stop_on_signals() as stop:
            asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), sent)
            stop.then(lambda: (heard.append("stop"), stopped.set()))
            await stopped.wait()
            assert stop.asked
        return heard

    assert asyncio.run(run()) == ["stop"]
    assert signal.getsignal(sent) is before


def test_a_signal_that_comes_before_anything_runs_is_not_forgotten() -> None:
    async def run() -> list[str]:
        heard: list[str] = []
        with stop_on_signals() as stop:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            stop.then(lambda: heard.append("stop"))
        return heard

    assert asyncio.run(run()) == ["stop"]
