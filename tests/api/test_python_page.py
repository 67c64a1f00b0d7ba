"""docs/python-api.md, executed from an empty folder on the bundled model: as a script, and as cells inside a running event loop."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import PATIENCE_S, ROOT

BLOCKS = re.findall(
    r"^```python\n(.*?)^```",
    (ROOT / "docs/python-api.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)

NOTEBOOK = """
import asyncio, sys, threading
cells = sys.argv[1:]

async def kernel():
    here = {}
    for cell in cells:
        if "asyncio.run" in cell:
            exec(cell.replace("asyncio.run(main())", ""), here)
            await here["main"]()
        else:
            exec(cell, here)
    print("loops", asyncio.get_running_loop() is not None)

asyncio.run(kernel())
"""


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.parametrize("inside", [False, True])
def test_the_page_s_examples_run(tmp_path: Path, inside: bool) -> None:
    pytest.importorskip("llama_cpp")
    command = ["-c", NOTEBOOK, *BLOCKS] if inside else ["-c", "\n".join(BLOCKS)]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "score.fact_recall" in done.stdout
    assert "technical-documentation, gguf:smollm2: " in done.stdout
    assert "<tempkit.Run one: finished, 4 of 4 answers>" in done.stdout
    assert (tmp_path / "report.html").stat().st_size > 100_000
    assert (tmp_path / "again.html").exists()
    assert (tmp_path / "tempkit.db").exists()
