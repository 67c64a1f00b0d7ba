"""Which language is spoken where, and how it writes numbers and dates."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tempkit.decision import use_case
from tempkit.decision.prose.amounts import amount, difference, listed, span_of
from tempkit.errors import UsageError
from tempkit.i18n.languages import current, gettext, language, ngettext, pgettext
from tempkit.i18n.messages import translated
from tempkit.i18n.number_format import degrees, enumerated, integer, moment, numeral
from tempkit.measures import MEASURES, titled
from tempkit.report.text import text


def test_english_is_spoken_until_another_is_chosen() -> None:
    assert (current().code, gettext("best guess")) == ("en", "best guess")
    with language("es"):
        assert (current().code, gettext("best guess")) == ("es", "mejor estimación")
        with language("en"):
            assert gettext("best guess") == "best guess"
        assert gettext("best guess") == "mejor estimación"
    assert gettext("best guess") == "best guess"


def test_it_is_spoken_no_more_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), language("es"):
        raise ZeroDivisionError
    assert current().code == "en"


def test_plurals_and_contexts() -> None:
    with language("es"):
        assert [ngettext("%d question", "%d questions", n) for n in (0, 1, 2)] == [
            "%d preguntas",
            "%d pregunta",
            "%d preguntas",
        ]
        assert pgettext("run", "finished") == "terminada"
        assert pgettext("no such place", "finished") == "finished"


@pytest.mark.parametrize("code", ["es", "ES", "es-MX", "es_ES.UTF-8", "es_AR"])
def test_a_region_is_ignored(code: str) -> None:
    with language(code):
        assert current().code == "es"


@pytest.mark.parametrize("code", ["", "xx", "español", "../../etc", "e"])
def test_an_unknown_language_names_those_there_are(code: str) -> None:
    with (
        pytest.raises(
            UsageError, match=r"there is no language .*; there are: en \(English\), es \(español\)"
        ),
        language(code),
    ):
        pass
    assert current().code == "en"


def test_numbers() -> None:
    assert [degrees(0.7), numeral("-1.50"), integer(9999), integer(10_000)] == [
        "0.7",
        "-1.50",
        "9999",
        "10\u202f000",
    ]
    assert enumerated(["0", "0.5", "1"]) == "0, 0.5, 1"
    with language("es"):
        assert [degrees(0.7), numeral("-1.50"), integer(9999), integer(10_000)] == [
            *("0,7", "-1,50", "9999", "10\u202f000")
        ]
        assert enumerated(["0", "0,5", "1"]) == "0; 0,5; 1"
        assert text.number(-1.234) == "−1,23"
        assert text.figure(0.36, "share") == "36\u00a0%"
        assert text.figure(1.5, "nats") == "1,50"


def test_amounts_and_lists() -> None:
    grid = (0.0, 0.5, 1.0, 1.5)
    assert [difference(x, "share") for x in (0.01, 0.05)] == ["1 point", "5 points"]
    assert [amount(0.01, "share", sign=True), span_of(1, 2.5, "ideas")] == ["+1 point", "1.0 to 2.5 ideas"]
    assert [amount(x, "nats", sign=True) for x in (-0.25, -0.001, 0)] == [
        "−0.25 nats",
        "0.00 nats",
        "0.00 nats",
    ]
    with language("es"):
        assert [difference(x, "share") for x in (0.01, 0.05)] == ["1 punto", "5 puntos"]
        assert [amount(1.5, "nats"), amount(0.36, "share")] == ["1,50 nats", "36 %"]
        assert span_of(1, 2.5, "ideas") == "1,0 a 2,5 ideas"
        assert listed(grid[:3], grid) == "de 0 a 1"
        assert listed((0.0, 0.5, 1.5), grid) == "0; 0,5 y 1,5"
        assert listed((0.5,), grid) == "0,5"


def test_moments() -> None:
    noon = datetime(2026, 11, 20, 12, 5, tzinfo=timezone(timedelta(hours=5)))
    assert moment(noon) == "2026-11-20 07:05 UTC"
    with language("es"):
        assert moment(noon) == moment(noon.astimezone(UTC).replace(tzinfo=None)) == "20 nov 2026, 7:05 UTC"


def test_measures_have_their_titles_and_foreign_ones_their_names() -> None:
    with language("es"):
        assert titled("fact_recall") == "Datos encontrados"
        assert titled("Novelty") == "Novelty"
        assert all(translated(m.definition) != m.definition for m in MEASURES.values())


def test_a_shipped_use_case_is_translated_and_ones_own_is_as_written(tmp_path) -> None:  # type: ignore[no-untyped-def]
    shipped = use_case("chatbot")
    own = tmp_path / "own.toml"
    own.write_text(
        'name = "own"\ntitle = "Creative writing"\nwants = "x"\nwhy = "y"\ntie = "lowest"\ntie_why = "z"\n'
        '[[primary]]\nmeasure = "fact_recall"\nmargin = 0.1\nwhy = "as for facts"\n'
    )
    with language("es"):
        spanish = use_case("chatbot")
        assert use_case(str(own)).title == "Creative writing"
        assert use_case("creative-writing").title == "Escritura creativa"
    assert spanish.wants != shipped.wants
    assert (spanish.name, spanish.tie, spanish.primary[0].margin) == (
        shipped.name,
        shipped.tie,
        shipped.primary[0].margin,
    )
    assert use_case("chatbot") == shipped, "nothing that is kept may hold a language"


def test_babel_is_not_imported_for_english() -> None:
    script = (
        "import sys; import tempkit.cli.report, tempkit.report; from tempkit.i18n.languages import language\n"
        "with language('en'): pass\n"
        "sys.exit(any(name.split('.')[0] == 'babel' for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
