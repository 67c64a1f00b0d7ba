"""Why a number is missing: a code with parameters, which becomes a sentence only where somebody reads it.

Codes are stored and counted; `tempkit.i18n.reasons` says one in the reader's language, and `str` gives the English sentence,
which exports and JSON hold.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, final

__all__ = ["N_", "PARAMETER", "SENTENCES", "TEXT", "Reason", "in_words"]

PARAMETER: Final = re.compile(r"%\((\w+)\)([sdg])")
"""A parameter of a sentence: its name and its kind."""

_KINDS: Final[Mapping[str, tuple[type, ...]]] = {"s": (str,), "d": (int,), "g": (int, float)}
_WRITTEN: Final = {"s": "", "d": ",", "g": "g"}


def N_(message: str) -> str:  # noqa: N802  (gettext's own name for it)
    """Mark a constant for the catalogues, which are above this package, and return it as it is."""
    return message


TEXT: Final = "text"
"""The code of a reason in somebody else's words, as of an imported table or a plug-in."""

SENTENCES: Final[Mapping[str, str]] = {
    "unknown": N_("unknown"),
    TEXT: "%(text)s",
    # how an answer ended
    "token_limit": N_("truncated at max_tokens"),
    "content_filter": N_("truncated by the provider's content filter"),
    "end_unknown": N_("how it ended is not known, so it may be incomplete"),
    "empty_answer": N_("the answer is empty"),
    # scores from elsewhere
    "out_of_range": N_("not a number between -1e100 and 1e100"),
    # Tables with such a cell are refused now; runs that were imported before hold it.
    "not_finite": N_("not a finite number in the imported table"),
    "not_measured": N_("not measured in this run"),
    # judges
    "judge_truncated": N_("the judge's answer was truncated"),
    "judge_declined": N_("the judge declined to answer"),
    "judge_not_shown": N_("the judge was not shown to agree with itself"),
    "judge_unreliable": N_("the judge agrees with itself too little"),
    "judge_silent": N_("the judge did not answer"),
    "judge_no_choice": N_("the judge named neither A, B nor TIE"),
    "judge_no_grade": N_("the judge gave no grade from 1 to 5"),
    "not_compared": N_("it was in no comparison"),
    # checks and facts
    "no_facts": N_("there are no facts"),
    "no_checks": N_("has no checks"),
    "check_unknown": N_("unknown check %(type)s"),
    "check_needs_judge": N_("the check 'llm-rubric' needs a judge"),
    "check_needs_embedder": N_("the check 'similar' needs an embedder"),
    "pattern_unusable": N_("the check's pattern %(pattern)s cannot be used: %(why)s"),
    "pattern_slow": N_(
        "the check's pattern %(pattern)s took longer than %(seconds)g s on this text: simplify it"
    ),
    "pattern_large": N_(
        "the check's pattern %(pattern)s took more than %(megabytes)d MB of memory on this text: simplify it"
    ),
    "schema_unusable": N_("the schema of the check 'is-json' cannot be used: %(why)s"),
    "schema_slow": N_(
        "the schema of the check 'is-json' took longer than %(seconds)g s on this text: simplify it"
    ),
    "schema_large": N_(
        "the schema of the check 'is-json' took more than %(megabytes)d MB of memory on this text: simplify it"
    ),
    "check_crashed": N_("the check %(check)s ended the process that it ran in: simplify it"),
    "check_untried": N_(
        "the check %(check)s went over its limits on several answers, so it was not tried on this one: simplify it"
    ),
    "json_too_deep_to_read": N_("its JSON is nested too deeply to be read"),
    "json_too_deep_to_check": N_("its JSON is nested too deeply to be checked"),
    "json_number_too_large": N_("its JSON holds a number that is too large to be checked"),
    # what a measure needs
    "needs_embedder": N_("needs an embedder"),
    "needs_reference": N_("needs a reference model: --reference MODEL"),
    "no_logprobs": N_("no logprobs"),
    "logprobs_tempered": N_("its logprobs are from after temperature; this needs raw ones"),
    "logprobs_unknown": N_("the provider does not say what its logprobs are of; this needs raw ones"),
    "logprobs_mixed": N_("its answers have logprobs of different kinds: %(kinds)s"),
    "no_alternatives": N_("no alternatives were stored beside its tokens"),
    "no_exemplar": N_("there is no complete answer at the lowest temperature to compare with"),
    "is_exemplar": N_("it is the reference answer"),
    "no_other_answer": N_("there is no other answer at the lowest temperature to compare with"),
    "few_temperatures": N_("needs answers at %(least)d temperatures or more, has them at %(n)d"),
    # how many answers
    "no_answers": N_("there are no answers"),
    "few_answers": N_("needs at least %(least)d answers, has %(n)d"),
    "few_complete": N_("needs at least %(least)d complete answers, has %(n)d"),
    "few_with_text": N_("needs at least %(least)d answers with text, has %(n)d"),
    "few_complete_with_text": N_("needs at least %(least)d complete answers with text, has %(n)d"),
    "far_fewer": N_("has less than half as many answers as another temperature"),
    "far_fewer_complete": N_("has less than half as many complete answers as another temperature"),
    "far_fewer_with_text": N_("has less than half as many answers with text as another temperature"),
    "far_fewer_complete_with_text": N_(
        "has less than half as many complete answers with text as another temperature"
    ),
    "too_few_answers": N_("too few answers"),
    # texts
    "few_words": N_("its answers have too few words to compare"),
    "few_characters": N_("its answers have too few characters to compare"),
    "short_answers": N_("no answer has %(n)d words"),
    "few_sentences": N_("needs at least 2 sentences, has %(n)d"),
    "too_long": N_("longer than %(most)d characters, which takes too long to compare"),
    "too_many_texts": N_("more than %(most)d different texts, which take too long to group"),
    "no_claims": N_("no answer has a number or a name"),
    # log-probabilities
    "reference_gave_none": N_("the reference model gave no score: %(reason)s"),
    "token_impossible": N_("the reference model gives one of its tokens probability 0"),
    "few_tokens": N_("needs at least %(least)d tokens with a logprob"),
    "logprob_unknown": N_("the logprob of one of its tokens is not known"),
    "logprob_invalid": N_("the logprob of one of its tokens is one that no probability has"),
    "entropy_unknown": N_("the entropy at one of its tokens is not known"),
    "entropy_invalid": N_("the entropy at one of its tokens is one that no distribution has"),
    "entropy_bounds_only": N_("only the most probable tokens are known, which leaves bounds"),
    "temperature_not_sent": N_("the temperature was not sent, and the model's own is not known"),
    "temperature_invalid": N_("what is stored as the temperature that was sent is none"),
    "alternatives_invalid": N_(
        "the alternatives beside one of its tokens have logprobs that no probabilities have"
    ),
    "no_maximum": N_(
        "no one temperature is most likely, as when every token was the most probable one, which any low temperature gives"
    ),
    "few_listed": N_("needs at least %(least)d tokens that are among the listed ones"),
    "too_uncertain": N_("too uncertain from so few tokens: more samples would settle it"),
    "mass_not_listed": N_(
        "the %(k)d listed tokens have too little of the probability at temperature %(temperature)g"
    ),
    # measures that a program adds
    "gave_nothing": N_("the measure gives this answer no value"),
    # statistics
    "no_spread": N_(
        "all questions gave the same value, and the measure's range is not known, so nothing bounds other questions"
    ),
    "no_spread_of_pairs": N_("every question gave the same, so nothing says how others would differ"),
    "no_items": N_("no question has a value"),
    "one_item": N_("holds for this question only; an interval needs at least %(least)d questions"),
    "few_items": N_("needs at least %(least)d questions, has %(n)d"),
    "few_items_everywhere": N_(
        "needs at least %(least)d questions with a value at every temperature, has %(n)d"
    ),
    "two_temperatures": N_("an order needs at least 3 temperatures; two are a contrast"),
    "temperatures_too_close": N_("the temperatures lie too close together for a slope"),
    "several_turning_points": N_("what is known of the entropies allows several turning points"),
}
"""The English sentence of each code, without a full stop; parameters are `%(name)s` (text), `%(name)d` or `%(name)g`."""

