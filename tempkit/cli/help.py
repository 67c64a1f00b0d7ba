"""`tempkit help`."""

import click


@click.command("help", short_help="Say what there is, or how a command is used.")
@click.argument("name", required=False, metavar="[COMMAND]")
@click.pass_context
def command(ctx: click.Context, name: str | None) -> None:
    """Say which commands there are; with COMMAND, say how it is used, as COMMAND --help does."""
    root = ctx.find_root()
    if name is None:
        click.echo(root.get_help())
        return
    assert isinstance(root.command, click.Group)  # noqa: S101
    _, found, _ = root.command.resolve_command(root, [name])
    assert found is not None  # noqa: S101  (what is not there is refused)
    with click.Context(found, info_name=name, parent=root, **found.context_settings) as of:
        click.echo(found.get_help(of))
