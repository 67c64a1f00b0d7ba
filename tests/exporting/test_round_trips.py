"""Out and in again: what a run holds is the same after an export and an import, whatever it holds."""

import csv
import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from export_sample import add_full_run
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from odd_store import NAME, add_odd_run
from pyarrow import parquet

from tempkit.errors import PromptError
from tempkit.interchange import export, export_folder
from tempkit.interchange.imports.import_run import import_table
from tempkit.store import RunRecord, Store
from tempkit.types import (
    LARGEST_SCORE,
    Completion,
    Failure,
    Item,
    Message,
    ModelSpec,
    Outcome,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    Score,
    TokenLogprob,
)

FORMS = ("csv", "jsonl", "parquet")
_ITEM, _MODEL = "p/é 1", "a, model"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "tempkit.db") as opened:
        yield opened


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """Another database."""
    with Store.open(tmp_path / "other.db") as opened:
        yield opened


def there_and_back(store: Store, run: RunRecord, path: Path) -> RunRecord:
    """Export a run with all that the format has a place for, and import it."""
    export(store, [run], path, rows="tokens" if path.suffix == ".jsonl" else "samples", messages=True)
    return import_table(store, path, name="back").run


def contents(store: Store, run: RunRecord, *, tokens: bool) -> dict[str, Any]:
    """Return all that a format of tables has a place for."""
    outcomes: list[Outcome] = [*store.completions(run.id, tokens=tokens), *store.failures(run.id)]
    return {
        "outcomes": {each.key: each for each in outcomes},
        "scores": {
            (s.item, s.model, s.temperature, s.replicate, s.measure): (s.value, s.reason and str(s.reason))
            for s in store.scores(run.id)
            if s.replicate is not None
        },
        "prompts": [
            (
                p.name,
                p.use_case,
                [(i.key, [(m.role, store_text(m.content)) for m in i.messages]) for i in p.items],
            )
            for p in store.load_plan(run.id).prompts
        ],
    }


def store_text(text: str) -> str:
    """Return text as every reader of JSON takes it: lone surrogates as visible escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


@pytest.mark.parametrize("form", FORMS)
def test_the_oddest_run_comes_back_as_it_was(store: Store, tmp_path: Path, form: str) -> None:
    run = add_odd_run(store)
    back = there_and_back(store, run, tmp_path / f"out.{form}")
    before, after = (contents(store, each, tokens=form == "jsonl") for each in (run, back))
    assert before == after
    assert len(before["outcomes"]) == run.completions + run.failures
    assert (run.name, back.name, run.temperatures) == (NAME, "back", back.temperatures)


@pytest.mark.parametrize("add", [add_odd_run, add_full_run])
def test_a_run_comes_back_from_logs_of_inspect_but_for_what_they_have_no_place_for(
    store: Store, tmp_path: Path, add: Callable[[Store], RunRecord]
) -> None:
    run = add(store)
    export_folder(store, [run], tmp_path / "logs", format="inspect", about=lambda _: None)
    found = import_table(store, tmp_path / "logs", name="back")
    before, after = (contents(store, each, tokens=True) for each in (run, found.run))
    before["outcomes"] = {key: _in_inspect(each) for key, each in before["outcomes"].items()}
    for each in (before, after):  # a log is of one temperature, so that the order is another one
        each["prompts"] = sorted((name, purpose, sorted(items)) for name, purpose, items in each["prompts"])
    assert before == after
    assert all("facts that an answer should have" in line for line in found.notes)


def test_a_run_comes_back_from_a_data_set_with_its_tokens(store: Store, tmp_path: Path) -> None:
    run = add_odd_run(store)
    export_folder(store, [run], tmp_path / "set", format="huggingface", about=lambda _: None)
    found = import_table(store, tmp_path / "set", name="back")
    assert contents(store, run, tokens=True) == contents(store, found.run, tokens=True)
    assert found.notes == ()


def _tokens(path: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Write a table of tokens anew, changed."""
    table = parquet.read_table(path)
    rows = table.to_pylist()
    change(rows)
    parquet.write_table(pyarrow.Table.from_pylist(rows, table.schema), path)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda rows: rows[0].update(item="nobody's"), "row 1: a token of no answer in answers.parquet"),
        (lambda rows: rows.pop(0), "row 1: 'position' is 1, where token 0 of its answer is next"),
    ],
)
def test_tokens_that_belong_to_no_answer_are_refused(
    store: Store, tmp_path: Path, change: Callable[[list[dict[str, Any]]], object], why: str
) -> None:
    export_folder(store, [add_odd_run(store)], tmp_path / "set", format="huggingface", about=lambda _: None)
    _tokens(tmp_path / "set/data/tokens.parquet", change)
    with pytest.raises(PromptError, match=f"tokens.parquet: {why}"):
        import_table(store, tmp_path / "set")


