"""Models small enough to go through all of their answers, and what an accepted answer's probability is when one does."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tempkit.backends.gguf.stream import Stream
from tempkit.exact.accepting import accepts
from tempkit.exact.beginnings import Beginnings
from tempkit.exact.exploring import Explorer
from tempkit.exact.spelling import Spelling
from tempkit.types import (
    Check,
    Item,
    ModelSpec,
    Sample,
    SamplingParams,
    Sweep,
    TokenLogprob,
    Vocabulary,
)

PIECES = (b"y", b"e", b"s", b"ye", b"es", b"yes", b"no", b"", b"\n", b"s\nx", b"\xc3", b"\xa9", b"<end>")
END = len(PIECES) - 1
VOCABULARY = Vocabulary(pieces=PIECES, ends=frozenset({END}))


@dataclass(frozen=True)
class Toy:
    """A model whose logits behind a beginning follow from a seed and the beginning alone, with ties among them."""

    seed: int
    asked: list[tuple[int, ...]]

    def rows(self, paths: Sequence[tuple[int, ...]]) -> NDArray[np.float32]:
        self.asked.extend(paths)
        return np.array([self.row(path) for path in paths], dtype=np.float32)

    def row(self, path: tuple[int, ...]) -> list[float]:
        dice = random.Random(f"{self.seed} {path}")
        return [float(dice.choice((-4.0, -1.5, 0.0, 0.5, 2.0, 2.0))) for _ in PIECES]


@dataclass(frozen=True)
class Asked:
    """A question as the tree asks it."""

    checks: tuple[Check, ...]
    stops: tuple[str, ...] = ()

    @property
    def item(self) -> Item:
        return Item(key="q", prompt="p", messages=(), checks=self.checks)

    def explorer(self, model: Toy, limit: int, temperatures: Sequence[float]) -> Explorer:
        beginnings, item = Beginnings(self.checks, self.stops), self.item

        class Question:
            closed = beginnings.closed

            def open(self, given: Sequence[bytes]) -> list[bool]:
                return beginnings.open(given)

            def accepts(self, texts: Sequence[str]) -> list[bool | None]:
                return accepts(item, texts)

        return Explorer(model.rows, Spelling(VOCABULARY, self.stops), Question(), limit, temperatures)

    def truth(self, model: Toy, limit: int, temperatures: Sequence[float]) -> NDArray[np.float64]:
        """Return the probability of an accepted answer by temperature, from every answer there is."""
        ended = list(self._answers(model, limit, temperatures))
        good = accepts(self.item, [text for text, _ in ended])
        zero = np.zeros(len(temperatures))
        return sum((mass for (_, mass), is_good in zip(ended, good, strict=True) if is_good), zero)

    def _answers(
        self, model: Toy, limit: int, temperatures: Sequence[float]
    ) -> Iterator[tuple[str, NDArray[np.float64]]]:
        """Yield every complete answer, as the engine's own `Stream` ends and cuts it, by each of its ways."""
        known: dict[tuple[int, ...], NDArray[np.float64]] = {}

        def next_of(path: tuple[int, ...]) -> NDArray[np.float64]:
            if path not in known:
                known[path] = np.array([softmax(model.row(path), t) for t in temperatures])
            return known[path]

        live: list[tuple[int, ...]] = [()]
        masses = {(): np.ones(len(temperatures))}
        while live:
            path = live.pop()
            for token in range(len(PIECES)):
                mass = masses[path] * next_of(path)[:, token]
                stream = self._stream(limit)
                for each in path:
                    assert stream.add(PIECES[each], _TOKEN) is None
                reason = "stop" if token == END else stream.add(PIECES[token], _TOKEN)
                if reason == "stop":
                    yield stream.data.decode("utf-8", "replace"), mass
                elif reason is None:
                    live.append((*path, token))
                    masses[(*path, token)] = mass

    def _stream(self, limit: int) -> Stream:
        sampling = SamplingParams(max_tokens=limit, stop=self.stops, logprobs=0)
        model = ModelSpec(backend="toy", name="toy", label="toy")
        sample = Sample(temperature=1.0, replicate=0, seed=0)
        sweep = Sweep(item=self.item, model=model, sampling=sampling, samples=(sample,))
        return Stream(sweep, sample, n_prompt=1, n_ctx=1000)


_TOKEN = TokenLogprob("", None)


def softmax(logits: Sequence[float], temperature: float) -> list[float]:
    """Return next-token probabilities, worked out one by one; at 0 the first of the most probable tokens is taken."""
    top = max(logits)
    if temperature == 0:
        return [float(i == logits.index(top)) for i in range(len(logits))]
    weights = [np.exp((x - top) / temperature) for x in logits]
    return [float(w / sum(weights)) for w in weights]
