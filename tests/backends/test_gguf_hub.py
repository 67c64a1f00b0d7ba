"""Models by their names on Hugging Face: a loopback server plays the hub, and no other host is ever asked."""

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.hub import HubServer, Refusal, Repo
from support import PATIENCE_S, ROOT

from tempkit.backends.gguf import hub
from tempkit.backends.gguf.download import explain
from tempkit.backends.gguf.files import find_model_file
from tempkit.backends.gguf.hub import HubName, parse_hub_name
from tempkit.backends.gguf.variants import ChoiceError, pick, variants
from tempkit.errors import ExtraMissingError, Interrupted, ModelError
from tempkit.planning.experiment import parse_model
from tempkit.text import byte_size

REPO = "user/Tiny-GGUF"
TOKEN = "hf_" + "s3cret" * 5


def gguf(text: str) -> bytes:
    return b"GGUF" + text.encode()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home without proxies, tokens or caches of the person who runs the tests; its cache folder is returned."""
    for name in list(os.environ):
        if name.startswith(("HF_", "HUGGINGFACE_", "XDG_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens; `served` puts its own here
    monkeypatch.chdir(tmp_path)
    return tmp_path / "hf" / "hub"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        server.repos[REPO] = Repo(
            {
                "README.md": b"text",
                "tiny-Q2_K.gguf": gguf("2"),
                "tiny-Q4_K_M.gguf": gguf("4"),
                "tiny-Q8_0.gguf": gguf("8"),
                "mmproj-tiny-Q8_0.gguf": gguf("eyes"),
            }
        )
        yield server


def find(name: str) -> Path:
    return find_model_file(parse_model(f"gguf:{name}"))


def failure(name: str) -> str:
    with pytest.raises(ModelError) as caught:
        find(name)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("user/repo", HubName("user/repo", None)),
        ("user/repo:Q4_K_M", HubName("user/repo", "Q4_K_M")),
        ("hugging-quants/Llama-3.2-1B.GGUF-x:q8_0", HubName("hugging-quants/Llama-3.2-1B.GGUF-x", "q8_0")),
        ("smollm2", None),
        ("./user/repo", None),
        ("/user/repo", None),
        ("user/repo/more", None),
        ("user/model.gguf", None),
        ("user/model.GGUF", None),
        ("user/repo:", None),
        ("user/repo:Q4:Q8", None),
        ("user/repo\n", None),
        ("usér/repo", None),
        ("here/there", None),
    ],
)
def test_what_is_a_name_on_the_hub(tmp_path: Path, name: str, meant: HubName | None) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "there").write_bytes(b"GGUF")
    assert parse_hub_name(name) == meant


def test_parse_model_takes_the_name_apart_at_the_first_colon() -> None:
    spec = parse_model("gguf:user/repo:Q4_K_M")
    assert (spec.backend, spec.name, spec.label) == ("gguf", "user/repo:Q4_K_M", "gguf:user/repo:Q4_K_M")


QUANTS = [
    ("Llama-3.2-1B-Instruct-Q4_K_M.gguf", "Q4_K_M"),
    ("qwen2.5-0.5b-instruct-q4_k_m.gguf", "Q4_K_M"),
    ("Model.i1-IQ2_XXS.gguf", "IQ2_XXS"),
    ("Phi-3-mini-4k-instruct-q4.gguf", "Q4"),
    ("Phi-3-mini-4k-instruct-fp16.gguf", "FP16"),
    ("gemma-3-27b-it-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
    ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
    ("m-Q4_0_4_4.gguf", "Q4_0_4_4"),
    ("m.f16.q6.gguf", "Q6"),
    ("m-Q4_K_M-imat.gguf", "Q4_K_M"),
    ("m-TQ1_0.gguf", "TQ1_0"),
    ("m-Q8_0-00001-of-00001.gguf", "Q8_0"),
    ("BF16/m.gguf", "BF16"),
    ("m-Q3_K_L/part.gguf", "Q3_K_L"),
    ("stories15M.gguf", "stories15M"),
]


@pytest.mark.parametrize(("file", "quant"), QUANTS)
def test_the_quantization_in_a_name(file: str, quant: str) -> None:
    assert [v.quant for v in variants([file])] == [quant]


def test_files_that_are_no_models_and_parts_that_belong_together() -> None:
    parts = [f"Q8_0/big-Q8_0-0000{i}-of-00003.gguf" for i in (3, 1, 2)]
    others = ["mmproj-f16.gguf", "x-mmproj-f16.gguf", "x-imatrix.gguf", "README.md", "a-00004-of-00003.gguf"]
    [big] = variants([*parts, *others])
    assert (big.name, big.quant, big.files, big.missing) == ("big-Q8_0", "Q8_0", tuple(sorted(parts)), 0)
    [cut] = variants(parts[:2])
    assert (cut.missing, cut.files) == (1, (parts[1], parts[0]))


@pytest.mark.parametrize(
    ("files", "quant", "picked"),
    [
        (("m-Q2_K", "m-Q4_K_M", "m-Q8_0"), None, "m-Q4_K_M"),
        (("m-Q2_K", "m-Q4_K_M"), "q2_k", "m-Q2_K"),
        (("m-Q8_0",), None, "m-Q8_0"),
        (("model",), None, "model"),
        (("m-UD-Q4_K_M", "m-Q8_0"), "Q4_K_M", "m-UD-Q4_K_M"),
        (("m-UD-Q4_K_M", "m-Q4_K_M"), "Q4_K_M", "m-Q4_K_M"),
        (("a-Q4_K_M", "b-Q4_K_M"), "b-Q4_K_M", "b-Q4_K_M"),
        (("stories15M", "stories260K"), "stories260K", "stories260K"),
    ],
)
def test_the_model_that_a_quantization_means(files: tuple[str, ...], quant: str | None, picked: str) -> None:
    assert pick(variants(f"{f}.gguf" for f in files), quant, REPO).name == picked


@pytest.mark.parametrize(
    ("files", "quant", "message"),
    [
        ((), None, "the repository has no GGUF model; look for one whose name ends in -GGUF"),
        (
            ("m-Q2_K", "m-Q8_0"),
            None,
            f"the repository has no Q4_K_M; write gguf:{REPO}:Q2_K, or one of: Q2_K, Q8_0",
        ),
        (
            ("m-Q4_K_S", "m-Q8_0"),
            "q4_k_m",
            "the repository has no q4_k_m (did you mean 'Q4_K_S'?); it has: Q4_K_S, Q8_0",
        ),
        (
            ("a-Q4_K_M", "b-Q4_K_M"),
            None,
            f"2 models of the repository are Q4_K_M: a-Q4_K_M.gguf, b-Q4_K_M.gguf; write gguf:{REPO}:a-Q4_K_M",
        ),
        (
            ("x/m-Q8_0", "y/m-Q8_0"),
            "Q8_0",
            "2 models of the repository are Q8_0: x/m-Q8_0.gguf, y/m-Q8_0.gguf; download one and name it by its path",
        ),
    ],
)
def test_a_quantization_that_means_none_or_several(
    files: tuple[str, ...], quant: str | None, message: str
) -> None:
    with pytest.raises(ChoiceError) as caught:
        pick(variants(f"{f}.gguf" for f in files), quant, REPO)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (999, "999 B"),
        (98_700, "99 kB"),
        (808_000_000, "808 MB"),
        (1_234_567_890, "1.2 GB"),
        (40_000_000_000, "40.0 GB"),
    ],
)
def test_sizes_are_written_as_hubs_write_them(size: int, text: str) -> None:
    assert byte_size(size) == text


def test_a_download_and_then_none(served: HubServer, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = find(REPO)
    assert path.read_bytes() == gguf("4")
    assert path.is_relative_to(home / "models--user--Tiny-GGUF" / "snapshots")
    file = f"/{REPO}/resolve/main/tiny-Q4_K_M.gguf"
    assert served.requests == [f"GET /api/models/{REPO}", f"HEAD {file}", f"GET {file}"]
    assert all(agent.startswith("tempkit/") and "agent/" not in agent for agent in served.agents)
    out, err = capfd.readouterr()
    assert (out, err) == ("", f"tempkit: downloading tiny-Q4_K_M.gguf, 5 B, to {home}\n")
    assert (home / "models--user--Tiny-GGUF" / "refs" / "main").exists(), "other programs look there"

    served.requests.clear()
    assert find(REPO) == find(f"{REPO}:Q4_K_M") == find(f"{REPO}:q4_k_m") == path
    assert served.requests == []
    assert capfd.readouterr() == ("", "")


def test_a_quantization_that_is_not_there_yet_is_downloaded_beside_the_others(served: HubServer) -> None:
    assert find(f"{REPO}:Q8_0").read_bytes() == gguf("8")
    assert find(f"{REPO}:q2_k").read_bytes() == gguf("2")


def test_offline_finds_what_the_cache_has_and_says_what_it_lacks(
    served: HubServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = find(f"{REPO}:Q8_0")
    served.requests.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert find(f"{REPO}:Q8_0") == find(REPO) == path
    assert failure(f"{REPO}:Q2_K") == (
        f"gguf:{REPO}:Q2_K: not in {home}, and HF_HUB_OFFLINE is set; unset it to download, "
        "or a file that is on this machine can be named by its path; downloaded already: Q8_0"
    )
    assert served.requests == []


def test_the_newest_revision_in_the_cache_wins(served: HubServer) -> None:
    old = find(f"{REPO}:Q8_0")
    served.repos[REPO].files["tiny-Q8_0.gguf"] = gguf("eight")
    served.repos[REPO].files["tiny-Q2_K.gguf"] = gguf("two")
    served.repos[REPO].commit = "f" * 40
    assert find(f"{REPO}:Q2_K").read_bytes() == gguf("two")
    assert find(f"{REPO}:Q8_0") == old, "what is there is not asked for again"
    new = old.parent.parent / ("f" * 40) / old.name
    new.symlink_to(find(f"{REPO}:Q2_K").resolve())
    assert find(f"{REPO}:Q8_0") == new


def test_a_link_that_leads_nowhere_is_downloaded_again(served: HubServer) -> None:
    path = find(f"{REPO}:Q8_0")
    path.resolve().unlink()
    assert path.is_symlink()
    assert find(f"{REPO}:Q8_0").read_bytes() == gguf("8")


def test_all_parts_of_a_split_model(
    served: HubServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"Q8_0/big-Q8_0-0000{i}-of-00003.gguf" for i in (1, 2, 3)]
    served.repos[REPO].files = {name: gguf(name) for name in names}
    first = find(REPO)
    assert first.name == "big-Q8_0-00001-of-00003.gguf"
    assert [p.name for p in sorted(first.parent.iterdir())] == [n.removeprefix("Q8_0/") for n in names]
    assert " and 2 more, 111 B, to " in capfd.readouterr().err

    (first.parent / "big-Q8_0-00003-of-00003.gguf").unlink()
    served.requests.clear()
    assert find(REPO) == first
    assert [r for r in served.requests if r.startswith("GET /user")] == [], "its blob is there yet"
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert find(REPO) == first


def test_a_split_model_that_lacks_a_part(served: HubServer) -> None:
    served.repos[REPO].files = {f"big-Q8_0-0000{i}-of-00003.gguf": gguf("x") for i in (1, 3)}
    assert failure(REPO) == f"gguf:{REPO}: the repository lacks 1 of the parts of big-Q8_0"


def test_parts_of_two_revisions_are_no_model(served: HubServer) -> None:
    """The hub's branch moves while the parts are downloaded: llama.cpp must not be given a mixture."""
    served.repos[REPO].files = {f"big-Q8_0-0000{i}-of-00002.gguf": gguf(str(i)) for i in (1, 2)}
    commits = iter(["a" * 40, "a" * 40, "a" * 40, "b" * 40, "b" * 40])

    class Moving(Repo):
        @property
        def commit(self) -> str:  # type: ignore[override]
            return next(commits)

        @commit.setter
        def commit(self, value: str) -> None: ...

    served.repos[REPO] = Moving(served.repos[REPO].files)
    assert failure(REPO) == f"gguf:{REPO}: the repository changed while its parts were downloaded; try again"


