"""What a probe asks: short prompts whose answers are open, so that temperature shows.

Half of them are wide open (any word, any number), where even strong models spread their probability over many tokens; half have a
few likely answers, so that a higher temperature has somewhere to spread to.
"""

from dataclasses import dataclass, replace

from tempkit.types import Item, Message, SamplingParams

__all__ = ["LONG", "OPEN", "REPEATING", "Question", "long_prompt"]


def _item(name: str, text: str) -> Item:
    return Item(key=f"probe/{name}", prompt="probe", messages=(Message("user", text),))


OPEN = (
    _item("words", "Write ten random words, separated by spaces. Nothing else."),
    _item("colour", "Name a colour. Answer with one word."),
    _item("number", "Write a random number of twelve digits. Nothing else."),
    _item("animal", "Name three animals, separated by commas."),
    _item("ship", "Invent a name for a spaceship, and say what it carries."),
    _item("story", "Write the first sentence of a story."),
    _item("food", "What should I eat tonight? Answer in a few words."),
    _item("letters", "Write twelve random capital letters, separated by spaces. Nothing else."),
)
"""Prompts with open answers."""

REPEATING = (
    _item("yes", "Write the word yes thirty times, separated by spaces. Nothing else."),
    _item("count", "Write: one two one two one two one two, and go on like that."),
)
"""Prompts whose answers repeat themselves, for penalties to act on."""

LONG = (120, 480, 1920)
"""Words in prompts of growing length."""


def long_prompt(words: int) -> Item:
    """Return a prompt of so many words that begins with something to remember."""
    filler = " ".join(f"line {n % 10}" for n in range(max(1, words // 2 - 8)))
    return _item(
        f"long-{words}",
        f"The password is {words + 7}. {filler}. What is the password? Answer with the number.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request."""

    item: Item
    temperature: float
    seed: int
    sampling: SamplingParams

    def at(self, temperature: float) -> "Question":
        return replace(self, temperature=temperature)
