"""What each situation says, to the last word: on a pipe and on terminals of 80 and 60 columns, in English and in Spanish.

The whole texts lie in `golden/`; to make them anew after a sentence was changed: `python tests/usecases/test_prose_situations.py`,
and read what differs.
"""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from decisions_by_hand import guard
from pretended_terminal import plain, terminal
from situations import SITUATIONS

from tempkit.cli.decision_output import print_decision
from tempkit.decision.prose import between_use_cases, words
from tempkit.i18n.languages import language

GOLDEN = Path(__file__).with_name("golden")
LANGUAGES = ("en", "es")
WIDTHS = (80, 60)
PAIRS = (
    ("cliff_dominates", "likely"),
    ("any_of_several", "likely"),
    ("clear_winner", "edge"),
    ("floor", "floor"),
)

VERDICTS = {
    "clear_winner": ("Use 0.7", "shown", "Use 0,7", "demostrado"),
    "any_of_several": (
        *("Any of 0 to 0.7: we take 0", "shown"),
        *("Vale cualquiera (de 0 a 0,7): elegimos 0", "demostrado"),
    ),
    "likely": ("Use 0.7 for now", "likely", "Use 0,7 por ahora", "probable"),
    "nothing_known": (
        *("Not enough data: start at 0.4", "not enough data"),
        *("Datos insuficientes: empiece con 0,4", "datos insuficientes"),
    ),
    "cliff_dominates": (
        *("Use 0 for now, and stay below 1.3", "best guess"),
        *("Use 0 por ahora, siempre por debajo de 1,3", "mejor estimación"),
    ),
    "floor": (
        *("Check the expected answers first; use 0 until then", "shown"),
        *("Revise antes las respuestas esperadas; mientras tanto, use 0", "demostrado"),
    ),
    "ceiling": ("Any of 0 to 1: we take 0", "shown", "Vale cualquiera (de 0 a 1): elegimos 0", "demostrado"),
    "unscored": ("Use 0 for now", "best guess", "Use 0 por ahora", "mejor estimación"),
    "edge": ("Use 1.3", "shown", "Use 1,3", "demostrado"),
    "guard_unmeasured": ("Use 1 for now", "best guess", "Use 1 por ahora", "mejor estimación"),
    "nothing_keeps_the_limits": (
        *("Use none of those tried; 0.3 is the least bad", "best guess"),
        *("No use ninguna de las probadas; la menos mala es 0,3", "mejor estimación"),
    ),
    "general": (
        *("Use 0 for steady answers, 1 for varied ones", "shown"),
        *("Use 0 para respuestas estables y 1 para respuestas variadas", "demostrado"),
    ),
    "one_temperature": ("Use 0.7 for now", "shown", "Use 0,7 por ahora", "demostrado"),
    "no_values": (
        *("Not enough data: start at 0.7", "not enough data"),
        *("Datos insuficientes: empiece con 0,7", "datos insuficientes"),
    ),
}


@pytest.mark.parametrize("situation", VERDICTS)
def test_the_verdict_is_a_verb_and_a_number_with_its_grade(situation: str) -> None:
    found = SITUATIONS[situation]
    english = words(found, "run")
    with language("es"):
        spanish = words(found, "run")
    assert (english.verdict, english.grade, spanish.verdict, spanish.grade) == VERDICTS[situation]


def printed(code: str, columns: int | None) -> str:
    """Return all situations as printed, and on a pipe what stands in the fold of a card, and what pairs of use cases say."""
    parts = []
    with language(code):
        for name, found in SITUATIONS.items():
            with terminal(columns) as out:
                print_decision(found, "facts-and-ideas")
            folded = [] if columns else [f"+ {sentence}" for sentence in words(found, "facts-and-ideas").more]
            parts += [f"##### {name}", plain(out).rstrip(), *folded, ""]
        for pair in () if columns else PAIRS:
            said = between_use_cases([SITUATIONS[name] for name in pair])
            parts += [f"##### {' and '.join(pair)}", *said, ""]
    lines = "\n".join(parts).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def golden(code: str, columns: int | None) -> Path:
    return GOLDEN / f"decisions-{code}-{columns or 'pipe'}.txt"


@pytest.mark.parametrize("columns", [None, *WIDTHS])
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_situation_is_said_as_it_was_read_and_approved(code: str, columns: int | None) -> None:
    assert printed(code, columns) == golden(code, columns).read_text("utf-8")


@pytest.mark.parametrize("columns", [*WIDTHS, 40])
@pytest.mark.parametrize("code", LANGUAGES)
def test_no_terminal_cuts_a_temperature_or_a_number_of_questions(code: str, columns: int) -> None:
    for name, found in SITUATIONS.items():
        with language(code), terminal(columns) as out:
            print_decision(found, "facts-and-ideas")
        text = plain(out)
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= columns
        decimal = "," if code == "es" else "."
        for row in found.temperatures:
            t = f"{row.temperature:g}".replace(".", decimal)
            assert re.search(rf"^ *(→ )?{re.escape(t)} .* {row.n} *$", text, re.MULTILINE), (name, t)


