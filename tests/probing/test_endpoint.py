"""The endpoint that the probe is tried on: it keeps to its own distribution, and every switch does what it says and no more."""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from endpoint import MODEL, Endpoint, Switches
from endpoint_model import END, TIE, TOKENS, Floats, TinyModel, log_softmax, sampled
from endpoint_wire import Served, in_process
from endpoint_words import ABOVE, REJECTIONS
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chisquare

from tempkit.backends.remote import Http
from tempkit.planning.experiment import parse_model
from tempkit.testing import BackendContract

PROMPTS = tuple(f"Say anything, number {i}." for i in range(20))


def sent(prompt: str = PROMPTS[0], **body: Any) -> bytes:
    asked = {"model": MODEL, "messages": [{"role": "user", "content": prompt}], **body}
    return json.dumps(asked).encode()


def ask(endpoint: Endpoint, prompt: str = PROMPTS[0], *, together: bool = False, **body: Any) -> Any:
    status, content = endpoint.reply(sent(prompt, **body), together=together)
    told = json.loads(content)
    assert status == 200, told
    return told


def text(endpoint: Endpoint, prompt: str = PROMPTS[0], **body: Any) -> str:
    said: str = ask(endpoint, prompt, **body)["choices"][0]["message"]["content"]
    return said


def texts(endpoint: Endpoint, **body: Any) -> list[str]:
    return [text(endpoint, prompt, **body) for prompt in PROMPTS]


def firsts(endpoint: Endpoint, number: int, prompt: str, **body: Any) -> Counter[str]:
    """Count the first tokens of many answers."""
    return Counter(text(endpoint, prompt, max_tokens=1, **body) for _ in range(number))


def first_logits(endpoint: Endpoint, prompt: str) -> Floats:
    return endpoint.models[0].logits(TinyModel.key(prompt), 0, -1)


def open_prompts(endpoint: Endpoint) -> list[str]:
    """Return some prompts at whose beginning there is a choice."""
    likeliest = {p: float(np.sort(log_softmax(first_logits(endpoint, p)))[-3]) for p in PROMPTS}
    return sorted(PROMPTS, key=lambda p: -likeliest[p])[:3]


def agree(drawn: Counter[str], logprobs: Floats) -> float:
    """Return the p-value of a chi-square test: that tokens are drawn with these log-probabilities; rare ones are joined."""
    assert set(drawn) <= {("" if i == END else t) for i, t in enumerate(TOKENS) if logprobs[i] > -math.inf}
    expected = np.exp(logprobs) * drawn.total()
    counts = np.array([drawn["" if i == END else t] for i, t in enumerate(TOKENS)])
    often = expected >= 8
    rest = [float(expected[~often].sum()), float(counts[~often].sum())]
    expected, counts = expected[often], counts[often]
    if rest[0] >= 8:
        expected, counts = np.append(expected, rest[0]), np.append(counts, rest[1])
    assert len(counts) > 1
    return float(chisquare(counts, expected * counts.sum() / expected.sum()).pvalue)


