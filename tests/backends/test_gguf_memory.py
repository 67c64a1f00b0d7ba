"""How much memory the local engine takes there to be: the lowest limit of all control groups around it."""

import re
from pathlib import Path

import psutil
import pytest

from tempkit.backends.gguf.memory import available_memory

GB = 10**9
MB = 10**6
NONE_V1 = 9223372036854771712
"""What version 1 says for no limit."""

TREES: dict[str, tuple[str, dict[str, str], int | None]] = {
    "a container, its group at the root": (
        "0::/",
        {"sys/fs/cgroup/memory.max": f"{300 * MB}", "sys/fs/cgroup/memory.current": f"{100 * MB}"},
        200 * MB,
    ),
    "a scope of systemd": (
        "0::/user.slice/user-1000.slice/run-u5.scope",
        {
            "sys/fs/cgroup/user.slice/memory.max": "max",
            "sys/fs/cgroup/user.slice/memory.current": f"{9 * GB}",
            "sys/fs/cgroup/user.slice/user-1000.slice/run-u5.scope/memory.max": f"{120 * MB}",
            "sys/fs/cgroup/user.slice/user-1000.slice/run-u5.scope/memory.current": f"{20 * MB}",
        },
        100 * MB,
    ),
    "a slice around the scope with less": (
        "0::/user.slice/run-u5.scope",
        {
            "sys/fs/cgroup/user.slice/memory.max": f"{100 * MB}",
            "sys/fs/cgroup/user.slice/memory.current": f"{70 * MB}",
            "sys/fs/cgroup/user.slice/run-u5.scope/memory.max": f"{120 * MB}",
            "sys/fs/cgroup/user.slice/run-u5.scope/memory.current": f"{20 * MB}",
        },
        30 * MB,
    ),
    "a limit that throttles": (
        "0::/a.scope",
        {
            "sys/fs/cgroup/a.scope/memory.max": "max",
            "sys/fs/cgroup/a.scope/memory.high": f"{50 * MB}",
            "sys/fs/cgroup/a.scope/memory.current": f"{10 * MB}",
        },
        40 * MB,
    ),
    "SLURM, version 1": (
        "11:memory:/slurm/uid_1000/job_42/step_batch/task_0\n1:name=systemd:/x",
        {
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{NONE_V1}",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{9 * GB}",
            "sys/fs/cgroup/memory/slurm/uid_1000/job_42/memory.limit_in_bytes": f"{90 * MB}",
            "sys/fs/cgroup/memory/slurm/uid_1000/job_42/memory.usage_in_bytes": f"{30 * MB}",
            "sys/fs/cgroup/memory/slurm/uid_1000/job_42/step_batch/memory.limit_in_bytes": f"{95 * MB}",
            "sys/fs/cgroup/memory/slurm/uid_1000/job_42/step_batch/memory.usage_in_bytes": f"{5 * MB}",
        },
        60 * MB,
    ),
    "SLURM, version 2": (
        "0::/system.slice/slurmstepd.scope/job_42/step_0/user/task_0",
        {
            "sys/fs/cgroup/system.slice/slurmstepd.scope/job_42/memory.max": f"{80 * MB}",
            "sys/fs/cgroup/system.slice/slurmstepd.scope/job_42/memory.current": f"{30 * MB}",
        },
        50 * MB,
    ),
    "both versions at once": (
        "5:cpu,memory:/job\n0::/other.scope",
        {
            "sys/fs/cgroup/memory/job/memory.limit_in_bytes": f"{70 * MB}",
            "sys/fs/cgroup/memory/job/memory.usage_in_bytes": f"{20 * MB}",
            "sys/fs/cgroup/unified/other.scope/memory.max": f"{40 * MB}",
            "sys/fs/cgroup/unified/other.scope/memory.current": f"{5 * MB}",
        },
        35 * MB,
    ),
    "a container of version 1, its name the host's": (
        "4:memory:/docker/0123abcd",
        {
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{70 * MB}",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{20 * MB}",
        },
        50 * MB,
    ),
    "a name above its own root": (
        "0::/../../job.scope",
        {"sys/fs/cgroup/memory.max": f"{70 * MB}", "sys/fs/cgroup/memory.current": f"{20 * MB}"},
        50 * MB,
    ),
    "files that it has read are not held": (
        "0::/a",
        {
            "sys/fs/cgroup/a/memory.max": f"{100 * MB}",
            "sys/fs/cgroup/a/memory.current": f"{90 * MB}",
            "sys/fs/cgroup/a/memory.stat": f"anon {20 * MB}\ninactive_file {60 * MB}\nslab",
        },
        70 * MB,
    ),
    "more taken than there may be": (
        "0::/a",
        {"sys/fs/cgroup/a/memory.max": f"{10 * MB}", "sys/fs/cgroup/a/memory.current": f"{20 * MB}"},
        0,
    ),
    "no limit anywhere": (
        "0::/a",
        {"sys/fs/cgroup/a/memory.max": "max", "sys/fs/cgroup/a/memory.current": f"{20 * MB}"},
        None,
    ),
    "no groups": ("", {}, None),
    "a file of something else": ("nonsense\n::\n7", {"sys/fs/cgroup/memory.max": "many"}, None),
}


@pytest.mark.parametrize("kind", TREES)
def test_the_lowest_limit_around_it_counts(kind: str, tmp_path: Path) -> None:
    groups, files, expected = TREES[kind]
    for name, text in {"proc/self/cgroup": groups, **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    found = available_memory(tmp_path)
    if expected is None:
        assert found > 0
        assert found == pytest.approx(psutil.virtual_memory().available, rel=0.5)
    else:
        assert found == expected


def test_of_this_process_it_is_no_more_than_the_machine_has() -> None:
    assert 0 < available_memory() <= psutil.virtual_memory().total
    own = Path("/proc/self/cgroup")
    if own.exists():  # its form is what is read
        assert re.match(r"(\d+:[^:]*:.*\n)+\Z", own.read_text())
