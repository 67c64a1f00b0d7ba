"""Exported runs, read by other programs and by tempkit itself: every value is the one in the store."""

import csv
import json
import math
import sys
import tracemalloc
from collections import defaultdict
from dataclasses import fields
from pathlib import Path

import pyarrow.parquet
import pytest
from export_sample import LABEL, SECRET, TEMPERATURES, TEXTS, add_full_run, add_large_run, full_plan

from tempkit.errors import ExportError, ExtraMissingError, UsageError
from tempkit.interchange.exports import conventions, export, format_of
from tempkit.interchange.imports.import_run import import_table
from tempkit.interchange.schema import FORMAT_VERSION, SAMPLE, SCORES, TOKEN, VERSION
from tempkit.store import Store
from tempkit.store.text import storable
from tempkit.types import Completion, Failure, Message, ModelSpec, TokenLogprob


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "tempkit.db") as opened:
        yield opened


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        limit = csv.field_size_limit(10**6)
        try:
            return list(csv.DictReader(file, strict=True))
        finally:
            csv.field_size_limit(limit)


def read_jsonl(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]  # at every kind of line end


def read_parquet(path: Path) -> list[dict]:
    return pyarrow.parquet.read_table(path).to_pylist()


READERS = {"csv": read_csv, "jsonl": read_jsonl, "parquet": read_parquet}


def outcomes(store: Store, run_id: str) -> list[Completion | Failure]:
    return [*store.completions(run_id, tokens=True), *store.failures(run_id)]


@pytest.mark.parametrize("form", READERS)
def test_every_sample_is_a_row_with_what_the_store_has(store, tmp_path, form):
    run = add_full_run(store)
    path = tmp_path / f"out.{form}"
    count = export(store, [run], path)
    rows = READERS[form](path)
    plan = full_plan()
    assert count == len(rows) == plan.sample_count == run.completions + run.failures
    if form != "jsonl":  # which leaves out what is not known
        assert list(rows[0])[: len(SAMPLE)] == [column.name for column in SAMPLE]
    expected = {outcome.key: outcome for outcome in outcomes(store, run.id)}
    order = [(key.item, key.model, key.temperature, key.replicate) for key in plan_keys(plan)]
    kind = {"csv": lambda column, value: cell(column, value)}.get(form, lambda column, value: value)
    assert [
        (r["item"], r["model"], kind("number", r["temperature"]), kind("integer", r["replicate"]))
        for r in rows
    ] == order
    for row, key in zip(rows, plan_keys(plan), strict=True):
        outcome = expected[key]
        for column, value in as_exported(outcome).items():
            assert kind(KINDS[column], row.get(column)) == value, (column, key)
        assert row["run"] == "full"
        assert row["format_version"] == FORMAT_VERSION
        assert row["prompt"] == ("ideas" if key.item.startswith("=") else "facts")
        assert (row.get("use_case") or None) == (
            None if key.item.startswith("=") else "technical-documentation"
        )


KINDS = {column.name: column.kind for column in SAMPLE}


def plan_keys(plan):
    from tempkit.types import SampleKey

    return [
        SampleKey(item.key, model.label, temperature, replicate)
        for item in plan.items
        for model in plan.models
        for temperature in sorted(plan.temperatures)
        for replicate in range(plan.repeat)
    ]


def cell(kind: str, value: str) -> object:
    """Read a cell of CSV as its column's kind."""
    if value == "" and kind != "text":
        return None
    return {"number": float, "integer": int, "strings": json.loads}.get(kind, lambda v: v)(value)


def as_exported(outcome: Completion | Failure) -> dict[str, object]:
    provider, name = ("google", "gemini-x") if outcome.key.model == LABEL else ("scripted", "words")
    common = {
        "gen_ai.provider.name": {"google": "gcp.gemini"}.get(provider, provider),
        "gen_ai.request.model": name,
        "gen_ai.request.temperature": outcome.temperature_sent,
        "gen_ai.request.seed": outcome.seed,
        "attempts": outcome.attempts,
    }
    if isinstance(outcome, Failure):
        return {
            **common,
            "status": "failure",
            "error.type": "timeout",
            "error.message": 'no answer,\n"again"',
        }
    return {
        **common,
        "status": "completion",
        "text": outcome.text,
        "finish_reason": outcome.finish_reason,
        "gen_ai.request.max_tokens": 64,
        "gen_ai.request.top_p": 0.9,
        "gen_ai.request.top_k": None,
        "gen_ai.request.stop_sequences": ["\n\n", "\\ud800"],
        "gen_ai.response.model": "gemini-x-001",
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": outcome.output_tokens,
        "latency_s": 0.1 + 0.2,
        "cost_usd": 1e-05,
        "fingerprint": "fp,1",
        "batch": "batch-1",
        "logprob_kind": outcome.logprob_kind,
    }


