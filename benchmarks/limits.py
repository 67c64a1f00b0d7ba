"""What it costs to run templates and patterns under limits in a process of their own, with and without.

    python benchmarks/limits.py

An ordinary prompt of 40 rows whose template has a loop and a filter, and the answers of an ordinary run (1,680 texts of 1 kB)
with a pattern and a schema to check. Prints milliseconds, the best of several times; the helper is warm but for the first line.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from tempkit.measures.assertions import decided
from tempkit.prompts.rendering import Template
from tempkit.sandbox import helper
from tempkit.sandbox.patterns import searching
from tempkit.sandbox.schemas import agreeing
from tempkit.sandbox.templates import rendering
from tempkit.types import Check

BODY = """system:
You answer in {{ language | upper }}.
user:
{% for place in places %}- {{ place }}{% if not loop.last %};{% endif %}
{% endfor %}
Which of these is the largest?"""
PLAIN = "Which of {{ language }} and {{ places }} is the largest?"
ROWS: list[dict[str, Any]] = [
    {"language": "english", "places": [f"place {i} {j}" for j in range(5)]} for i in range(40)
]
TEXTS = [json.dumps({"n": i, "text": "a word or two " * 70}) for i in range(1680)]
PATTERN = r"(^|\n)[\s*#]*5[.):]"
SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


def best(work: Callable[[], object], times: int = 5) -> float:
    """Return milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return 1000 * min(took)


def here(prepare: Callable[[Any], Callable[[Any], Any]], common: Any, items: Sequence[Any]) -> float:
    do = prepare(common)
    return best(lambda: [do(item) for item in items])


def main() -> None:
    began = time.perf_counter()
    helper().run("tempkit.sandbox.patterns:searching", "a", ["a"])
    print(f"starting the helper, once: {1000 * (time.perf_counter() - began):.0f} ms\n")
    print(f"{'':44} {'here':>8} {'limited':>8} {'more':>8}")
    rows = [(row, "") for row in ROWS]
    loops, plain = Template(BODY, "p.prompty"), Template(PLAIN, "p.prompty")
    lines = [
        (
            "40 rows of a template with a loop",
            here(rendering, BODY, ROWS),
            best(lambda: loops.render_all(rows)),
        ),
        (
            "40 rows of one with names alone",
            here(rendering, PLAIN, ROWS),
            best(lambda: plain.render_all(rows)),
        ),
        (
            "a pattern on 1,680 answers",
            here(searching, PATTERN, TEXTS),
            best(lambda: decided(Check("regex", PATTERN), TEXTS)),
        ),
        (
            "a schema on 1,680 answers",
            here(agreeing, SCHEMA, TEXTS),
            best(lambda: decided(Check("is-json", SCHEMA), TEXTS)),
        ),
        (
            "contains on 1,680 answers",
            best(lambda: [PATTERN in text for text in TEXTS]),
            best(lambda: decided(Check("contains", PATTERN), TEXTS)),
        ),
    ]
    for name, without, limited in lines:
        print(f"{name:44} {without:8.1f} {limited:8.1f} {limited - without:+8.1f}")


if __name__ == "__main__":
    main()
