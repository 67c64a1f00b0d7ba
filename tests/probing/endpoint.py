"""An endpoint of OpenAI's Chat Completions whose true distribution is known, right by default, wrong where a switch says so.

It knows nothing of HTTP: `endpoint_wire` serves it on loopback, or answers an adapter in this process. What is random in it follows
from its seed and from how often the same request came before, so it does not depend on the order in which requests arrive.
"""

import json
import math
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal

import numpy as np
from endpoint_model import END, TIE, TOKENS, Floats, Ranked, TinyModel, log_softmax, rank, sampled
from endpoint_words import ABOVE, BOTH, REJECTIONS, Refusal, too_many_logprobs, unknown_parameter

__all__ = ["MODEL", "Endpoint", "Switches"]

MODEL = "tiny-1"
_KNOWN = frozenset(
    [
        "model",
        "messages",
        "temperature",
        "top_p",
        "n",
        "seed",
        "stop",
        "max_tokens",
        "max_completion_tokens",
        "logprobs",
        "top_logprobs",
        "frequency_penalty",
        "presence_penalty",
    ]
)
"""OpenAI's own parameters, as far as they are served here."""
_CUTS = ("top_k", "top_p", "min_p")
_PENALTIES = ("frequency_penalty", "presence_penalty", "repetition_penalty", "repeat_penalty")
_THOUGHT = ("<think>", " so", " the", " user", " wants", " a", " word", "</think>")


def _as_it_is(temperature: float) -> float:
    return temperature


def _never(_: float) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Switches:
    """What an endpoint does otherwise than a good one; the defaults are a good one."""

    temperature: Callable[[float], float] = _as_it_is
    """What it makes of the temperature that it is sent."""
    rejects: Callable[[float], bool] = _never
    """Which temperatures it answers with `words`."""
    words: str = "openai-chat"
    """Whose words, of `REJECTIONS`."""
    most: float = math.inf
    """The largest temperature that it takes."""
    most_words: str = "openai"
    """Whose words, of `ABOVE`, it refuses larger ones with."""
    top_p_alone: bool = False
    """It refuses `top_p` beside a temperature."""
    unknown: Literal["taken", "refused", "dropped"] = "taken"
    """What becomes of parameters that OpenAI's own API does not have, such as `top_k`."""
    refuses: frozenset[str] = frozenset()
    """Parameters that it does not take."""
    drops: frozenset[str] = frozenset()
    """Parameters that change nothing, without a word."""
    defaults: Mapping[str, float] = field(default_factory=dict)
    """Cuts that are made where a request sets none, or where its own are dropped."""
    cuts_first: bool = False
    """It cuts before the temperature, as llama.cpp does."""
    logprobs: Literal["raw", "tempered", "sampled", "none"] = "raw"
    """Of what they are: the model, the model at the temperature, what was drawn from. `none`: none, though asked."""
    most_logprobs: int = 20
    """Alternatives to a token that it lists."""
    counts_logprobs: bool = False
    """It refuses requests for more."""
    drawn_first: bool = False
    """The drawn token heads its alternatives, whatever its probability."""
    drawn_added: bool = False
    """The drawn token ends its alternatives where it is not among them, as with vLLM."""
    sentinels: bool = False
    """-9999 for a drawn token that is not among its alternatives."""
    certain: float = 0.2
    """Share of places at which one token is far more probable than all others; strong models have many."""
    switches_after: int | None = None
    """Another model answers after so many answers."""
    switches_to: str = MODEL
    """Under this name."""
    rounding: Literal["none", "concurrent", "always"] = "none"
    """When logits are off by a little, so that near-ties flip: never, beside other requests, always."""
    seeded: bool = True
    """It honours the seed."""
    choices: bool = True
    """It honours `n`."""
    strips: bool = False
    """It takes the blanks off a text's ends; its tokens keep them."""
    thinks: Literal["no", "in text", "in logprobs"] = "no"
    """Where its thoughts come up that should be nowhere."""
    prompt_words: int | None = None
    """It forgets all but so many last words of a prompt, without a word."""


