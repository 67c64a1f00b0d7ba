"""Why a server was not reached, in words: whichever HTTP library was on the way, the cause lies among its error's causes."""

import os
import socket
import ssl
from collections.abc import Iterator

from tempkit.backends.remote.adapter_types import RequestError
from tempkit.errors import one_line

__all__ = ["ADDRESS", "unreached"]

ADDRESS = "address"
"""The `code` of an error that a server which is started will not mend."""

_CERTIFICATES = {
    10: "it has expired; the server's owner must renew it",
    18: "it is signed by itself; if you trust it, name its file in SSL_CERT_FILE",
    19: "it is signed by an authority that signed itself; if you trust that, name its file in SSL_CERT_FILE",
    20: "its authority is not known here; if you trust it, name its file in SSL_CERT_FILE",
    62: "it is for another host; check the address",
    64: "it is for another address; check the address",
}
"""By OpenSSL's number for why a certificate is not taken."""
_LATER = frozenset({socket.EAI_AGAIN})


def unreached(error: BaseException) -> RequestError:
    """Make the error for a request that got no answer, from what the HTTP library came to."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, RequestError):  # raised inside the library
            return cause
    words, code = _why(causes)
    return RequestError("connection", words, code=code)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = getattr(one, "os_error", None)  # where aiohttp puts it
        waiting += [
            inner if isinstance(inner, BaseException) else None,
            one.__cause__,
            one.__context__,
            *(getattr(one, "exceptions", None) or ()),  # of several addresses of one host
        ]


def _why(causes: list[BaseException]) -> tuple[str, str]:
    """Return what happened, and `ADDRESS` where the address is to blame rather than a server that is not there."""
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError) and getattr(cause, "verify_code", None):
            # aiohttp's own, which wraps it, is one of these too, but without the number.
            why = _CERTIFICATES.get(cause.verify_code) or one_line(cause.verify_message, 120)
            return f"the server's certificate is not trusted: {why}", ADDRESS
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and getattr(cause, "reason", None):
            return _tls(cause.reason), ADDRESS
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            if cause.errno in _LATER:
                return "the server's name cannot be looked up now; is this machine online?", ADDRESS
            return "unknown host; check the address", ADDRESS
    for cause in causes:
        if isinstance(cause, UnicodeError):
            return "the server's name cannot be one; check the address", ADDRESS
    for cause in causes:
        if isinstance(cause, OSError) and cause.errno and cause.errno > 0:
            return os.strerror(cause.errno), ""
    first = causes[0]
    said = one_line(first, 200) or next((one_line(c, 200) for c in causes if str(c)), type(first).__name__)
    return said, ""


def _tls(reason: str) -> str:
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"):
        return "the server does not speak TLS there; is its address http:// and not https://?"
    return f"no TLS connection could be made: {one_line(reason.lower().replace('_', ' '), 100)}"