class TestItsDistribution:
    @pytest.mark.parametrize("temperature", [0.3, 0.7, 1.0, 1.5, 2.0])
    @pytest.mark.parametrize("seeded", [True, False])
    def test_its_frequencies_are_those_of_its_logits_at_the_temperature(
        self, temperature: float, seeded: bool
    ) -> None:
        endpoint = Endpoint(seed=3, switches=Switches(seeded=seeded))
        for prompt in open_prompts(endpoint):
            drawn = Counter(
                text(endpoint, prompt, max_tokens=1, temperature=temperature, seed=i) for i in range(1000)
            )
            assert agree(drawn, log_softmax(first_logits(endpoint, prompt) / temperature)) > 0.001

    def test_later_tokens_depend_on_the_one_before(self) -> None:
        endpoint = Endpoint(seed=1)
        prompt = next(p for p in PROMPTS if np.exp(log_softmax(first_logits(endpoint, p))).max() > 0.9)
        best = int(np.argmax(first_logits(endpoint, prompt)))
        second = log_softmax(endpoint.models[0].logits(TinyModel.key(prompt), 1, best))
        answers = [text(endpoint, prompt, max_tokens=2) for _ in range(2000)]
        after = Counter(
            a.removeprefix(TOKENS[best]) for a in answers if a.startswith(TOKENS[best]) and a != TOKENS[best]
        )
        second[END] = -math.inf  # left out above
        assert agree(after, log_softmax(second)) > 0.001

    def test_places_are_certain_open_and_nearly_tied_as_with_real_models(self) -> None:
        places = [TinyModel(5).logits(TinyModel.key(p), i, 7) for p in PROMPTS for i in range(20)]
        logprobs = np.array([log_softmax(p) for p in places])
        entropy = -(np.exp(logprobs) * logprobs).sum(axis=1)
        best = np.sort(logprobs, axis=1)[:, -2:]
        assert 0.05 < (entropy < 0.5).mean() < 0.4
        assert 0.1 < (entropy > 3.5).mean() < 0.6
        assert 0.06 < (best[:, 1] - best[:, 0] < TIE).mean() < 0.25

    def test_a_strong_model_is_seldom_in_doubt(self) -> None:
        def doubts(certain: float) -> int:
            endpoint = Endpoint(switches=Switches(certain=certain))
            return sum(np.exp(log_softmax(first_logits(endpoint, p))).max() < 0.8 for p in PROMPTS)

        assert doubts(0.9) < 8 < doubts(0.2)

    def test_another_seed_is_another_model_and_other_luck_is_not(self) -> None:
        assert texts(Endpoint(seed=1), temperature=0) == texts(Endpoint(seed=1, luck=1), temperature=0)
        assert texts(Endpoint(seed=1), temperature=0) != texts(Endpoint(seed=2), temperature=0)
        assert texts(Endpoint(seed=1)) == texts(Endpoint(seed=1))
        assert texts(Endpoint(seed=1)) != texts(Endpoint(seed=1, luck=1))

    def test_the_order_of_different_requests_is_of_no_account(self) -> None:
        forth, back = Endpoint(seed=1), Endpoint(seed=1)
        a = {p: text(forth, p, temperature=1) for p in PROMPTS}
        b = {p: text(back, p, temperature=1) for p in reversed(PROMPTS)}
        assert a == b


@given(
    # No ties: which of equals is cut is for rounding to decide.
    st.lists(st.integers(-80, 80), min_size=3, max_size=12, unique=True),
    st.floats(0.1, 4),
    st.integers(0, 14),
    st.floats(0.01, 1),
    st.floats(0, 1),
    st.booleans(),
)
def test_cuts_are_as_their_definitions_say(
    tenths: list[int], t: float, top_k: int, top_p: float, min_p: float, cut_first: bool
) -> None:
    """By hand, token by token: the k best, of these the least set that holds a share, of these what is likely enough."""
    logits = np.array(tenths) / 10
    share = np.exp(logits / (1 if cut_first else t))
    kept = sorted(range(len(tenths)), key=lambda i: -share[i])[: top_k or None]
    whole, before, nucleus = sum(share[kept]), 0.0, []
    for i in kept:
        assume(abs(before / whole - top_p) > 1e-9)
        if before < top_p * whole or top_p == 1:
            nucleus.append(i)
        before += share[i]
    assume(min(abs(share / share.max() - min_p)[1 - share / share.max() > 1e-6]) > 1e-9)
    kept = [i for i in nucleus if share[i] >= min_p * share.max()]
    expected = np.zeros(len(tenths))
    expected[kept] = np.exp(logits[kept] / t) / np.exp(logits[kept] / t).sum()
    found = np.exp(sampled(logits, t, {"top_k": top_k, "top_p": top_p, "min_p": min_p}, cut_first=cut_first))
    assert found == pytest.approx(expected, abs=1e-9)