@dataclass
class Endpoint:
    """One endpoint. `seed` makes the model and its luck; two of another `luck` only are the same model."""

    switches: Switches = field(default_factory=Switches)
    seed: int = 0
    luck: int = 0
    requests: int = 0
    answers: int = 0
    came: Counter[bytes] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.models = (
            TinyModel(2 * self.seed, self.switches.certain),
            TinyModel(2 * self.seed + 1, self.switches.certain),
        )

    def reply(self, content: bytes, *, together: bool) -> tuple[int, bytes]:
        """Answer a request; return status and body.

        Args:
            content: Of the request.
            together: Others are under way.
        """
        self.requests += 1
        body = json.loads(content)
        if (refused := self._refusal(body)) is not None:
            return refused[0], json.dumps(refused[1]).encode()
        digest = blake2b(content, digest_size=8).digest()
        self.came[digest] += 1
        luck = f"{self.seed} {self.luck} {digest.hex()} {self.came[digest]}"
        return 200, self._completion(body, luck, together).encode()

    def models_list(self) -> bytes:
        """Return the body of `/v1/models`."""
        return json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}).encode()

    def _refusal(self, body: Mapping[str, Any]) -> Refusal | None:
        s, temperature = self.switches, body.get("temperature")
        if s.unknown == "refused" and (odd := next((name for name in body if name not in _KNOWN), None)):
            return unknown_parameter(odd)
        if (odd := next((name for name in body if name in s.refuses), None)) is not None:
            return unknown_parameter(odd)
        if s.counts_logprobs and body.get("top_logprobs", 0) > s.most_logprobs:
            return too_many_logprobs(body["top_logprobs"], s.most_logprobs)
        if temperature is None:
            return None
        if s.top_p_alone and "top_p" in body:
            return BOTH
        if s.rejects(temperature):
            return REJECTIONS[s.words](temperature)
        return ABOVE[s.most_words](temperature, s.most) if temperature > s.most else None

    def _completion(self, body: Mapping[str, Any], luck: str, together: bool) -> str:
        s = self.switches
        switched = s.switches_after is not None and self.answers >= s.switches_after
        self.answers += 1
        prompt = " ".join(str(m["content"]) for m in body["messages"]).split()
        prompt = prompt if s.prompt_words is None else prompt[-s.prompt_words :]
        speaker = _Speaker(s, self.models[switched], body, TinyModel.key(" ".join(prompt)))
        rough = s.rounding == "always" or (s.rounding == "concurrent" and together)
        choices, said = [], 0
        for index in range(body.get("n", 1) if s.choices else 1):
            given = body.get("seed") if s.seeded else None
            draws = random.Random(f"{luck} {index}" if given is None else f"{self.seed} seed {given + index}")
            errors = random.Random(f"{luck} {index} errors") if rough else None
            text, listed, count, end = speaker.say(draws, errors)
            text = text.strip() if s.strips else text
            said += count
            logprobs = "null" if listed is None else f'{{"content":[{",".join(listed)}],"refusal":null}}'
            message = f'{{"role":"assistant","content":{json.dumps(text)}}}'
            choices.append(
                f'{{"index":{index},"message":{message},"logprobs":{logprobs},"finish_reason":"{end}"}}'
            )
        asked = len(prompt) + 4
        usage = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "usage": usage}
        head |= {"model": s.switches_to if switched else MODEL, "system_fingerprint": "fp_1"}
        return f'{json.dumps(head)[:-1]},"choices":[{",".join(choices)}]}}'