def test_what_is_downloaded_must_be_a_gguf_file(served: HubServer) -> None:
    served.repos[REPO].files = {"m-Q4_K_M.gguf": b"<html>"}
    assert (
        failure(REPO) == f"gguf:{REPO}: not a GGUF file (it does not begin with 'GGUF'); name a .gguf model"
    )


def test_no_such_repository(served: HubServer) -> None:
    assert failure("user/none:Q4_K_M") == (
        f"gguf:user/none:Q4_K_M: no such file, and no repository user/none at {served.url}; if it is private, set HF_TOKEN"
    )


def test_no_such_quantization(served: HubServer) -> None:
    assert failure(f"{REPO}:Q4_K_S") == (
        f"gguf:{REPO}:Q4_K_S: the repository has no Q4_K_S (did you mean 'Q4_K_M'?); it has: Q2_K, Q4_K_M, Q8_0"
    )


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_repository(served: HubServer, status: int) -> None:
    served.repos[REPO].download = Refusal(status, "GatedRepo", "Access to model is restricted")
    assert failure(REPO) == (
        f"gguf:{REPO}: the repository is gated; accept its terms at {served.url}/{REPO} "
        "and set HF_TOKEN to a token of that account"
    )


@pytest.mark.parametrize("part", ["listing", "download"])
def test_a_token_is_sent_and_never_told(
    served: HubServer,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    part: str,
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    setattr(served.repos[REPO], part, Refusal(401, "", f"Invalid credentials: {TOKEN}"))
    told = failure(REPO)
    assert told == (
        f"gguf:{REPO}: {served.url} refuses access (401); set HF_TOKEN to a token that may read it"
    )
    assert set(served.tokens) == {f"Bearer {TOKEN}"}
    assert TOKEN not in "".join(capfd.readouterr())
    assert not [p for p in home.rglob("*") if p.is_file() and TOKEN.encode() in p.read_bytes()]


def test_a_token_that_is_none(served: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_…")
    assert failure(REPO) == f"gguf:{REPO}: HF_TOKEN holds characters that no token has; set it anew"
    assert served.requests == []


@pytest.mark.parametrize("part", ["listing", "download"])
def test_a_hub_that_is_out_of_order(served: HubServer, part: str) -> None:
    setattr(served.repos[REPO], part, Refusal(501))
    assert failure(REPO) == f"gguf:{REPO}: {served.url} answers with status 501; try again later"


def test_an_endpoint_that_is_no_hub(served: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    served.plain_page = True
    monkeypatch.setenv("HF_ENDPOINT", served.url.replace("//", "//me:password@"))
    assert failure(REPO) == (
        f"gguf:{REPO}: {served.url} does not answer as a Hugging Face hub does; check HF_ENDPOINT"
    )


def test_no_network(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("HF_ENDPOINT", url)
    refused = f"[Errno {errno.ECONNREFUSED}] {os.strerror(errno.ECONNREFUSED)}"
    assert failure(REPO) == (
        f"gguf:{REPO}: not in {home}, and {url} cannot be reached ({refused}); "
        "a file that is on this machine can be named by its path"
    )


def test_a_name_that_no_repository_has(served: HubServer) -> None:
    assert failure("user/a--b") == "gguf:user/a--b: user/a--b cannot be the name of a repository"
    assert served.requests == []


def test_no_room(served: HubServer, home: Path) -> None:
    served.repos[REPO].sizes["tiny-Q4_K_M.gguf"] = 10**15
    told = failure(REPO)
    assert told.startswith(f"gguf:{REPO}: needs 1000000.0 GB, and {home} has ")
    assert told.endswith(" GB; make room, or set HF_HOME to a folder on another disk")
    assert served.requests == [f"GET /api/models/{REPO}"]


def test_a_full_disk_halfway(home: Path) -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "x")
    assert explain(error, REPO, home, downloading=True) == (
        f"no space left in {home}; nothing of it is kept; make room, or set HF_HOME to a folder on another disk"
    )


def test_a_cache_that_cannot_be_written_to(home: Path) -> None:
    error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(home))
    assert explain(error, REPO, home, downloading=True) == f"cannot write to {home}: Permission denied"


def test_a_cache_where_a_file_is_in_the_way(served: HubServer, home: Path) -> None:
    home.parent.mkdir()
    home.write_text("no folder")
    assert failure(REPO).startswith(f"gguf:{REPO}: cannot write to {home}: ")


@pytest.mark.slow
def test_a_connection_that_breaks_off(served: HubServer, home: Path) -> None:
    served.cut = 3
    told = failure(REPO)
    assert told.startswith(f"gguf:{REPO}: the download broke off (")
    assert told.endswith("; nothing of it is kept, try again")
    assert not list(home.rglob("*.incomplete"))
    served.cut = None
    assert find(REPO).read_bytes() == gguf("4")


def test_stopping_from_another_thread(served: HubServer, home: Path) -> None:
    served.cut, served.hold = 3, threading.Event()

    def stop() -> None:
        assert served.holding.wait(PATIENCE_S)
        hub.stop_downloads()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Interrupted) as caught:
        find(REPO)
    stopper.join()
    assert str(caught.value) == f"gguf:{REPO}: the download was interrupted; nothing of it is kept"
    assert not served.hold.is_set(), "it ended while the server still kept it waiting"
    assert not list(home.rglob("*.incomplete"))


def test_ctrl_c_at_the_terminal_ends_it_at_once(served: HubServer, home: Path) -> None:
    served.cut, served.hold = 3, threading.Event()
    code = (
        "import signal\n"
        "from tempkit.backends.gguf.files import find_model_file\n"
        "from tempkit.planning.experiment import parse_model\n"
        # Whoever started these tests in the background has made everything ignore it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"find_model_file(parse_model('gguf:{REPO}'))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True, process_group=0
    ) as process:
        assert served.holding.wait(PATIENCE_S)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == -signal.SIGINT
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert not list(home.rglob("*.incomplete"))


def test_without_the_package_that_downloads(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "find_spec", lambda name: None)
    with pytest.raises(ExtraMissingError) as caught:
        find(REPO)
    assert str(caught.value) == (
        f'gguf:{REPO} needs packages that are not installed: pip install "tempkit[local]"'
    )
