"""Words that were retired for the field's terms: none is left in code, catalogues, help or docs (docs/glossary.md has the terms)."""

import re
from pathlib import Path

import pytest
from support import ROOT

RETIRED = {
    r"cut[-_ ]off": "truncated",
    r"(?:no|not|as|if|be|is|are) whole\b(?! numbers?| thousandths)|whole (?:answer|completion|sample)s?\b": "complete, incomplete",
    r"\bholes?\b": "missing value",
    r"\bparted\b|\bpartings?\b|(?:samples?|answers?|they|texts?|nothing) parts?\b(?! of| in)": "diverge, split",
    r"\bpatien(?:ce|t|tly)\b": "retry policy, wait",
    r"\blanes?\b": "session",
    r"\bAsking\(|\basking(?:\.\w|: Asking)": "batch polling",
    r"comes? along|came along": "bundled",
    r"neither kept nor broken": "inconclusive",
    r"\b(?:[Ww]ho(?:ever)?|is) told (?:how|of every|when)\b|\b[Tt]old ?[=:(]|\btold\b(?=,$)": "callback, on_progress",
    r"\bone door\b|only door": "facade",
    r"\bwires?\b": "request, the API's name, ipc",
    r"\bfences\b": "prompt fencing",
    r"\btrunks?\b": "branch",
    r"re-?temper": "recompute at another temperature",
}
"""By pattern: the term that takes its place."""

KEPT = {
    # NoveltyBench's own word for how long a reader goes on.
    ("tempkit/measures/ideas.py", "patience"),
    ("tempkit/measures/ideas.py", "PATIENCE"),
    # What a stored run may call an option.
    ("tempkit/backends/remote/model_session.py", "patience_s"),
}


def _files() -> list[Path]:
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    for suffix in ("py", "pyi", "j2", "js", "ts", "css", "toml", "po", "prompty"):
        found += (ROOT / "tempkit").rglob(f"*.{suffix}")
    return [
        path
        for path in sorted(found)
        # Sentences that older versions stored, and names that modules had.
        if path.parent.name != "versions" and path.name != "renamed-modules.md"
    ]


@pytest.mark.parametrize("pattern", RETIRED)
def test_a_retired_word_is_nowhere(pattern: str) -> None:
    word = re.compile(pattern)
    hits = []
    for path in _files():
        name = path.relative_to(ROOT).as_posix()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            said = [match[0] for match in word.finditer(line)]
            hits += [f"{name}:{number}: {line.strip()[:120]}" for each in said if (name, each) not in KEPT]
    assert not hits, f"say {RETIRED[pattern]!r}:\n" + "\n".join(hits)


def test_each_term_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8").lower()
    for terms in RETIRED.values():
        for term in terms.split(", "):
            assert term.lower() in glossary, term