_PARAMETERS: Final = {code: dict(PARAMETER.findall(sentence)) for code, sentence in SENTENCES.items()}


@final
class Reason:
    """Why there is no number: `Reason("few_items", least=5, n=3)`. It does not change, and two alike are equal.

    No dataclass, so that `dataclasses.asdict` keeps it as one value, which JSON writes as its sentence.
    """

    __slots__ = ("_key", "code", "values")

    def __init__(self, code: str, **values: str | float) -> None:
        """Make a reason.

        Raises:
            ValueError: There is no such code, or its sentence has other parameters.
        """
        kinds = _PARAMETERS.get(code)
        if (
            kinds is None
            or kinds.keys() != values.keys()
            or not all(isinstance(value, _KINDS[kinds[name]]) for name, value in values.items())
        ):
            raise ValueError(f"no reason is called {code!r} with {values!r}")
        self.code = code
        """Of `SENTENCES`."""
        self.values: Mapping[str, str | int | float] = values
        """The parameters of its sentence, by name."""
        self._key = code, *sorted(values.items())

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Reason) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Reason({', '.join([repr(self.code), *(f'{n}={v!r}' for n, v in self.values.items())])})"

    def __reduce__(self) -> tuple[Callable[[str], "Reason"], tuple[str]]:
        return Reason.decoded, (self.encoded(),)

    def __str__(self) -> str:
        """Return it as an English sentence without a full stop."""
        kinds = _PARAMETERS[self.code]
        written = {name: format(value, _WRITTEN[kinds[name]]) for name, value in self.values.items()}
        return PARAMETER.sub(lambda parameter: written[parameter[1]], SENTENCES[self.code])

    def encoded(self) -> str:
        """Return it as it is stored: the code, and its parameters as JSON."""
        return f"{self.code} {json.dumps(self.values, ensure_ascii=False)}" if self.values else self.code

    @classmethod
    def decoded(cls, stored: str) -> "Reason":
        """Return a stored reason; a text that is none, as another program may have written, is one in its own words."""
        code, _, values = stored.partition(" ")
        try:
            found: Any = json.loads(values) if values else {}
            return cls(code, **found)
        except (ValueError, TypeError, RecursionError):
            return cls(TEXT, text=stored)


def in_words(sentence: str) -> Reason:
    """Return the reason that an English sentence gives, as of an exported table: where it is one of tempkit's own, its code."""
    return _BY_SENTENCE.get(sentence) or Reason(TEXT, text=sentence)


_BY_SENTENCE: Final = {
    sentence: Reason(code) for code, sentence in SENTENCES.items() if not PARAMETER.search(sentence)
}
