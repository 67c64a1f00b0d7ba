"""The words that the softmax explorer's script says; `%(name)s` stands for a value, in whatever order a language wants them.

Probabilities in sentences are natural frequencies, "in 98 of 100 cases", because people judge these better than percentages;
a value that is only known within bounds reads "in 12 to 48 of 100 cases".
"""

from tempkit.report.text.text import gettext as _

__all__ = ["explorer_words"]


def explorer_words() -> dict[str, str]:
    """Return the phrases by name."""
    return {
        "explorer now": _("T = %(t)s"),
        "explorer range": _("%(low)s to %(high)s"),
        "explorer more": _("%(low)s or more"),
        "explorer share": _("%(p)s %%"),
        "explorer sampled": _("As sampled: %(where)s"),
        "explorer place": _("Token %(i)s of %(n)s"),
        "explorer nothing": _("No alternatives that can be computed with were kept for this token."),
        "explorer coldest": _(
            "At T = 0 the model always takes %(token)s here: the most probable token wins."
        ),
        "explorer coldest of equals": _(
            "At T = 0 the model takes one of the %(n)s most probable tokens here, which are equally probable."
        ),
        "explorer itself": _(
            "At T = 1 these are the model's own probabilities: it takes %(token)s here in %(now)s of 100 cases."
        ),
        "explorer first": _(
            "At T = %(t)s the model takes %(token)s here in %(now)s of 100 cases; at T = 1, in %(own)s."
        ),
        "explorer other": _(
            "%(token)s, which was sampled this time, comes up in %(now)s of 100 cases; at T = 1, in %(own)s."
        ),
        "explorer tail": _(
            "All the improbable tokens that are not listed get %(now)s of 100 cases together; at T = 1, %(own)s."
        ),
        "explorer cooler": _(
            "The order never changes. Below 1 the likely tokens gain, and the others get their turn less often."
        ),
        "explorer warmer": _(
            "The order never changes. Above 1 the less likely tokens get their turn more often."
        ),
        "explorer neither": _(
            "The order never changes. Below 1 the likely tokens gain; above 1 the others get their turn more often."
        ),
        "explorer spoken": _(
            "T = %(t)s: %(token)s has %(p)s; entropy %(entropy)s nats; tokens that hold 95 %%: %(n95)s."
        ),
        "explorer jump": _("%(token)s, entropy %(entropy)s nats"),
        "explorer rest": _("%(n)s more"),
        "explorer fewer": _("Fewer"),
        "explorer curve": _("Entropy over temperature, up to %(most)s nats"),
    }
