"""promptfoo's configuration files: their prompts with their tests as prompts with items, and the models that they name."""

from tempkit.prompts.promptfoo_config.config import Configuration, is_promptfoo, read_promptfoo

__all__ = ["Configuration", "is_promptfoo", "read_promptfoo"]
