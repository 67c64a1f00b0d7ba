"""The proxies that the environment names; a password in their addresses is told to nobody."""

import os
from functools import lru_cache
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from tempkit.errors import UsageError
from tempkit.text import keep_secret

__all__ = ["check_proxies", "proxy_of"]


_KINDS = ("http", "https", "all", "no")
_NAMES = tuple(name for kind in _KINDS for name in (f"{kind}_proxy", f"{kind.upper()}_PROXY"))


def proxy_of(url: str) -> str | None:
    """Return the proxy for an address; aiohttp's own look reads `.netrc` at every request.

    Raises:
        UsageError: What the environment names is none.
    """
    return _proxy_of(url, tuple(map(os.environ.get, _NAMES)))


@lru_cache(maxsize=256)
def _proxy_of(url: str, _named: tuple[str | None, ...]) -> str | None:
    parts = urlsplit(url)
    if proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    kind = parts.scheme if proxies.get(parts.scheme) else "all"
    proxy = proxies.get(kind)
    if not proxy:
        return None
    _check(kind, proxy)
    if "://" in proxy and urlsplit(proxy).scheme not in ("http", "https"):
        raise UsageError(
            f"{_where(kind)} names a proxy of a kind that cannot be used: only http:// and https:// can"
        )
    return proxy if "://" in proxy else f"http://{proxy}"


def check_proxies() -> None:
    """Check all proxies that the environment names, for libraries that look for themselves.

    Raises:
        UsageError: One is none.
    """
    for kind, proxy in getproxies().items():
        if kind in ("http", "https", "all") and proxy:
            _check(kind, proxy)


def _check(kind: str, proxy: str) -> None:
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = parts.port
    except ValueError:
        port = 0
    if port == 0 or not parts.hostname or any(c.isspace() for c in proxy) or "@" in parts.path + parts.query:
        raise UsageError(
            f"{_where(kind)} is no address of a proxy; write http://HOST:PORT, special characters as %XX"
        )
    if parts.password:
        keep_secret(parts.password)
        keep_secret(unquote(parts.password))


def _where(kind: str) -> str:
    return f"{kind.upper()}_PROXY in the environment"
