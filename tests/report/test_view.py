"""The view against a stored copy, and the sentences against the numbers they speak of."""

import base64
import dataclasses
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from report_alike import differences
from report_decided import hand_decision
from report_sample import Run, run_facts

from tempkit.report import Study, view
from tempkit.report.answers.tokens import unpack
from tempkit.types import ModelSpec, SamplingParams, TopUp

GOLDEN = Path(__file__).parent / "golden" / "hand_view.json"


def opened(seen: dict[str, Any]) -> dict[str, Any]:
    """Return a view with nothing packed in it: blocks as data, linked files as their lines."""
    files = [{**file, "href": file["href"] and lines(file["href"])} for file in seen["downloads"]]
    return {
        **seen,
        "downloads": files,
        "blocks": {name: unpack(packed) for name, packed in seen["blocks"].items()},
    }


def lines(href: str) -> list[str]:
    """Return the address of a file that is its own link, up to the data, and the data's lines."""
    head, data = href.split(",")
    text = base64.b64decode(data).decode()
    return [head, *text.split("\r\n" if "csv" in head else "\n")]


def with_cells(stored: dict[str, Any]) -> dict[str, Any]:
    """Return an opened view with the lines of its linked files as cells, and JSON as what it says: numbers among them."""
    files = [
        {**file, "href": href and [href[0], *_parts(href)]}
        for file in stored["downloads"]
        for href in [file["href"]]
    ]
    return {**stored, "downloads": files}


def _parts(href: list[str]) -> list[Any]:
    return list(map(cells, href[1:])) if "csv" in href[0] else [json.loads("\n".join(href[1:]))]


def cells(line: str) -> list[str | float]:
    """Return a line's texts with their quotation marks, its commas, and its numbers as numbers."""
    parts = re.findall(r'"(?:[^"]|"")*"|,|[^",]+', line)
    assert "".join(parts) == line
    return [part if part[0] in '",' else json.loads(part) for part in parts]


def decided(hand: Run) -> Study:
    """Return the run with a decision by hand, so that the stored view changes with the view and not with how it is decided."""
    return dataclasses.replace(hand.study, decisions=[hand_decision()])


def test_the_view_is_as_stored(hand: Run) -> None:
    """`TEMPKIT_UPDATE_GOLDEN=1 pytest` stores it anew; look at the difference before committing it."""
    text = json.dumps(opened(view([decided(hand)])), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if os.environ.get("TEMPKIT_UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    stored = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert differences(with_cells(json.loads(text)), with_cells(stored)) == []


@pytest.mark.parametrize(
    "place",
    [
        ("use_cases", 0, "figures", "lead", 0, "rows", 0, "v"),
        ("blocks", "download-answers", "rows", 13, 3),
        ("downloads", 0, "href", 10, 14),
    ],
)
def test_a_changed_number_is_a_difference_and_another_processors_last_digits_are_none(
    hand: Run, place: tuple[str | int, ...]
) -> None:
    """Curves, what is packed, and the files among the links: each holds numbers that were computed."""
    text = json.dumps(with_cells(opened(view([decided(hand)]))))
    *path, last = place
    for factor, different in ((1 + 1e-6, 1), (1 + 1e-15, 0)):
        seen, changed = json.loads(text), json.loads(text)
        within = changed
        for step in path:
            within = within[step]
        before = within[last]
        assert isinstance(before, float)
        within[last] *= factor
        assert within[last] != before
        assert len(differences(changed, seen)) == different


def sentences(run: Run) -> list[str]:
    return [
        sentence.replace("\u00a0", " ")
        for case in view([run.study])["use_cases"]
        for section in case["sections"]
        for sentence in section["sentences"]
    ]


def test_sentences_by_hand(hand: Run) -> None:
    assert sentences(hand) == [
        "Truncated at the token limit: 2 of 11 answers, all at T = 1.",
        "Failed: 1 of 12 samples, all at T = 1.",
    ]
    nothing = dataclasses.replace(hand, completions=(), failures=())
    assert sentences(nothing) == ["No answer came back, so there is nothing to compare."]


def test_an_unfinished_run_says_so(hand: Run) -> None:
    part = dataclasses.replace(
        hand, completions=hand.completions[:4], facts=run_facts(12, status="interrupted")
    )
    banner = view([part.study])["runs"][0]["banner"]
    assert banner.startswith("7 of 12 planned answers are not there yet (status: interrupted).")
    assert view([hand.study])["runs"][0]["banner"] is None


def test_counts_are_right_after_a_top_up(hand: Run) -> None:
    """3 answers to each of 2 questions at 2 temperatures, and 3 more at one of them: 18, of which 11 came back and 1 failed."""
    more = TopUp(model="scripted:x", prompts=("p",), temperatures=(1.0,), repeat=6)
    topped = dataclasses.replace(
        hand, plan=dataclasses.replace(hand.plan, topups=(more,)), facts=run_facts(18, name="hand")
    )
    data = view([topped.study])
    assert data["runs"][0]["headline"] == (
        "2 questions × 1 model × 2 temperatures × 3 to 6 answers. 11 of 18 planned answers came back, 1 failed."
    )
    assert data["use_cases"][0]["sections"][0]["extent"] == "2 questions × 3 to 6 answers at each temperature"
    assert ("Of each question, at each temperature", "3 to 6 answers") in data["method"][0]["design"]
    plain = view([hand.study])
    assert plain["runs"][0]["headline"] == (
        "2 questions × 1 model × 2 temperatures × 3 answers. 11 of 12 planned answers came back, 1 failed."
    )


def test_a_models_colour_is_the_same_everywhere(sample: Run) -> None:
    colours: dict[str, set[int]] = {}
    for case in view([sample.study])["use_cases"]:
        for section in case["sections"]:
            colours.setdefault(section["model"], set()).add(section["series"])
    assert colours == {"gguf:smollm2": {1}, "lab server": {2}}


def test_the_method_holds_what_a_repeat_needs_and_no_secret(sample: Run) -> None:
    method = view([sample.study])["method"][0]
    told = json.dumps(method)
    assert "sk-never-shown" not in told
    assert "hunter2" not in told
    assert "key=abc" not in told
    assert ["api_key", "not shown"] in json.loads(told)["models"][1]["facts"]
    assert ["base_url", "http://localhost:8000/v1"] in json.loads(told)["models"][1]["facts"]
    assert {name for name, _ in method["parameters"]} == {f.name for f in dataclasses.fields(SamplingParams)}
    assert "sha256:9d43d9a7b1c2f0a6" in told
    assert "engine.version" in told
    assert "packages.numpy" in told
    assert any("T\u00a0=\u00a00.2" in sentence for sentence in method["suggested"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sampling": {"p": SamplingParams(top_p=0.9)}}, "top_p = 0.9 also reshape"),
        (
            {
                "models": (
                    ModelSpec(backend="scripted", name="x", label="scripted:x"),
                    ModelSpec(backend="other", name="y", label="y"),
                )
            },
            "Two providers' T = 0 need not be the same",
        ),
    ],
)
def test_caveats_are_those_of_the_run(hand: Run, change: dict[str, object], words: str) -> None:
    plain = " ".join(view([hand.study])["method"][0]["caveats"])
    assert words not in plain
    changed = dataclasses.replace(hand, plan=dataclasses.replace(hand.plan, **change))  # type: ignore[arg-type]
    assert words in " ".join(view([changed.study])["method"][0]["caveats"])