class TestTheTemperature:
    @pytest.mark.parametrize(
        ("makes", "sent_as", "acts_as"),
        [
            (lambda _: 1.0, 0.3, 1.0),
            (lambda t: min(t, 1.0), 2.0, 1.0),
            (lambda t: min(t, 1.0), 0.5, 0.5),
            (lambda t: t * 0.3, 2.0, 0.6),
            (lambda t: t / 0.3, 0.3, 1.0),
        ],
    )
    def test_it_may_act_as_another(self, makes: Any, sent_as: float, acts_as: float) -> None:
        endpoint = Endpoint(seed=2, switches=Switches(temperature=makes))
        for prompt in open_prompts(endpoint):
            drawn = firsts(endpoint, 1000, prompt, temperature=sent_as)
            assert agree(drawn, log_softmax(first_logits(endpoint, prompt) / acts_as)) > 0.001

    @pytest.mark.parametrize("words", REJECTIONS)
    def test_it_may_be_rejected_in_every_providers_words(self, words: str) -> None:
        endpoint = Endpoint(switches=Switches(rejects=lambda t: t != 1, words=words))
        assert text(endpoint, temperature=1)
        assert text(endpoint)
        status, content = endpoint.reply(sent(temperature=0.5), together=False)
        assert status in (400, 422)
        assert b"emperature" in content
        assert endpoint.answers == 2

    @pytest.mark.parametrize("words", ABOVE)
    @pytest.mark.parametrize("most", [1.0, 2.0])
    def test_it_may_have_a_largest(self, words: str, most: float) -> None:
        endpoint = Endpoint(switches=Switches(most=most, most_words=words))
        assert text(endpoint, temperature=most)
        status, content = endpoint.reply(sent(temperature=most + 0.1), together=False)
        assert status == 400
        assert b"emperature" in content

    def test_it_may_go_with_no_top_p(self) -> None:
        endpoint = Endpoint(switches=Switches(top_p_alone=True))
        assert text(endpoint, temperature=1)
        assert text(endpoint, top_p=0.5)
        assert endpoint.reply(sent(temperature=1, top_p=1), together=False)[0] == 400


