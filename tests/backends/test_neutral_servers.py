"""The same model with and without recommendations in its file, through llama.cpp's own server: tempkit's samples are neutral.

Effective temperatures are by maximum likelihood among the alternatives that the server names: given that a token is one of them, its
probability is their softmax at the temperature, whatever lies beyond them. The alternatives' log-probabilities are raw.
"""

import asyncio
import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import planted
from support import Cli, LlamaServer, serve

from tempkit.backends.openai import OpenAIBackend
from tempkit.planning.experiment import parse_model
from tempkit.testing import make_sweeps
from tempkit.types import Completion, ModelSpec, SamplingParams, TokenLogprob

pytestmark = pytest.mark.engine

RECOMMENDED = {
    "general.sampling.temp": 2.0,
    "general.sampling.top_k": 5,
    "general.sampling.top_p": 0.5,
    "general.sampling.min_p": 0.2,
    "general.sampling.xtc_probability": 0.9,
    "general.sampling.xtc_threshold": 0.05,
    "general.sampling.penalty_repeat": 1.9,
    "general.sampling.penalty_last_n": 128,
    "general.sampling.sequence": "penalties;xtc;top_k",
}
"""Everything that llama.cpp takes from a file, each far from neutral; but for what would switch the others off."""
MIROSTAT = {"general.sampling.mirostat": 2, "general.sampling.mirostat_tau": 1.0}
NAMES = {
    "general.sampling.temp": "temperature",
    "general.sampling.penalty_repeat": "repeat_penalty",
    "general.sampling.penalty_last_n": "repeat_last_n",
    "general.sampling.sequence": "samplers",
}
"""What requests call it, where that is another name."""
QUESTIONS = ("Write a story.", "What is a bit?", "Name three colours.", "Why is the sky blue?")
LONG = SamplingParams(max_tokens=40, logprobs=20)
SHORT = SamplingParams(max_tokens=16, logprobs=2)


@pytest.fixture(scope="module")
def servers(bundled_gguf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, LlamaServer]]:
    """The bundled model as it is, with everything recommended, and with mirostat."""
    folder = tmp_path_factory.mktemp("models")
    files = {
        "plain": bundled_gguf,
        "odd": planted(folder / "odd.gguf", RECOMMENDED),
        "mirostat": planted(folder / "mirostat.gguf", MIROSTAT),
    }
    with ExitStack() as stack:
        yield {name: stack.enter_context(serve(path, "")) for name, path in files.items()}


def model_at(server: LlamaServer, backend: str = "llama-server", **options: Any) -> ModelSpec:
    return parse_model(f"{backend}:smollm2", options={"base_url": server.base_url, **options})


def drawn(
    model: ModelSpec, temperature: float, repeat: int = 1, sampling: SamplingParams = SHORT
) -> tuple[list[Completion], dict[str, Any]]:
    """Prepare a model and sample it, as a run does; return the answers in their order and what was found.

    One request at a time: what shares a batch rounds otherwise on 4-bit weights.
    """

    async def go() -> tuple[list[Completion], dict[str, Any]]:
        backend = OpenAIBackend(concurrency=1)
        try:
            details = dict((await backend.prepare(model)).details)
            sweeps = make_sweeps(model, sampling, (temperature,), repeat, QUESTIONS)
            return [
                o async for o in backend.run(sweeps, lambda *_: None) if isinstance(o, Completion)
            ], details
        finally:
            await backend.close()

    answers, details = asyncio.run(go())
    assert len(answers) == repeat * len(QUESTIONS)
    return sorted(answers, key=lambda answer: answer.key), details


def effective(tokens: Sequence[TokenLogprob]) -> tuple[float, float]:
    """Return the temperature that tokens were drawn at, and its standard error; zero tokens drawn beyond their alternatives count.

    By Newton's method on b = 1/T: sum of l_y equals the sum of the expected l, whose derivative is the sum of their variances; the
    standard error is T^2 over its root.
    """
    drawn = [([v for _, v in token.top], token.logprob) for token in tokens if token.rank is not None]
    b = 1.0
    for _ in range(50):
        slope = information = 0.0
        for values, logprob in drawn:
            weights = [math.exp(b * (v - values[0])) for v in values]
            total = sum(weights)
            mean = sum(w * v for w, v in zip(weights, values, strict=True)) / total
            information += sum(w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True)) / total
            assert logprob is not None
            slope += logprob - mean
        step = max(-b / 2, min(b, slope / information))
        b += step
        if abs(step) < 1e-9:
            break
    return 1 / b, 1 / b**2 / math.sqrt(information)