@pytest.mark.parametrize("form", READERS)
def test_scores_stand_beside_their_sample_and_say_why_they_are_missing(store, tmp_path, form):
    run = add_full_run(store)
    export(store, [run], tmp_path / f"out.{form}")
    rows = READERS[form](tmp_path / f"out.{form}")
    by_sample: dict[tuple, dict] = defaultdict(dict)
    for score in store.scores(run.id):
        if score.replicate is not None:
            by_sample[score.item, score.model, score.temperature, score.replicate][score.measure] = score
    seen = 0
    for row in rows:
        found = by_sample.get(
            (row["item"], row["model"], float(row["temperature"]), int(row["replicate"])), {}
        )
        for measure in ("fact_recall", 'odd "name", =1', "never"):
            value, reason = row.get(f"score.{measure}"), row.get(f"score_reason.{measure}")
            score = found.get(measure)
            assert (None if value in (None, "") else float(value)) == (score and score.value)
            assert (reason or None) == (score and score.reason and str(score.reason))
            seen += score is not None
    assert seen == 3 * run.completions
    assert "score.of_cell" not in rows[0]
    assert "score_reason.fact_recall" not in {name for row in rows for name in row}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_exported_can_be_imported(store, tmp_path, form):
    run = add_full_run(store)
    export(store, [run], tmp_path / f"out.{form}", rows="tokens" if form == "jsonl" else "samples")
    done = import_table(store, tmp_path / f"out.{form}", name="back")
    assert (done.run.completions, done.run.failures) == (run.completions, run.failures)
    assert done.scores == {
        measure: sum(s.measure == measure and s.value is not None for s in store.scores(run.id))
        for measure in ("fact_recall", 'odd "name", =1', "never")
    }
    before, after = (
        {outcome.key: outcome for outcome in outcomes(store, id_)} for id_ in (run.id, done.run.id)
    )
    assert before.keys() == after.keys()
    for key, was in before.items():
        now = after[key]
        for field in was.__dataclass_fields__:
            if field == "params":  # a lone surrogate has no UTF-8
                stop = {"stopSequences": ["\n\n", "\\ud800"]}
                assert now.params == {**was.params, **stop}
            elif field != "tokens" or form == "jsonl":
                assert getattr(now, field) == getattr(was, field), (field, key)
    # Texts, in particular, are the very ones that were stored.
    assert {o.text for o in after.values() if isinstance(o, Completion)} == {storable(text) for text in TEXTS}
    # Scores too, to the last bit and with their reasons.
    values = [
        {
            (s.item, s.model, s.temperature, s.replicate, s.measure): (
                s.value,
                None if s.reason is None else str(s.reason),
            )
            for s in store.scores(id_)
            if s.replicate is not None
        }
        for id_ in (run.id, done.run.id)
    ]
    assert values[0] == values[1]
    prompts = {p.name: (p.use_case, [i.key for i in p.items]) for p in store.load_plan(done.run.id).prompts}
    assert prompts["ideas"] == (None, ["=ideas\n1"])
    assert prompts["facts"][0] == "technical-documentation"


def test_a_second_export_of_what_was_imported_has_the_same_data(store, tmp_path):
    run = add_full_run(store)
    first, second = tmp_path / "full.jsonl", tmp_path / "second.jsonl"
    export(store, [run], first)
    back = import_table(store, first, name="back")
    export(store, [back.run], second)
    renamed = {"run", "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"}
    one, two = (
        [{k: v for k, v in row.items() if k not in renamed} for row in read_jsonl(path)]
        for path in (first, second)
    )
    assert one == two


