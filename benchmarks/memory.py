"""What memory `tempkit run` takes for few samples and for many, its database included.

Two runs of the bundled model on the brainstorming prompt's first two items, alike but for the number of replicates. Both
processes, the command and its engine, are looked at ten times a second.
On two cores it takes about twelve minutes: python benchmarks/memory.py
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from _processes import run

from tempkit.prompts.bundled import shipped_prompts

TEMPERATURES = "0,0.3,0.7,1,1.3,1.6"
CELLS = 12


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, nargs="+", default=[204, 2004])
    parser.add_argument("--max-tokens", type=int, default=64)
    args = parser.parse_args()
    first = None
    for samples in args.samples:
        with tempfile.TemporaryDirectory() as folder:
            peaks, seconds = watch(Path(folder), -(-samples // CELLS), args.max_tokens)
        total = sum(peaks.values())
        first = first or total
        parts = ", ".join(f"{name} {peak / 1e6:.0f} MB" for name, peak in peaks.items())
        print(
            f"{samples} samples in {seconds:.0f} s: peak {total / 1e6:.0f} MB ({parts}); {total / first:.3f}",
            flush=True,
        )


def watch(folder: Path, repeat: int, max_tokens: int) -> tuple[dict[str, int], float]:
    """Do one run; return the peak of each of its processes, and how long it took."""
    prompt = shipped_prompts() / "brainstorming.prompty"
    command = [sys.executable, "-m", "tempkit", "run", str(prompt), "-m", "gguf:smollm2", "--items", "2"]
    grid = ["-t", TEMPERATURES, "-n", str(repeat), "--max-tokens", str(max_tokens)]
    began = time.perf_counter()
    peaks = {"command": 0, "engine": 0}
    with subprocess.Popen(
        [*command, *grid], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        parent = psutil.Process(process.pid)
        while process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
                peaks["command"] = max(peaks["command"], parent.memory_info().rss)
                engines = [child.memory_info().rss for child in parent.children(recursive=True)]
                peaks["engine"] = max([peaks["engine"], *engines])
            time.sleep(0.1)
        said = process.stderr.read() if process.stderr else b""
    if process.returncode:
        raise SystemExit(said.decode("utf-8", "replace"))
    return peaks, time.perf_counter() - began


if __name__ == "__main__":
    run(main)
