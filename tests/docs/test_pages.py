"""The pages for people: links lead somewhere, and what is listed is what there is."""

import json
import re
from pathlib import Path

import pytest
from page_commands import BLOCK, PAGES
from support import ROOT, Cli

from tempkit.decision import shipped
from tempkit.decision.profile import parse_profile

CHOOSING = (ROOT / "docs/choosing-a-temperature.md").read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """Return the names that GitHub gives the headings of a page."""
    plain = BLOCK.sub("", text)
    heads = re.findall(r"^#+ (.+)$", plain, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", text)):
        if target.startswith(("http:", "https:")):
            continue
        name, _, anchor = target.partition("#")
        there = page.parent / name if name else page
        assert there.exists(), f"{target} is not there"
        assert not anchor or anchor in anchors(there.read_text(encoding="utf-8")), (
            f"{target}: no such heading"
        )


def test_the_example_of_a_use_case_is_one() -> None:
    (example,) = (body for kind, body in BLOCK.findall(CHOOSING) if kind == "toml" and "[[primary]]" in body)
    assert parse_profile(example, "the page").policies == ("single", "best-of:3")


def test_every_shipped_use_case_is_listed_with_where_it_starts() -> None:
    listed = re.findall(r"^\| `([\w-]+)`.*\| (lowest|middle|highest) \| ([\d.]+) \|$", CHOOSING, re.MULTILINE)
    expected = {
        (each.name, each.tie, f"{each.start.temperatures[0]:g}") for each in shipped().values() if each.start
    }
    assert set(listed) == expected
    assert len(expected) == len(shipped())


def test_other_policies_of_a_use_case_are_listed() -> None:
    listed = dict(re.findall(r"^\| `([\w-]+)` \(also `([\w:-]+)`\)", CHOOSING, re.MULTILINE))
    assert listed == {each.name: each.policies[1] for each in shipped().values() if len(each.policies) > 1}


def test_the_names_of_the_json_are_those_listed(cli: Cli, tmp_path: Path) -> None:
    rows = [f"q{item},m,{t},{(item + t) % 2}" for item in range(6) for t in (0, 1)]
    (tmp_path / "exam.csv").write_text("\n".join(["item,model,temperature,accuracy", *rows]))
    cli("import", "exam.csv")
    (decided,) = json.loads(cli("recommend", "--measure", "accuracy", "--margin", "0.05", "--json").out)[
        "decisions"
    ]
    text = (ROOT / "docs/exporting.md").read_text(encoding="utf-8").partition("## The decision as JSON")[2]
    listed = re.findall(r"^\| (`.+?`) \| (.+) \|$", text, re.MULTILINE)
    names = [name for first, _ in listed for name in re.findall(r"`(\w+)`", first)]
    assert sorted(names) == sorted(decided)
    (columns,) = (second for first, second in listed if "`temperatures`" in first)
    assert columns.rpartition(" `")[2].rstrip("`").split(", ") == list(decided["temperatures"][0])
