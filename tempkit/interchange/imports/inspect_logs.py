"""Logs of inspect, `.eval` and `.json`: every sample as an answer with its scores, under the columns of tempkit's own exports.

A log is of one model at one temperature, so a folder of logs is read as one run. A log may come from anywhere: what it would unpack is counted
while it is read, and names in it lead nowhere.
"""

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.files import MAX_ROWS
from tempkit.interchange.imports.inspect_tokens import is_ours, own_values, tokens_of
from tempkit.interchange.imports.zstd_members import ZSTD, read_zstd
from tempkit.interchange.schema import MESSAGES, SCORE, TOKENS
from tempkit.prompts import DataRow, LeftOut, parse_json, read_text

__all__ = ["INSPECT", "read_inspect"]

INSPECT = (".eval", ".json")

_MOST_BYTES = 512 * 2**20
"""Of what a log unpacks to."""
_MOST_SAMPLE = 16 * 2**20
_MOST_LOGS = 1_000
_VALUES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
"""What inspect's letters count: correct, partial, incorrect, no answer."""
_SETTINGS = ("max_tokens", "top_p", "top_k", "frequency_penalty", "presence_penalty")


def read_inspect(path: Path) -> tuple[list[DataRow], tuple[str, ...]]:
    """Read a log, or a folder of them.

    Returns:
        A row per sample, and what is not carried over, a line for each kind.

    Raises:
        PromptError: A log cannot be read, or none says its temperature; the message begins with the file.
    """
    left = LeftOut()
    rows: list[DataRow] = []
    for log in _logs(path):
        for row in _rows(log, path.stem, left):
            rows.append(row)
            if len(rows) > MAX_ROWS:
                raise PromptError(f"{log}: more than {MAX_ROWS:,} samples; import fewer logs at once")
    if not rows:
        why = "; ".join(left.lines()) or "there is no sample in it"
        raise PromptError(f"{path}: nothing to import: {why}")
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


def _rows(path: Path, run: str, left: LeftOut) -> Iterator[DataRow]:
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
    about = _object(header.get("eval"), f"{path}: eval")
    ours = is_ours(about)
    model, task = about.get("model"), about.get("task")
    if not isinstance(model, str) or not model:
        raise PromptError(f"{path}: the log names no model")
    config = {
        **_object(about.get("model_generate_config"), str(path)),
        **_object(_object(header.get("plan"), str(path)).get("config"), str(path)),
    }
    config = {name: value for name, value in config.items() if value is not None}
    for where, sample in samples:
        if "temperature" not in config and not ours:
            left.add("samples of a log that says no temperature", where)
            continue
        sample = _object(sample, where)
        values = _values(
            sample, where, run=run, task=str(task or "inspect"), model=model, config=config, left=left
        )
        if ours:
            values |= own_values(about, sample, where, left)
        elif sample.get("metadata"):
            left.add("metadata of a sample", where)
        yield DataRow({k: v for k, v in values.items() if v is not None}, where)


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
    header = _object(_member(archive, head, path, left_over), f"{path}: {head}")
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


def _object(given: Any, where: str) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise PromptError(f"{where}: must be an object, not {one_line(repr(given), 40)}")
    return given


