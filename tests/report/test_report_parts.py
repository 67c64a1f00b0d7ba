"""The report's small parts: characters, tokens, numbers, specifications, policy, file."""

import base64
import dataclasses
import hashlib
import html as html_parser
import itertools
import json
import math
import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import altair as alt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_sample import Run

from tempkit.errors import ReportError
from tempkit.measures.logprobs import known_logprob
from tempkit.report import render, write
from tempkit.report.answers.tokens import ALTERNATIVES, columns, pack, unpack
from tempkit.report.charts import bundle as vega_bundles
from tempkit.report.charts.bundle import vega_bundle
from tempkit.report.charts.vega import specifications, vegalite_version
from tempkit.report.page_script import page_script
from tempkit.report.text import text
from tempkit.report.text.characters import plain, said, shown, split
from tempkit.types import TokenLogprob

# Characters


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("\x00\x1b[31m\r\n", "⟨U+0000⟩⟨U+001B⟩[31m⟨U+000D⟩\n"),
        ("\ufeffx\u200b\u00ad\u2066", "⟨U+FEFF⟩x⟨U+200B⟩⟨U+00AD⟩⟨U+2066⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("x\u200dy", "x⟨U+200D⟩y"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("tab\tline\n", "tab\tline\n"),
        ("plain", "plain"),
    ],
)
def test_hidden_characters_are_spelled_out(given: str, seen: str) -> None:
    assert plain(given) == seen


def test_shown_text_is_escaped_isolated_and_labelled() -> None:
    inside = '&lt;b&gt;<span class="hidden-char" title="U+202E RIGHT-TO-LEFT OVERRIDE">U+202E</span></bdi>'
    assert shown("<b>\u202e") == f'<bdi dir="auto" translate="no">{inside}'
    assert said("<b>\u202e") == f'<bdi dir="auto">{inside}'


any_text = st.text(st.characters(codec=None, categories=None), max_size=40) | st.text(
    st.sampled_from("a<>&\"'\u202e\u2028\x00\ud800\u200d👩é\n"), max_size=20
)


@given(any_text)
def test_any_text_becomes_html_that_can_be_written_and_read_back(given: str) -> None:
    markup = str(shown(given))
    markup.encode("utf-8")
    visible = "".join(split(given)[::2])
    chips = re.sub(r'<span class="hidden-char".*?</span>', "", markup)
    assert html_parser.unescape(re.sub(r"</?bdi[^>]*>", "", chips)) == visible
    assert split(plain(given)) == [plain(given)]


# Tokens


def test_columns_by_hand() -> None:
    answer = [
        TokenLogprob(" a", -0.25, 1.5, 0, ((" a", -0.25), ("b", -1.5))),
        TokenLogprob("b\x00", -math.inf, None, None, (("b", -9999.0),)),
    ]
    assert columns([answer, answer[:1]]) == {
        "s": [" a", ["b", "U+0000 NUL", ""], "b"],
        "a": [
            {
                "t": [0, 1],
                "l": [250, None],
                "h": [1500, None],
                "r": [0, None],
                "n": [2, 0],
                "k": [0, 2],
                "p": [25, 125],
            },
            {"t": [0], "l": [250], "h": [1500], "r": [0], "n": [2], "k": [0, 2], "p": [25, 125]},
        ],
    }


logprobs = st.floats(max_value=0) | st.just(math.nan)
tokens = st.builds(
    TokenLogprob,
    any_text,
    logprobs,
    st.none() | st.floats(0, 20),
    st.none() | st.integers(0, 10**5),
    st.lists(st.tuples(any_text, logprobs), max_size=12).map(tuple),
)


@given(st.lists(st.lists(tokens, max_size=6), max_size=4))
def test_packing_loses_nothing_and_needs_no_escaping(answers: list[list[TokenLogprob]]) -> None:
    data = columns(answers)
    packed = pack(data)
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", packed)
    assert unpack(packed) == data
    for answer, kept in zip(answers, data["a"], strict=True):
        ends = [sum(kept["n"][:i]) for i in range(len(answer) + 1)]
        assert len(kept["k"]) == len(kept["p"]) == ends[-1]
        for i, token in enumerate(answer):
            string = data["s"][kept["t"][i]]
            assert (string if isinstance(string, list) else [string]) == split(token.text)
            here = slice(ends[i], ends[i + 1])
            listed = [(text, value) for text, value in token.top if known_logprob(value)][:ALTERNATIVES]
            strings = [data["s"][index] for index in kept["k"][here]]
            assert [s if isinstance(s, list) else [s] for s in strings] == [split(text) for text, _ in listed]
            told = list(itertools.accumulate(kept["p"][here]))
            assert told == pytest.approx([-100 * value for _, value in listed], abs=0.5)
            if token.logprob > -9999:
                assert kept["l"][i] == pytest.approx(-1000 * token.logprob, abs=0.5)
            else:
                assert kept["l"][i] is None


# Numbers


def test_numbers_as_a_reader_sees_them() -> None:
    assert [text.share(x) for x in (0, 0.001, 0.005, 0.5, 0.999, 1, None, math.nan)] == [
        "0\u00a0%", "<1\u00a0%", "<1\u00a0%", "50\u00a0%", ">99\u00a0%", "100\u00a0%", "–", "–",
    ]  # fmt: skip
    assert [text.number(x) for x in (-1.234, -0.001, 0, 2.5, None, math.inf)] == [
        "−1.23",
        "0.00",
        "0.00",
        "2.50",
        "–",
        "–",
    ]
    assert [text.count(x) for x in (0, 9999, 10_000, None)] == ["0", "9999", "10\u202f000", "–"]
    assert [text.temperature(x) for x in (0.0, 0.7, 1.25)] == ["0", "0.7", "1.25"]


