"""One prompt with the tests that ask it: the messages of each question, as promptfoo fills them in."""

from collections.abc import Iterator, Sequence
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo_config.chats import Entry, NotSentError, chat_of, with_texts
from tempkit.prompts.promptfoo_config.merged import Test
from tempkit.prompts.promptfoo_config.templates import filled, has, is_unfinished, names_in, paths_in
from tempkit.prompts.promptfoo_config.variables import in_texts, left_in
from tempkit.text import javascript_json
from tempkit.types import Check, Item, Message, Role

__all__ = ["items_of", "name_strangers"]

_Chat = list[tuple[Role, str]]


def items_of(
    name: str, entry: Entry, cases: Sequence[Test], checks: Sequence[tuple[Check, ...]], left: LeftOut
) -> tuple[Item, ...]:
    """Return a prompt's items, one for each test that asks it; none where no test does.

    Args:
        name: What the prompt is called here.
        entry: The prompt.
        cases: All tests.
        checks: Those of each test.
        left: Is told of what is left out.

    Raises:
        PromptError: It cannot be filled in; the message begins with `file:line`.
    """
    asked = [n for n, case in enumerate(cases) if _asks(case, entry)]
    if not asked:
        left.add(f"a prompt that no test asks ({one_line(name, 40)})", entry.where)
        return ()
    own = [cases[n] for n in asked]
    _name_gaps(entry, own, left)
    items = []
    for n, case, chat in zip(asked, own, _chats(entry, own, left), strict=True):
        if chat is None:
            continue
        messages = tuple(Message(role, text) for role, text in chat if text.strip())
        if not any(message.role != "system" for message in messages):
            left.add(f"a test for which the prompt has no text to send{_gaps(entry, case)}", case.where)
            continue
        if len(messages) < len(chat):
            left.add("a chat's message without a text", entry.where)
        items.append(
            Item(
                key=f"{name}/{case.key}" if len(cases) > 1 else name,
                prompt=name,
                messages=messages,
                variables=dict(case.values),
                checks=checks[n],
            )
        )
    return tuple(items)


def name_strangers(entries: Sequence[Entry], cases: Sequence[Test], left: LeftOut) -> None:
    """Name the prompts that tests are for and that are not there."""
    for case in cases:
        for wanted in case.prompts or ():
            if not any(_is_called(entry, wanted) for entry in entries):
                left.add(
                    f"a test for the prompt {one_line(wanted, 40)}, which is not among those that are asked",
                    case.where,
                )


def _asks(case: Test, entry: Entry) -> bool:
    return case.prompts is None or any(_is_called(entry, wanted) for wanted in case.prompts)


def _is_called(entry: Entry, wanted: str) -> bool:
    """Say whether a test means a prompt: by its label or id, the beginning of one before `*`, or before a colon in it."""
    return any(
        each == wanted
        or each.startswith(f"{wanted}:")
        or (wanted[-1:] == "*" and each.startswith(wanted[:-1]))
        for each in entry.called
    )


def _name_gaps(entry: Entry, cases: Sequence[Test], left: LeftOut) -> None:
    one_by_one = entry.literal or entry.value is not None
    bodies = [text for text in entry.templates if one_by_one or not is_unfinished(text)]
    wanted = {used for body in bodies for used in names_in(body)}
    for hidden in ("env", "_conversation"):
        if hidden in wanted:
            raise PromptError(
                f"{entry.where}: the prompt uses {hidden}, which tempkit does not fill in; write the text out"
            )
    paths = [path for body in bodies for path in paths_in(body)]
    alone = [name for name in sorted(wanted) if any(_stands_alone(name, body) for body in bodies)]
    for case in cases:
        missing = [name for name in wanted if name not in case.values]
        missing += {".".join(p) for p in paths if p[0] in case.values and not has(case.values, p)}
        for name in sorted(missing):
            left.add(
                f"nothing for the variable {name}, which a test does not give: it stays empty, as in promptfoo",
                case.where,
            )
        for name in alone:
            if isinstance(case.values.get(name), dict):
                left.add(
                    f"what is in the variable {name}: the prompt has [object Object], as in promptfoo",
                    case.where,
                )


