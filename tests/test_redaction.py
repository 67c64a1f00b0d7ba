"""Keys that begin alike, as all of one provider do, in one text: nothing of any is left."""

import pytest

from tempkit.text import redaction
from tempkit.text.redaction import keep_secret, without_secrets

ONE = "sk-proj-AAAAAAAAAAAAAAAAAAAA1111"
OTHER = "sk-proj-BBBBBBBBBBBBBBBBBBBB2222"
WITHIN = "sk-proj-AAAAAAAAAAAAAAAAAAAA1111-longer"


@pytest.fixture(
    autouse=True, params=[(ONE, OTHER, WITHIN), (WITHIN, OTHER, ONE)], ids=["in order", "backwards"]
)
def _kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_writings", {})
    monkeypatch.setattr(redaction, "_firm", ())
    for key in request.param:
        keep_secret(key)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (f"bad {ONE}", "bad [key]"),
        (f"bad {OTHER}", "bad [key]"),
        (f"bad {WITHIN}", "bad [key]"),
        (f"{ONE} and {OTHER}, {WITHIN}.", "[key] and [key], [key]."),
        (f"{ONE}{OTHER}", "[key][key]"),
        (f"bad {OTHER[:20]}…", "bad [key]…"),
        (f"bad {OTHER[:20]} and more", "bad [key] and more"),
        (OTHER.upper(), "[key]"),
        ("bad sk-p", "bad [key]"),
        ("bad sk-p and more", "bad sk-p and more"),
        ("nothing", "nothing"),
        ("", ""),
    ],
)
def test_nothing_of_any_key_is_left(text: str, right: str) -> None:
    assert without_secrets(text) == right
