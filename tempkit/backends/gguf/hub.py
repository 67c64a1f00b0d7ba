"""Names of models on Hugging Face, `user/repo` and `user/repo:QUANT`: found in its cache, else downloaded into it.

The download runs in a process of its own. A thread could not be stopped while it waits for a slow network, and Ctrl-C
must end a download of many gigabytes at once, its half-written file removed.
"""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tempkit.backends.gguf.hub_cache import cached_models, hub_cache, pick_cached, repo_folder
from tempkit.backends.gguf.variants import ChoiceError
from tempkit.backends.protocol import missing_model
from tempkit.errors import ExtraMissingError, Interrupted
from tempkit.types import ModelSpec

__all__ = ["HubName", "find_hub_file", "parse_hub_name", "stop_downloads"]

_NAME = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?::([\w.-]+))?", re.ASCII)
_running: set["subprocess.Popen[bytes]"] = set()


@dataclass(frozen=True)
class HubName:
    """A repository on Hugging Face and the quantization asked for, if any."""

    repo: str
    quant: str | None


def parse_hub_name(name: str) -> HubName | None:
    """Read `user/repo` or `user/repo:QUANT`; None for what is a path on this machine, or looks like one."""
    match = _NAME.fullmatch(name)
    if match is None or name.lower().endswith(".gguf") or os.path.lexists(name):
        return None
    return HubName(match[1], match[2])


def find_hub_file(model: ModelSpec, name: HubName) -> Path:
    """Return a model's file, its first part when it is split; nothing is asked of the hub when the cache has it.

    Without a quantization it is Q4_K_M, else the only model there is. In the cache that may be the one that was asked
    for by its quantization before; a run's digest of the file tells.

    Raises:
        ModelError: There is no such model, or it cannot be had; the message is one line.
        Interrupted: Ctrl-C, or `stop_downloads`, ended the download.
        ExtraMissingError: It is not in the cache and `huggingface_hub` is not installed.
    """
    found = cached_models(repo_folder(name.repo), lambda *_: None)
    try:
        cached = pick_cached(found, name.quant, name.repo)
    except ChoiceError as e:
        raise missing_model(model, str(e)) from e
    if cached is not None:
        return cached.path
    if find_spec("huggingface_hub") is None:
        raise ExtraMissingError(model.id, "local")
    reply = _download(name)
    if "path" in reply:
        return Path(reply["path"])
    if "interrupted" in reply:
        raise Interrupted(f"{model.id}: the download was interrupted; nothing of it is kept")
    here = ", ".join(sorted({c.variant.quant for c in found}))
    raise missing_model(model, reply["error"] + (f"; downloaded already: {here}" if here else ""))


def stop_downloads() -> None:
    """End the downloads under way in other threads; each raises `Interrupted` and leaves nothing half-written."""
    for process in tuple(_running):
        if process.stdin is not None:
            process.stdin.close()


def _download(name: HubName) -> dict[str, str]:
    """Return `path`, `error` or `interrupted`. The pipe to the process is its lifeline: it ends when we close it or are gone."""
    arguments = [name.repo, name.quant or "", str(hub_cache())]
    command = [sys.executable, "-P", "-W", "ignore", "-m", "tempkit.backends.gguf.download", *arguments]
    # By default the library asks its hub for a list by which it tells what program it runs under, and reports that.
    env = {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    with subprocess.Popen(  # noqa: S603  (our own module; the names matched _NAME)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env
    ) as process:
        _running.add(process)
        try:
            answer = process.stdout.read() if process.stdout else b""
        finally:
            _running.discard(process)
    try:
        reply: dict[str, str] = json.loads(answer)
    except ValueError:
        if process.returncode == -signal.SIGINT:  # before it could answer
            return {"interrupted": ""}
        return {"error": f"the download ended without an answer (exit status {process.returncode})"}
    return reply
