"""The backend in docs/writing-a-backend.md, installed as a third party's would be, against llama.cpp's own server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import ROOT, serve

from tempkit.backends.protocol import backend_names
from tempkit.planning.experiment import parse_model
from tempkit.testing import BackendContract

PAGE = (ROOT / "docs/writing-a-backend.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


class TestNative(BackendContract):
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _installed(cls, bundled_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        site = tmp_path_factory.mktemp("site")
        (site / "my_package.py").write_text(block("python"))
        facts = site / "my_package-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
        entry = re.sub(r'project\.entry-points\."(.*)"', r"\1", block("toml")).replace('"', "")
        (facts / "entry_points.txt").write_text(entry)
        with pytest.MonkeyPatch.context() as patch, serve(bundled_gguf, key="") as server:
            patch.syspath_prepend(site)
            cls.model = parse_model("native:smollm2", options={"base_url": server.base_url[: -len("/v1")]})
            yield

    def test_it_is_found_by_its_entry_point(self) -> None:
        assert "native" in backend_names()


def test_the_example_is_short() -> None:
    lines = [line for line in block("python").splitlines() if line.strip()]
    assert len(lines) <= 45