@given(seed=st.integers(0, 2**32 - 1), temperature=st.sampled_from((0.5, 1.0, 2.0)))
def test_effective_temperatures_are_found(seed: int, temperature: float) -> None:
    import random

    generator = random.Random(seed)
    tokens = []
    for _ in range(400):
        values = sorted((generator.gauss(-3, 2) for _ in range(20)), reverse=True)
        (y,) = generator.choices(range(20), [math.exp(v / temperature) for v in values])
        top = tuple((str(i), v) for i, v in enumerate(values))
        tokens.append(TokenLogprob(text=str(y), logprob=values[y], rank=y, top=top))
    found, error = effective(tokens)
    assert abs(found - temperature) < 5 * error


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("file", ["odd", "mirostat"])
def test_a_file_that_recommends_something_gives_the_texts_of_one_that_does_not(
    servers, file: str, temperature: float
) -> None:
    """At every temperature: the server draws by the seed that it is sent."""
    (plain, _), (odd, _) = (drawn(model_at(servers[name]), temperature) for name in ("plain", file))
    assert [answer.text for answer in odd] == [answer.text for answer in plain]


@pytest.mark.parametrize(("file", "temperature"), [("odd", 0.0), ("mirostat", 1.0)])
def test_with_openais_own_parameters_alone_the_file_has_its_way(
    servers, file: str, temperature: float
) -> None:
    """So that there is something to send against."""
    plain, _ = drawn(model_at(servers["plain"]), temperature)
    odd, details = drawn(model_at(servers[file], extended_sampling=False), temperature)
    assert [answer.text for answer in odd] != [answer.text for answer in plain]
    assert details["other_defaults"] == "unknown"
    assert "sent_neutral" not in details


def test_what_the_server_says_is_recorded(servers) -> None:
    _, details = drawn(model_at(servers["odd"]), 0.0, sampling=SamplingParams(max_tokens=1))
    says = details["server_defaults"]
    for name, value in RECOMMENDED.items():
        if (its := NAMES.get(name, name.rpartition(".")[2])) != "samplers":
            assert says[its] == value, name
    assert says["samplers"] == ["penalties", "xtc", "top_k"]
    # It has nothing that is not sent; where a newer one has, this says which.
    assert "not_sent" not in details
    assert "other_defaults" not in details


def test_at_one_a_file_that_recommends_everything_is_sampled_at_one(servers) -> None:
    answers, _ = drawn(model_at(servers["odd"]), 1.0, 4, LONG)
    tokens = [token for answer in answers for token in answer.tokens]
    found, error = effective(tokens)
    assert error < 0.08
    assert abs(found - 1.0) < 2 * error, (found, error, len(tokens))
    assert any(token.rank is None or token.rank >= 5 for token in tokens)  # top_k 5 would have left none


def test_a_run_through_it_keeps_what_the_server_says_and_the_report_shows_it(
    servers, cli: Cli, tmp_path: Path
) -> None:
    model = f"llama-server:smollm2,base_url={servers['odd'].base_url}"
    done = cli("run", "Say a word.", "-m", model, "-t", "0,1", "-n", "1", "--max-tokens", "3")
    assert done.code == 0, done.err
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection:
        ((details,),) = connection.execute("select details from model").fetchall()
        (sent,) = {
            text for (text,) in connection.execute("select params from completion where temperature_sent = 1")
        }
    kept = json.loads(details)
    assert kept["server_defaults"]["xtc_probability"] == 0.9
    assert {name: json.loads(sent)[name] for name in kept["sent_neutral"]} == kept["sent_neutral"]
    assert ".gguf" not in details
    assert cli("report", "-o", "out.html").code == 0
    page = (tmp_path / "out.html").read_text()
    assert "What the server says it fills in where nothing is sent" in page
    assert "xtc_probability = 0.9" in page


def test_a_server_given_by_its_address_is_sent_the_same(servers) -> None:
    (named, _), (found, details) = (
        drawn(model_at(servers["odd"], backend), 1.0) for backend in ("llama-server", "openai")
    )
    assert [answer.text for answer in found] == [answer.text for answer in named]
    assert details["server_defaults"]["xtc_probability"] == 0.9


def test_what_is_asked_for_goes_before_what_is_neutral(servers) -> None:
    asked = SamplingParams(max_tokens=16, top_k=2)
    answers, _ = drawn(model_at(servers["odd"]), 2.0, sampling=asked)
    assert {token.rank for answer in answers for token in answer.tokens} == {0, 1}
    # A penalty moves what is best before top_k looks.
    answers, _ = drawn(model_at(servers["odd"]), 2.0, sampling=replace(asked, frequency_penalty=2.0))
    assert max(token.rank or 0 for answer in answers for token in answer.tokens) > 1


def test_the_server_takes_every_parameter_at_the_value_that_was_sent(servers) -> None:
    """Its own word for what it did, by the names of its requests."""
    model = model_at(servers["odd"])
    params = OpenAIBackend(concurrency=1).params(model, SamplingParams(max_tokens=1, logprobs=0), 0.7, 3, 1)
    body = {**params, "model": "m", "messages": [{"role": "user", "content": "Hi"}], "verbose": True}
    request = Request(f"{servers['odd'].base_url}/chat/completions", json.dumps(body).encode())
    with urlopen(request) as reply:
        did = json.load(reply)["__verbose"]["generation_settings"]
    assert did.pop("logit_bias") == []
    wanted = {name: value for name, value in params.items() if name != "logit_bias"}
    assert {name: did[name] for name in wanted} == {
        n: pytest.approx(v) if isinstance(v, float) else v for n, v in wanted.items()
    }
