"""The connection to a Ray cluster: one that runs, or one of this machine alone that is begun for a call and ends with it."""

import logging
import math
import os
import signal
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tempkit.errors import BackendError, ExtraMissingError, UsageError, one_line
from tempkit.types import Workers

__all__ = ["Cluster", "cluster_kept", "ray_module"]

_OBJECT_STORE = 128 * 2**20
"""Bytes of shared memory of a cluster that is begun here: what has been drawn passes through it, and stays for no time."""
_REACH_S = 10.0
_CPUS = 4
"""Processors of an actor, where nothing else is said: llama.cpp gains little from more on a small model."""
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # tells nobody of its use
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # an actor without GPUs sees those that its user lets it see
}


def ray_module() -> Any:
    """Return Ray, kept from telling anybody of its use.

    Raises:
        ExtraMissingError: It is not installed.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as e:
        raise ExtraMissingError("--executor ray", "ray") from e
    return ray


class _Connection:
    """This process's one connection, ended when nobody needs it any more."""

    def __init__(self) -> None:
        self._users = 0
        self._ours = False
        """Whether it was made here, not by the program that tempkit is a part of."""
        self._lock = threading.Lock()

    def enter(self) -> None:
        with self._lock:
            self._users += 1

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._ours:
                self._ours = False
                ray_module().shutdown()
                _say_of_machines(True)

    def make(self, workers: Workers) -> None:
        """Connect, where that is not done.

        Raises:
            BackendError: There is no such cluster, or it is of another version.
        """
        ray = ray_module()
        with self._lock:
            if ray.is_initialized():
                return
            address = workers.address or os.environ.get("RAY_ADDRESS") or "local"
            asked: dict[str, Any] = {}
            if address == "local":
                cpus = math.ceil((workers.actors or 0) * (workers.num_cpus or 0))
                asked = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE}
                if cpus > (os.cpu_count() or 1):
                    asked["num_cpus"] = cpus
            else:
                _check_reachable(address)
            with _signals_kept(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL, **asked)
                except (ConnectionError, RuntimeError, ValueError, OSError) as e:
                    where = "a cluster of this machine" if address == "local" else f"the cluster at {address}"
                    raise BackendError(f"--executor ray: no connection to {where}: {one_line(e)}") from e
            _say_of_machines(False)
            self._ours = True


def _say_of_machines(said: bool) -> None:
    """Let Ray print what goes wrong on other machines, or not: it goes to stdout, where `--json` has it, and there is no public switch."""
    ray_module()._private.worker._worker_logs_enabled = said  # noqa: SLF001


def _check_reachable(address: str) -> None:
    """Refuse an address where nothing listens: Ray would look for it for minutes.

    Raises:
        BackendError: Nothing does.
    """
    place = address
    if address == "auto":
        noted = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray/ray_current_cluster")  # noqa: S108  (Ray's own place)
        if not noted.is_file():
            return
        place = noted.read_text(encoding="utf-8").strip()
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACH_S).close()
    except (OSError, ValueError, OverflowError) as e:
        why = f"{place} is not HOST:PORT" if isinstance(e, ValueError) else one_line(e)
        raise BackendError(
            f"--executor ray: no cluster answers at {place} ({why}); begin one with ray start --head, or leave --ray-address out"
        ) from e


_CONNECTION = _Connection()


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Put back what answers signals: Ray would end the process by SIGTERM, and its run with it."""
    here = threading.current_thread() is threading.main_thread()
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)} if here else {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def cluster_kept() -> Iterator[None]:
    """Keep the connection, once it is made, until the block ends: a command may make several runs."""
    _CONNECTION.enter()
    try:
        yield
    finally:
        _CONNECTION.leave()


class Cluster:
    """What a pool of actors needs of Ray."""

    def __init__(self, workers: Workers, *, on_gpu: bool) -> None:
        """Connect, and settle what is not said.

        Args:
            workers: What is asked for.
            on_gpu: Whether a model computes on a GPU.

        Raises:
            BackendError: There is no cluster, or no machine of it has room for an actor.
            ExtraMissingError: Ray is not installed.
            UsageError: The address is that of a client's server.
        """
        if (workers.address or "").startswith("ray://"):
            raise UsageError(
                "--ray-address: ray:// is for clients far away; run tempkit on a machine of the cluster, with --ray-address auto"
            )
        self._ray = ray_module()
        _CONNECTION.enter()
        try:
            _CONNECTION.make(workers)
            self._settle(workers, on_gpu=on_gpu)
        except BaseException:
            _CONNECTION.leave()
            raise

    def _settle(self, workers: Workers, *, on_gpu: bool) -> None:
        machines = [
            (float(each["Resources"].get("CPU", 0)), float(each["Resources"].get("GPU", 0)))
            for each in self._ray.nodes()
            if each["Alive"]
        ]
        gpus = (1.0 if on_gpu else 0.0) if workers.num_gpus is None else workers.num_gpus
        cpus = workers.num_cpus
        if cpus is None:
            shares = [c * gpus / g if gpus else c for c, g in machines if c >= 1 and (g >= gpus)]
            cpus = float(max(1, min([_CPUS, *map(math.floor, shares)])))
        room = sum(_room(each, cpus, gpus) for each in machines)
        self.workers = replace(workers, num_cpus=cpus, num_gpus=gpus, actors=workers.actors or max(1, room))
        if not room:
            most = ", ".join(f"{c:g} CPUs and {g:g} GPUs" for c, g in sorted(set(machines), reverse=True)[:3])
            raise BackendError(
                f"--executor ray: no machine of the cluster has room for an actor of {self.workers} (they have {most}); ask for less"
            )
        fullest = max(_room(each, cpus, gpus) for each in machines)
        self.neighbours = max(1, min(fullest, self.workers.actors or fullest))
        """How many actors are on one machine at most."""

    def start(self, actor: type, *args: object) -> Any:
        """Begin an actor and return its handle; it comes up when there is room for it."""
        workers = self.workers
        remote = self._ray.remote(actor).options(
            num_cpus=workers.num_cpus, num_gpus=workers.num_gpus or None, max_restarts=0, max_task_retries=0
        )
        return remote.remote(*args)

    def kill(self, handle: Any) -> None:
        self._ray.kill(handle, no_restart=True)

    @property
    def died(self) -> type[Exception]:
        """The error of a call whose actor died, or whose machine is out of reach."""
        error: type[Exception] = self._ray.exceptions.RayError
        return error

    def close(self) -> None:
        _CONNECTION.leave()


def _room(machine: tuple[float, float], cpus: float, gpus: float) -> int:
    fit = [have / want for have, want in zip(machine, (cpus, gpus), strict=True) if want]
    return math.floor(min(fit) + 1e-9)
