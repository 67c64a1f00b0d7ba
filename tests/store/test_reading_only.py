"""Decisions from a database that may only be read."""

from pathlib import Path

from support import Cli

ROWS = [f"q{i},m,{t},{r},{(i + r) % 2}" for i in range(6) for t in (0, 1) for r in range(3)]
ASKED = ("exam", "--measure", "accuracy", "--margin", "0.1")


def test_a_decision_is_read_and_the_look_that_cannot_be_kept_is_said(
    cli: Cli, postgres_schema, tmp_path: Path
) -> None:
    (tmp_path / "exam.csv").write_text("\n".join(["item,model,temperature,replicate,accuracy", *ROWS]))
    url = postgres_schema()
    read_only = url + "%20-cdefault_transaction_read_only%3Don"
    assert cli("import", "exam.csv", "--db", url).code == 0
    for command in ("recommend", "report"):
        done = cli(command, *ASKED, "--db", read_only)
        assert done.code == 0
        assert done.err.startswith(
            "warning: this look at the data is not counted in later ones: the database postgresql://"
        )
        assert "read-only transaction" in done.err
        assert done.err.count("\n") == 1
        assert "s3cret" not in done.err
    shown = cli("show", "exam", "--db", read_only)
    assert shown.code == 0
    assert cli("recommend", *ASKED, "--db", url).err == ""
    assert cli("recommend", *ASKED, "--db", read_only).err == ""  # this look is there already