def test_tokens_stand_in_their_sample_or_in_rows_of_their_own(store, tmp_path):
    run = add_full_run(store)
    paths = {form: tmp_path / f"out.{form}" for form in READERS}
    for path in paths.values():
        export(store, [run], path, rows="tokens")
    expected = []
    for completion in store.completions(run.id, tokens=True):
        for position, token in enumerate(completion.tokens):
            # The certain and the impossible: JSON has no infinity.
            top = [(text, logprob if math.isfinite(logprob) else None) for text, logprob in token.top]
            expected.append(
                (
                    completion.key,
                    position,
                    token.text,
                    token.logprob,
                    token.entropy,
                    token.entropy_tempered,
                    token.rank,
                    token.token_id,
                    top,
                )
            )
    assert len(expected) > 150
    nested = [
        (row["item"], row["model"], token["position"], token["text"], token["logprob"], token["entropy"],
         token["entropy_tempered"], token["rank"],
         token["token_id"], [(t["text"], t["logprob"]) for t in token["top"]])
        for row in read_jsonl(paths["jsonl"])
        for token in row.get("tokens", ())
    ]  # fmt: skip
    assert nested == [(e[0].item, e[0].model, *e[1:]) for e in expected]
    flat = [
        (r["item"], float(r["temperature"]), r["logprob_kind"], int(r["position"]), r["text"], cell("number", r["logprob"]),
         cell("number", r["entropy"]), cell("number", r["entropy_tempered"]), cell("integer", r["rank"]), cell("integer", r["token_id"]),
         [(t["text"], t["logprob"]) for t in json.loads(r["top"])])
        for r in read_csv(paths["csv"])
    ]  # fmt: skip
    assert flat == [(e[0].item, e[0].temperature, "raw", *e[1:]) for e in expected]
    table = read_parquet(paths["parquet"])
    assert list(table[0]) == [column.name for column in (*TOKEN, VERSION)]
    assert [(r["position"], r["text"], r["logprob"]) for r in table] == [e[1:4] for e in expected]
    assert {t["logprob"] for r in table for t in r["top"] if t["text"] == "never"} == {-math.inf}


def test_scores_in_rows_of_their_own_have_versions_and_cells(store, tmp_path):
    run = add_full_run(store)
    for form in READERS:
        path = tmp_path / f"out.{form}"
        assert export(store, [run], path, rows="scores") == len(store.scores(run.id))
        rows = READERS[form](path)
        found = {
            (r["item"], r["model"], float(r["temperature"]), str(r.get("replicate") if r.get("replicate") is not None else ""),
             r["measure"], r["version"], "" if r.get("value") in (None, "") else float(r["value"]), r["status"], r.get("reason") or "")
            for r in rows
        }  # fmt: skip
        assert found == {
            (s.item, s.model, s.temperature, "" if s.replicate is None else str(s.replicate), s.measure, s.version,
             "" if s.value is None else s.value, "missing" if s.value is None else "ok", "" if s.reason is None else str(s.reason))
            for s in store.scores(run.id)
        }  # fmt: skip
    assert [column.name for column in (*SCORES, VERSION)] == list(read_csv(tmp_path / "out.csv")[0])


def test_two_versions_of_a_measure_are_kept_apart(store, tmp_path):
    from dataclasses import replace

    run = add_full_run(store)
    block = [s for s in store.scores(run.id, "fact_recall") if (s.item, s.model) == ("facts/0", "second")]
    store.replace_scores(
        run.id, ("facts/0", "second"), [replace(s, version="3 raw", value=0.25) for s in block],
        signature="s", completions=len(block),
    )  # fmt: skip
    export(store, [run], tmp_path / "out.jsonl")
    rows = [r for r in read_jsonl(tmp_path / "out.jsonl") if (r["item"], r["model"]) == ("facts/0", "second")]
    assert {r["score.fact_recall"] for r in rows if r["status"] == "completion"} == {0.25}
    assert [r["score.fact_recall.imported"] for r in rows if r["status"] == "completion"] == [
        s.value for s in block
    ]