def _values(
    sample: Mapping[str, Any],
    where: str,
    *,
    run: str,
    task: str,
    model: str,
    config: Mapping[str, Any],
    left: LeftOut,
) -> dict[str, Any]:
    name, epoch = sample.get("id"), sample.get("epoch", 1)
    if not isinstance(name, (str, int)) or not isinstance(epoch, int) or isinstance(epoch, bool):
        raise PromptError(f"{where}: a sample needs an id and an epoch")
    output = _object(sample.get("output"), where)
    choices = output.get("choices") or []
    choice = _object(choices[0] if isinstance(choices, list) and choices else None, where)
    text, thinking = _content(_object(choice.get("message"), where).get("content"), where, left)
    usage, error = _object(output.get("usage"), where), sample.get("error")
    values: dict[str, Any] = {
        "run": run,
        "prompt": task,
        "item": f"{task}/{name}",
        "model": model,
        "temperature": config.get("temperature"),
        "status": "completion",
        "text": text,
        "thinking": thinking,
        "finish_reason": _end(choice.get("stop_reason")),
        "gen_ai.provider.name": model.partition("/")[0],
        "gen_ai.request.model": model.partition("/")[2] or model,
        "gen_ai.request.temperature": config.get("temperature"),
        "gen_ai.request.seed": config.get("seed"),
        **{f"gen_ai.request.{key}": config[key] for key in _SETTINGS if key in config},
        "gen_ai.response.model": output.get("model"),
        "gen_ai.response.id": output.get("response_id"),
        "gen_ai.usage.input_tokens": usage.get("input_tokens"),
        "gen_ai.usage.output_tokens": usage.get("output_tokens"),
        "gen_ai.usage.cache_read.input_tokens": usage.get("input_tokens_cache_read"),
        "gen_ai.usage.cache_creation.input_tokens": usage.get("input_tokens_cache_write"),
        "thinking_tokens": usage.get("reasoning_tokens"),
        TOKENS.name: tokens_of(choice, where, left),
        "params": dict(config),
        "latency_s": output.get("time"),
        "gen_ai.epoch": epoch,
    }
    if isinstance(error, dict) or not choice:
        message = error.get("message") if isinstance(error, dict) else None
        values |= {
            "status": "failure",
            "error.type": "bad_answer",
            "error.message": str(message or "the log has no answer"),
        }
        values = {k: v for k, v in values.items() if k not in ("text", "thinking", "finish_reason")}
    asked = _asked(sample.get("messages"), sample.get("input"))
    if asked:
        values[MESSAGES.name] = asked
    if _answers(sample.get("messages")) - _answers(sample.get("input")) > 1:
        left.add("all but the last answer of a sample with several", where)
    for key in ("store", "events", "transcript", "attachments", "target"):
        if sample.get(key):
            left.add(f"{key} of a sample", where)
    values |= _scores(_object(sample.get("scores"), where), where, left)
    return values


def _answers(messages: Any) -> int:
    """Count the assistant's messages; those of what is asked are no answers."""
    listed = messages if isinstance(messages, list) else []
    return sum(isinstance(each, dict) and each.get("role") == "assistant" for each in listed)


def _content(given: Any, where: str, left: LeftOut) -> tuple[str, str | None]:
    """Return an answer's text and its thinking."""
    if isinstance(given, str) or given is None:
        return given or "", None
    texts, thoughts = [], []
    for part in given if isinstance(given, list) else []:
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(part, dict) and isinstance(part.get("reasoning"), str):
            thoughts.append(part["reasoning"])
        else:
            left.add("a part of an answer that is no text", where)
    return "".join(texts), "".join(thoughts) or None


def _end(said: Any) -> str | None:
    if not isinstance(said, str):
        return None
    from tempkit.backends import end_of

    end = end_of("length" if said in ("max_tokens", "model_length") else said)
    return "unknown" if end == "error" else end


def _asked(messages: Any, given: Any) -> list[dict[str, Any]]:
    """Return what was asked, in the form of OpenTelemetry's messages: all up to the first answer."""
    found: list[dict[str, Any]] = []
    for each in messages if isinstance(messages, list) else []:
        if not isinstance(each, dict) or each.get("source") == "generate":
            break
        if isinstance(each.get("content"), str) and each.get("role") in ("system", "user", "assistant"):
            found.append({"role": each["role"], "parts": [{"type": "text", "content": each["content"]}]})
    if not found and isinstance(given, str):
        found = [{"role": "user", "parts": [{"type": "text", "content": given}]}]
    return found


def _scores(given: Mapping[str, Any], where: str, left: LeftOut) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, score in given.items():
        value = score.get("value") if isinstance(score, dict) else score
        for key, each in value.items() if isinstance(value, dict) else (("", value),):
            called = f"{SCORE}{name}.{key}" if key else SCORE + name
            if isinstance(each, (bool, int, float)):
                found[called] = float(each)
            elif isinstance(each, str) and each in _VALUES:
                found[called] = _VALUES[each]
            else:
                left.add(
                    f"scores of {one_line(name, 40)} that are no number: {one_line(json.dumps(each), 40)}",
                    where,
                )
    return found
