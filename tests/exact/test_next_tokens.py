"""A local model's whole distributions are those that its samples are drawn from, and what is computed of them is what they do."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from tempkit.errors import ModelError, UsageError
from tempkit.exact import Effort, LeftOut, accepted, exact_answers
from tempkit.models import ContinuationModel, rows_of
from tempkit.planning import parse_model
from tempkit.softmax import log_softmax
from tempkit.testing import run_all
from tempkit.types import Check, Completion, Item, Message, Sample, SamplingParams, Sweep

pytestmark = [pytest.mark.engine, pytest.mark.one_core]

MODEL = parse_model("gguf:smollm2")
QUESTION = Item(
    key="snow/1",
    prompt="snow",
    messages=(Message("user", "Is snow white? Answer with one word: yes or no."),),
    checks=(Check("regex", r"^(?i)(yes|no)[.!]?$"),),
)
SAMPLING = SamplingParams(max_tokens=6, logprobs=5)


@pytest.fixture(scope="module")
def model():
    with ContinuationModel(MODEL) as opened:
        yield opened


def drawn(sampling: SamplingParams, temperatures: tuple[float, ...], repeat: int) -> list[Completion]:
    samples = tuple(
        Sample(temperature=t, replicate=n, seed=1000 + n) for t in temperatures for n in range(repeat)
    )
    outcomes, *_ = run_all([Sweep(item=QUESTION, model=MODEL, sampling=sampling, samples=samples)])
    found = [each for each in outcomes if isinstance(each, Completion)]
    assert len(found) == len(samples)
    return found


def test_logits_are_those_that_samples_were_drawn_from(model):
    completions = drawn(SAMPLING, (0.0, 1.0, 2.0), 4)
    paths = {tuple(t.token_id for t in c.tokens)[:n]: None for c in completions for n in range(len(c.tokens))}
    rows = dict(
        zip(paths, log_softmax(rows_of(model.next_tokens(QUESTION.messages, list(paths)))), strict=True)
    )
    compared = 0
    for completion in completions:
        ids = [token.token_id for token in completion.tokens]
        for place, token in enumerate(completion.tokens):
            assert rows[tuple(ids[:place])][token.token_id] == pytest.approx(token.logprob, abs=1e-5)
            compared += 1
    assert compared > 20


def test_rows_do_not_depend_on_what_else_is_asked(model):
    long = list(range(500, 570))
    paths = [[], [1], [5, 6, 7], long, long[:40]]
    together = rows_of(model.next_tokens(QUESTION.messages, paths * 5))
    for path, row in zip(paths, together[: len(paths)], strict=True):
        np.testing.assert_array_equal(rows_of(model.next_tokens(QUESTION.messages, [path]))[0], row)
    np.testing.assert_array_equal(together, np.tile(together[: len(paths)], (5, 1)))


def test_another_conversation_and_a_longer_beginning_get_a_cache_that_holds_them(model):
    other = (Message("user", "Name a colour."),)
    first = model.next_tokens(QUESTION.messages, [()])
    second = model.next_tokens(other, [(), tuple(range(200))])
    again = model.next_tokens(QUESTION.messages, [()])
    assert first.logits == again.logits
    assert first.logits[0] != second.logits[0]
    assert second.prompt_tokens < first.prompt_tokens
    assert second.evaluated >= second.prompt_tokens + 200


def test_what_does_not_fit_is_refused_in_a_line(model):
    with pytest.raises(ModelError, match="context holds 8192"):
        model.next_tokens(QUESTION.messages, [list(range(9000))])
    assert len(model.next_tokens(QUESTION.messages, [()]).logits) == 1  # and the engine goes on


def test_the_vocabulary_spells_what_samples_say(model):
    vocabulary = model.vocabulary()
    (completion,) = drawn(SAMPLING, (0.0,), 1)
    spelled = b"".join(vocabulary.pieces[token.token_id] for token in completion.tokens)
    assert spelled.decode() == completion.text
    assert all(vocabulary.pieces[end] == b"" for end in vocabulary.ends)
    assert len(model.next_tokens(QUESTION.messages, [()]).logits[0]) == 4 * len(vocabulary.pieces)


def test_a_remote_model_is_refused():
    with pytest.raises(
        UsageError, match=r"openai:gpt-4\.1 does not give the probabilities of all its tokens"
    ):
        ContinuationModel(parse_model("openai:gpt-4.1"))


@pytest.mark.parametrize(
    ("checks", "sampling"),
    [
        (QUESTION.checks, SAMPLING),
        ((Check("equals", "Yes"),), replace(SAMPLING, stop=(".",))),
        ((Check("contains", "now"),), replace(SAMPLING, max_tokens=4, stop=(" is",))),
    ],
)
def test_samples_are_accepted_as_often_as_the_bounds_say(model, checks, sampling):
    temperatures, repeat = (0.0, 0.7, 1.5), 80
    item = replace(QUESTION, checks=checks)
    found = exact_answers(
        model, model.vocabulary(), item, sampling, temperatures, Effort(within=0.02, passes=32)
    )
    assert not isinstance(found, LeftOut)
    assert found.passes <= 32
    completions = drawn(replace(sampling, logprobs=0), temperatures, repeat)
    times = Counter(
        completion.key.temperature
        for completion, good in zip(completions, accepted(item, completions), strict=True)
        if good
    )
    for temperature, lower, upper in zip(temperatures, found.lower, found.upper, strict=True):
        # So far beyond a bound a count is once in a million when the bound holds.
        assert binom.sf(times[temperature] - 1, repeat, upper) > 1e-6
        assert binom.cdf(times[temperature], repeat, lower) > 1e-6
    if found.closed:
        assert max(np.subtract(found.upper, found.lower)) <= 0.02 + 1e-8
        assert found.lower[0] in (0.0, 1.0) or found.lower[0] == pytest.approx(1.0, abs=1e-8)
    for place in range(len(temperatures)):
        total = sum(answer.probabilities[place] for answer in found.answers)
        assert total <= found.upper[place] + 1e-8 <= 1 + 2e-8


def test_a_prompt_that_opens_thoughts_is_left_out(model, monkeypatch):
    before = model.next_tokens(QUESTION.messages, [()])
    monkeypatch.setattr(model, "next_tokens", lambda *_: replace(before, thinking=True))
    found = exact_answers(model, model.vocabulary(), QUESTION, SAMPLING, (1.0,), Effort())
    assert found == LeftOut("snow/1", "its prompt has the model think before it answers")
