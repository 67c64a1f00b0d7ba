"""`tempkit completion`."""

import click


@click.command("completion", short_help="Print what lets a shell complete runs, models and use cases.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print what lets bash (from 4.4 on), zsh or fish complete tempkit's commands, options, runs, models, use cases and measures.

    Add one line to the file that the shell reads at its start; it holds for shells that are begun afterwards.

    \b
      ~/.bashrc                   eval "$(tempkit completion bash)"
      ~/.zshrc, after compinit    eval "$(tempkit completion zsh)"
      ~/.config/fish/config.fish  tempkit completion fish | source
    """
    from tempkit.cli.completion_scripts import script

    click.echo(script(shell), nl=False)
