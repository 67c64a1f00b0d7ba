"""What all backends that ask other machines share."""

from tempkit.backends.remote.backend import RemoteBackend
from tempkit.backends.remote.batch import BatchApi, Found, Look
from tempkit.backends.remote.batching import BatchingBackend
from tempkit.backends.remote.exchange import Answer, Choice, Quota, RequestError, Unread
from tempkit.backends.remote.http import Http, Reply
from tempkit.backends.remote.keys import find_key, redact
from tempkit.backends.remote.logprobs import make_token
from tempkit.backends.remote.patience import Policy
from tempkit.backends.remote.reaching import reach
from tempkit.backends.remote.statuses import quota_of, refusal, status_error

__all__ = [
    "Answer",
    "BatchApi",
    "BatchingBackend",
    "Choice",
    "Found",
    "Http",
    "Look",
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
