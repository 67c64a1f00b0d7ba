"""Logs of inspect, `.eval` and `.json`: every sample as an answer with its scores, under the columns of tempkit's own exports.

A log is of one model at one temperature, so a folder of logs is read as one run. A log may come from anywhere: what it would unpack is counted
while it is read, and names in it lead nowhere.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.files import MAX_ROWS
from tempkit.interchange.imports.inspect_samples import answers_of, as_object, differing_settings
from tempkit.interchange.imports.inspect_tokens import is_ours, own_values
from tempkit.interchange.imports.inspect_twice import Known
from tempkit.interchange.imports.zstd_members import ZSTD, read_zstd
from tempkit.prompts import DataRow, LeftOut, parse_json, read_text

__all__ = ["INSPECT", "read_inspect"]

INSPECT = (".eval", ".json")

_MOST_BYTES = 512 * 2**20
"""Of what a log unpacks to."""
_MOST_SAMPLE = 16 * 2**20
_MOST_LOGS = 1_000


def read_inspect(path: Path) -> tuple[list[DataRow], tuple[str, ...]]:
    """Read a log, or a folder of them.

    Returns:
        A row per sample, and what is not carried over, a line for each kind.

    Raises:
        PromptError: A log cannot be read, or none says its temperature; the message begins with the file.
    """
    left = LeftOut()
    rows: list[DataRow] = []
    known = Known()
    for log in _logs(path):
        for row in _rows(log, path.stem, left, known):
            rows.append(row)
            if len(rows) > MAX_ROWS:
                raise PromptError(f"{log}: more than {MAX_ROWS:,} samples; import fewer logs at once")
    if not rows:
        why = "; ".join(left.lines()) or "there is no sample in it"
        raise PromptError(f"{path}: nothing to import: {why}")
    rows = known.without_answered_later(rows, left)
    differing_settings(rows, left)
    rows.sort(key=lambda row: int(row.values["gen_ai.epoch"]))
    plain = [DataRow({k: v for k, v in row.values.items() if k != "gen_ai.epoch"}, row.where) for row in rows]
    return plain, left.lines()


def _logs(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.iterdir() if p.suffix in INSPECT and p.is_file())
    if not found or len(found) > _MOST_LOGS:
        raise PromptError(
            f"{path}: a folder is imported where it holds logs of inspect (.eval, .json), {_MOST_LOGS:,} at most, "
            "or a data set for Hugging Face that tempkit exported (data/answers.parquet)"
        )
    return found


def _rows(path: Path, run: str, left: LeftOut, known: Known) -> Iterator[DataRow]:
    if path.suffix.lower() == ".eval":
        header, samples = _unpacked(path)
    else:
        whole = parse_json(read_text(path, "log"), f"{path}:1", "not JSON", not_numbers=True)
        if not isinstance(whole, dict) or not isinstance(whole.get("eval"), dict):
            raise PromptError(
                f"{path}: no log of inspect; of other JSON write one object a line and call it .jsonl, e.g. jq -c '.[]' FILE.json > FILE.jsonl"
            )
        header = whole
        listed = whole.get("samples") or []
        if not isinstance(listed, list):
            raise PromptError(f"{path}: samples must be a list")
        samples = ((f"{path}: sample {n}", each) for n, each in enumerate(listed, 1))
    about = as_object(header.get("eval"), f"{path}: eval")
    ours = is_ours(about)
    model, task = about.get("model"), str(about.get("task") or "inspect")
    if not isinstance(model, str) or not model:
        raise PromptError(f"{path}: the log names no model")
    config = {
        **as_object(about.get("model_generate_config"), str(path)),
        **as_object(as_object(header.get("plan"), str(path)).get("config"), str(path)),
    }
    config = {name: value for name, value in config.items() if value is not None}
    known.open(path, about, config)
    for where, sample in samples:
        if "temperature" not in config and not ours:
            left.add("samples of a log that says no temperature", where)
            continue
        sample = as_object(sample, where)
        if sample.get("invalidation"):
            left.add("samples that were marked as invalid", where)
            continue
        answers = answers_of(sample, where, run=run, task=task, model=model, config=config, left=left)
        if ours:
            values = answers[0] | own_values(about, sample, where, left)
            yield DataRow({k: v for k, v in values.items() if v is not None}, where)
            continue
        if sample.get("metadata"):
            left.add("metadata of a sample", where)
        if known.again(sample, where, left):
            continue
        item = known.item(task, sample, where, left)
        for values in answers:
            row = DataRow({k: v for k, v in (values | {"item": item}).items() if v is not None}, where)
            known.keep(row, sample)
            yield row


def _unpacked(path: Path) -> tuple[dict[str, Any], Iterator[tuple[str, Any]]]:
    """Return the head of a log that is an archive, and its samples as they are unpacked."""
    try:
        archive = zipfile.ZipFile(path)
        names = set(archive.namelist())
    except FileNotFoundError as e:
        raise PromptError(f"{path}: log not found") from e
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as e:
        raise PromptError(f"{path}: no log that can be read: {one_line(e, 120)}") from e
    with (
        ExitStack() as unless_read
    ):  # what is refused here is closed here, and else when its samples are read
        unless_read.enter_context(archive)
        header, inside, left_over = _head(archive, names, path)
        unless_read.pop_all()

    def samples() -> Iterator[tuple[str, Any]]:
        with archive:
            for name in inside:
                yield f"{path}: {one_line(name, 80)}", _member(archive, name, path, left_over)

    return header, samples()


def _head(
    archive: zipfile.ZipFile, names: set[str], path: Path
) -> tuple[dict[str, Any], list[str], list[int]]:
    """Return a log's head, the names of its samples, and how many bytes these may still unpack to."""
    if len(names) > MAX_ROWS:
        raise PromptError(f"{path}: more than {MAX_ROWS:,} files in it; import fewer samples")
    head = next((name for name in ("header.json", "_journal/start.json") if name in names), None)
    if head is None:
        raise PromptError(f"{path}: no log of inspect: neither header.json nor _journal/start.json is in it")
    left_over = [_MOST_BYTES]
    header = as_object(_member(archive, head, path, left_over), f"{path}: {head}")
    inside = sorted(name for name in names if name.startswith("samples/") and name.endswith(".json"))
    return header, inside, left_over


def _member(archive: zipfile.ZipFile, name: str, path: Path, left_over: list[int]) -> Any:
    where = f"{path}: {one_line(name, 80)}"
    try:
        info = archive.getinfo(name)
        if info.compress_type == ZSTD:
            data = read_zstd(archive, info, _MOST_SAMPLE + 1)
        else:
            with archive.open(info) as opened:
                data = opened.read(_MOST_SAMPLE + 1)
    except NotImplementedError as e:  # what zipfile raises of a compression that it does not have
        raise PromptError(
            f"{where}: compressed in a way that Python's own zipfile does not read; convert the log: inspect log convert --to json"
        ) from e
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as e:
        raise PromptError(f"{where}: cannot be unpacked: {one_line(e, 120)}") from e
    left_over[0] -= len(data)
    if len(data) > _MOST_SAMPLE or left_over[0] < 0:
        raise PromptError(
            f"{where}: unpacks to more than {(_MOST_SAMPLE if len(data) > _MOST_SAMPLE else _MOST_BYTES) // 2**20} MiB; import a smaller log"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise PromptError(f"{where}: not UTF-8") from e
    return parse_json(text, where, "not JSON", not_numbers=True)