def _in_inspect(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Failure):
        return outcome
    escaped = json.dumps(outcome.params, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
    outcome = replace(outcome, params=json.loads(escaped.replace("\\ud", "\\\\ud")))
    if any(token.logprob is None or not math.isfinite(token.logprob) for token in outcome.tokens):
        return replace(outcome, tokens=())
    return replace(
        outcome,
        tokens=tuple(
            TokenLogprob(
                token.text,
                token.logprob,
                None,
                None,
                tuple(pair for pair in token.top if math.isfinite(pair[1])),
                None,
            )
            for token in outcome.tokens
        ),
    )


numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters() | st.sampled_from("\0\ud800\u2028\r\n=\"',"), max_size=12)
counts = st.none() | st.integers(0, 2**31 - 1) | st.just(2**53)
amounts = st.none() | st.floats(0, 1e12)
logprobs = st.floats(-1e30, 0)
tokens = st.builds(
    TokenLogprob,
    text=texts,
    logprob=st.none() | logprobs,
    entropy=st.none() | st.floats(0, 20),
    rank=counts,
    top=st.lists(st.tuples(texts, st.floats(max_value=0, allow_nan=False, width=32)), max_size=3).map(tuple),
    token_id=counts,
    entropy_tempered=st.none() | st.floats(0, 20),
)
params = st.dictionaries(
    texts, st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | numbers | texts, max_size=3
)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    key = SampleKey(_ITEM, _MODEL, draw(st.sampled_from([0.0, 1e-9, 0.1 + 0.2])), draw(st.integers(0, 3)))
    sent = draw(st.none() | st.floats(0, 2))
    if draw(st.integers(0, 4)) == 0:
        return Failure(
            key=key, kind=draw(st.sampled_from(["timeout", "rejected", "batch_failed"])), message=draw(texts),
            attempts=draw(st.integers(1, 9)), seed=draw(counts), temperature_sent=sent, batch=draw(st.none() | texts),
        )  # fmt: skip
    found = tuple(draw(st.lists(tokens, max_size=2)))
    return Completion(
        key=key, seed=draw(counts), text=draw(texts),
        finish_reason=draw(st.sampled_from(["stop", "length", "refusal", "tool_calls", "unstated", "unknown"])),
        temperature_sent=sent, params=draw(params), tokens=found,
        logprob_kind=draw(st.sampled_from(["raw", "tempered", "unknown"])) if found else "none",
        input_tokens=draw(counts), output_tokens=draw(counts), latency_s=draw(amounts), response_model=draw(st.none() | texts),
        fingerprint=draw(st.none() | texts), cost_usd=draw(amounts), attempts=draw(st.integers(1, 9)), batch=draw(st.none() | texts),
        thinking=draw(st.none() | texts), thinking_tokens=draw(counts), response_id=draw(st.none() | texts),
        cache_read_tokens=draw(counts), cache_write_tokens=draw(counts), address=draw(st.none() | texts),
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@settings(
    max_examples=10,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # what is smaller takes as long
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    drawn=st.lists(outcomes(), min_size=1, max_size=5, unique_by=lambda each: each.key),
    values=st.lists(st.none() | st.floats(-LARGEST_SCORE, LARGEST_SCORE), min_size=5, max_size=5),
    said=st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), texts), max_size=3),
)
def test_any_run_comes_back_as_it_was(
    store: Store,
    other: Store,
    tmp_path: Path,
    form: str,
    drawn: list[Outcome],
    values: list[float | None],
    said: list[Message],
) -> None:
    """CSV and Parquet hold no tokens beside their samples, and CSV no empty text where there may be none; all else is the same in all three."""
    item = Item(key=_ITEM, prompt="p", messages=tuple(said))
    plan = Plan(
        name="any", prompts=(Prompt(name="p", items=(item,)),),
        models=(ModelSpec(backend="scripted", name="m", label=_MODEL),),
        temperatures=(0.0, 1e-9, 0.1 + 0.2), repeat=4, seed=1, sampling={"p": SamplingParams()},
    )  # fmt: skip
    run = store.create_run(plan, {}, version="1", environment={})
    store.add(run.id, drawn)
    scores = [
        Score(
            item=each.key.item, model=each.key.model, temperature=each.key.temperature, replicate=each.key.replicate,
            measure="m", version="imported", value=value,
        )
        for each, value in zip(drawn, values, strict=False)
        if isinstance(each, Completion) and value is not None
    ]  # fmt: skip
    store.import_scores(run.id, scores)
    run = store.find_run(run.id)
    path = tmp_path / f"any.{form}"
    back = there_and_back(store, run, path)
    before, after = (contents(store, each, tokens=form == "jsonl") for each in (run, back))
    for key, outcome in before["outcomes"].items():
        if isinstance(outcome, Completion):  # JSON for others has no lone surrogates
            cleaned = {store_text(name): clean(value) for name, value in outcome.params.items()}
            outcome = replace(outcome, params=cleaned)
        before["outcomes"][key] = with_empty_cells(outcome) if form == "csv" else outcome
    assert before == after
    # And once more, into another database: the files are equal, too.
    once, again = (tmp_path / f"{name}.{form}" for name in ("once", "again"))
    there_and_back(store, back, once)
    there = import_table(other, once, name=back.name).run
    there_and_back(other, there, again)
    assert rows_of(once, form) == rows_of(again, form)


