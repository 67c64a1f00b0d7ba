"""Pack tokens so small that every distinct answer of a run can carry its own.

A page with ten thousand tokens and their alternatives would be tens of megabytes of JSON, and nobody looks at more than a few
answers. So each item's tokens become one block of columns (strings once, logprobs as whole numbers, what is alike side by side),
deflated and base64-encoded; the page unpacks a block when a reader asks for it.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tempkit.report.text.characters import split
from tempkit.softmax import known_entropy, known_logprob
from tempkit.types import Completion, TokenLogprob

__all__ = ["ALTERNATIVES", "TokenBlock", "columns", "pack", "token_block", "unpack"]

ALTERNATIVES = 5
"""How many alternatives per token a report keeps."""


@dataclass(frozen=True, slots=True)
class TokenBlock:
    """The packed tokens of several completions of one item on one model."""

    packed: str
    index: Mapping[tuple[float, int], int]
    """Where a completion's tokens stand in it, by temperature and replicate."""


def token_block(completions: Sequence[Completion]) -> TokenBlock | None:
    """Pack the tokens of completions that have some; None when there are no completions."""
    if not completions:
        return None
    places = {(each.key.temperature, each.key.replicate): i for i, each in enumerate(completions)}
    return TokenBlock(pack(columns([each.tokens for each in completions])), places)


def columns(answers: Sequence[Sequence[TokenLogprob]]) -> dict[str, Any]:
    """Return the tokens of several answers as JSON-able columns.

    `s` is the table of strings, each as text or, when it holds hidden characters, as the pieces `characters.split`
    gives. `a` has per answer: `t` string indices, `l` logprobs, `h` entropies, `r` ranks, and `n` how many alternatives each
    token has; end to end, `k` are the alternatives' string indices and `p` their logprobs, each but a token's first as the
    difference from the one before it. Logprobs of tokens are whole thousandths of a nat with their sign dropped, entropies whole
    thousandths, logprobs of alternatives whole hundredths, as many as are shown; what is not known is null.
    """
    table: dict[str, int] = {}

    def index(text: str) -> int:
        return table.setdefault(text, len(table))

    packed = [
        {
            "t": [index(token.text) for token in answer],
            "l": [_milli(token.logprob) for token in answer],
            "h": [_milli(-token.entropy if known_entropy(token.entropy) else None) for token in answer],
            "r": [token.rank for token in answer],
            **_alternatives(answer, table),
        }
        for answer in answers
    ]
    strings = [pieces if len(pieces := split(text)) > 1 else text for text in table]
    return {"s": strings, "a": packed}


def _alternatives(answer: Sequence[TokenLogprob], table: dict[str, int]) -> dict[str, list[int]]:
    counts: list[int] = []
    indices: list[int] = []
    steps: list[int] = []
    for token in answer:
        start, before = len(indices), 0
        for (
            text,
            value,
        ) in token.top:  # this loop is most of the work, so nothing in it is a call of ours but one
            if known_logprob(value):
                here = max(0, round(-100 * value))
                indices.append(table.setdefault(text, len(table)))
                steps.append(here - before)
                before = here
                if len(indices) - start == ALTERNATIVES:
                    break
        counts.append(len(indices) - start)
    return {"n": counts, "k": indices, "p": steps}


def _milli(logprob: float | None) -> int | None:
    return None if logprob is None or not known_logprob(logprob) else max(0, round(-1000 * logprob))


def pack(data: Any) -> str:
    """Return JSON-able data as base64 of its raw deflate stream: letters, digits, `+`, `/`, `=` only."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(compressor.compress(text.encode("ascii")) + compressor.flush()).decode("ascii")


def unpack(packed: str) -> Any:
    """Undo `pack`, as the page does."""
    return json.loads(zlib.decompress(base64.b64decode(packed), -15))
