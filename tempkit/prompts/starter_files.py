"""The files that somebody starts from who has nothing yet: for each use case a prompt and a table of questions."""

from pathlib import Path

from tempkit.errors import PromptError

__all__ = ["starter", "starters"]

_FOLDER = Path(__file__).with_name("starters")


def starters() -> tuple[str, ...]:
    """Return the use cases that there is a starter for."""
    return tuple(sorted(path.name for path in _FOLDER.glob("*") if path.is_dir()))


def starter(use_case: str, judged_by: str | None = None) -> dict[str, str]:
    """Return the texts of a starter's files by their names, the prompt first.

    Args:
        use_case: One of `starters()`.
        judged_by: What the prompt names as its use case; None: the same.

    Raises:
        PromptError: The installation is incomplete.
    """
    names = (f"{use_case}.prompty", "questions.csv")
    try:
        prompt, questions = ((_FOLDER / use_case / name).read_bytes().decode() for name in names)
    except FileNotFoundError as e:
        raise PromptError(f"{e.filename} is missing from this installation; install tempkit again") from e
    if judged_by is not None:
        prompt = prompt.replace(f"use_case: {use_case}\n", f"use_case: {judged_by}\n")
    return dict(zip(names, (prompt, questions), strict=True))
