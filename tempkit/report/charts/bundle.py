"""The Vega libraries as one script for the page, so that a report needs no network, today or in ten years.

They come out of `vl-convert`, which carries them for its own use: nothing is downloaded and no build step is needed. The
script is by far the largest part of a small report (0.9 MB), and is put in once. Making it takes longer than the rest of a small
report, so that it is kept in the user's cache.
"""

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from tempkit.errors import ReportError
from tempkit.files import replacing

__all__ = ["vega_bundle"]

_SNIPPET = "window.vegaEmbed=vegaEmbed;"
_LARGEST = 16_000_000
"""Bytes of a file that can be ours."""


@cache
def vega_bundle(vegalite: str) -> str:
    """Return JavaScript that defines `window.vegaEmbed`, for a Vega-Lite version as `major.minor`; takes about 2 s the first time.

    Raises:
        ReportError: `vl-convert` cannot make a bundle that may stand inside an HTML `<script>`.
    """
    from platformdirs import user_cache_path

    made_by = version("vl-convert-python")
    kept = user_cache_path("tempkit", appauthor=False) / f"vega-{vegalite}-by-{made_by}.js"
    script = _read(kept)
    if script is None:
        script = _made(vegalite)
        _keep(kept, script)
    if any(part in script for part in ("</script", "<!--", "<script", "\r", "\0")):
        raise ReportError(
            "the Vega bundle of this vl-convert-python cannot be put in a page; install another version of it"
        )
    return script


def _made(vegalite: str) -> str:
    import vl_convert

    known = vl_convert.get_vegalite_versions()
    chosen = {"vl_version": vegalite} if vegalite in known else {}
    script: str = vl_convert.javascript_bundle(_SNIPPET, **chosen)
    return script.replace("\r\n", "\n")


def _head(script: bytes) -> bytes:
    """A file's first line, by which a file that is incomplete or was changed is known."""
    return b"// tempkit " + sha256(_SNIPPET.encode() + script).hexdigest().encode() + b"\n"


def _read(kept: Path) -> str | None:
    """Return the script that a file holds; None where there is none, or it is not as it was written."""
    try:
        with kept.open("rb") as file:
            content = file.read(_LARGEST)
    except OSError:
        return None
    head, end, script = content.partition(b"\n")
    return script.decode() if head + end == _head(script) else None


def _keep(kept: Path, script: str) -> None:
    """Write the script down for the next report; where there is no room or right for that, the next one makes it again."""
    content = script.encode()
    try:
        with replacing(kept) as file:
            file.write(_head(content) + content)
    except OSError:
        return
