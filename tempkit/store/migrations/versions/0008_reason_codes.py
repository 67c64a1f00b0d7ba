"""Why a score is missing: a code with its parameters, in place of an English sentence."""

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_SENTENCES = {
    "unknown": "unknown",
    "token_limit": "cut off by max_tokens",
    "content_filter": "cut off by the provider's content filter",
    "end_unknown": "how it ended is not known, so it may not be whole",
    "empty_answer": "the answer is empty",
    "out_of_range": "not a number between -1e100 and 1e100",
    "not_finite": "not a finite number in the imported table",
    "judge_truncated": "the judge's answer was cut off before its end",
    "judge_declined": "the judge declined to answer",
    "judge_not_shown": "the judge was not shown to go by the texts",
    "judge_silent": "the judge did not answer",
    "judge_no_choice": "the judge named neither A, B nor TIE",
    "judge_no_grade": "the judge gave no grade from 1 to 5",
    "no_facts": "there are no facts",
    "no_checks": "has no checks",
    "check_unknown": "unknown check %(type)s",
    "check_needs_judge": "the check 'llm-rubric' needs a judge",
    "check_needs_embedder": "the check 'similar' needs an embedder",
    "pattern_unusable": "the check's pattern %(pattern)s cannot be used: %(why)s",
    "pattern_slow": "the check's pattern %(pattern)s took longer than %(seconds)g s on this text: simplify it",
    "pattern_large": "the check's pattern %(pattern)s took more than %(megabytes)d MB of memory on this text: simplify it",
    "schema_unusable": "the schema of the check 'is-json' cannot be used: %(why)s",
    "schema_slow": "the schema of the check 'is-json' took longer than %(seconds)g s on this text: simplify it",
    "schema_large": "the schema of the check 'is-json' took more than %(megabytes)d MB of memory on this text: simplify it",
    "check_crashed": "the check %(check)s ended the process that it ran in: simplify it",
    "check_untried": "the check %(check)s went over its limits on several answers, so it was not tried on this one: simplify it",
    "json_too_deep_to_read": "its JSON is nested too deeply to be read",
    "json_too_deep_to_check": "its JSON is nested too deeply to be checked",
    "json_number_too_large": "its JSON holds a number that is too large to be checked",
    "needs_embedder": "needs an embedder",
    "needs_reference": "needs a reference model: --reference MODEL",
    "no_logprobs": "no logprobs",
    "logprobs_tempered": "its logprobs are from after temperature; this needs raw ones",
    "logprobs_unknown": "the provider does not say what its logprobs are of; this needs raw ones",
    "logprobs_mixed": "its completions have logprobs of different kinds: %(kinds)s",
    "no_alternatives": "no alternatives were kept beside its tokens",
    "no_exemplar": "there is no whole answer at the lowest temperature to compare with",
    "is_exemplar": "it is the exemplar that the others are compared with",
    "no_other_answer": "there is no other answer at the lowest temperature to compare with",
    "few_temperatures": "needs answers at %(least)d temperatures or more, has them at %(n)d",
    "no_answers": "there are no completions",
    "few_complete_with_text": "needs at least %(least)d whole completions with text, has %(n)d",
    "few_with_text": "needs at least %(least)d completions with text, has %(n)d",
    "few_complete": "needs at least %(least)d whole completions, has %(n)d",
    "few_answers": "needs at least %(least)d completions, has %(n)d",
    "far_fewer": "has less than half as many completions as another temperature",
    "far_fewer_complete": "has less than half as many whole completions as another temperature",
    "far_fewer_with_text": "has less than half as many completions with text as another temperature",
    "far_fewer_complete_with_text": "has less than half as many whole completions with text as another temperature",
    "too_few_answers": "too few completions",
    "few_words": "its answers hold too few words to compare",
    "few_characters": "its answers hold too few characters to compare",
    "short_answers": "no answer has %(n)d words",
    "few_sentences": "needs at least 2 sentences, has %(n)d",
    "too_long": "longer than %(most)d characters, which takes too long to compare",
    "too_many_texts": "more than %(most)d different texts, which take too long to group",
    "no_claims": "no answer holds a number or a name",
    "reference_gave_none": "the reference model gave no score: %(reason)s",
    "token_impossible": "the reference model holds one of its tokens impossible",
    "few_tokens": "needs at least %(least)d tokens with a logprob",
    "logprob_unknown": "the logprob of one of its tokens is not known",
    "logprob_invalid": "the logprob of one of its tokens is one that no probability has",
    "entropy_unknown": "the entropy at one of its tokens is not known",
    "entropy_invalid": "the entropy at one of its tokens is one that no choice has",
    "entropy_bounds_only": "only the most probable tokens are known, which leaves bounds",
    "temperature_not_sent": "the temperature was not sent, and the model's own is not known",
    "temperature_invalid": "what is stored as the temperature that was sent is none",
    "alternatives_invalid": "the alternatives beside one of its tokens have logprobs that no probabilities have",
    "no_maximum": "no one temperature is most likely, as when every token was the most probable one, which any low temperature "
    "gives",
    "few_listed": "needs at least %(least)d tokens that are among the listed ones",
    "too_uncertain": "too uncertain from so few tokens: more samples would settle it",
    "mass_not_listed": "the %(k)d listed tokens hold too little of the probability at temperature %(temperature)g",
}
"""As revisions before this one wrote them."""

