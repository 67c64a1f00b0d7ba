"""The schemas of tempkit's own dataclasses, as `--json` prints them: made from the dataclasses, with what these say of their fields.

`PYTHONPATH=.:tests python tests/json_types.py` writes docs/schemas/types.json anew.
"""

import ast
import inspect
import json
import textwrap
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
from support import ROOT

from tempkit.analysis import MeasureTrend
from tempkit.decision.detectable import Detectable
from tempkit.decision.result import Decision, NoteCode, StepCode
from tempkit.judging.result import Judgement
from tempkit.judging.run import Outline
from tempkit.probing.compare import CompareResult
from tempkit.probing.result import ProbeResult
from tempkit.prompts import KeptDecision
from tempkit.rating import ImportedRatings, RatingResults, SheetSection
from tempkit.types import Capabilities, Reason

__all__ = ["FILE", "written"]

FILE = ROOT / "docs/schemas/types.json"
PRINTED = (
    *(Decision, KeptDecision, MeasureTrend, ProbeResult, CompareResult),
    *(Judgement, Outline, SheetSection, RatingResults, ImportedRatings, Capabilities, Detectable),
)

_TEXT, _WHOLE, _NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
_OR_NONE: dict[str, Any] = {"type": ["number", "null"]}
_TEXTS = {"type": "array", "items": _TEXT}
_FLAG = {"type": "boolean"}
_PART = {
    "type": "object",
    "required": ["name", "n", "temperatures"],
    "properties": {
        "name": _TEXT,
        "n": _WHOLE,
        "temperatures": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["temperature", "n"],
                "properties": {"temperature": _NUMBER, "n": _WHOLE},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
_MISSING = {"missing": _WHOLE, "whole": _WHOLE, "share": _NUMBER, "reason": _TEXT, "truncated": _FLAG}
_WHO = {"by": _TEXT, "by_address": _FLAG, "parts": {"type": "array", "items": _PART}, "more": _WHOLE}

NOTES: Mapping[str, Mapping[str, Any]] = {
    "no_values": {
        "reasons": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        "others": _TEXTS,
    },
    "all_ruled_out": {"measures": _TEXTS},
    "floor": {"value": _NUMBER},
    "ceiling": {"value": _NUMBER},
    "unscored": {**_MISSING, "worst": _OR_NONE, "worst_share": _OR_NONE},
    "stand_in": {"measure": _TEXT, "used": _TEXT, **_MISSING},
    "few_items": {"n": _WHOLE, "least": _WHOLE},
    "one_temperature": {"temperature": _NUMBER},
    "outside_limits": {"measure": _TEXT, "mean": _NUMBER, "limit": _NUMBER},
    "guard_unmeasured": {"measure": _TEXT, "reason": _TEXT},
    "guard_open": {"measure": _TEXT, "high": _OR_NONE, "limit": _NUMBER, "n": _WHOLE, "seen": _FLAG},
    "edge_high": {"temperature": _NUMBER},
    "edge_low": {"temperature": _NUMBER},
    "not_applicable": {"n": _WHOLE, "items": _WHOLE},
    "no_noise_estimate": {"replicates": _WHOLE},
    "policy_differs": {"policy": _TEXT, "pick": _OR_NONE},
    "temperature_ignored": {},
    "another_model": {
        "asked": _TEXT,
        "names": _TEXTS,
        "more": _WHOLE,
        "n": _WHOLE,
        "whole": _WHOLE,
        "share": _NUMBER,
        "ignoring": _TEXTS,
    },
    "changed_with_temperature": _WHO,
    "changed_in_run": _WHO,
    "shutdown": {"date": {"type": "string", "format": "date"}},
}
"""What each note of a decision holds beside its code."""

STEPS: Mapping[str, Mapping[str, Any]] = {
    "raise_max_tokens": {"now": {"type": ["integer", "null"]}, "share": _NUMBER},
    "check_expected_answers": {},
    "ask_harder_questions": {},
    "add_checks": {},
    "decide_by": {"measures": _TEXTS},
    "measure_guard": {"measure": _TEXT, "reference": {"type": ["string", "null"]}},
    "try_higher": {"temperature": _NUMBER},
    "try_lower": {"temperature": _NUMBER},
    "more_items": {"n": _WHOLE, "at_least": _FLAG, "typed": _FLAG, "limits": _FLAG},
    "more_answers": {"n": _WHOLE},
}
"""What each step of a decision holds beside its code."""


def _coded(codes: Any, of: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema of a list of objects that a code says the names of."""
    assert set(get_args(codes)) == set(of)
    kinds = [
        {
            "type": "object",
            "required": ["code", *names],
            "properties": {"code": {"const": code}, **names},
            "additionalProperties": False,
        }
        for code, names in of.items()
    ]
    return {"type": "array", "items": {"oneOf": kinds}}


def _said_of(kind: type) -> dict[str, str]:
    """Return what stands under each field of a dataclass."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    said: dict[str, str] = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        text = (
            after.value.value
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            else None
        )
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(text, str)
        ):
            said[before.target.id] = " ".join(text.split()).replace("`", "")
    return said


def _classes(kind: Any, found: dict[str, type]) -> dict[str, type]:
    """Gather the dataclasses that one is made of, by name."""
    for each in get_type_hints(kind).values():
        waiting = [each]
        while waiting:
            one = waiting.pop()
            waiting += get_args(one)
            is_record = isinstance(one, type) and (is_dataclass(one) or issubclass(one, msgspec.Struct))
            if is_record and one.__name__ not in found:
                found[one.__name__] = one
                _classes(one, found)
    return found


def _hook(kind: type) -> dict[str, Any]:
    if kind is Reason:
        return {"type": "string"}
    raise NotImplementedError(kind)


def definitions() -> dict[str, Any]:
    """Return the schema of each dataclass that is printed, or is part of one that is."""
    _, found = msgspec.json.schema_components(PRINTED, schema_hook=_hook, ref_template="#/$defs/{name}")
    classes: dict[str, type] = {each.__name__: each for each in PRINTED}
    for each in PRINTED:
        _classes(each, classes)
    for name, schema in found.items():
        if schema.get("type") != "object" or "properties" not in schema:
            continue
        said = _said_of(classes[name])
        for field, inner in schema["properties"].items():
            inner.pop("default", None)
            if inner.get("type") == "object" and "additionalProperties" not in inner:
                inner["additionalProperties"] = True  # whatever a model takes
            kinds = [each.get("type") for each in inner.get("anyOf", [])]
            if len(kinds) == 2 and kinds[1] == "null" and list(inner["anyOf"][0]) == ["type"]:
                del inner["anyOf"]
                inner["type"] = kinds
            if field in said and "$ref" not in inner:
                inner["description"] = said[field]
        schema["description"] = " ".join(schema.get("description", "").split("\n\n")[0].split())
        schema["required"] = list(schema["properties"])  # a dataclass is printed with all its fields
        schema["additionalProperties"] = False
    decision = found["Decision"]
    for name in ("profile", "against_pick"):
        del decision["properties"][name]
    decision["properties"] |= {
        "title": {"type": "string", "description": "Of the use case, in English."},
        "notes": {**_coded(NoteCode, NOTES), "description": "What must be known first."},
        "next": {**_coded(StepCode, STEPS), "description": "What to do, the most useful first."},
    }
    decision["required"] = sorted(decision["properties"])
    kept = found["KeptDecision"]  # what is empty is left out
    kept["required"] = [
        each.name for each in fields(KeptDecision) if each.default is each.default_factory is MISSING
    ]
    pairs = {
        "type": "object",
        "required": ["temperature", "pairs"],
        "properties": {"temperature": _NUMBER, "pairs": _WHOLE},
    }
    found["SheetSection"]["properties"] |= {
        "pairs": {"type": "array", "items": {**pairs, "additionalProperties": False}},
        "left_out": {
            "type": "object",
            "additionalProperties": _WHOLE,
            "description": "Answers that are not rated, by the reason's code.",
        },
    }
    can = found["Capabilities"]  # with what a backend says of the model besides
    can["properties"] |= {
        "model": {"type": "string", "description": "backend:name."},
        "recommended": {
            "type": "string",
            "description": "What --arm recommended would try, and where it is from.",
        },
        "other_settings": {
            "type": "string",
            "description": "Options that compare other settings of it; empty where none are known.",
        },
        "digest": {"type": ["string", "null"], "description": "Of its file, algorithm:hex."},
    }
    can["required"] = [
        name for name in can["properties"] if name not in ("ends", "successor", "successor_temperature")
    ]
    can["additionalProperties"] = True
    return _reached(found, [each.__name__ for each in PRINTED])


def _reached(found: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return the definitions that some lead to, by name."""
    kept: dict[str, Any] = {}
    while names:
        name = names.pop()
        if name not in kept:
            kept[name] = found[name]
            names += [part.split('"')[0] for part in json.dumps(found[name]).split("#/$defs/")[1:]]
    return dict(sorted(kept.items()))


def written() -> str:
    """Return the file as it should be."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "types.json",
        "title": "What commands print of tempkit's own records",
        "description": "Temperatures and shares are plain numbers; means, limits, margins and regrets are in the measure's unit; log-probabilities in nats.",
        "$defs": definitions(),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(FILE).write_text(written(), encoding="utf-8")
