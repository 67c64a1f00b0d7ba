"""`python -m tempkit.i18n.locale`: bring every catalogue up to date with the sources, and say what has to be translated."""

import sys

from tempkit.i18n.languages import language_codes
from tempkit.i18n.locale.extraction import untranslated, update


def main() -> None:
    """Update the catalogues; exit with 1 where a message waits for its translation."""
    waiting = False
    for code in language_codes():
        if code == "en":
            continue
        missing = untranslated(update(code))
        lines = [f"{code}: {len(missing)} to translate", *(f"  {message!r}" for message in missing)]
        sys.stdout.write("\n".join([*lines, ""]))
        waiting = waiting or bool(missing)
    sys.exit(1 if waiting else 0)


if __name__ == "__main__":
    main()
