"""Sort the SDK's errors into tempkit's kinds."""

from typing import TYPE_CHECKING

from tempkit.backends.remote import RequestError, status_error
from tempkit.errors import one_line

if TYPE_CHECKING:
    from openai import OpenAIError

__all__ = ["request_error"]


def request_error(error: "OpenAIError") -> RequestError:
    """Sort an SDK error; the server's words are kept."""
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    if isinstance(error, APITimeoutError):
        return RequestError("timeout", "no answer in time")
    if isinstance(error, APIConnectionError):
        return RequestError("connection", one_line(error.__cause__ or error))
    if isinstance(error, APIStatusError):
        return status_error(error.status_code, error.response.headers, error.body, error.message)
    return RequestError("bad_answer", one_line(error))
