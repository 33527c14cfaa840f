"""Files on disk, the memory of their digests, the cache folder."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

from benchc.digest_memory import SETTLED_NS, DigestMemory
from benchc.disk import DiskFiles, cache_folder, disk_files, package_folder, place_of

LATER_NS = 10**20  # long after any file of a test was written
OF_TWO_COLUMNS = '{"format": "benchc-digests/2", "files": {"a": [1]}}'
OF_ANOTHER_FORM = '{"format": "other", "files": {}}'


def files_at(folder: Path) -> DiskFiles:
    return DiskFiles(DigestMemory.at(folder / "digests.json"), now_ns=lambda: LATER_NS)


def test_a_digest_is_that_of_the_content_with_size_and_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\ntwo\n")
    digest = files_at(tmp_path).digest(str(tmp_path / "a.txt"))
    assert (digest.sha256, digest.size_bytes, digest.newlines) == (hashlib.sha256(b"one\ntwo\n").hexdigest(), 8, 2)


def test_a_digest_is_remembered_by_path_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    files = files_at(tmp_path)
    first = files.digest(str(path))
    files.memory.save()
    status = path.stat()
    path.write_text("two")  # behind the memory's back: same size, same time
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    again = files_at(tmp_path)
    assert again.digest(str(path)) == first
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert again.digest(str(path)).sha256 == hashlib.sha256(b"two").hexdigest()


def test_a_file_that_changed_just_now_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    files = DiskFiles(DigestMemory.at(tmp_path / "digests.json"), now_ns=lambda: path.stat().st_mtime_ns + SETTLED_NS - 1)
    files.digest(str(path))
    assert files.memory.fresh == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"format": "benchc-digests/2", "files": {"a": [1]}}', '{"format": "other", "files": {}}', "\x00"]
)
def test_a_damaged_memory_is_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "digests.json").write_text(text)
    assert DigestMemory.at(tmp_path / "digests.json").known == {}


def test_a_memory_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    (tmp_path / "a.txt").write_text("one")
    files = files_at(tmp_path / "cache")
    files.digest(str(tmp_path / "a.txt"))
    files.memory.save()


def test_two_memories_that_save_keep_what_both_know(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    one, other = files_at(tmp_path), files_at(tmp_path)
    one.digest(str(tmp_path / "a.txt"))
    other.digest(str(tmp_path / "b.txt"))
    one.memory.save()
    other.memory.save()
    assert len(DigestMemory.at(tmp_path / "digests.json").known) == 2


def test_patterns_match_files_sorted_and_not_folders(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "deep/c.csv", "a.csv.d/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    files = files_at(tmp_path)
    base = tmp_path.as_posix()
    assert files.glob(f"{base}/*.csv*") == [f"{base}/a.csv", f"{base}/b.csv"]
    assert files.glob(f"{base}/**/*.csv") == [f"{base}/a.csv", f"{base}/b.csv", f"{base}/deep/c.csv"]
    assert list(files.glob(f"{base}/none.csv")) == []


def test_a_name_with_the_marks_of_a_pattern_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "rows[1].csv"
    path.write_text("")
    assert list(files_at(tmp_path).glob(str(path))) == [path.as_posix()]


def test_walk_names_all_files_below_a_folder(tmp_path: Path) -> None:
    for name in ("b/c", "a", "__pycache__/x.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert list(files_at(tmp_path).walk(str(tmp_path))) == ["a", "b/c"]
    assert list(files_at(tmp_path).walk(str(tmp_path / "none"))) == []


def test_a_package_is_found_without_running_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "loud_package" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "loud_package" / "__init__.py").write_text("raise RuntimeError('was run')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert package_folder("loud_package") == tmp_path / "loud_package"
    assert package_folder("loud_package.inner") == inner
    assert package_folder("loud_package.none") is None
    assert "loud_package" not in sys.modules


def test_the_library_that_ships_is_a_package() -> None:
    found = package_folder("benchc.specs")
    assert found is not None
    assert (found / "__init__.py").is_file()


@pytest.mark.parametrize("name", ["no_such_package", "no.such.package", "", ".", "sys", "json.tool"])
def test_what_is_no_package_has_no_folder(name: str) -> None:
    assert package_folder(name) is None


def test_the_cache_folder_is_the_one_asked_for_else_that_of_the_environment(tmp_path: Path) -> None:
    assert cache_folder("here", {"BENCHC_CACHE": "there"}) == Path("here")
    assert cache_folder(None, {"BENCHC_CACHE": "there"}) == Path("there")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these platforms have folders of their own for caches")
def test_the_usual_cache_folder_follows_the_desktop_standard() -> None:
    assert cache_folder(None, {"XDG_CACHE_HOME": "/var/cache/me"}) == Path("/var/cache/me/benchc")
    assert cache_folder(None, {"XDG_CACHE_HOME": "relative"}) == Path.home() / ".cache" / "benchc"


def test_locations_lead_to_files(tmp_path: Path) -> None:
    assert place_of("../data/a.csv", tmp_path) == tmp_path / "../data/a.csv"
    assert place_of("package:benchc.specs/__init__.py", tmp_path).is_file()
    with pytest.raises(FileNotFoundError):
        place_of("package:no_such_package/a", tmp_path)


def test_files_are_read_as_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.bench").write_bytes("ä\r\n".encode())
    assert disk_files(tmp_path).read(str(tmp_path / "a.bench")) == "ä\r\n"
    (tmp_path / "b.bench").write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        disk_files(tmp_path).read(str(tmp_path / "b.bench"))
