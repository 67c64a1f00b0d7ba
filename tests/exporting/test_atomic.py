"""A file is written whole or not at all, by however many at once, wherever it lies."""

import os
import threading
from pathlib import Path

import pytest
from support import lacking

from tempkit.files import atomic_write
from tempkit.files.atomic_write import replacing


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_fails_leaves_no_trace_and_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    with pytest.raises(KeyError), replacing(path) as file:
        file.write({}["half"])
    assert path.read_text() == "old"
    assert left(tmp_path) == ["page.html"]


def test_many_writers_of_one_file_at_once_all_succeed(tmp_path: Path) -> None:
    """Threads of one process have one process id between them, as two containers' processes may."""
    path, faults = tmp_path / "new" / "page.html", list[BaseException]()
    gate = threading.Barrier(8)

    def write(letter: str) -> None:
        try:
            gate.wait()
            for _ in range(20):
                with replacing(path) as file:
                    file.write(letter.encode() * 100_000)
        except BaseException as e:  # noqa: BLE001 - whatever it is, the test tells of it
            faults.append(e)

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    text = path.read_text()
    assert text == text[0] * 100_000
    assert left(path.parent) == ["page.html"]


def test_one_writer_that_fails_takes_nothing_from_another(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    with replacing(path) as file:
        with pytest.raises(KeyError), replacing(path) as other:
            other.write({}["half"])
        file.write(b"whole")
    assert path.read_bytes() == b"whole"


def test_it_is_on_the_disk_before_it_takes_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(number: int) -> None:
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{number}") else "file")  # noqa: PTH112 - a number
        real_sync(number)

    def replace(self: Path, target: Path) -> Path:
        steps.append("move")
        return real_replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    with replacing(tmp_path / "page.html") as file:
        file.write(b"x")
    assert steps == ["file", "move", "folder"]


@pytest.mark.parametrize("number", atomic_write._NOT_MOVED)
def test_a_name_that_cannot_be_moved_onto_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def replace(self: Path, target: Path) -> Path:
        raise OSError(number, os.strerror(number))

    path = tmp_path / "page.html"
    path.write_text("old and longer")
    monkeypatch.setattr(Path, "replace", replace)
    with replacing(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert left(tmp_path) == ["page.html"]


def test_a_link_to_another_file_system_is_followed_and_stays_one(tmp_path: Path) -> None:
    if not Path("/dev/shm").is_dir():
        lacking("a second file system is missing, as Linux has at /dev/shm")
    there = Path("/dev/shm") / f"tempkit-test-{os.getpid()}"
    there.mkdir()
    try:
        (tmp_path / "page.html").symlink_to(there / "page.html")
        (tmp_path / "folder").symlink_to(there)
        for path in (tmp_path / "page.html", tmp_path / "folder" / "other.html"):
            with replacing(path) as file:
                file.write(b"x")
        assert (tmp_path / "page.html").is_symlink()
        assert left(there) == ["other.html", "page.html"]
    finally:
        for path in there.iterdir():
            path.unlink()
        there.rmdir()


def test_a_link_to_itself_is_an_error_of_the_file_system(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "a")
    with pytest.raises(OSError, match=r"symbolic link|ELOOP"), replacing(tmp_path / "a"):
        pass
