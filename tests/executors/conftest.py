"""A Ray cluster of this machine, begun by the tests, with a backend that kills whoever draws a certain question."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import psutil
import pytest
from support import ROOT, lacking

DEADLY = '''
"""Twelve words, and the end of the process when the poisoned question comes."""

import os

from tempkit.backends.scripted import ScriptedBackend


class Deadly(ScriptedBackend):
    async def run(self, sweeps, on_tokens):
        for sweep in sweeps:
            if "poison" in sweep.item.messages[-1].content:
                os._exit(1)
            async for outcome in super().run([sweep], on_tokens):
                yield outcome
'''


@dataclass(frozen=True)
class RayCluster:
    """What `ray.cluster_utils` started here."""

    cluster: Any

    @property
    def address(self) -> str:
        return str(self.cluster.address)

    def actors(self) -> list[psutil.Process]:
        """Return the actors' processes."""
        found = []
        for process in psutil.Process().children(recursive=True):
            try:
                if process.cmdline()[:1] and process.cmdline()[0].startswith("ray::Drawer"):
                    found.append(process)
            except psutil.Error:  # gone meanwhile
                continue
        return found


@pytest.fixture(scope="module")
def ray_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayCluster]:
    """Four processors, as far as Ray counts; 100 MB of shared memory. Meanwhile this process finds the deadly backend too."""
    if find_spec("ray") is None:
        lacking("Ray is not installed: pip install 'tempkit[ray]'")
    site = tmp_path_factory.mktemp("site")
    (site / "deadly_words.py").write_text(DEADLY, encoding="utf-8")
    facts = site / "deadly_words-0.1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: deadly_words\nVersion: 0.1\n")
    (facts / "entry_points.txt").write_text("[tempkit.backends]\ndeadly = deadly_words:Deadly\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(ROOT)]))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        from ray.cluster_utils import Cluster

        cluster = Cluster(
            initialize_head=True,
            head_node_args={
                "num_cpus": 4,
                "num_gpus": 0,
                "object_store_memory": 100 * 2**20,
                "include_dashboard": False,
            },
        )
        try:
            yield RayCluster(cluster)
        finally:
            cluster.shutdown()
