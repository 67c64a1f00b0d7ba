"""Why a number is missing, in the reader's language."""

import re

from tempkit.i18n.languages import gettext
from tempkit.i18n.number_format import integer, numeral
from tempkit.types import PARAMETER, SENTENCES, Reason

__all__ = ["said"]


def said(reason: Reason) -> str:
    """Return a reason as a sentence without a full stop, in the current language; what it quotes of others stays as it is."""

    def written(parameter: "re.Match[str]") -> str:
        value, kind = reason.values[parameter[1]], parameter[2]
        if kind == "d":
            return integer(int(value))
        return numeral(f"{value:g}") if kind == "g" else str(value)

    return PARAMETER.sub(written, gettext(SENTENCES[reason.code]))
