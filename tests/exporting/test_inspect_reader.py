"""Inspect's own reader opens the logs: `read_eval_log` is what `inspect view` shows them by."""

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
from export_sample import add_full_run
from odd_store import add_odd_run
from support import lacking

from tempkit.interchange import export_folder
from tempkit.store import RunRecord, Store
from tempkit.types import Completion

if importlib.util.find_spec("inspect_ai") is None:
    lacking("inspect's reader is not installed: pip install inspect-ai")


@pytest.mark.parametrize("add", [add_full_run, add_odd_run])
def test_inspects_reader_opens_every_log(tmp_path: Path, add: Callable[[Store], RunRecord]) -> None:
    reader = importlib.import_module("inspect_ai.log")
    with Store.open(tmp_path / "tempkit.db") as store:
        run = add(store)
        export_folder(store, [run], tmp_path / "logs", format="inspect", about=lambda _: None)
        outcomes = {
            (each.key.item, each.key.model, each.key.temperature, each.key.replicate): each
            for each in (*store.completions(run.id, tokens=True), *store.failures(run.id))
        }
    listed = reader.list_eval_logs(str(tmp_path / "logs"))
    assert len(listed) == len([*(tmp_path / "logs").iterdir()])
    seen = 0
    for info in listed:
        log = reader.read_eval_log(info)
        header = reader.read_eval_log(info, header_only=True)
        assert header.results == log.results
        assert len(reader.read_eval_log_sample_summaries(info.name)) == len(log.samples)
        about = log.eval.metadata
        for sample in log.samples:
            key = (sample.metadata["item"], about["model"], about["temperature"], sample.epoch - 1)
            outcome = outcomes[key]
            again = reader.read_eval_log_sample(info, id=sample.id, epoch=sample.epoch)
            assert again.output == sample.output
            seen += 1
            if not isinstance(outcome, Completion):
                assert sample.error.message.startswith(outcome.kind)
                continue
            assert sample.output.completion == outcome.text
            logprobs = sample.output.choices[0].logprobs
            if logprobs is not None:
                assert [token.logprob for token in logprobs.content] == [t.logprob for t in outcome.tokens]
    assert seen == len(outcomes)