def test_several_runs_stand_one_after_another_with_the_columns_of_all(store, tmp_path):
    runs = [add_full_run(store, "one"), add_full_run(store, "two")]
    told = []
    count = export(store, runs, tmp_path / "out.csv", on_progress=lambda done, of: told.append((done, of)))
    rows = read_csv(tmp_path / "out.csv")
    assert [r["run"] for r in rows] == ["one"] * (count // 2) + ["two"] * (count // 2)
    assert told == [(done, count) for done in range(1, count + 1)]
    with pytest.raises(UsageError, match="holds 2 runs"):
        import_table(store, tmp_path / "out.csv")


def test_messages_are_in_opentelemetrys_form(store, tmp_path):
    run = add_full_run(store)
    export(store, [run], tmp_path / "out.jsonl", messages=True)
    export(store, [run], tmp_path / "out.csv", messages=True)
    row, in_csv = read_jsonl(tmp_path / "out.jsonl")[0], read_csv(tmp_path / "out.csv")[0]
    expected = [
        {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
        {"role": "user", "parts": [{"type": "text", "content": "plain"}]},
    ]
    assert row["gen_ai.input.messages"] == json.loads(in_csv["gen_ai.input.messages"]) == expected
    assert import_table(store, tmp_path / "out.jsonl", name="back").run.completions == run.completions


def test_nothing_of_how_a_model_is_reached_is_exported(store, tmp_path):
    run = add_full_run(store)
    for form in READERS:
        for rows in ("samples", "tokens", "scores"):
            path = tmp_path / f"{rows}.{form}"
            export(store, [run], path, rows=rows)
            assert SECRET.encode() not in path.read_bytes()
            assert SECRET not in str(READERS[form](path))


def test_csv_for_a_spreadsheet_has_no_formulas(store, tmp_path):
    run = add_full_run(store)
    export(store, [run], tmp_path / "plain.csv")
    export(store, [run], tmp_path / "shown.csv", for_spreadsheet=True)
    assert (tmp_path / "shown.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "shown.csv").open(encoding="utf-8-sig", newline="") as file:
        shown = list(csv.reader(file, strict=False)) if csv.field_size_limit(10**6) else []
    plain = [list(row.values()) for row in read_csv(tmp_path / "plain.csv")]
    numbers = {i for i, name in enumerate(shown[0]) if name in NUMBERS or name.startswith("score.")}
    changed = 0
    for before, after in zip(plain, shown[1:], strict=True):
        for i, (was, now) in enumerate(zip(before, after, strict=True)):
            if i not in numbers:
                assert not now.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
            assert now in (was, f"'{was}")
            changed += now != was
    assert changed > 20
    with pytest.raises(UsageError, match="only CSV"):
        export(store, [run], tmp_path / "x.jsonl", for_spreadsheet=True)


NUMBERS = {column.name for column in SAMPLE if column.kind in ("integer", "number")}


@pytest.mark.parametrize("form", READERS)
def test_a_file_is_written_whole_or_not_at_all(store, tmp_path, form):
    run = add_full_run(store)
    path = tmp_path / "folder" / f"out.{form}"
    path.parent.mkdir()
    path.write_text("what was there before")

    def stop(done: int, of: int) -> None:
        if done == 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(store, [run], path, on_progress=stop)
    assert path.read_text() == "what was there before"
    assert list(path.parent.iterdir()) == [path]
    export(store, [run], path)
    assert len(READERS[form](path)) == run.completions + run.failures


def test_where_nothing_can_be_written_the_error_says_so(store, tmp_path):
    run = add_full_run(store)
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / "file" / "x.csv", tmp_path / "folder.csv", tmp_path / "a\0b.csv"):
        with pytest.raises(ExportError, match=r"cannot be written to .*choose another file with -o"):
            export(store, [run], path)
    assert not list(tmp_path.glob(".tempkit*"))
    if Path("/dev/full").exists():
        with pytest.raises(ExportError, match="No space left"):
            export(store, [run], Path("/dev/full"), format="csv")
        with pytest.raises(UsageError, match="is a pipe or a device"):
            export(store, [run], Path("/dev/full"), format="parquet")


def test_without_pyarrow_the_line_to_type_is_given(store, tmp_path, monkeypatch):
    run = add_full_run(store)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ExtraMissingError, match=r'pip install "tempkit\[parquet\]"'):
        export(store, [run], tmp_path / "x.parquet")
    assert not (tmp_path / "x.parquet").exists()
    export(store, [run], tmp_path / "x.csv")


def test_memory_does_not_grow_with_the_run(store, tmp_path):
    run = add_large_run(store, completions=200, tokens=30)
    for form in READERS:
        export(store, [add_full_run(store)], tmp_path / f"warm.{form}", rows="tokens")
        tracemalloc.start()
        assert export(store, [run], tmp_path / f"out.{form}", rows="tokens") in (200, 6_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # All its tokens with their alternatives are 120,000 pairs, which take 150 bytes each and more.
        assert peak < 8 * 2**20, form


def test_the_format_follows_from_the_name(tmp_path):
    assert [format_of(Path(name)) for name in ("a.csv", "b.JSONL", "c.ndjson", "d.parquet")] == [
        "csv", "jsonl", "jsonl", "parquet",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="did you mean 'parquet'"):
        format_of(Path("x.parqet"))
    with pytest.raises(UsageError, match="names no format"):
        format_of(Path("x"))


def test_only_what_was_sent_is_said_to_be_sent():
    from tempkit.backends.anthropic import AnthropicBackend
    from tempkit.backends.google import GoogleBackend
    from tempkit.backends.ollama import OllamaBackend
    from tempkit.backends.openai import OpenAIBackend
    from tempkit.types import SamplingParams

    sampling = SamplingParams(
        max_tokens=77, top_p=0.8, top_k=5, frequency_penalty=0.5, presence_penalty=0.25, stop=("x",)
    )
    backends = {
        "openai": (OpenAIBackend(concurrency=1), {"top_k"}),
        "xai": (OpenAIBackend(concurrency=1), {"top_k", "frequency_penalty", "presence_penalty"}),
        "vllm": (OpenAIBackend(concurrency=1), set()),
        "google": (GoogleBackend(concurrency=1), set()),
        "ollama": (OllamaBackend(concurrency=1), set()),
        "anthropic": (AnthropicBackend(concurrency=1), {"top_p", "frequency_penalty", "presence_penalty"}),
    }
    everything = {"max_tokens": 77, "top_p": 0.8, "top_k": 5, "frequency_penalty": 0.5, "presence_penalty": 0.25, "stop_sequences": ["x"], "choice.count": None}  # fmt: skip
    for name, (backend, unsent) in backends.items():
        model = ModelSpec(backend=name, name="m", label=name)
        found = conventions.request(backend.params(model, sampling, 0.5, 3, 1))
        expected = {f"gen_ai.request.{k}": None if k in unsent else v for k, v in everything.items()}
        assert found == expected, name


def test_providers_have_the_conventions_names():
    named = {name: conventions.provider(ModelSpec(backend=name, name="m", label="l")) for name in ("openai", "azure", "google", "mistral", "xai", "groq", "gguf")}  # fmt: skip
    assert named == {
        "openai": "openai",
        "azure": "azure.ai.openai",
        "google": "gcp.gemini",
        "mistral": "mistral_ai",
        "xai": "x_ai",
        "groq": "groq",
        "gguf": "gguf",
    }
    assert conventions.messages([Message("assistant", "x")]) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "x"}]}
    ]


