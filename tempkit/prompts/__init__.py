"""Prompts: read from Prompty, promptfoo and data files, rendered, with what is expected of their answers."""
