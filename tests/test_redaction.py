"""Keys that begin alike, as all of one provider do, in one text: nothing of any is left."""

import pytest

from tempkit.text import redaction
from tempkit.text.redaction import keep_secret, without_secrets

ONE = "sk-proj-AAAAAAAAAAAAAAAAAAAA1111"
OTHER = "sk-proj-BBBBBBBBBBBBBBBBBBBB2222"
MIXED = "sk-proj-Zq7Rk2Lm9XvT4bNc8Hd1Wp5Yg3Js6Fa0"
WITHIN = "sk-proj-AAAAAAAAAAAAAAAAAAAA1111-longer"


@pytest.fixture(
    autouse=True, params=[(ONE, OTHER, WITHIN), (WITHIN, OTHER, ONE)], ids=["in order", "backwards"]
)
def _kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_writings", {})
    monkeypatch.setattr(redaction, "_firm", ())
    monkeypatch.setattr(redaction, "_parts", {})
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
        (f"bad {ONE[:20]}\n{ONE[20:]} given", "bad [key] given"),
        (f"bad {ONE[:9]} {ONE[9:17]}\t{ONE[17:]}!", "bad [key]!"),
        (f"b'a{ONE[:15]}\\x00{ONE[15:]}'", "b'a[key]'"),
        (f'"{ONE[:12]}\\n{ONE[12:]}"', '"[key]"'),
        (f"bad {ONE[:11]}\x00{ONE[11:]}", "bad [key]"),
        ("a İ before " + ONE.lower(), "a İ before [key]"),
        ("nothing", "nothing"),
        ("", ""),
    ],
)
def test_nothing_of_any_key_is_left(text: str, right: str) -> None:
    assert without_secrets(text) == right


@pytest.mark.parametrize("text", [f"{ONE[:20]} \n {ONE[20:]}", ONE.lower(), f"'{ONE[:9]}' '{ONE[9:]}'", ONE])
def test_a_whole_key_is_found_however_it_is_broken(text: str) -> None:
    within = f"It is {text}."
    assert redaction.holds_secret(within)
    (span,) = redaction.secret_spans(within)
    start, end = span
    assert within[:start].rstrip("'") == "It is "
    assert within[end:].lstrip("'") == "."
    assert not redaction.holds_secret(within.replace("1", "2", 1))


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (f"bad ...{MIXED[10:]}", "bad ...[key]"),
        (f"bad ...{MIXED[-12:]} given", "bad ...[key] given"),
        (f"bad {MIXED[9:25]}? and {MIXED[14:].lower()}", "bad [key]? and [key]"),
        (f"{MIXED[8:28]}{MIXED[8:28]}", "[key]"),
        (f"ends in {MIXED[-4:]}", f"ends in {MIXED[-4:]}"),
    ],
)
def test_a_part_of_a_key_is_taken_out_wherever_it_is_from(text: str, right: str) -> None:
    keep_secret(MIXED)
    assert without_secrets(text) == right


def test_words_of_a_key_that_is_made_of_words_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_secret("the-llama-server-of-my-own")
    assert without_secrets("no llama-server of my own here") == "no llama-server of my own here"
    assert without_secrets("it is the-llama-server") == "it is [key]"


@pytest.mark.parametrize("secret", [" " * 20, "'" * 24, "a" + " " * 22 + "b"])
def test_a_secret_of_little_but_blanks_is_looked_for_as_it_is(secret: str) -> None:
    keep_secret(secret)
    assert not redaction.holds_secret("an ordinary text")
    assert without_secrets("an ordinary text, a b") == "an ordinary text, a b"
    assert without_secrets(f"<{secret}>") == "<[key]>"