class _Speaker:
    """Says the answers to one request."""

    def __init__(self, s: Switches, model: TinyModel, body: Mapping[str, Any], prompt: int) -> None:
        self._s, self._model, self._prompt = s, model, prompt
        heard = {name: value for name, value in body.items() if name not in s.drops}
        if s.unknown == "dropped":
            heard = {name: value for name, value in heard.items() if name in _KNOWN}
        self._temperature = s.temperature(heard.get("temperature", 1.0))
        self._cuts = {**s.defaults, **{name: heard[name] for name in _CUTS if name in heard}}
        self._penalties = {name: heard[name] for name in _PENALTIES if heard.get(name)}
        self._most = body.get("max_completion_tokens", body.get("max_tokens", 64))
        self._stop = body.get("stop") or []
        listed = body.get("logprobs") and s.logprobs != "none"
        self._top = min(int(body.get("top_logprobs", 0)), s.most_logprobs) if listed else None

    def say(
        self, draws: random.Random, errors: random.Random | None
    ) -> tuple[str, list[str] | None, int, str]:
        """Return text, tokens with logprobs as JSON (None: none asked), how many tokens, and how it ended."""
        thought = _THOUGHT[: self._most] if self._s.thinks != "no" else ()
        listed = None if self._top is None else [_entry(t, -0.01, [(t, -0.01)]) for t in thought]
        text = "".join(thought) if self._s.thinks == "in text" else ""
        tokens: list[int] = []
        while len(thought) + len(tokens) < self._most:
            raw = self._model.ranked(self._prompt, len(tokens), tokens[-1] if tokens else -1)
            if errors is not None:
                noise = np.random.default_rng(errors.getrandbits(32)).normal(0, TIE, len(TOKENS))
                raw = rank(_by_token(raw) + noise)
            drawn = self._penalised(raw, tokens) if self._penalties and tokens else raw
            logprobs = sampled(drawn.logits, self._temperature, self._cuts, cut_first=self._s.cuts_first)
            token = int(drawn.tokens[_draw(logprobs, draws.random())])
            if token == END:
                return text, listed, len(thought) + len(tokens) + 1, "stop"
            if listed is not None:
                listed.append(self._listed(raw, Ranked(drawn.tokens, logprobs), token))
            tokens.append(token)
            text += TOKENS[token]
            if (cut := min((text.find(stop) for stop in self._stop if stop in text), default=-1)) >= 0:
                return text[:cut], listed, len(thought) + len(tokens), "stop"
        return text, listed, len(thought) + len(tokens), "length"

    def _penalised(self, raw: Ranked, tokens: list[int]) -> Ranked:
        given, logits = self._penalties.get, _by_token(raw)
        for token, count in Counter(tokens).items():
            logits[token] -= count * given("frequency_penalty", 0) + given("presence_penalty", 0)
            repeated = given("repetition_penalty", given("repeat_penalty", 1.0))
            logits[token] *= repeated if logits[token] < 0 else 1 / repeated
        return rank(logits)

    def _listed(self, raw: Ranked, drawn_from: Ranked, token: int) -> str:
        """Write a token's logprobs; `drawn_from` has log-probabilities in the place of logits."""
        s = self._s
        if s.logprobs == "sampled":
            told = drawn_from
        elif s.logprobs == "tempered":
            told = Ranked(raw.tokens, sampled(raw.logits, self._temperature, {}, cut_first=False))
        else:
            told = Ranked(raw.tokens, log_softmax(raw.logits))
        top = zip(told.tokens[: self._top].tolist(), told.logits[: self._top].tolist(), strict=True)
        listed = {of: value for of, value in top if value > -math.inf}
        value = listed.get(token, float(told.logits[told.tokens == token][0]))
        of_drawn = -9999.0 if s.sentinels and token not in listed else value
        if s.drawn_first and listed:
            listed = dict([(token, value), *((t, v) for t, v in listed.items() if t != token)][: self._top])
        if s.drawn_added:
            listed.setdefault(token, value)
        return _entry(TOKENS[token], of_drawn, [(TOKENS[of], value) for of, value in listed.items()])


def _by_token(ranked: Ranked) -> Floats:
    logits = np.empty(len(TOKENS))
    logits[ranked.tokens] = ranked.logits
    return logits


def _draw(logprobs: Floats, at: float) -> int:
    """Return the place of the token at a share of the mass, counted from the best one down, as llama.cpp does."""
    summed = np.cumsum(np.exp(logprobs))
    # No place behind the last that has any: sums may end a rounding error below 1.
    return int(
        min(np.searchsorted(summed, at * summed[-1], side="right"), np.searchsorted(summed, summed[-1]))
    )


_QUOTED = {
    token: f'{{"token":{json.dumps(token)},"bytes":{list(token.encode())},"logprob":'
    for token in (*TOKENS, *_THOUGHT)
}


def _entry(token: str, logprob: float, top: list[tuple[str, float]]) -> str:
    alternatives = ",".join([f"{_QUOTED[t]}{value:.8g}}}" for t, value in top])
    return f'{_QUOTED[token]}{logprob:.8g},"top_logprobs":[{alternatives}]}}'