def test_mistakes_in_an_exported_table_are_named_by_their_line(store, tmp_path):
    from tempkit.errors import PromptError

    run = add_full_run(store)
    path = tmp_path / "out.jsonl"
    export(store, [run], path, rows="tokens")
    good = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    before = len(store.runs())
    for column, value in {
        "status": "done",
        "finish_reason": "tired",
        "logprob_kind": "cooked",
        "gen_ai.usage.input_tokens": "many",
        "latency_s": "1e999",
        "params": "[",
        "tokens": [{"text": "x"}],
        "score.fact_recall": "good",
    }.items():
        rows = [*good[:2], {**good[2], column: value}]
        path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
        with pytest.raises(PromptError, match=rf"out\.jsonl:3: .*{column.split('.')[0]}"):
            import_table(store, path)
    for kind in ("scores", "tokens"):
        export(store, [run], tmp_path / "other.csv", rows=kind)
        with pytest.raises(UsageError, match="not samples"):
            import_table(store, tmp_path / "other.csv")
    path.write_text("\n".join(json.dumps({**row, "fact_recall": 1}) for row in good), "utf-8")
    with pytest.raises(UsageError, match="two columns are of 'fact_recall'"):
        import_table(store, path)
    assert len(store.runs()) == before


def test_temperatures_are_exact(store, tmp_path):
    run = add_full_run(store)
    for form in READERS:
        export(store, [run], tmp_path / f"out.{form}")
        found = {float(row["temperature"]) for row in READERS[form](tmp_path / f"out.{form}")}
        assert found == set(TEMPERATURES)
    assert "0.30000000000000004" in {row["temperature"] for row in read_csv(tmp_path / "out.csv")}


def test_no_field_of_a_token_is_left_out():
    assert {field.name for field in fields(TokenLogprob)} <= {column.name for column in TOKEN}
