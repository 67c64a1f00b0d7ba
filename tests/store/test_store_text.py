import json
import math
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tempkit.store.text import dump_json, jsonable, storable


@given(st.text(alphabet=st.characters()))
def test_a_storable_text_has_no_nul_and_is_utf8(text):
    stored = storable(text)
    assert "\0" not in stored
    assert stored.encode().decode() == stored
    assert storable(stored) == stored


@given(st.text().filter(lambda text: "\0" not in text))
def test_other_texts_stay_as_they_are(text):
    assert storable(text) is text


def test_what_is_replaced_can_be_seen():
    assert storable("a\0b") == r"a\x00b"
    assert storable("ü\ud83d") == r"ü\ud83d"


def test_json_keeps_every_text_and_is_readable():
    text = "ü 🌡 \0 \ud800"
    dumped = dump_json({"text": text})
    assert dumped == r'{"text": "ü 🌡 \u0000 \ud800"}'
    assert json.loads(dumped) == {"text": text}
    dumped.encode()


def test_everything_becomes_json():
    row = {1: date(2026, 1, 2), "t": (1, 2), "s": {"b", "a"}, "n": [math.nan, -math.inf], "d": Decimal("1.5")}
    assert jsonable(row) == {
        "1": "2026-01-02",
        "t": [1, 2],
        "s": ["a", "b"],
        "n": ["nan", "-inf"],
        "d": "1.5",
    }
    assert jsonable({"at": datetime(2026, 1, 2, 3, 4)}) == {"at": "2026-01-02T03:04:00"}
