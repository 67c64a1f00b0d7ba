"""How Sphinx builds the documentation site: `make docs`.

The source folder is the repository's root, so that the pages under prompts/ and reports/, which the others link to, are pages
of the site too, and every relative link works here and where the code is read alike.
"""

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring

import tempkit

project = "tempkit"
author = "The tempkit authors"
version = release = tempkit.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
root_doc = "docs/index"
include_patterns = [
    "docs/**.md",
    "examples/README.md",
    "prompts/README.md",
    "reports/README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
]
exclude_patterns = ["docs/_build"]

myst_heading_anchors = 3

# A docstring says `name` for code, as Markdown does.
default_role = "code"
autodoc_member_order = "groupwise"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True

# Blocks without a language are output; dashes stay dashes, since options begin with two.
highlight_language = "text"
smartquotes = False

nitpicky = True
# Signatures name classes of the inner packages, which have no page, and of other projects, which are not asked for theirs.
nitpick_ignore_regex = [("py:(class|data|exc|obj)", ".*")]

# Nothing comes from the network, and the search needs no server: with summaries it would fetch pages.
html_theme = "furo"
html_title = "tempkit"
html_show_search_summary = False
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_extra_path = ["start"]

linkcheck_anchors = False  # many sites make theirs with scripts
linkcheck_timeout = 20
linkcheck_workers = 4


def sections(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Read `Args:` and `Raises:` in docstrings, but not in those of attributes, where a colon stands in a sentence."""
    if what not in {"attribute", "data", "property"}:
        lines[:] = GoogleDocstring(lines, Config(), app, what, name, obj, options).lines()


def once(app: Sphinx, what: str, name: str, obj: object, skip: bool, options: object) -> bool | None:
    """Leave out of the other pages what the page of the public names describes."""
    elsewhere = app.env.docname != "docs/reference/python"
    return True if what == "module" and elsewhere and name in tempkit.__all__ else None


def examples(app: Sphinx, context: object, lines: list[str]) -> None:
    """Show what a help text keeps from being folded as a block of code, and its stars as stars."""
    shown: list[str] = []
    for line in lines:
        if line.startswith("| "):
            if not shown or not shown[-1].startswith("   "):
                shown += ["", ".. code-block:: text", ""]
            shown.append("   " + line[2:])
        else:
            shown += (
                ["", line.replace("*", r"\*")]
                if shown and shown[-1].startswith("   ")
                else [line.replace("*", r"\*")]
            )
    lines[:] = shown


def setup(app: Sphinx) -> dict[str, bool]:
    """Add what this site does beside its extensions."""
    app.connect("autodoc-process-docstring", sections)
    app.connect("autodoc-skip-member", once)
    app.connect("sphinx-click-process-description", examples)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
