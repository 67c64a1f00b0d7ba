"""Checks: what passes, what does not, what cannot be decided, and that no pattern and no schema can hang the tool."""

import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure_samples import a_block, an_item, by_replicate, completion, take

from tempkit.measures import Missing
from tempkit.measures.assertions import passes
from tempkit.measures.checks import CHECK_PASS, FACT_RECALL, FACTS_RETURNED, check_pass
from tempkit.prompts.expectations import CHECK_TYPES
from tempkit.types import Check
from tempkit.types.reasons import Reason

SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}

CASES: list[tuple[str, Any, str, bool]] = [
    ("equals", "8", "8", True),
    ("equals", "8", "8 ", False),
    ("equals", 8, "8", True),
    ("contains", "Fox", "a Fox", True),
    ("contains", "Fox", "a fox", False),
    ("icontains", "Fox", "a fOX", True),
    ("icontains", "fox", "a cat", False),
    ("contains-all", ["a", 1], "1 a", True),
    ("contains-all", ["a", "b"], "a", False),
    ("regex", r"^\d+$", "12", True),
    ("regex", r"^\d+$", "12a", False),
    ("regex", r"b", "abc", True),
    ("regex", r"(^|\n)[\s*#]*5[.):]", "4. x\n**5.** y", True),
    ("is-json", None, '{"a": [1, 2.5, null]}', True),
    ("is-json", None, "8", True),
    ("is-json", None, "```json\n{}\n```", False),
    ("is-json", None, "{'a': 1}", False),
    ("is-json", None, "", False),
    ("is-json", None, "NaN", False),
    ("is-json", None, "[1e999, -Infinity]", False),
    ("is-json", None, "9" * 5000, True),
    ("is-json", SCHEMA, '{"n": 1}', True),
    ("is-json", SCHEMA, '{"n": "1"}', False),
    ("is-json", '{"type": "array"}', "[]", True),
    ("is-json", '{"type": "array"}', "{}", False),
]


@pytest.mark.parametrize(("kind", "value", "text", "expected"), CASES)
def test_checks(kind: str, value: Any, text: str, expected: bool) -> None:
    assert passes(Check(kind, value), text) is expected


def test_similar_asks_for_the_cosine() -> None:
    check = Check("similar", "wanted")
    assert passes(check, "given", lambda a, b: 0.75 if (a, b) == ("given", "wanted") else None) is True
    assert passes(check, "given", lambda _, __: 0.74) is False
    assert passes(check, "", lambda _, __: None) is False
    assert passes(check, "given") == Missing("the check 'similar' needs an embedder")


def test_every_known_type_is_decided_or_says_why_not() -> None:
    values: dict[str, Any] = {"contains-all": ["a"], "is-json": None}
    for kind in CHECK_TYPES:
        found = passes(Check(kind, values.get(kind, "a")), "a", lambda _, __: 1.0)
        assert isinstance(found, bool) or kind == "llm-rubric"


def test_what_cannot_be_decided() -> None:
    assert passes(Check("llm-rubric", "funny"), "x") == Missing("the check 'llm-rubric' needs a judge")
    assert passes(Check("levenshtein", "x"), "x") == Missing(Reason("check_unknown", type="'levenshtein'"))
    assert isinstance(passes(Check("regex", "("), "x"), Missing)
    assert isinstance(passes(Check("is-json", "{"), "1"), Missing)
    assert isinstance(passes(Check("is-json", {"type": 5}), "1"), Missing)
    assert isinstance(passes(Check("is-json"), "[" * 100_000 + "]" * 100_000), Missing)


def test_a_schema_fetches_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"
        server.settimeout(0)
        socket.setdefaulttimeout(1)  # whoever asks would wait for an answer
        found = passes(Check("is-json", {"$ref": address}), "1")
        socket.setdefaulttimeout(None)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert isinstance(found, Missing)
    assert "schema" in str(found.reason)


@pytest.mark.parametrize("pattern", [r"(a|aa)+$", r"(.*a){25}$"])
def test_a_pattern_that_would_try_for_ages_is_given_up(pattern: str) -> None:
    """There are more than 10^30 ways to match the beginning, none of which reaches the end."""
    found = passes(Check("regex", pattern), "a" * 400 + "!")
    assert isinstance(found, Missing)
    assert str(found.reason).endswith("took longer than 1 s on this text: simplify it")


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"^(\w+\s?)*$"])
def test_a_pattern_that_only_looks_so_is_decided_or_given_up(pattern: str) -> None:
    found = passes(Check("regex", pattern), "a" * 40 + "!" + "a b" * 10_000 + "!")
    assert found is False or "simplify it" in str(getattr(found, "reason", ""))


@given(st.text(st.characters(), max_size=60), st.text(min_size=1, max_size=5))
def test_any_text_is_decided(text: str, value: str) -> None:
    assert passes(Check("contains", value), text) is (value in text)
    assert passes(Check("equals", text), text) is True
    assert isinstance(passes(Check("is-json"), text), bool)
    assert isinstance(passes(Check("icontains", value), text), bool)


def test_the_share_of_checks() -> None:
    checks = (Check("contains", "a"), Check("contains", "b"), Check("regex", "c"))
    assert check_pass("a c", checks) == pytest.approx(2 / 3)
    assert check_pass("a", ()) == Missing("has no checks")
    undecided = check_pass("a", (*checks, Check("llm-rubric", "x")))
    assert undecided == Missing("the check 'llm-rubric' needs a judge")


def test_checks_and_facts_of_a_block() -> None:
    item = an_item(facts=(("fox",), ("tea",)), checks=(Check("similar", "red fox"), Check("contains", "fox")))
    cells = {1.0: ["red fox", "blue whale", completion(1.0, 2, "red fox", finish="length"), ""]}
    block = a_block(cells, item)
    passed = take(block, CHECK_PASS)
    assert by_replicate(passed, 1.0) == [1.0, 0.0, "truncated at max_tokens", 0.0]
    assert {score.version for score in passed} == {"1 bag"}
    assert by_replicate(take(block, FACT_RECALL), 1.0) == [0.5, 0.0, "truncated at max_tokens", 0.0]
    assert by_replicate(take(block, FACTS_RETURNED), 1.0) == [0.5, 0.0, 0.5, 0.0]


def test_an_item_without_facts_or_checks_has_no_such_scores() -> None:
    assert take(a_block({0.0: ["x", "y"]}), CHECK_PASS, FACT_RECALL, FACTS_RETURNED) == []
