"""Templates, patterns and schemas that would take minutes or gigabytes, or that would like to be elsewhere.

Each is one of a kind: what is written, and what it is tried on.
"""

from typing import Any

LOOPS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
DOUBLING = "{% set ns = namespace(a='x') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}"

TEMPLATES: dict[str, str] = {
    "braces": "{{ ('{' ~ ':' * 60000).format() }}",
    "translate": "{{ ('x' * 1000000).translate({120: 'y' * 1000000}) }}",
    "widths of four digits": "{{ ('{:9999}' * 100000).format(*([1] * 100000)) }}",
    "widths in percent": "{{ ('%9999d' * 90000) % ((1,) * 90000) }}",
    "slices": "{% set x = 'a' * 1000000 %}{% for i in range(99999) %}{% set y = x[1:] %}{% endfor %}",
    "slices that are kept": "{% set ns = namespace(a=[]) %}{% set x = 'a' * 1000000 %}"
    "{% for i in range(9999) %}{% set ns.a = [ns.a, x[i:]] %}{% endfor %}",
    "in": "{% set x = [0] * 1000000 %}{% for i in range(99999) %}{% if 1 in x %}{% endif %}{% endfor %}",
    "in a text": "{% set x = 'a' * 900000 %}{% set y = 'a' * 400000 ~ 'b' %}"
    "{% for i in range(99999) %}{% if y in x %}{% endif %}{% endfor %}",
    "whole division": "{% set x = 10**5000 %}{% set y = 10**2500 %}"
    "{% for i in range(99999) %}{% if x // y %}{% endif %}{% endfor %}",
    "comparisons": "{% set x = [[0] * 1000] * 1000 %}{% set y = [[0] * 1000] * 1000 %}"
    "{% for i in range(99999) %}{% if x == y %}{% endif %}{% endfor %}",
    "loops": LOOPS,
    "doubling": DOUBLING,
    "recursion": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "endless recursion": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "statements": "{% set a = 1 %}" * 200_000,
    "branches": "{% if 1 %}" + "{% elif 1 %}" * 20_000 + "{% endif %}",
    "conjunctions": "{{ " + "1 and " * 50_000 + "1 }}",
    "brackets": "{{ " + "[" * 5000 + "]" * 5000 + " }}",
    "sums of lists": "{{ [[1] * 100] * 10000 | sum(start=[]) }}",
    "a large number": "{{ 10 ** (10**10) }}",
    "a way out": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "another file": "{% include '/etc/passwd' %}",
}
"""Prompt templates; all of them are refused."""

BLANKS: dict[str, str] = {
    "before": " " * 100_000 + "x",
    "after a word": "a" + " " * 100_000 + "x",
    "after a role": "system" + " " * 100_000 + "x",
    "after options": "user [" + "] " * 50_000 + "x",
    "after hashes": "# " * 50_000 + "x",
    "in a statement": "{% if 1" + " " * 100_000 + "%}x{% endif %}",
    "around statements": " " * 100_000 + "{%- if 1 %}x{% endif %}",
}
"""Prompts of lines that are long and empty; all of them are fine."""

CHATS: dict[str, str] = {
    "loops": LOOPS,
    "doubling": DOUBLING,
    "a product": "{{ 'x' * 10**10 }}",
    "a list": "{% set x = [[0] * 9999] * 9999 %}{{ x | string | length }}",
    "braces": "{{ ('{' ~ ':' * 60000).format() }}",
    "nesting": "{% if 1 %}" * 300 + "{% endif %}" * 300,
    "a way out": "{{ messages.__class__.__mro__[1].__subclasses__() }}",
}
"""Chat templates of models; all of them are refused."""

