"""Files of other programs with anything in them: each is read, or refused in one line, and soon."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tempkit.errors import TempkitError
from tempkit.interchange.imports.import_run import AS_THEY_ARE
from tempkit.interchange.imports.tables import read_table
from tempkit.planning import read_experiment
from tempkit.prompts import load_prompt

pytestmark = pytest.mark.slow

SECONDS = 20
"""What reading one may take on a machine with other work."""

KEYS = (
    *(
        "prompts",
        "providers",
        "tests",
        "vars",
        "assert",
        "type",
        "value",
        "threshold",
        "defaultTest",
        "scenarios",
    ),
    *("config", "id", "label", "raw", "messages", "role", "content", "options", "transform", "path", "$ref"),
    *(
        "assertionTemplates",
        "targets",
        "evaluateOptions",
        "repeat",
        "description",
        "temperature",
        "top_p",
        "stop",
    ),
    *(
        "name",
        "model",
        "inputs",
        "inputSchema",
        "sample",
        "properties",
        "kind",
        "default",
        "required",
        "template",
    ),
    *(
        "tools",
        "outputs",
        "parameters",
        "response_format",
        "input",
        "schema",
        "metadata",
        "tempkit",
        "data",
        "checks",
    ),
    *(
        "ideal",
        "item",
        "body",
        "custom_id",
        "class",
        "args",
        "samples_jsonl",
        "eval",
        "samples",
        "scores",
        "output",
    ),
    *(
        "choices",
        "message",
        "model_name",
        "temperature",
        "epoch",
        "text",
        "plan",
        "version",
        "status",
        "error",
    ),
)
TEXTS = (
    *(
        "{{ x }}",
        "{{x",
        "{% for a in b %}",
        "{% if x %}y{% endif %}",
        "{{ x | dump }}",
        "file://a.csv",
        "file://*",
        "file://../x",
    ),
    *(
        "file://m.py:f",
        "openai:gpt-4.1",
        "echo",
        "*.txt",
        '[{"role": "user", "content": "{{ x }}"}]',
        "[{",
        "user",
        "system",
    ),
    *(
        "contains",
        "regex",
        "(",
        "is-json",
        "llm-rubric",
        "similar",
        "assert-set",
        "#/assertionTemplates/x",
        "${env:HOME}",
    ),
    *(
        "${file:x.json}",
        "mustache",
        "jinja2",
        "thread",
        "a b",
        "",
        "\ud800",
        "\x00",
        "---",
        "user:\nHi",
        "system[a]:",
        "![thread]",
    ),
    *(
        '{{role "user"}}',
        "{{#each x}}{{this}}{{/each}}",
        "{{> p}}",
        "{{history}}",
        "<<<dotprompt:role:model>>>",
        "1e400",
        "NaN",
    ),
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(TEXTS)
    | st.text(max_size=20)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)
FEW = st.lists(VALUES, min_size=1, max_size=3)
NEARLY = st.one_of(
    st.fixed_dictionaries(
        {"prompts": FEW | st.just(["Say {{ x }} to {{ y }}"])},
        optional={
            "providers": FEW,
            "tests": st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "vars": VALUES | st.fixed_dictionaries({"x": VALUES, "y": VALUES}),
                        "assert": st.lists(
                            st.fixed_dictionaries(
                                {"type": st.sampled_from(TEXTS)},
                                optional={"value": VALUES, "threshold": SCALARS},
                            ),
                            max_size=3,
                        ),
                        "options": VALUES,
                    },
                ),
                max_size=3,
            ),
            "defaultTest": VALUES,
            "scenarios": FEW,
            "assertionTemplates": VALUES,
        },
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "inputs": VALUES
            | st.lists(
                st.fixed_dictionaries({"name": SCALARS}, optional={"kind": SCALARS, "default": VALUES})
            ),
            "inputSchema": VALUES,
            "sample": VALUES,
            "model": st.fixed_dictionaries(
                {}, optional={"parameters": VALUES, "options": VALUES, "api": SCALARS}
            ),
            "config": st.fixed_dictionaries({}, optional={"temperature": SCALARS, "topP": SCALARS}),
            "input": st.fixed_dictionaries({}, optional={"schema": VALUES, "default": VALUES}),
            "template": VALUES,
            "tools": VALUES,
        },
    ),
    st.fixed_dictionaries(
        {"item": SCALARS, "model": SCALARS, "temperature": SCALARS},
        optional={
            "text": VALUES,
            "replicate": SCALARS,
            "accuracy": SCALARS,
            "input": VALUES,
            "ideal": VALUES,
        },
    ),
)
"""Of the shape that a promptfoo configuration, a prompt's front matter, a row of answers or of evals has."""
MAPPINGS = NEARLY | st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8)


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def as_front_matter(value: object, body: list[str]) -> bytes:
    return b"---\n" + as_json(value) + b"\n---\n" + "\n".join(body).encode("utf-8", "replace")


BODIES = st.lists(st.sampled_from(TEXTS), max_size=5)
CONTENTS = st.one_of(
    st.binary(max_size=200),
    MAPPINGS.map(as_json),
    st.lists(MAPPINGS | VALUES, max_size=4).map(lambda rows: b"\n".join(as_json(row) for row in rows)),
    st.builds(as_front_matter, MAPPINGS, BODIES),
    st.lists(st.sampled_from(TEXTS), max_size=8).map(
        lambda parts: ",".join(parts).encode("utf-8", "replace")
    ),
)


def table(path: Path) -> object:
    return read_table(path, AS_THEY_ARE)


READERS: dict[str, Callable[[Path], object]] = {
    "any.prompty": load_prompt,
    "any.prompt": load_prompt,
    "any.j2": load_prompt,
    "any.md": load_prompt,
    "any.jsonl": load_prompt,
    "any.csv": load_prompt,
    "any.parquet": load_prompt,
    "promptfooconfig.yaml": read_experiment,
    "promptfooconfig.json": read_experiment,
    "evals/any.yaml": read_experiment,
    "log.eval": table,
    "log.json": table,
    "logs.db": table,
    "rows.jsonl": table,
    "rows.yaml": table,
    "rows.csv": table,
}


@pytest.mark.parametrize("name", READERS)
@settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=CONTENTS)
def test_a_file_is_read_or_refused_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    began = time.monotonic()
    refused = None
    try:
        assert READERS[name](path) is not None
    except TempkitError as e:
        refused = str(e)
    assert refused is None or (refused.strip() and "\n" not in refused)
    assert time.monotonic() - began < SECONDS