def test_moments_are_in_utc() -> None:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert text.moment(noon) == text.moment(noon.replace(tzinfo=None)) == "2026-11-20 12:00 UTC"
    assert text.moment(noon.astimezone(timezone(timedelta(hours=5)))) == "2026-11-20 12:00 UTC"


# Charts and the bundle


def test_specifications_are_valid_and_hold_neither_data_nor_colours() -> None:
    specs = specifications([0, 0.5, 1])
    assert set(specs) == {"primary", "guard", "small", "versus", "exact", "tradeoff"}
    for spec in specs.values():
        alt.LayerChart.from_dict(spec, validate=True)
        assert "datasets" not in spec
        assert {layer["data"]["name"] for layer in spec["layer"]} <= {"rows", "marks", "items"}
        assert "#" not in json.dumps(spec), "colours belong to the page"
        assert f"/v{vegalite_version()}" in spec["$schema"]


def test_the_bundle_may_stand_in_a_script_element() -> None:
    bundle = vega_bundle(vegalite_version())
    assert "vegaEmbed" in bundle
    for end in ("</script", "<!--", "<script", "\r", "\0"):
        assert end not in bundle
    assert len(bundle) < 1_000_000


def test_the_bundle_is_made_once_and_a_damaged_one_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def making(vegalite: str) -> str:
        made.append(vegalite)
        return "window.vegaEmbed = 'é';\n" * 9

    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "cache")
    monkeypatch.setattr(vega_bundles, "_made", making)
    anew = vega_bundle.__wrapped__
    first = anew("9.9")
    (kept,) = (tmp_path / "cache").iterdir()
    assert (anew("9.9"), made) == (first, ["9.9"])
    for damaged in (
        kept.read_bytes()[:-1],
        b"",
        b"\xff" * 90,
        kept.read_bytes().replace(b"window", b"widnow", 1),
    ):
        made.clear()
        kept.write_bytes(damaged)
        assert (anew("9.9"), made) == (first, ["9.9"])
    assert (anew("9.8"), made[-1]) == (first, "9.8")
    kept.unlink()
    kept.mkdir()  # nothing can be kept there
    assert (anew("9.9"), anew("9.9"), made[-2:]) == (first, first, ["9.9", "9.9"])


def test_our_own_script_may_stand_in_a_script_element() -> None:
    script = page_script()
    for word in (
        "</script",
        "<!--",
        "\r",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval(",
        "new Function",
        "fetch(",
    ):
        assert word not in script


# The page


@pytest.fixture(scope="module")
def page(sample: Run) -> str:
    return render([sample.study])


def test_the_policy_names_exactly_the_pages_scripts(page: str) -> None:
    policy = html_parser.unescape(
        re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1]
    )  # type: ignore[index]
    vega = re.search(r'<script type="application/octet-stream" id="vega">(.*?)</script>', page)
    assert vega is not None
    scripts = [*re.findall(r"<script>(.*?)</script>", page, re.DOTALL), unpack(vega[1])]
    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts}
    assert set(re.findall(r"sha256-([^']+)", policy)) == hashes
    assert len(scripts) == 2
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert policy.endswith("style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'")
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_the_page_holds_the_bundle_once_and_refers_to_nothing_outside(page: str) -> None:
    assert page.count('id="vega"') == 1
    outside = re.sub(r"<script.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    files = r"data:(?:text/csv|application/json);charset=utf-8;base64,"
    assert re.findall(rf"""(?:src|href)=["'](?!#|data:,|{files})[^"']*""", outside) == []
    assert not re.search(r"\son\w+=", outside)
    assert "@import" not in page.split("</style>")[0]
    assert "url(" not in page.split("</style>")[0]


def test_every_anchor_has_its_target_and_no_id_is_used_twice(page: str) -> None:
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    ids = re.findall(r'\bid="([^"]+)"', outside)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', outside)) <= set(ids)
    for ids_of in re.findall(r'aria-labelledby="([^"]+)"', outside):
        assert ids_of in ids


def test_headings_step_down_one_level_at_a_time(page: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", page.split("<dialog")[0])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_data_block_is_json_that_cannot_end_its_script(page: str) -> None:
    block = re.search(r'id="report-data">(.*?)</script>', page, re.DOTALL)[1]  # type: ignore[index]
    assert not set("<>&\u2028\u2029") & set(block)
    assert set(json.loads(block)) == {"explorer", "identity", "labels"}


def test_the_same_run_gives_the_same_page(hand: Run) -> None:
    assert render([hand.study]) == render([hand.study])


def test_a_page_without_any_answer_carries_no_chart_library(hand: Run) -> None:
    page = render([dataclasses.replace(hand, completions=(), failures=()).study])
    assert 'id="vega"' not in page
    assert "No answer came back" in page
    assert len(page) < 200_000


# The file


def test_write_replaces_a_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "r.html"
    write(path, "one\n")
    write(path, "two\r\n\u202f")
    assert path.read_bytes() == "two\r\n\u202f".encode()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("where", ["file/r.html", "folder", "\0.html"])
def test_an_unwritable_path_is_one_line(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ReportError, match="cannot be written") as caught:
        write(tmp_path / where, "x")
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    write(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "\ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