COLOUR = re.compile(r"\x1b\[(?:\d+;)*3\d[;m]")


def test_colours_are_for_terminals_that_want_them() -> None:
    with terminal(80) as without:
        print_decision(SITUATIONS["likely"], "run")
    with terminal(80) as coloured:
        os.environ.pop("NO_COLOR")
        print_decision(SITUATIONS["likely"], "run")
    with terminal(None) as piped:
        print_decision(SITUATIONS["likely"], "run")
    assert not COLOUR.search(without.getvalue())
    assert COLOUR.search(coloured.getvalue())
    assert "\x1b" not in piped.getvalue()
    assert plain(coloured) == plain(without)


def test_a_first_share_is_told_as_what_it_is_and_never_as_a_probability() -> None:
    said = words(SITUATIONS["likely"], "run").because
    assert said[0] == "It came first in 94 of 100 resamplings of your 13 questions."
    assert said[2] == "The probability that it is within 1 idea of the best is at least 87 %."


@pytest.mark.parametrize(
    ("known", "said"),
    [(None, None), (0.0, None), (0.009, None), (0.29, "29 %"), (0.799, "79 %"), (1.0, "99 %")],
)
def test_a_probability_known_from_below_is_said_as_at_least_and_none_where_nothing_is_known(
    known: float | None, said: str | None
) -> None:
    because = " ".join(words(replace(SITUATIONS["likely"], p_within=known), "run").because)
    ends = re.findall(r"The probability that it is within 1 idea of the best is at least (.*? %)", because)
    assert ends == ([] if said is None else [said])
    assert ("probability" in because) == (said is not None)


def test_what_is_left_out_is_not_said_twice_to_be_behind() -> None:
    likely = SITUATIONS["likely"]
    beyond = replace(
        likely,
        effect="unknown",
        temperatures=tuple(
            replace(row, inside_limits=False) if row.temperature == 0 else row for row in likely.temperatures
        ),
        guardrails=(guard("loop", 0.1, (0.0, 0.2, "unknown"), (0.7, 0.0, "unknown"), insides=(False, True)),),
    )
    said = " ".join(words(beyond, "run").because)
    assert "0 is left out: its average is beyond a limit (answers in a loop)." in said
    assert "not the best" not in said
    assert "still open" not in said
    both = replace(
        beyond,
        temperatures=tuple(
            replace(row, place="worse") if row.temperature == 1 else row for row in beyond.temperatures
        ),
    )
    assert "1 is not the best; whether it is more than 1 idea worse is still open." in " ".join(
        words(both, "run").because
    )


@pytest.mark.parametrize(
    ("measure", "then", "typed"),
    [
        ("human_preference", "Then have people compare the new answers.", "tempkit rate run"),
        ("rubric", "Then let the same judge go on: tempkit judge asks only about what is new.", None),
        ("preference", "Then let the same judge go on: tempkit judge asks only about what is new.", None),
        ("unique_ideas", None, None),
    ],
)
def test_where_somebody_is_asked_what_answers_are_worth_the_next_step_goes_on_to_it(
    measure: str, then: str | None, typed: str | None
) -> None:
    said = words(replace(SITUATIONS["likely"], measure=measure), "run")
    assert any("more" in each for each in said.next)
    assert [each for each in said.next if each.startswith("Then ")] == ([] if then is None else [then])
    assert [each.line for each in said.commands if " topup " not in each.line] == (
        [] if typed is None else [typed]
    )


def test_what_others_found_is_marked_as_no_part_of_it() -> None:
    for found in SITUATIONS.values():
        said = words(found, "run")
        for prior in found.priors:
            (told,) = [each for each in (*said.because, *said.more) if prior.source in each]
            assert "from other studies" in told.lower()


@pytest.mark.parametrize("code", LANGUAGES)
def test_two_use_cases_that_disagree_name_what_one_setting_would_cost(code: str) -> None:
    with language(code):
        said = between_use_cases([SITUATIONS["cliff_dominates"], SITUATIONS["likely"]])
    assert (
        said
        == {
            "en": [
                "Two settings: 0 for Technical documentation (best guess) and 0.7 for Brainstorming (likely).",
                "Whether they need two is not settled: 0 to 1 may still serve both.",
                "0 for both would cost Brainstorming 0.5 to 7.6 ideas.",
                "0.7 for both would cost Technical documentation at most 33 points.",
            ],
            "es": [
                "Dos ajustes: T = 0 para Documentación técnica (mejor estimación) y T = 0,7 para Lluvia de ideas (probable).",
                "No está claro que hagan falta dos. Por ahora podrían servir para ambos casos: de 0 a 1.",
                "T = 0 para ambos casos costaría de 0,5 a 7,6 ideas en Lluvia de ideas.",
                "T = 0,7 para ambos casos costaría en Documentación técnica 33 puntos como máximo.",
            ],
        }[code]
    )


if __name__ == "__main__":
    for each in LANGUAGES:
        for width in (None, *WIDTHS):
            golden(each, width).write_text(printed(each, width), "utf-8")
