"""The proxies that the environment names, which a program may change while it runs."""

import pytest

from tempkit.backends.remote.proxies import check_proxies, proxy_of
from tempkit.errors import UsageError

URL = "http://models.example/v1"


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_it_is_the_one_that_is_named_now(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_of(URL) is None
    monkeypatch.setenv("HTTP_PROXY", "here.example:3128")
    assert proxy_of(URL) == "http://here.example:3128"
    assert proxy_of(URL.replace("http:", "https:")) is None
    monkeypatch.setenv("HTTP_PROXY", "http://there.example:3128")
    assert proxy_of(URL) == "http://there.example:3128"
    monkeypatch.setenv("NO_PROXY", "models.example")
    assert proxy_of(URL) is None
    monkeypatch.delenv("HTTP_PROXY")
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("ALL_PROXY", "http://all.example:1")
    assert proxy_of(URL) == "http://all.example:1"


@pytest.mark.parametrize("named", ["http://", "http://h:99999", "http://u:p w@h:1", "socks5://h:1"])
def test_a_wrong_one_is_one_line_without_its_password(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", named)
    with pytest.raises(UsageError, match="HTTP_PROXY in the environment") as error:
        proxy_of(URL)
    assert "p w" not in str(error.value)
    if not named.startswith("socks5"):
        with pytest.raises(UsageError):
            check_proxies()
