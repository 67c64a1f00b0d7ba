"""What a sample of inspect's log says of its answer's tokens, and what tempkit itself wrote beside it.

Inspect's format has a place for the log-probabilities of tokens, and none for much else that tempkit knows of an answer: that is in the
sample's metadata where tempkit wrote the log, and comes back from there.
"""

from collections.abc import Mapping
from typing import Any

from tempkit.interchange.imports.exported import MOST_LOGPROB
from tempkit.interchange.schema import REASON
from tempkit.prompts import LeftOut
from tempkit.types import LARGEST_SCORE

__all__ = ["is_ours", "own_values", "tokens_of"]

_OWN = {
    "seed": "gen_ai.request.seed",
    "temperature_sent": "gen_ai.request.temperature",
    "attempts": "attempts",
    "batch": "batch",
    "finish_reason": "finish_reason",
    "params": "params",
    "fingerprint": "fingerprint",
    "logprob_kind": "logprob_kind",
    "cost_usd": "cost_usd",
    "address": "address",
    "response_model": "gen_ai.response.model",
}
"""Names in the metadata of a sample that tempkit wrote, and of the columns that they belong in."""


def is_ours(about: Mapping[str, Any]) -> bool:
    """Whether tempkit wrote a log, by what its head says of it."""
    packages, metadata = about.get("packages"), about.get("metadata")
    return (
        isinstance(packages, dict)
        and "tempkit" in packages
        and isinstance(metadata, dict)
        and "format_version" in metadata
    )


def own_values(
    about: Mapping[str, Any], sample: Mapping[str, Any], where: str, left: LeftOut
) -> dict[str, Any]:
    """Return the columns of a sample that tempkit wrote; a value that is None was not there."""
    head, said = about["metadata"], sample.get("metadata")
    if not isinstance(said, dict):
        if said:
            left.add("metadata of a sample", where)
        return {}
    values = {column: said.get(name) for name, column in _OWN.items()}
    values |= {"item": said.get("item"), "temperature": said.get("temperature")}
    values |= {"model": head.get("model"), "use_case": head.get("use_case")}
    values["format_version"] = head.get("format_version")
    epoch = sample.get("epoch")
    values["replicate"] = epoch - 1 if isinstance(epoch, int) else None
    missing = said.get("not_scored")
    values |= {
        REASON + str(measure): why or ""
        for measure, why in (missing if isinstance(missing, dict) else {}).items()
    }
    failure = said.get("failure")
    if isinstance(failure, dict):
        values |= {"error.type": failure.get("kind"), "error.message": failure.get("message")}
    if said.get("facts"):
        left.add("facts that an answer should have", where)
    return values


def tokens_of(choice: Mapping[str, Any], where: str, left: LeftOut) -> list[dict[str, Any]] | None:
    """Return an answer's tokens in the form of tempkit's own exports, each with its log-probability and alternatives."""
    logprobs = choice.get("logprobs")
    if logprobs is None:
        return None
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        left.add("log-probabilities that are no list of tokens", where)
        return None
    tokens = [_token(each) for each in content]
    if None in tokens:
        left.add("log-probabilities of an answer, as a token of it has none that can be read", where)
        return None
    return [token for token in tokens if token is not None]


def _token(given: Any) -> dict[str, Any] | None:
    read = _pair(given)
    if read is None:
        return None
    listed = given.get("top_logprobs") or ()
    if not isinstance(listed, list) and listed != ():
        return None
    top = [_pair(each) for each in listed]
    return None if None in top else {**read, "top": top}


def _pair(given: Any) -> dict[str, Any] | None:
    if not isinstance(given, dict) or not isinstance(given.get("token"), str):
        return None
    logprob = given.get("logprob")
    if isinstance(logprob, bool) or not isinstance(logprob, (int, float)):
        return None
    return {"text": given["token"], "logprob": logprob} if -LARGEST_SCORE <= logprob <= MOST_LOGPROB else None
