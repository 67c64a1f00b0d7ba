"""What the classes of the store's suite share: a place where nothing is yet, an empty store, and a run in it."""

from collections.abc import Iterator

import pytest

from tempkit.store import RunRecord, Store
from tempkit.testing import store_samples as samples

__all__ = ["StoreFixtures"]


class StoreFixtures:
    @pytest.fixture
    def new_target(self) -> str:
        """A place where nothing is yet; every class of the suite overrides it."""
        pytest.fail("override new_target: the suite needs a place where no database is yet")

    @pytest.fixture
    def target(self) -> str:
        """An empty store of ours; made once, because making one is most of a small test's time. To be overridden too."""
        pytest.fail("override target: the suite needs an empty database")

    @pytest.fixture
    def store(self, target: str) -> Iterator[Store]:
        with Store.open(target) as opened:
            yield opened

    @pytest.fixture
    def run(self, store: Store) -> RunRecord:
        return store.create_run(
            samples.plan(), samples.INFOS, version="0.1.0", environment=samples.ENVIRONMENT
        )

    def add_run(self, store: Store, name: str) -> RunRecord:
        return store.create_run(samples.plan(name), {}, version="0", environment={})
