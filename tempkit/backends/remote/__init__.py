"""What all backends that ask other machines share."""

from tempkit.backends.remote.adapter_types import Answer, Choice, Quota, RequestError, Unread
from tempkit.backends.remote.api_keys import find_key, redact
from tempkit.backends.remote.backend import RemoteBackend
from tempkit.backends.remote.batch_backend import BatchingBackend
from tempkit.backends.remote.batch_protocol import BatchApi, BatchStatus, FoundBatch
from tempkit.backends.remote.http import Http, Reply
from tempkit.backends.remote.http_errors import quota_of, refusal, status_error
from tempkit.backends.remote.logprobs import make_token
from tempkit.backends.remote.preflight import reach
from tempkit.backends.remote.retry_policy import Policy

__all__ = [
    "Answer",
    "BatchApi",
    "BatchStatus",
    "BatchingBackend",
    "Choice",
    "FoundBatch",
    "Http",
    "Policy",
    "Quota",
    "RemoteBackend",
    "Reply",
    "RequestError",
    "Unread",
    "find_key",
    "make_token",
    "quota_of",
    "reach",
    "redact",
    "refusal",
    "status_error",
]
