"""The words that the page's scripts say; they come with the data, so that scripts hold no language."""

from tempkit.i18n import numeral
from tempkit.report.text.explorer_labels import explorer_words
from tempkit.report.text.text import gettext as _

__all__ = ["labels"]


def labels() -> dict[str, str | list[str]]:
    """Return the phrases of the token view and of the answers by name; `%s` stands for a value."""
    return {
        **explorer_words(),
        "copied": _("Copied"),
        "selected to copy": _("Selected"),
        "answer": _("Tokens: %s at T = %s"),
        "samples": _("samples %s of this question at this temperature"),
        "sample": _("sample %s of this question at this temperature"),
        "seed": _("seed %s"),
        "probability": _("probability"),
        "logprob": _("log-probability"),
        "entropy": _("entropy"),
        "rank": _("rank (1 is most probable)"),
        "nats": _("%s nats"),
        "unknown": _("not known"),
        "drawn": _("drawn"),
        "alternatives": _("Most probable tokens here"),
        "no alternatives": _("No alternatives were kept for this token."),
        "empty": _("(empty)"),
        "kind raw": _("Probabilities are the model's own, before temperature."),
        "kind tempered": _("Probabilities are those after temperature."),
        "kind unknown": _("The provider does not say whether temperature is in these probabilities."),
        "by logprob": ["≥ 90 %", "50–90 %", "20–50 %", "5–20 %", "1–5 %", "< 1 %"],
        "by entropy": [numeral(label) for label in ("< 0.1", "0.1–0.5", "0.5–1", "1–2", "2–3", "≥ 3")],
        "searching": _("Searching: %s of %s questions read."),
        "hits": _("Hits: %s, in %s of %s questions."),
        "place": _("%s of %s"),
        "opened": _("Open, %s: %s"),
        "mark": _("Mark"),
        "mark of": _("Mark %s"),
        "cannot copy": _("Cannot copy; save them"),
        "lowest": _("lowest score here"),
        "texts of": _("Texts of %s"),
        "texts": _("Text %s of up to %s"),
        "all of": _("All texts, up to %s"),
        "previous texts": _("Previous"),
        "next texts": _("Next"),
        "all texts": _("All"),
        "no more texts": _("No more texts at this temperature."),
        "none here": _("No such answer at this temperature."),
        "items unreadable": _("These questions cannot be shown: this browser is too old to unpack them."),
        "item at": _("%s at T = %s"),
        "item of": _("%s: %s"),
        "unpackable": _("This browser is too old to unpack the data."),
        "charts unreadable": _(
            "Charts cannot be drawn: this browser is too old to unpack them. The table holds their numbers."
        ),
        "chart failed": _("This chart cannot be drawn. What it shows:"),
        "not saved": _("This file cannot be made in this browser."),
        "unreadable": _("These tokens cannot be shown: this browser is too old to unpack them."),
    }
