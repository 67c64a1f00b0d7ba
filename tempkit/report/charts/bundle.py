"""The Vega libraries as one script for the page, so that a report needs no network, today or in ten years.

They come out of `vl-convert`, which carries them for its own use: nothing is downloaded and no build step is needed. The
script is by far the largest part of a small report (0.9 MB), and is put in once.
"""

from functools import cache

from tempkit.errors import ReportError

__all__ = ["vega_bundle"]


@cache
def vega_bundle(vegalite: str) -> str:
    """Return JavaScript that defines `window.vegaEmbed`, for a Vega-Lite version as `major.minor`; takes about 2 s once.

    Raises:
        ReportError: `vl-convert` cannot make a bundle that may stand inside an HTML `<script>`.
    """
    import vl_convert

    known = vl_convert.get_vegalite_versions()
    version = {"vl_version": vegalite} if vegalite in known else {}
    script: str = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;", **version).replace("\r\n", "\n")
    if any(part in script for part in ("</script", "<!--", "<script", "\r", "\0")):
        raise ReportError(
            "the Vega bundle of this vl-convert-python cannot be put in a page; install another version of it"
        )
    return script