PATTERNS: dict[str, tuple[str, str]] = {
    "either way": (r"(a|aa)+$", "a" * 400 + "!"),
    "words and blanks": (r"^((\w+)\s?)*$(?<!!)", "aa " * 400 + "!"),
    "nested repeats": (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 4000),
    "many dots": (r"(.*a){25}$", "a" * 400 + "!"),
    "itself": (r"(?R)?a", "a" * 5000),
    "itself, twice": (r"(?:a(?R)?b?){2,}c", "a" * 5000),
    "counts in counts": (r"((a{1000}){1000}){1000}", "a"),
    "large counts": (r"(?:(?:ab?){1,60000}c?){1,60000}", "a"),
    "near enough": (r"(?:abcdefghij){e<=9}z", "x" * 20_000),
    "looking back": (r"(?<=(a|aa)+)b$", "a" * 20_000 + "c"),
    "what was found": (r"(a*)(a*)(a*)(a*)\1\2\3\4b", "a" * 2000),
    "unclosed": (r"(" * 3000, "a"),
}
"""Patterns with a text; all of them end without a value, or at once with one."""


def _squared(depth: int) -> dict[str, Any]:
    """Return a schema in which each of so many definitions asks for the one before it twice."""
    pairs = {f"d{i + 1}": {"allOf": [{"$ref": f"#/$defs/d{i}"}] * 2} for i in range(depth)}
    return {"$defs": {"d0": {"type": "string"}, **pairs}, "$ref": f"#/$defs/d{depth}"}


def _alternatives(depth: int) -> dict[str, Any]:
    """Return the same with alternatives, none of which holds."""
    pairs = {f"d{i + 1}": {"anyOf": [{"$ref": f"#/$defs/d{i}"}] * 2} for i in range(depth)}
    return {"$defs": {"d0": False, **pairs}, "$ref": f"#/$defs/d{depth}"}


OBJECTS = "[" + ",".join(f'{{"a":{i}}}' for i in range(20_000)) + "]"
NESTED = "[" * 300 + "]" * 300

SCHEMAS: dict[str, tuple[Any, str]] = {
    "a pattern": ({"pattern": r"^(\w+\s?)*$"}, '"' + "a" * 40 + '!"'),
    "names": ({"patternProperties": {r"^(a|aa)+$": {}}}, '{"' + "a" * 60 + '!": 1}'),
    "all different": ({"uniqueItems": True}, OBJECTS),
    "pairs": (_squared(30), '"x"'),
    "alternatives": (_alternatives(30), '"x"'),
    "a circle": ({"$ref": "#"}, "1"),
    "two circles": (
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        "1",
    ),
    "a number out of range": ({"properties": {"price": {"multipleOf": 0.01}}}, '{"price": 1e400}'),
    "its negative": ({"items": {"multipleOf": 0.1}}, "[1, -1e999]"),
    "elsewhere": ({"$ref": "http://127.0.0.1:9/schema.json"}, "1"),
    "a broken pattern": ({"pattern": "("}, '"x"'),
    "a broken one": ({"type": 5}, "1"),
    "not one": ("{", "1"),
}
"""Schemas with a text; all of them end without a value."""

REPORTS: dict[str, str] = {
    "loops": LOOPS,
    "doubling": DOUBLING,
    "a product": "{{ 'x' * 10**10 }}",
    "itself": "{% include 'page.html.j2' %}",
    "no end": "{{ range(10**9) | list | length }}",
    "a way out": "{{ view.__class__.__mro__ }}",
    "another file": "{% include '../secret.html.j2' %}",
    "a policy": '<meta http-equiv="Content-Security-Policy" content="default-src *">',
    "a refresh": "{{ ('<me' ~ 'ta http-equiv=refresh content=\"0;url=https://example.invalid\">') | safe }}",
    "a script": "{{ ('<scr' ~ 'ipt>alert(1)</script>') | safe }}",
    "a frame": "<iframe src='https://example.invalid'></iframe>",
    "a link": "<LINK rel='preconnect' href='https://example.invalid'>",
    "the end": "</body></html>",
}
"""What stands in a folder's own `page.html.j2`; all of them are refused."""
