"""Server addresses as users write them: in a model's options, in an experiment file, in the environment."""

from urllib.parse import urlsplit

from tempkit.errors import UsageError

__all__ = ["address"]


def address(who: str, url: str, source: str) -> str:
    """Return an address that may be used, without a slash at its end.

    Args:
        who: Whose it is, for the message.
        url: It may hold a secret, so it is not repeated.
        source: What it was read from.

    Raises:
        UsageError: It is none, or holds a user, a password or a query.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is no port number
        (parts.hostname or "").encode("idna")  # raises when it is no host's name, as a..b
        if any(c.isspace() or not c.isprintable() for c in url):
            raise ValueError  # noqa: TRY301
    except ValueError as e:
        raise UsageError(f"{who}: {source} is no URL; write e.g. http://localhost:8080/v1") from e
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"{who}: {source} must begin with http:// or https://, e.g. http://localhost:8080/v1"
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        instead = "; use api_key_env" if source == "base_url" else ""
        raise UsageError(f"{who}: {source} must hold no user, password or query{instead}")
    return url.rstrip("/")
