"""Tell what a model wrote to think apart from its answer, where both came as one text.

Models that think write their thoughts first, between marks that their makers chose. Servers and chat templates are to take
them out; many do not, and then thoughts are compared, checked and embedded as if they were the answer. The marks are known,
and where they mean something is narrow: at the very start of a text, or right behind thoughts that began there. A text that
speaks of such marks later on is an answer and stays whole. All of it takes time linear in the text's length.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tempkit.text.token_bytes import characters_after
from tempkit.types import Completion, TokenLogprob

__all__ = [
    "CHANNEL_MARKS",
    "MARKS",
    "OPENINGS",
    "SplitText",
    "split_thinking",
    "split_tokens",
    "without_thinking",
]

OPENINGS = (
    *("<think>", "<thinking>", "<seed:think>", "[THINK]", "<|START_THINKING|>", "◁think▷"),
    *("<|channel|>analysis<|message|>", "<|channel|>analysis"),
)
"""What a chat template may write at the end of a prompt to have a model think."""

MARKS = (
    *("<think>", "</think>", "<thinking>", "</thinking>", "<seed:think>", "</seed:think>"),
    *(
        "[THINK]",
        "[/THINK]",
        "<|START_THINKING|>",
        "<|END_THINKING|>",
        "<|START_RESPONSE|>",
        "<|END_RESPONSE|>",
    ),
    *("◁think▷", "◁/think▷", "<unused94>", "<unused95>", "<|channel>", "<channel|>"),
)
"""Marks that a vocabulary may hold as one token each, which its decoder would leave out of a text."""

CHANNEL_MARKS = ("<|channel|>", "<|message|>", "<|start|>", "<|end|>")
"""Those of channels: they mean something only where all of them are."""

_NAMES = "(?:think|thinking|thoughts?|reasoning|seed:think)"
_CLOSING = rf"</{_NAMES}\s{{0,9}}>"
_FINAL = (
    r"(?:<\|end\|>\s{0,9})?(?:<\|start\|>assistant)?<\|channel\|>\s{0,9}final(?:[^<\n]{0,80}<\|message\|>)?"
)
_CHANNEL = (
    r"(?:<\|start\|>assistant)?<\|channel\|>\s{0,9}(?:analysis|commentary)"
    r"(?:[^<\n]{0,80}(?:<\|constrain\|>[^<\n]{0,40})?<\|message\|>)?"
)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


_PAIRS = tuple(
    (_compiled(opening), _compiled(closing), _compiled(other))
    for opening, closing, other in (
        *(
            (rf"<{name}(?:\s[^<>\n]{{0,99}})?>", rf"</{name}\s{{0,9}}>", _CLOSING)
            for name in ("think", "thinking", "thoughts?", "reasoning", "seed:think")
        ),
        (r"\[THINK\]", r"\[/THINK\]", r"\[/THINK\]"),
        (r"<\|START_THINKING\|>", r"<\|END_THINKING\|>", r"(?=<\|START_RESPONSE\|>)"),
        (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>", r"(?=<\|begin_of_solution\|>)"),
        ("◁think▷", "◁/think▷", "◁/think▷"),
        (r"<unused94>(?:thought)?", "<unused95>", "<unused95>"),
        (r"<\|channel>thought", r"<channel\|>", r"<channel\|>"),
        (_CHANNEL, _FINAL, _FINAL),
    )
)
"""What thoughts begin with, what ends them, and what ends them where that is missing."""

_BARE = re.compile(r"analysis(?![^\S\n]|[a-z])"), re.compile(r"assistant\s{0,9}final")
"""What is left of the channels where a server has taken their marks out: the words, run together. Both must be there."""

_ANSWER = _compiled(rf"<\|START_RESPONSE\|>|<\|begin_of_solution\|>|{_FINAL}")
"""What an answer may begin with."""

_ENDING = _compiled(r"(?:<\|END_RESPONSE\|>|<\|end_of_solution\|>|<\|return\|>|<\|end\|>)\s*\Z")
"""And end with, behind thoughts or a mark."""

_EITHER = _compiled(
    rf"(?P<opening><{_NAMES}>|\[THINK\]|<\|START_THINKING\|>|<\|begin_of_thought\|>|◁think▷)"
    rf"|{_CLOSING}|\[/THINK\]|<\|END_THINKING\|>|<\|end_of_thought\|>|◁/think▷|{_FINAL}"
)
_SIGNS = ("</", "[/", "<|", "◁/")
"""One of these is in every text whose thoughts have an end and no beginning."""

_Span = tuple[int, int, int, bool]
"""Where thoughts begin and end, where the answer begins, and whether more thoughts may stand there: their mark was the right one."""

_QUOTES = frozenset("`'\"")
_BLANKS = re.compile(r"\s*")
_LINES = re.compile(r"\s*\n|[ \t]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitText:
    """A text in its parts, which joined in this order are the text."""

    opening: str
    """Marks before the thoughts, with the blanks around them."""
    thinking: str
    closing: str
    """Marks between the thoughts and the answer, with the blanks around them."""
    answer: str
    """Empty where the thoughts have no end: the text was cut before its answer began."""
    ending: str = ""
    """A mark after the answer."""


def split_thinking(text: str, *, headless: bool = True) -> SplitText | None:
    """Return a text in its parts; None where no thoughts are marked in it.

    Thoughts begin with a mark at the start of the text. Of several in a row all that lies between the first mark and the
    last is one. Without a mark at the start (a chat template may have written it into the prompt) they end at the first
    closing mark, unless that stands in quotes or code or an opening mark comes before it.

    Args:
        text: As the model wrote it.
        headless: Whether thoughts without an opening mark are looked for, too.
    """
    begin, end, after, sure = _next(text, 0) or _bare(text) or _headless(text, headless) or (0, 0, -1, False)
    if after < 0:
        return None
    while sure and (more := _next(text, after)) is not None:
        start, stop, after, sure = more
        end = stop if stop > start else end
    last = _ENDING.search(text, after)
    stop = len(text) if last is None else last.start()
    return SplitText(
        opening=text[:begin],
        thinking=text[begin:end],
        closing=text[end:after],
        answer=text[after:stop],
        ending=text[stop:],
    )


def without_thinking(completion: Completion, *, begun: str = "") -> Completion:
    """Return a completion with the thoughts in its text, if there are any, put where thoughts belong.

    Tokens are split at the same place: those of the thoughts and their marks are counted and taken out. One that holds the
    last of a mark and the first of the answer is the answer's.

    Args:
        completion: As it came.
        begun: The mark with which thoughts have begun in the prompt already, where that is known.
    """
    parts = split_thinking(begun + completion.text, headless=completion.thinking is None)
    if parts is None:
        return completion
    parts = replace(parts, opening=parts.opening.removeprefix(begun))
    tokens, count = split_tokens(completion.tokens, parts)
    thoughts = (completion.thinking, parts.thinking)
    return replace(
        completion,
        text=parts.answer,
        thinking="\n\n".join(each for each in thoughts if each),
        # What a provider has counted is of all of them.
        thinking_tokens=count if completion.thinking_tokens is None else completion.thinking_tokens,
        tokens=tokens,
        logprob_kind="none" if completion.tokens and parts.answer and not tokens else completion.logprob_kind,
    )


def split_tokens(
    tokens: Sequence[TokenLogprob], parts: SplitText
) -> tuple[tuple[TokenLogprob, ...], int | None]:
    """Return a split text's tokens: the answer's, and how many came before it; none, and None, where these are not known.

    Tokens that do not spell the text are the answer's from where they end as it does; where they never do, which ones are the
    answer's cannot be told, and no number is better than one of the thoughts.
    """
    if not tokens:
        return (), None
    if not parts.answer:
        return (), len(tokens)
    start = len(parts.opening) + len(parts.thinking) + len(parts.closing)
    stop = start + len(parts.answer)
    text = f"{parts.opening}{parts.thinking}{parts.closing}{parts.answer}"
    for joined in (False, True):
        spelled, ends = characters_after(tokens, joined=joined)
        if not (spelled.startswith(text) or text.startswith(spelled)):
            tail = next((t for t in (parts.answer + parts.ending, parts.answer) if spelled.endswith(t)), None)
            if tail is None:
                continue
            start = len(spelled) - len(tail)
            stop = start + len(parts.answer)
        first = next((i for i, end in enumerate(ends) if end > (start, False)), len(ends))
        while first > 1 and ends[first - 2] == ends[first - 1] == (start, False):
            first -= 1  # a token of no text is a part of the character that follows
        last = next((i + 1 for i, (count, _) in enumerate(ends) if count >= stop), len(ends))
        return tuple(tokens[first:last]), first
    return (), None


def _next(text: str, at: int) -> _Span | None:
    """Return the thoughts marked at a place, or where there are none the mark of an answer, as thoughts of nothing."""
    start = _past(text, at)
    for opening, closing, other in _PAIRS:
        if (mark := opening.match(text, start)) is not None:
            return _closed(text, mark.end(), closing, other)
    if (mark := _ANSWER.match(text, start)) is not None:
        return _span(text, start, start, mark.end(), sure=True)
    return None


def _closed(text: str, begin: int, closing: re.Pattern[str], other: re.Pattern[str]) -> _Span:
    """Return thoughts that begin at a place and end at the first mark that is theirs and in no quotes, or as well as can be."""
    quoted: re.Match[str] | None = None
    for mark in closing.finditer(text, begin):
        if not _is_quoted(text, mark):
            return _span(text, begin, mark.start(), mark.end(), sure=True)
        quoted = quoted or mark
    found = quoted or other.search(text, begin)
    end, after = (len(text), len(text)) if found is None else found.span()
    return _span(text, begin, end, after, sure=False)


def _bare(text: str) -> _Span | None:
    begin = _BARE[0].match(text, _past(text, 0))
    if begin is None or (end := _BARE[1].search(text, begin.end())) is None:
        return None
    return _span(text, begin.end(), end.start(), end.end(), sure=True)


def _headless(text: str, wanted: bool) -> _Span | None:
    if not wanted or not any(sign in text for sign in _SIGNS):
        return None
    at, fenced, coded = 0, False, False
    for mark in _EITHER.finditer(text):
        between = text[at : mark.start()]
        fenced ^= between.count("```") % 2 == 1
        _, broken, line = between.rpartition("\n")
        coded = (coded and not broken) ^ (line.count("`") % 2 == 1)
        at = mark.end()
        if fenced or coded or _is_quoted(text, mark):
            continue
        return None if mark["opening"] else _span(text, 0, mark.start(), mark.end(), sure=True)
    return None


def _span(text: str, begin: int, end: int, after: int, *, sure: bool) -> _Span:
    """Give the blanks around thoughts, and those before the answer, to the marks."""
    begin = min(_past(text, begin), end)
    return begin, begin + len(text[begin:end].rstrip()), _past_lines(text, after), sure


def _past(text: str, at: int) -> int:
    mark = _BLANKS.match(text, at)
    return at if mark is None else mark.end()


def _past_lines(text: str, at: int) -> int:
    """Return where the first line with something in it begins: what it is indented by is the answer's."""
    mark = _LINES.match(text, at)
    return at if mark is None else mark.end()


def _is_quoted(text: str, mark: re.Match[str]) -> bool:
    return text[mark.start() - 1 : mark.start()] in _QUOTES and text[mark.end() : mark.end() + 1] in _QUOTES
