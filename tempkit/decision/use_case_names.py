"""Which use case a name means, settled before anything is sent.

A prompt, an experiment or `--use-case` names one that is shipped, or the TOML file of one's own. The file's text is kept in the
plan, and with the run, so that nobody needs the file again: a report made years later, elsewhere, judges as the run was meant.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from tempkit.decision.profile import UseCase, added, parse_profile, read_source, shipped, use_case
from tempkit.errors import ExperimentError, PromptError, UsageError, one_line
from tempkit.planning import Consent, Experiment, check_consent, leads_out
from tempkit.planning import build_plan as plan_of
from tempkit.planning import read_experiment as experiment_in
from tempkit.prompts import read_text
from tempkit.types import Plan, Prompt

__all__ = ["build_plan", "consented", "profile_of", "read_experiment", "resolved", "settled"]

_LINE = re.compile(r"\buse_case[\"']?\s*:")


def read_experiment(
    path: Path | str,
    *,
    allow_key_env: Collection[str] = (),
    allow_key_to: Collection[str] = (),
    allow_outside: bool = False,
) -> Experiment:
    """Read an experiment file, its use case included. It may come from somebody else, so it may do no more than is said.

    Args:
        path: The file.
        allow_key_env: Environment variables whose value it may send as a key, beside the provider's own.
        allow_key_to: `HOST` or `HOST:PORT` of servers named in it that it may send keys to.
        allow_outside: Whether it may name prompts and use cases outside of its own folder.

    Raises:
        ExperimentError: Naming file and line.
    """
    return consented(
        path, Consent(keys=allow_key_env, servers=allow_key_to, outside=allow_outside, typed=False)
    )


def consented(path: Path | str, consent: Consent, *, prompts: bool = True, models: bool = True) -> Experiment:
    """As `read_experiment`, where its prompts, or its models, may be others than those that are run.

    Raises:
        ExperimentError: Naming file and line.
    """
    found = experiment_in(path)
    check_consent(Path(path), found, consent, prompts=prompts, models=models)
    if not consent.outside:
        found = replace(found, within=found.folder)
    if found.use_case:
        try:
            resolved(found.use_case)
        except UsageError as e:
            raise ExperimentError(f"{path}:{_line(read_text(Path(path), 'experiment file'))}: {e}") from e
    return found


def build_plan(experiment: Experiment) -> Plan:
    """Read the prompts, lay out the whole run, and settle what its answers are for.

    Raises:
        UsageError: Nothing to run, two prompts or models of one name, or no such use case.
        PromptError: A prompt cannot be used, or names no use case that there is.
    """
    return settled(plan_of(experiment), experiment.use_case, experiment.within)


def settled(plan: Plan, named: str | None = None, within: Path | None = None) -> Plan:
    """Return a plan whose prompts name use cases as they call themselves, with the texts of one's own.

    Args:
        plan: As the prompts say it.
        named: The use case of all prompts, whatever they name; None: each has its own, or none.
        within: The folder that files named by the prompts must lie in; None: they may lie anywhere.

    Raises:
        UsageError: There is no such use case, its file cannot be used, or two of the run have one name.
        PromptError: The same of what a prompt's file names; the message begins with `file:line`.
    """
    if named:
        name, own = resolved(named)
        meant = {name: own}
        prompts = [replace(prompt, use_case=name) for prompt in plan.prompts]
    else:
        meant = {}
        prompts = list(_by_themselves(plan.prompts, meant, within))
    return replace(
        plan,
        prompts=tuple(prompts),
        use_cases={name: own for name, own in meant.items() if own is not None},
    )


def resolved(named: str, folder: Path = Path()) -> tuple[str, str | None]:
    """Return what a use case calls itself, and its TOML where it is one's own or another package's; None where it is shipped.

    Args:
        named: The name of one that is shipped or that a package adds, or the path of a `.toml` file.
        folder: What a relative path is relative to.

    Raises:
        UsageError: There is none of this name, or the file cannot be used.
    """
    if not named.endswith(".toml"):
        return use_case(named).name, added(named)
    path = folder / named
    source = read_source(path)
    return parse_profile(source, str(path)).name, source


def profile_of(named: str | None, own: str | None) -> UseCase | None:
    """Return the use case that a section of a run names; None where it names none, or one that is not known here.

    Args:
        named: What the section's prompts name.
        own: The TOML that the run keeps under this name.

    Raises:
        UsageError: The TOML describes no use case (any more).
    """
    if named is not None and own is not None:
        return parse_profile(own, f"the run's use case {named!r}")
    return None if named is None else shipped().get(named)


def _by_themselves(
    prompts: tuple[Prompt, ...], meant: dict[str, str | None], within: Path | None
) -> Iterator[Prompt]:
    """Yield the prompts with their own use cases; what each means is gathered in `meant`."""
    for prompt in prompts:
        if not prompt.use_case:
            yield replace(prompt, use_case=None)
            continue
        folder = Path(prompt.path).parent if prompt.path else Path()
        try:
            if within is not None and prompt.use_case.endswith(".toml"):
                _refuse_outside(prompt.use_case, folder, within)
            name, own = resolved(prompt.use_case, folder)
            if meant.setdefault(name, own) != own:
                raise UsageError(f"two different use cases are named {name!r}; rename one (name = ...)")  # noqa: TRY301
        except UsageError as e:
            raise PromptError(f"{prompt.path}:{_line(prompt.source)}: {e}") from e
        yield replace(prompt, use_case=name)


def _refuse_outside(named: str, folder: Path, within: Path) -> None:
    if leads_out(folder / named, within):
        raise UsageError(
            f"the use case {one_line(named, 100)!r} is a file outside of the experiment's folder; "
            "if it is meant, allow it with --allow-outside (in Python: allow_outside=True)"
        )


def _line(source: str) -> int:
    """Return the line of a file that names its use case."""
    found = _LINE.search(source)
    return 1 if found is None else source.count("\n", 0, found.end()) + 1