def with_empty_cells(outcome: Outcome) -> Outcome:
    """Return an outcome as CSV tells it: a cell without anything in it is not known."""
    names = ("batch", "thinking", "response_model", "fingerprint", "response_id", "address")
    empty = {name: None for name in names if getattr(outcome, name, None) == ""}
    return replace(outcome, **empty)


def rows_of(path: Path, form: str) -> object:
    return parquet.read_table(path).to_pylist() if form == "parquet" else path.read_bytes()


def clean(value: object) -> object:
    return store_text(value) if isinstance(value, str) else value


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize(
    ("written", "said"),
    [
        (None, None),
        ("1.0", None),
        ("1.99", None),
        (1.1, None),
        ("2.0", "exported in format 2.0, and this tempkit reads up to 1.1: pip install --upgrade tempkit"),
        ("99999999999999999999", "exported in format 99999999999999999999, and"),
        ("new", "'format_version' is 'new', not a version such as 1.1"),
    ],
)
def test_a_newer_format_is_refused_and_an_older_one_read(
    store: Store, tmp_path: Path, form: str, written: Any, said: str | None
) -> None:
    run = add_odd_run(store)
    path = tmp_path / f"out.{form}"
    export(store, [run], path)
    if form == "jsonl":
        rows = [
            json.loads(line) | {"format_version": written} for line in path.read_text("utf-8").splitlines()
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    else:
        csv.field_size_limit(sys.maxsize)
        with path.open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(row | {"format_version": "" if written is None else written} for row in table)
    if said is None:
        assert import_table(store, path, name="back").run.completions == run.completions
        return
    with pytest.raises(PromptError) as caught:
        import_table(store, path, name="back")
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}:")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        '[{"role": "user", "parts": [{"type": "image", "content": "x"}]}]',
        '[{"role": "root", "parts": []}]',
        '{"role": "user"}',
        "[1]",
        "7",
        "[",
    ],
)
def test_messages_in_another_form_are_refused(store: Store, tmp_path: Path, given: str) -> None:
    run = add_odd_run(store)
    path = tmp_path / "out.jsonl"
    export(store, [run], path)
    rows = [
        json.loads(line) | {"gen_ai.input.messages": given} for line in path.read_text("utf-8").splitlines()
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    with pytest.raises(PromptError, match=r"out.jsonl:1: .*gen_ai.input.messages"):
        import_table(store, path, name="back")


@pytest.mark.parametrize("form", FORMS)
def test_a_score_of_any_size_comes_in_and_what_nothing_can_be_computed_with_is_said(
    store: Store, tmp_path: Path, form: str
) -> None:
    values = (0.0, -0.0, 5e-324, 0.1 + 0.2, 1e100, -1e100, 1.1e100, -1.7976931348623157e308)
    rows = [
        {"item": f"q{n}", "model": "m", "temperature": (1e-9, 0.1 + 0.2)[n % 2], "text": "t", "x": value}
        for n, value in enumerate(values)
    ]
    path = tmp_path / f"t.{form}"
    if form == "parquet":
        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    done = import_table(store, path, name="far")
    assert done.scores == {"x": 6}
    (said,) = done.notes
    assert (
        "'x' is 1.1e+100, which is not a number between -1e100 and 1e100: such scores count as missing (2 times)"
        in said
    )
    back = there_and_back(store, done.run, tmp_path / f"out.{form}")
    before, after = (contents(store, each, tokens=False) for each in (done.run, back))
    assert before == after
    found = {key[0]: value for key, value in before["scores"].items()}
    assert [found[f"q{n}"][0] for n in range(6)] == list(values[:6])
    assert [found[f"q{n}"][0] for n in (6, 7)] == [None, None]


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity", "1e400"])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_no_number_or_no_finite_one_is_refused(
    store: Store, tmp_path: Path, form: str, value: str
) -> None:
    path = tmp_path / f"t.{form}"
    path.write_text(
        f"item,model,temperature,x\nq,m,0,{value}\n"
        if form == "csv"
        else f'{{"item": "q", "model": "m", "temperature": 0, "x": {value}}}\n',
        "utf-8",
    )
    with pytest.raises(PromptError) as caught:
        import_table(store, path)
    assert str(caught.value).startswith(f"{path}:{2 if form == 'csv' else 1}")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_parquets_nan_and_infinity_are_refused(store: Store, tmp_path: Path, value: float) -> None:
    path = tmp_path / "t.parquet"
    parquet.write_table(
        pyarrow.table({"item": ["q"], "model": ["m"], "temperature": [0.0], "x": [value]}), path
    )
    with pytest.raises(PromptError, match=r"'x' is .*, not a (finite )?number"):
        import_table(store, path)
