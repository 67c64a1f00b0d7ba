"""`tempkit.testing` as another project uses it: its own folder, its own pytest, a backend found by its entry point."""

import os
import re
import subprocess
import sys
from pathlib import Path

from support import PATIENCE_S, ROOT

PAGE = (ROOT / "docs/writing-a-backend.md").read_text(encoding="utf-8")
SUITE = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[1]

GOOD = """
from tempkit.backends.scripted import ScriptedBackend


class Native(ScriptedBackend):
    pass
"""
FORGETS_ZERO = (
    GOOD
    + """
    async def run(self, sweeps, on_tokens):
        async for outcome in super().run(sweeps, on_tokens):
            yield outcome if outcome.temperature_sent else replace(outcome, temperature_sent=None)
"""
).replace("from tempkit", "from dataclasses import replace\nfrom tempkit", 1)


def outcome(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    (folder / "native.py").write_text(source)
    (folder / "test_native.py").write_text(
        SUITE.replace(', options={"base_url": "http://localhost:8080"}', "").replace("smollm2", "words")
    )
    facts = folder / "native-0.1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: native\nVersion: 0.1\n")
    (facts / "entry_points.txt").write_text("[tempkit.backends]\nnative = native:Native\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "test_native.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder}:{ROOT}", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_a_backend_that_keeps_the_contract_passes(tmp_path: Path) -> None:
    done = outcome(tmp_path, GOOD)
    assert done.returncode == 0, done.stdout
    assert "12 passed" in done.stdout


def test_a_backend_that_breaks_it_fails_where_it_does_with_the_values(tmp_path: Path) -> None:
    done = outcome(tmp_path, FORGETS_ZERO)
    assert done.returncode == 1
    assert re.findall(r"^FAILED \S+::(\w+)", done.stdout, re.MULTILINE) == [
        "test_the_temperature_sent_is_the_one_asked_for_zero_included"
    ]
    assert "assert None == 0.0" in done.stdout  # assertions are rewritten, as those of a project's own tests


def test_only_the_testing_package_imports_pytest() -> None:
    program = (
        "import sys, tempkit.cli, tempkit.report, tempkit.running; raise SystemExit('pytest' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=PATIENCE_S).returncode == 0
