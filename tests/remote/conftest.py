"""What the tests of adapters to other machines share: no waiting, no keys of the person who runs them."""

import functools
from collections.abc import Iterator
from importlib import util
from pathlib import Path

import pytest
from batch_client import Client
from servers.batches import BatchServer

from tempkit.backends.remote import Policy, model_session

_KEYS = ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY")
_SETTINGS = (
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS",
    "GOOGLE_GEMINI_BASE_URL",
    "GOOGLE_GENAI_API_VERSION",
    "GOOGLE_GENAI_USE_VERTEXAI",
    "TEMPKIT_CAPABILITIES",
)


@pytest.fixture
def quick_and_clean(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> pytest.MonkeyPatch:
    """Hardly wait between attempts, and know nothing of the environment."""
    monkeypatch.setattr(model_session, "Policy", functools.partial(Policy, first_delay_s=0.01))
    for name in (*_KEYS, *_SETTINGS):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path_factory.mktemp("own")  # without a .env
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return monkeypatch


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> "Hide":
    """Return a function that makes a package look as if it were not installed."""
    return Hide(monkeypatch)


class Hide:
    """Hides a package from `find_spec` of one module."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, module: str, package: str) -> None:
        def find(name: str, parent: str | None = None) -> object:
            if name.startswith(f"{package}."):
                raise ModuleNotFoundError(f"No module named {package!r}")
            return None if name == package else util.find_spec(name, parent)

        self._monkeypatch.setattr(f"{module}.find_spec", find)


@pytest.fixture
def batch_server() -> Iterator[BatchServer]:
    """Both providers' batch APIs on loopback."""
    with BatchServer() as server:
        yield server


@pytest.fixture
def client(
    batch_server: BatchServer,
    tmp_path: Path,
    cli_env: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Client:
    """The command line against that server."""
    return Client(batch_server, tmp_path, cli_env, monkeypatch, capsys)