class TestItsParameters:
    @pytest.mark.parametrize("cuts", [{"top_k": 3}, {"top_p": 0.5}, {"min_p": 0.3}])
    @pytest.mark.parametrize("cuts_first", [True, False])
    def test_cuts_change_what_is_drawn(self, cuts: dict[str, float], cuts_first: bool) -> None:
        endpoint = Endpoint(seed=4, switches=Switches(cuts_first=cuts_first))
        for prompt in open_prompts(endpoint):
            wanted = sampled(first_logits(endpoint, prompt), 2.0, cuts, cut_first=cuts_first)
            assert agree(firsts(endpoint, 1000, prompt, temperature=2.0, **cuts), wanted) > 0.001

    def test_what_is_cut_before_the_temperature_comes_never_however_hot(self) -> None:
        defaults = {"min_p": 0.05, "top_k": 40}
        endpoint = Endpoint(switches=Switches(cuts_first=True, defaults=defaults))
        for prompt in open_prompts(endpoint):
            logprobs = log_softmax(first_logits(endpoint, prompt))
            likely = {
                t for t, v in zip(TOKENS, logprobs, strict=True) if v > logprobs.max() + math.log(0.0499)
            }
            assert set(firsts(endpoint, 300, prompt, temperature=2)) <= likely
            assert not set(firsts(endpoint, 300, prompt, temperature=2, top_k=0, min_p=0)) <= likely

    @pytest.mark.parametrize("name", ["top_p", "top_k", "min_p"])
    def test_cuts_may_be_dropped(self, name: str) -> None:
        tight = {name: {"top_p": 0.01, "top_k": 1, "min_p": 1.0}[name], "temperature": 2.0}
        assert texts(Endpoint(), **tight) == texts(Endpoint(), temperature=0)
        dropping = Switches(drops=frozenset({name}))
        assert texts(Endpoint(switches=dropping), **tight) != texts(Endpoint(), temperature=0)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("frequency_penalty", 2.0),
            ("presence_penalty", 2.0),
            ("repetition_penalty", 5.0),
            ("repeat_penalty", 5.0),
        ],
    )
    def test_penalties_end_repetition_unless_dropped(self, name: str, value: float) -> None:
        prompts = [f"Say the word number {i} thirty times." for i in range(5)]

        def kinds(endpoint: Endpoint, **body: Any) -> int:
            said = [text(endpoint, p, temperature=0, max_tokens=30, **body).split() for p in prompts]
            return sum(len(set(words)) for words in said)

        neutral = {name: 1.0 if name.startswith("repe") else 0.0}
        assert kinds(Endpoint(), **{name: value}) > kinds(Endpoint(), **neutral)
        dropping = Endpoint(switches=Switches(drops=frozenset({name})))
        assert kinds(dropping, **{name: value}) == kinds(Endpoint(), **neutral)

    def test_parameters_that_are_not_openais_may_be_refused_or_dropped(self) -> None:
        refusing = Endpoint(switches=Switches(unknown="refused"))
        assert text(refusing, top_p=1, seed=1, frequency_penalty=0)
        status, content = refusing.reply(sent(top_k=0), together=False)
        assert (status, json.loads(content)["error"]["param"]) == (400, "top_k")
        dropping = Endpoint(switches=Switches(unknown="dropped"))
        assert texts(dropping, temperature=2, top_k=1, seed=1) == texts(Endpoint(), temperature=2, seed=1)

    def test_any_parameter_may_be_refused(self) -> None:
        refusing = Endpoint(switches=Switches(refuses=frozenset({"seed"})))
        assert text(refusing, top_k=0)
        status, content = refusing.reply(sent(seed=1), together=False)
        assert (status, json.loads(content)["error"]["param"]) == (400, "seed")
        counting = Endpoint(switches=Switches(most_logprobs=5, counts_logprobs=True))
        assert text(counting, logprobs=True, top_logprobs=5)
        status, content = counting.reply(sent(logprobs=True, top_logprobs=6), together=False)
        assert (status, json.loads(content)["error"]["param"]) == (400, "top_logprobs")

    def test_a_seed_repeats_an_answer_unless_it_is_ignored(self) -> None:
        assert texts(Endpoint(), seed=5) == texts(Endpoint(luck=1), seed=5) != texts(Endpoint(), seed=6)
        deaf = Endpoint(switches=Switches(seeded=False))
        assert texts(deaf, seed=5) != texts(deaf, seed=5)

    def test_as_many_choices_come_as_were_asked_for_unless_n_is_ignored(self) -> None:
        choices = ask(Endpoint(), n=3, seed=1, max_tokens=8)["choices"]
        assert [c["index"] for c in choices] == [0, 1, 2]
        assert len({c["message"]["content"] for c in choices}) == 3
        # A choice's seed is the request's plus its number, as llama.cpp's is.
        assert choices[1]["message"]["content"] == text(Endpoint(), seed=2, max_tokens=8)
        assert len(ask(Endpoint(switches=Switches(choices=False)), n=3)["choices"]) == 1

    def test_it_ends_by_length_or_by_its_own_end_or_at_a_stop(self) -> None:
        endpoint = Endpoint()
        short = ask(endpoint, max_tokens=3, temperature=0)
        assert short["choices"][0]["finish_reason"] == "length"
        assert short["usage"]["completion_tokens"] == 3
        long = [ask(endpoint, p, max_completion_tokens=500)["choices"][0] for p in PROMPTS]
        assert {c["finish_reason"] for c in long} == {"stop"}
        second = text(endpoint, max_tokens=3, temperature=0).split()[1]
        cut = ask(endpoint, max_tokens=3, temperature=0, stop=[f" {second}"])["choices"][0]
        assert cut["finish_reason"] == "stop"
        assert second not in cut["message"]["content"]

    def test_blanks_may_be_taken_off_the_text_but_not_off_the_tokens(self) -> None:
        asked: dict[str, Any] = {"temperature": 0, "max_tokens": 3, "logprobs": True, "top_logprobs": 1}
        choice = ask(Endpoint(switches=Switches(strips=True)), **asked)["choices"][0]
        assert choice["message"]["content"] == text(Endpoint(), **asked).strip()
        assert choice["logprobs"]["content"][0]["token"].startswith(" ")

    def test_a_prompt_may_be_forgotten_but_for_its_end(self) -> None:
        forgetful, good = Endpoint(switches=Switches(prompt_words=50)), Endpoint()
        tail = " so" * 60
        for endpoint, same in ((forgetful, True), (good, False)):
            one, other = (ask(endpoint, f"{word}{tail}", temperature=0) for word in ("One", "Other"))
            assert (one["choices"] == other["choices"]) is same
            assert one["usage"]["prompt_tokens"] == (54 if same else 65)


