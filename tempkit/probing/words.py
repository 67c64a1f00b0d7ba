"""A probe's findings in sentences, for people who know nothing of log-probabilities."""

from collections.abc import Mapping

from tempkit.probing.result import Answering, Determinism, Logprobs, ProbeResult, PromptLength, Seed, Thinking

__all__ = ["findings", "verdict"]

_VERBS = {
    "honoured": "honours the temperature",
    "rejected": "rejects the temperature",
    "ignored": "ignores the temperature",
    "clamped": "clamps the temperature",
    "remapped": "uses another temperature than the one sent",
    "unknown": "cannot be told to honour the temperature",
}


def verdict(found: ProbeResult) -> str:
    """Return what the model does with temperature, as a sentence."""
    return f"{found.model} {_VERBS[found.temperature.status]}: {found.temperature.why}."


def findings(found: ProbeResult) -> list[tuple[str, str]]:
    """Return what else was found: names with a short text each."""
    rows = []
    if found.temperature.says:
        rows.append(("it says", found.temperature.says))
    if found.temperature.accepts:
        taken = ", ".join(f"{t:g}" for t in found.temperature.accepts)
        refused = ", ".join(f"{t:g}" for t in found.temperature.refused)
        rows.append(("temperatures", f"{taken} taken" + (f"; {refused} refused" if refused else "")))
    rows.append(("logprobs", _logprobs(found.logprobs)))
    if found.determinism is not None:
        rows.append(("at T = 0", _determinism(found.determinism)))
    if found.seed is not None:
        rows.append(("seed", _seed(found.seed)))
    parameters = dict(found.parameters)
    if found.n is not None:
        parameters["n"] = found.n
    for status, name in _TAKEN.items():
        some = [each for each, parameter in parameters.items() if parameter.status == status]
        if some:
            rows.append((name, ", ".join(some)))
    if found.thinking is not None and found.thinking.status != "none":
        rows.append(("thinking", _thinking(found.thinking)))
    if found.answering is not None and found.answering.status == "changed":
        rows.append(("who answers", _answering(found.answering)))
    if found.prompt is not None:
        rows.append(("long prompts", _prompt(found.prompt)))
    return rows


_TAKEN: Mapping[str, str] = {
    "taken": "work",
    "dropped": "do nothing",
    "refused": "refused",
    "unknown": "not clear",
    "not_sent": "cannot be set",
}
"""By what became of parameters: how the line begins that lists them."""

_KINDS: Mapping[str, str] = {
    "raw": "raw: the model's own probabilities, before temperature",
    "tempered": "tempered: the probabilities after temperature",
    "unknown": "of an unknown kind",
    "none": "none",
}


def _logprobs(found: Logprobs) -> str:
    parts = [_KINDS[found.kind]]
    if found.most:
        parts.append(f"{found.most} tokens at each place")
    if found.truncated:
        parts.append("improbable tokens are missing")
    if found.unsorted:
        parts.append("not in order")
    if found.markers:
        parts.append("with numbers that are none (such as -9999)")
    if found.unmatched:
        parts.append(f"not of the text in {found.unmatched} answers")
    return "; ".join(parts)


def _determinism(found: Determinism) -> str:
    if not found.answers or found.alone is None or found.together is None:
        return "not answered"
    if found.alone == found.together == 0:
        return f"the same answer each time ({found.answers} answers)"
    parts = [f"{100 * found.alone:.0f} % of answers differ when asked one by one"]
    parts.append(f"{100 * found.together:.0f} % when asked at once")
    if found.near_ties:
        parts.append("only where two tokens are nearly tied: it flips near-ties")
    elif found.gap is not None:
        parts.append(f"where the best token leads by {found.gap:.1f} nats")
    return ", ".join(parts)


def _seed(found: Seed) -> str:
    counts = f"{found.same} of {found.of} pairs"
    return {
        "honoured": f"the same seed gives the same answer ({counts})",
        "partly": f"the same seed mostly gives the same answer ({counts})",
        "ignored": f"does nothing: the same seed gives other answers ({counts} alike)",
        "refused": "refused",
        "not_sent": "cannot be set",
        "unknown": "not clear: answers with other seeds are the same, too",
    }[found.status]


def _thinking(found: Thinking) -> str:
    where = {
        "in_text": "inside the answer's text",
        "in_logprobs": "and its logprobs are of the thoughts, too",
    }.get(found.status, "beside the answer")
    return f"it thinks first, {where}" + (f" (up to {found.tokens} tokens)" if found.tokens else "")


def _answering(found: Answering) -> str:
    if len(found.models) > 1:
        return f"another model in between: {', '.join(found.models)}"
    return (
        f"another model at the end: {found.differing} of {found.of} answers are not what they were at first"
    )


def _prompt(found: PromptLength) -> str:
    counted = (
        f"{found.words:,} words are {found.counted:,} tokens" if found.counted else f"{found.words:,} words"
    )
    return {
        "complete": f"read to the end ({counted})",
        "cut": f"cut without a word: {counted}",
        "refused": f"refused at {found.words:,} words",
        "unknown": "not clear: the server does not count tokens",
    }[found.status]
