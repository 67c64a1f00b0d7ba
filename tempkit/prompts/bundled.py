"""Where the prompts that come with tempkit are: beside the package in a checkout, inside it when installed."""

from pathlib import Path

from tempkit.errors import PromptError

__all__ = ["shipped_prompts"]


def shipped_prompts() -> Path:
    """Return the folder of the shipped prompts.

    Raises:
        PromptError: The installation is incomplete.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "shipped_prompts", package.parent / "prompts"):
        if (folder / "demo.yaml").is_file():
            return folder
    raise PromptError("the shipped prompts are missing from this installation; install tempkit again")