def entries(endpoint: Endpoint, **body: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return prompts and first tokens' logprobs, drawn hot."""
    asked = {"temperature": 2.0, "max_tokens": 1, "logprobs": True, "top_logprobs": 20, **body}
    told = [(p, ask(endpoint, p, **asked)["choices"][0]["logprobs"]["content"]) for p in PROMPTS]
    return [(p, content[0]) for p, content in told if content]


def values(entry: dict[str, Any]) -> dict[str, float]:
    return {a["token"]: a["logprob"] for a in entry["top_logprobs"]}


class TestItsLogprobs:
    @pytest.mark.parametrize("kind", ["raw", "tempered", "sampled"])
    def test_they_are_of_the_model_or_of_the_temperature_or_of_what_was_drawn_from(self, kind: Any) -> None:
        endpoint = Endpoint(switches=Switches(logprobs=kind))
        cuts = {"top_k": 5}
        for prompt, entry in entries(endpoint, **cuts):
            logits = first_logits(endpoint, prompt)
            wanted = {
                "raw": log_softmax(logits),
                "tempered": log_softmax(logits / 2),
                "sampled": sampled(logits, 2, cuts, cut_first=False),
            }[kind]
            found = values(entry)
            assert len(found) == (5 if kind == "sampled" else 20)
            assert list(found.values()) == sorted(found.values(), reverse=True)
            assert found == pytest.approx({t: float(wanted[TOKENS.index(t)]) for t in found}, abs=1e-5)
            assert entry["logprob"] == pytest.approx(float(wanted[TOKENS.index(entry["token"])]), abs=1e-5)

    def test_tempered_ones_at_zero_are_of_a_certain_token(self) -> None:
        for _, entry in entries(Endpoint(switches=Switches(logprobs="tempered")), temperature=0):
            assert values(entry) == {entry["token"]: 0.0}

    def test_they_may_be_missing_or_few(self) -> None:
        asked = {"logprobs": True, "top_logprobs": 20}
        missing = Endpoint(switches=Switches(logprobs="none"))
        assert ask(missing, **asked)["choices"][0]["logprobs"] is None
        assert ask(Endpoint())["choices"][0]["logprobs"] is None
        few = Endpoint(switches=Switches(most_logprobs=5))
        assert {len(e["top_logprobs"]) for _, e in entries(few)} == {5}

    def test_the_drawn_token_may_come_first_whatever_its_probability(self) -> None:
        found = entries(Endpoint(switches=Switches(drawn_first=True)))
        assert all(e["top_logprobs"][0]["token"] == e["token"] for _, e in found)
        assert any(list(values(e).values()) != sorted(values(e).values(), reverse=True) for _, e in found)
        assert {len(e["top_logprobs"]) for _, e in found} == {20}

    def test_the_drawn_token_may_be_added_where_it_is_not_listed(self) -> None:
        found = entries(Endpoint(switches=Switches(drawn_added=True)), top_logprobs=5)
        assert all(e["token"] in values(e) for _, e in found)
        assert {len(e["top_logprobs"]) for _, e in found} == {5, 6}

    def test_sentinels_stand_for_tokens_that_are_not_listed(self) -> None:
        found = entries(Endpoint(switches=Switches(sentinels=True)), top_logprobs=5)
        unlisted = [e["token"] not in values(e) for _, e in found]
        assert any(unlisted)
        assert [e["logprob"] == -9999 for _, e in found] == unlisted

    def test_thoughts_may_come_up_in_the_text_or_among_the_logprobs(self) -> None:
        asked: dict[str, Any] = {"logprobs": True, "top_logprobs": 2, "max_tokens": 12, "temperature": 0}
        clean = ask(Endpoint(), **{**asked, "max_tokens": 4})["choices"][0]["message"]["content"]
        for where in ("in text", "in logprobs"):
            choice = ask(Endpoint(switches=Switches(thinks=where)), **asked)["choices"][0]  # type: ignore[arg-type]
            said, listed = choice["message"]["content"], choice["logprobs"]["content"]
            assert "".join(e["token"] for e in listed).endswith(clean)
            assert listed[0]["token"] == "<think>"
            assert said.startswith("<think>") is (where == "in text")
            assert said.endswith(clean)
        short = ask(Endpoint(switches=Switches(thinks="in text")), max_tokens=3)["choices"][0]
        assert (short["message"]["content"], short["finish_reason"]) == ("<think> so the", "length")


class TestItsSteadiness:
    @pytest.mark.parametrize("name", [MODEL, "tiny-2"])
    def test_another_model_may_take_over_under_its_own_or_the_same_name(self, name: str) -> None:
        endpoint = Endpoint(switches=Switches(switches_after=50, switches_to=name))
        first = [ask(endpoint, p, temperature=0) for p in PROMPTS]
        for _ in range(30):
            ask(endpoint)
        second = [ask(endpoint, p, temperature=0) for p in PROMPTS]
        assert {a["model"] for a in first} == {MODEL}
        assert {a["model"] for a in second} == {name}
        assert sum(a["choices"] != b["choices"] for a, b in zip(first, second, strict=True)) > 15

    def test_near_ties_flip_always_or_beside_others_only_or_never(self) -> None:
        def repeats(endpoint: Endpoint, together: bool) -> bool:
            first, second = (
                [text(endpoint, p, temperature=0, max_tokens=16, together=together) for p in PROMPTS]
                for _ in range(2)
            )
            return first == second

        always, crowded = Switches(rounding="always"), Switches(rounding="concurrent")
        assert repeats(Endpoint(), together=True)
        assert repeats(Endpoint(switches=crowded), together=False)
        assert not repeats(Endpoint(switches=crowded), together=True)
        assert not repeats(Endpoint(switches=always), together=False)

    def test_only_near_ties_flip(self) -> None:
        endpoint = Endpoint(switches=Switches(rounding="always"))
        for prompt in PROMPTS:
            best = np.sort(first_logits(endpoint, prompt))[-2:]
            drawn = firsts(endpoint, 40, prompt, temperature=0)
            assert (len(drawn) > 1) <= (best[1] - best[0] < 6 * TIE)


class TestOnTheWire:
    def test_it_says_the_same_in_this_process_as_on_loopback(self) -> None:
        content = [sent(p, temperature=1, seed=3, logprobs=True, top_logprobs=3) for p in PROMPTS]

        async def answers(base_url: str) -> list[tuple[int, bytes]]:
            http = Http()
            try:
                assert (await http.get(f"{base_url}/models")).json()
                replies = [await http.post_json(f"{base_url}/chat/completions", c) for c in content]
            finally:
                await http.close()
            return [(r.status, r.content) for r in replies]

        with Served(Endpoint()) as served:
            by_loopback = asyncio.run(answers(served.base_url))
        with in_process(Endpoint()) as base_url:
            assert asyncio.run(answers(base_url)) == by_loopback
        assert {status for status, _ in by_loopback} == {200}

    @pytest.mark.parametrize("way", ["loopback", "in process"])
    def test_it_knows_when_others_are_under_way(self, way: str) -> None:
        endpoint = Endpoint(switches=Switches(rounding="concurrent"))
        content = sent(temperature=0, max_tokens=40)

        async def kinds(base_url: str, at_once: int) -> int:
            http, found = Http(), set()
            try:
                for _ in range(12 // at_once):
                    asked = (http.post_json(f"{base_url}/chat/completions", content) for _ in range(at_once))
                    found |= {
                        json.loads(r.content)["choices"][0]["message"]["content"]
                        for r in await asyncio.gather(*asked)
                    }
            finally:
                await http.close()
            return len(found)

        with Served(endpoint) as served, in_process(endpoint) as address:
            base_url = served.base_url if way == "loopback" else address
            assert asyncio.run(kinds(base_url, 1)) == 1
            assert asyncio.run(kinds(base_url, 12)) > 1


class TestInProcess(BackendContract):
    """The adapter finds nothing amiss."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _served(cls) -> Iterator[None]:
        with in_process(Endpoint(seed=1)) as base_url:
            cls.model = parse_model(f"openai:{MODEL}", options={"base_url": base_url})
            yield


class TestOnLoopback(BackendContract):
    """Nor over HTTP."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _served(cls) -> Iterator[None]:
        with Served(Endpoint(seed=1)) as served:
            cls.model = parse_model(f"openai:{MODEL}", options={"base_url": served.base_url})
            yield
