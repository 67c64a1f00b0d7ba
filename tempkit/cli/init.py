"""`tempkit init`."""

import shlex
from pathlib import Path

import click

from tempkit.cli.asking import chosen, somebody_is_there
from tempkit.cli.common import json_option, print_json
from tempkit.cli.quiet import hint


@click.command(
    "init",
    short_help="Make a folder to start from: a prompt, example questions and the next command to type.",
)
@click.argument("use_case", required=False, metavar="[USE-CASE]")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the files go; made if it is missing. Default: a folder named as the use case.",
)
@click.option(
    "--own",
    is_flag=True,
    help="Add a copy of the use case's own file, to edit what counts and how much.",
)
@json_option
def command(use_case: str | None, folder: Path | None, own: bool, as_json: bool) -> None:
    """Make a folder to start from: a prompt file and a table of twelve example questions for USE-CASE.

    Put your own questions in the place of the examples; where the use case goes by right answers, the table
    has them too. Without USE-CASE a terminal asks for it. No file that is there is touched.

    \b
    Examples:
      tempkit init technical-documentation
      tempkit init extraction --folder invoices --own
    """
    from tempkit.decision import own_copy
    from tempkit.errors import PromptError, UsageError, one_line
    from tempkit.files import write_new
    from tempkit.prompts import starter

    name = _asked_for() if use_case is None else _known(use_case)
    folder = Path(name) if folder is None else folder
    judged_by, text = own_copy(name) if own else (None, "")
    texts = starter(name, None if judged_by is None else f"{judged_by}.toml")
    if judged_by is not None:
        texts[f"{judged_by}.toml"] = text
    try:
        paths = write_new(folder, texts)
    except FileExistsError as e:
        raise UsageError(
            f"{one_line(e.filename)} is there already, so nothing was written; choose another folder with --folder"
        ) from e
    except OSError as e:
        raise PromptError(f"{one_line(folder)}: the files cannot be written: {e.strerror}") from e
    if as_json:
        files = [{"file": str(path), "what": what} for path, what in zip(paths, _WHAT, strict=False)]
        print_json({"use_case": name, "files": files})
        return
    for path, what in zip(paths, _WHAT, strict=False):
        hint(f"{path}: {what}")
    hint(f"Next: tempkit choose {shlex.quote(str(paths[0]))} -m gguf:smollm2")


_WHAT = (
    "the prompt; put your own words into it",
    "12 example questions; put your own in their place",
    "what counts in an answer; change what you see otherwise",
)


def _known(name: str) -> str:
    """Return the name of a starter as it was given.

    Raises:
        UsageError: There is none for it.
    """
    from tempkit.errors import UsageError, nearest, one_line
    from tempkit.prompts import starters

    known = starters()
    if name not in known:
        raise UsageError(
            f"no starter for use case {one_line(name, 60)!r}{nearest(name, known)}; there are: {', '.join(known)}"
        )
    return name


def _asked_for() -> str:
    """Ask which use case it is to be.

    Raises:
        UsageError: Nobody is there to be asked.
    """
    from tempkit.decision import GENERAL, shipped
    from tempkit.errors import UsageError
    from tempkit.prompts import starters

    known = sorted(starters(), key=lambda name: name == GENERAL)
    if not somebody_is_there():
        raise UsageError(
            f"no use case; name one, as in: tempkit init {known[0]}; there are: {', '.join(known)}"
        )
    wanted = shipped()
    return known[chosen("What are the answers for?", [(name, wanted[name].wants) for name in known])]