def _gaps(entry: Entry, case: Test) -> str:
    """Say which variables a test leaves empty."""
    wanted = sorted({used for text in entry.templates for used in names_in(text)} - set(case.values))
    return f" (nothing for {one_line(', '.join(wanted), 60)})" if wanted else ""


def _stands_alone(name: str, body: str) -> bool:
    return any(f"{{{{{a}{name}{b}}}}}" in body for a in ("", " ") for b in ("", " "))


def _chats(entry: Entry, cases: Sequence[Test], left: LeftOut) -> list[_Chat | None]:
    """Return the messages of each test's question; None where it cannot be sent, which is named."""
    if entry.literal:
        return _literal(entry, cases, left)
    (part,) = entry.parts
    texts = [in_texts(case.values, case.where) for case in cases]
    wanted = names_in(part.body)
    for case, values in zip(cases, texts, strict=True):
        for holding in left_in(values):
            if holding in wanted and entry.value is None:
                left.add(f"a template in the variable {holding}: it is sent as it is written", case.where)
    found: list[_Chat | None] = [None] * len(cases)
    for around in dict.fromkeys((case.options.prefix or "", case.options.suffix or "") for case in cases):
        rows = [n for n, c in enumerate(cases) if (c.options.prefix or "", c.options.suffix or "") == around]
        body = f"{around[0]}{part.body}{around[1]}"
        written = None if any(around) else _as_json(entry, [cases[n] for n in rows], left)
        if written is not None:
            filled_in = written
        elif is_unfinished(body):
            left.add(
                "a tag that does not end on its line: the prompt is sent as it is written, as in promptfoo",
                entry.where,
            )
            filled_in = [body] * len(rows)
        else:
            given = [(texts[n], f" (with the test at {cases[n].where})") for n in rows]
            filled_in = filled(body, part.source, part.line, given)
        for n, text in zip(rows, filled_in, strict=True):
            found[n] = _sent(text, entry, cases[n], left)
    return found


def _as_json(entry: Entry, cases: Sequence[Test], left: LeftOut) -> list[str] | None:
    """Return what is sent of a prompt that is JSON and no chat; None where it is none, or fails as one: then it is a text, as in promptfoo."""
    if entry.value is None:
        return None
    part = entry.parts[0]
    rows = [(dict(case.values), f" (with the test at {case.where})") for case in cases]
    try:
        columns = [filled(text, part.source, part.line, rows) for text in entry.templates]
    except PromptError:
        return None
    _name_templates(entry, cases, left)
    texts = [iter([column[n] for column in columns]) for n in range(len(cases))]
    return [javascript_json(_with(entry.value, each)) for each in texts]


def _with(value: Any, texts: Iterator[str]) -> Any:
    return with_texts(value, lambda _: next(texts))


def _name_templates(entry: Entry, cases: Sequence[Test], left: LeftOut) -> None:
    wanted = {name for text in entry.templates for name in names_in(text)}
    for case in cases:
        for holding in left_in(case.values):
            if holding in wanted:
                left.add(f"a template in the variable {holding}: it is sent as it is written", case.where)


def _sent(text: str, entry: Entry, case: Test, left: LeftOut) -> _Chat | None:
    """Return the messages of a prompt that is filled in, which may be a chat; None where one of them cannot be sent."""
    try:
        chat = chat_of(text, entry.where, left, wanted=entry.as_json)
    except NotSentError as e:
        left.add(f"a test for which the prompt is {e.what}", case.where)
        return None
    return [("user", text)] if chat is None else chat


def _literal(entry: Entry, cases: Sequence[Test], left: LeftOut) -> list[_Chat | None]:
    rows: list[tuple[dict[str, Any], str]] = [
        (dict(case.values), f" (with the test at {case.where})") for case in cases
    ]
    if any(case.options.prefix or case.options.suffix for case in cases):
        left.add("what a test puts before or behind a prompt that is a chat", entry.where)
    _name_templates(entry, cases, left)
    columns = [filled(part.body, part.source, part.line, rows) for part in entry.parts]
    return [
        [(part.role, column[n]) for part, column in zip(entry.parts, columns, strict=True)]
        for n in range(len(cases))
    ]