_FORMS = {"s": r".+", "d": r"-?\d[\d,]*", "g": r"-?\d[\d.e+-]*"}
_PARAMETER = re.compile(r"%\((\w+)\)([sdg])")
_JUDGES = (*(code for code in _SENTENCES if code.startswith("judge_")), "end_unknown")


def upgrade() -> None:
    """Write the code of each sentence that is one of tempkit's own; what is somebody else's text stays as it is."""
    connection = op.get_bind()
    score = sa.table("score", sa.column("reason", sa.String))
    patterns = {code: _pattern(sentence) for code, sentence in _SENTENCES.items()}
    reasons = connection.execute(sa.select(score.c.reason).where(score.c.reason.is_not(None)).distinct())
    for (sentence,) in reasons.all():
        if (found := _code(sentence, patterns)) is not None:
            connection.execute(sa.update(score).where(score.c.reason == sentence).values(reason=found))
    # A judge's answers that could not be read say why in the JSON of their comment.
    rating = sa.table("rating", sa.column("measure", sa.String), sa.column("comment", sa.String))
    for code in _JUDGES:
        old, new = (f'"reason": {json.dumps(text)}' for text in (_SENTENCES[code], code))
        connection.execute(
            sa.update(rating)
            .where(rating.c.measure.like("% unreadable"))
            .values(comment=sa.func.replace(rating.c.comment, old, new))
        )


def _pattern(sentence: str) -> "re.Pattern[str]":
    pieces = _PARAMETER.split(sentence)  # text, name, kind, text, name, kind, ..., text
    parts = [re.escape(pieces[0])]
    for name, kind, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        parts += [f"(?P<{name}>{_FORMS[kind]})", re.escape(text)]
    return re.compile("".join(parts), re.DOTALL)


def _code(sentence: str, patterns: "dict[str, re.Pattern[str]]") -> str | None:
    for code, pattern in patterns.items():
        if (match := pattern.fullmatch(sentence)) is not None:
            kinds = dict(_PARAMETER.findall(_SENTENCES[code]))
            try:
                values = {name: _value(text, kinds[name]) for name, text in match.groupdict().items()}
            except ValueError:
                continue
            return f"{code} {json.dumps(values, ensure_ascii=False)}" if values else code
    return None


def _value(text: str, kind: str) -> str | float:
    if kind == "d":
        return int(text.replace(",", ""))
    return float(text) if kind == "g" else text
