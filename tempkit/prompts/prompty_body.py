"""The text of a Prompty file below its front matter, as far as it is more than messages.

What a message carries besides its words (a name, a place for an earlier conversation) is left out and named. Pictures in Markdown, which
Prompty sends as pictures, are sent as the words that they are, and named too.
"""

import re

from tempkit.errors import one_line
from tempkit.prompts.left_out import LeftOut

__all__ = ["carried_body"]

_ROLE = re.compile(
    r"^([ \t]*+(?:#[ \t]*+)?(?:system|user|assistant)[ \t]*+)(\[[^\n]*\])[ \t]*+:[ \t]*+$",
    re.IGNORECASE | re.MULTILINE,
)
_THREAD = re.compile(r"^[ \t]*+!\[thread\][ \t]*+$", re.MULTILINE)
_PICTURE = re.compile(r"!\[[^\]\n]{0,200}\]\([^)\n]{1,2000}\)")


def carried_body(body: str, source: str, first_line: int) -> tuple[str, tuple[str, ...]]:
    """Return the text with as many lines as before, and what of it is not carried over, a line each.

    Args:
        body: Below the front matter.
        source: The file's name.
        first_line: The line of the file on which `body` begins.
    """
    left = LeftOut()

    def where(match: re.Match[str]) -> str:
        return f"{source}:{first_line + match.string.count(chr(10), 0, match.start())}"

    def plain(match: re.Match[str]) -> str:
        left.add(f"{one_line(match[2], 40)} beside a role; its messages are sent without", where(match))
        return f"{match[1].rstrip()}:"

    def no_thread(match: re.Match[str]) -> str:
        left.add("the earlier conversation in ![thread]; it is empty", where(match))
        return ""

    body = _THREAD.sub(no_thread, _ROLE.sub(plain, body))
    for picture in _PICTURE.finditer(body):
        left.add("a picture, which is sent as its words in Markdown", where(picture))
    return body, left.lines()
