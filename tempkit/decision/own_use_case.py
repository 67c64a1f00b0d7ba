"""A shipped use case as the beginning of one's own: the same file under another name."""

import re
from pathlib import Path

from tempkit.decision.profile import parse_profile, read_source

__all__ = ["own_copy"]

_FOLDER = Path(__file__).with_name("shipped")


def own_copy(name: str) -> tuple[str, str]:
    """Return a name for a use case of one's own and its TOML, which judges as the shipped one does until it is edited.

    Args:
        name: Of the shipped one.
    """
    own = f"my-{name}"
    text = read_source(_FOLDER / f"{name}.toml")
    title = parse_profile(text, name).title
    head = f"# What you want of an answer: begun as {name}. Edit it; its prompt names this file. Or: tempkit recommend RUN --use-case {own}.toml"
    text = re.sub(r"\A#.*$", head, text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^name = .*$", f'name = "{own}"', text, count=1, flags=re.MULTILINE)
    text = re.sub(
        r"^title = .*$", f'title = "My {title[0].lower()}{title[1:]}"', text, count=1, flags=re.MULTILINE
    )
    return own, text
