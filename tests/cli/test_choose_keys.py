"""`tempkit choose` on a server that wants a key of one's own: what was typed for the first round holds for all."""

import random
import sqlite3
from collections import deque
from contextlib import closing
from pathlib import Path

from choosing_runs import query, questions, said
from servers.http_script import ScriptedServer, chat
from support import Cli


def test_a_key_that_was_named_is_sent_in_every_round(cli: Cli, tmp_path: Path) -> None:
    chance = random.Random(4)
    with ScriptedServer() as server:
        server.answers = deque(chat(chance.choice(["eight", "nine"])) for _ in range(2000))
        typed = (
            questions(tmp_path),
            "-m",
            "openai:served",
            "--base-url",
            f"{server.url}/v1",
            "-t",
            "0,0.8,1.6",
        )
        found = said(
            cli(
                "choose",
                *typed,
                "--api-key-env",
                "OWN_KEY",
                "--no-report",
                "--no-probe",
                "--json",
                env={"OWN_KEY": "sk-own-7"},
            ),
            0,
            4,
        )
        assert found["rounds"]["technical-documentation"] > 1
        assert {each["authorization"] for each in server.headers} == {"Bearer sk-own-7"}
        # Whoever goes on with a stored run, perhaps somebody else's, has to allow it.
        refused = cli("choose", "--continue", "latest", "--no-report", env={"OWN_KEY": "sk-own-7"})
    assert (refused.code, "--allow-key-env OWN_KEY" in refused.err) == (2, True)
    assert len(query(tmp_path, "select id from run")) == 1


def test_a_strangers_database_sends_no_key_to_its_judge(cli: Cli, tmp_path: Path) -> None:
    assert cli("choose", questions(tmp_path), "-m", "scripted:words", "-t", "0,1", "--no-report").code in (
        0,
        4,
    )
    with ScriptedServer() as server:
        judge = f"openai:judge,base_url={server.url}/v1,api_key_env=OWN_KEY"
        with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection, connection:
            connection.execute("update run set design = json_set(design, '$.judge', ?)", (judge,))
        refused = cli("choose", "--continue", "latest", "--no-report", env={"OWN_KEY": "sk-own-7"})
        assert server.headers == []
    assert (refused.code, "sends the key in OWN_KEY" in refused.err) == (2, True)
