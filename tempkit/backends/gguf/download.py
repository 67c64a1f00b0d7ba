"""Download one model from Hugging Face: `python -m tempkit.backends.gguf.download REPO QUANT FOLDER`.

Run by `hub.py` as a process of its own. It answers with one JSON object on stdout, `path`, `error` or `interrupted`, and
ends when its stdin does. What the library downloads goes into Hugging Face's own cache, for other programs too.
"""

import errno
import json
import logging
import os
import re
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from tempkit._version import __version__
from tempkit.backends.gguf.variants import ChoiceError, pick, variants
from tempkit.errors import one_line
from tempkit.text import byte_size, keep_secret

__all__ = ["DownloadError", "explain", "fetch"]

_GRACE_S = 5.0
_FULL = (errno.ENOSPC, errno.EDQUOT)
_BY_PATH = "a file that is on this machine can be named by its path"
_ROOM = "make room, or set HF_HOME to a folder on another disk"


class DownloadError(Exception):
    """A model cannot be had; the message is one line and holds no token."""


def fetch(repo: str, quant: str | None, cache: Path) -> Path:
    """Download the model of a repository that a quantization means; return its file, the first when it is split.

    Raises:
        DownloadError: It cannot be had.
    """
    import httpx2  # the library's own HTTP client, whose errors it passes on
    from huggingface_hub import HfApi, constants, get_token

    keep_secret(get_token() or "")
    logging.getLogger("huggingface_hub").setLevel(
        logging.ERROR
    )  # advice and retries: our lines say what matters
    api = HfApi(library_name="tempkit", library_version=__version__)
    try:
        # Without a limit the library would wait for an answer for ever.
        info = api.model_info(repo, files_metadata=True, timeout=constants.HF_HUB_ETAG_TIMEOUT)
    except (httpx2.HTTPError, OSError, ValueError, KeyError, TypeError) as e:
        raise DownloadError(explain(e, repo, cache)) from e
    sizes = {s.rfilename: s.size or 0 for s in info.siblings or ()}
    try:
        variant = pick(variants(sizes), quant, repo)
    except ChoiceError as e:
        raise DownloadError(str(e)) from e
    if variant.missing:
        raise DownloadError(f"the repository lacks {variant.missing} of the parts of {variant.name}")
    try:
        _announce(repo, {file: sizes[file] for file in variant.files}, info.sha, cache)
        # The library's bars are drawn on a terminal only.
        paths = [Path(api.hf_hub_download(repo, file, cache_dir=cache)) for file in variant.files]
    except (httpx2.HTTPError, OSError, ValueError, RuntimeError) as e:  # RuntimeError: hf_xet's
        raise DownloadError(explain(e, repo, cache, downloading=True)) from e
    if len({path.parents[file.count("/")] for path, file in zip(paths, variant.files, strict=True)}) > 1:
        raise DownloadError("the repository changed while its parts were downloaded; try again")
    return paths[0]


def _announce(repo: str, sizes: dict[str, int], revision: str | None, cache: Path) -> None:
    """Say on a pipe, where no bars are drawn, what will be downloaded.

    Raises:
        DownloadError: There is no room for it.
    """
    from huggingface_hub import try_to_load_from_cache

    wanted = {
        file: size
        for file, size in sizes.items()
        if not isinstance(try_to_load_from_cache(repo, file, cache_dir=cache, revision=revision), str)
    }
    if not wanted:
        return
    need = sum(wanted.values())
    disk = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(disk).free
    if need > free:
        raise DownloadError(f"needs {byte_size(need)}, and {cache} has {byte_size(free)}; {_ROOM}")
    if not sys.stderr.isatty() and not os.environ.get("HF_HUB_DISABLE_PROGRESS_BARS"):
        what = f"{next(iter(wanted))}{f' and {len(wanted) - 1} more' if len(wanted) > 1 else ''}"
        sys.stderr.write(one_line(f"tempkit: downloading {what}, {byte_size(need)}, to {cache}") + "\n")
        sys.stderr.flush()


def explain(error: BaseException, repo: str, cache: Path, *, downloading: bool = False) -> str:
    """Say in one line what an error of the library means and what to do; the server's own words are left out."""
    import httpx2
    from huggingface_hub import constants, errors

    where = _without_secrets(constants.ENDPOINT)
    match error:
        case errors.HFValidationError():
            return f"{repo} cannot be the name of a repository"
        case UnicodeEncodeError():
            return "HF_TOKEN holds characters that no token has; set it anew"
        case errors.GatedRepoError():
            return f"the repository is gated; accept its terms at {where}/{repo} and set HF_TOKEN to a token of that account"
        case errors.RepositoryNotFoundError():
            return f"no such file, and no repository {repo} at {where}; if it is private, set HF_TOKEN"
        case errors.HfHubHTTPError() if error.response.status_code in (401, 403):
            return f"{where} refuses access ({error.response.status_code}); set HF_TOKEN to a token that may read it"
        case errors.HfHubHTTPError():
            return f"{where} answers with status {error.response.status_code}; try again later"
        case errors.OfflineModeIsEnabled():
            return f"not in {cache}, and HF_HUB_OFFLINE is set; unset it to download, or {_BY_PATH}"
        case errors.FileMetadataError():
            return f"{where} does not answer as a Hugging Face hub does; check HF_ENDPOINT"
        case errors.LocalEntryNotFoundError() if error.__cause__ is not None:
            return explain(
                error.__cause__, repo, cache
            )  # could not be reached when the download was to begin
        case httpx2.TransportError() if not downloading:
            return f"not in {cache}, and {where} cannot be reached ({_reason(error)}); {_BY_PATH}"
        case OSError() if error.errno in _FULL:
            return f"no space left in {cache}; nothing of it is kept; {_ROOM}"
        case OSError() if error.errno:
            return f"cannot write to {cache}: {error.strerror}"
        case _ if downloading:
            return f"the download broke off ({_reason(error)}); nothing of it is kept, try again"
        case _:
            return f"{where} does not answer as a Hugging Face hub does; check HF_ENDPOINT"


def _reason(error: BaseException) -> str:
    """The library's own words, without the token and without what stands behind `?` in addresses, signed as they are."""
    said = re.sub(r"\?\S+", "", re.sub(r"(?<=://)\S*@", "", str(error)))
    return one_line(said, 150) or type(error).__name__


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _end_with_parent() -> None:
    """Wait for the end of stdin, then stop the download; os.read, as a buffered read would be in the way at exit."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)  # for the main thread to remove its file
    os._exit(1)


def _stop(_number: int, _frame: object) -> NoReturn:
    """Leave the read that is under way, once: another interrupt must not meet the removal of the half-written file."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> None:
    """Download what the arguments say, and answer."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    repo, quant, cache = sys.argv[1:]
    try:
        answer = {"path": str(fetch(repo, quant or None, Path(cache)))}
    except DownloadError as e:
        answer = {"error": str(e)}
    except KeyboardInterrupt:
        answer = {"interrupted": ""}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
