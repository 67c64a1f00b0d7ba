"""A real PostgreSQL for the store's contract, started once per session."""

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest
from servers.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server, without a database's name."""
    server = PostgresServer()
    try:
        server.start()
        yield server.url
    finally:
        server.remove()


@pytest.fixture(scope="module")
def restartable_server() -> Iterator[PostgresServer]:
    """A server that a test may stop; it starts it again."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def postgres_schema(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Makes URLs of fresh schemas: as good as a database each, and fifty times faster to make."""
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        numbers = count(1)

        def make() -> str:
            schema = f"test{next(numbers)}"
            connection.execute(f"CREATE SCHEMA {schema}")
            return f"{postgres_server}/postgres?options=-csearch_path%3D{schema}"

        yield make
