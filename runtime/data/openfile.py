"""Opens data files: plain, `.gz`, `.zst`; as bytes, or as lines of text.

In: a `DataFile`. Out: streams and lines, without ever holding a whole file. Every way in which a file can be unreadable becomes a
`BadData` that names it. Not here: what lines mean.
"""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast

import pyarrow as pa

from benchc.runtime.data.batch import DataFile
from benchc.runtime.data.failures import BadData, near_names

ENCODINGS = (
    *("utf-8", "latin-1", "ascii", "cp1252", "cp1251", "iso-8859-15", "utf-16", "utf-32"),
    *("gb18030", "gbk", "big5", "shift_jis", "euc-jp", "euc-kr", "koi8-r"),
)

_MARKS = ((b"\xff\xfe\x00\x00", "UTF-32"), (b"\x00\x00\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_COMPRESSED = ((b"\x1f\x8b", "gzip", ".gz"), (b"\x28\xb5\x2f\xfd", "Zstandard", ".zst"))


def read_lines(file: DataFile, encoding: str) -> Iterator[str]:
    """The lines of a file, each with its end (LF or CRLF; a CR alone ends no line). Bytes that the encoding does not know become lone
    surrogates, which `undecodable` finds, so that the row can be named."""
    codec = check_encoding(encoding)
    with open_bytes(file) as stream, reading(file):
        text = io.TextIOWrapper(stream, encoding=codec, errors="surrogateescape", newline="\n")
        try:
            yield from text
        except UnicodeDecodeError as problem:
            raise BadData("wrong_encoding", f"`{file.name}` is not {encoding}: {problem.reason}", "name the file's `encoding`") from problem


def check_encoding(name: str) -> str:
    """The codec for an encoding's name; raises when there is none."""
    try:
        "".encode(name)
    except LookupError as problem:
        message = f"`{name}` is no character encoding{near_names(name.lower(), ENCODINGS)}"
        raise BadData("unknown_encoding", message, "common ones are " + ", ".join(ENCODINGS[:8]), ("source", "encoding")) from problem
    return "utf-8-sig" if name.lower().replace("_", "-") in ("utf-8", "utf8") else name


def undecodable(text: str, encoding: str) -> str | None:
    """What is wrong with a text's characters, or None: bytes that could not be decoded, or a NUL."""
    if not text.isascii():
        for at, character in enumerate(text):
            if "\ud800" <= character <= "\udfff":
                what = f"byte 0x{ord(character) - 0xDC00:02x}" if "\udc80" <= character <= "\udcff" else "a lone surrogate"
                return f"{what} at character {at + 1} is not {encoding}"
    at = text.find("\0")
    return f"a NUL stands at character {at + 1}" if at >= 0 else None


@contextmanager
def open_bytes(file: DataFile) -> Iterator[BinaryIO]:
    """The file's bytes, decompressed as its name says."""
    with reading(file):
        raw = open(file.path, "rb")  # noqa: SIM115 closed below
    with raw:
        start = raw.read(4)
        raw.seek(0)
        _refuse_by_start(file, start)
        if file.name.endswith(".gz"):
            with gzip.GzipFile(fileobj=raw) as stream:
                yield cast(BinaryIO, stream)
        elif file.name.endswith(".zst"):
            with reading(file):
                stream = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")
            yield cast(BinaryIO, io.BufferedReader(_Readable(stream), 1 << 16))
        else:
            yield raw


@contextmanager
def reading(file: DataFile) -> Iterator[None]:
    """Turns what can go wrong with a file into a failure that names it."""
    try:
        yield
    except FileNotFoundError as problem:
        raise BadData("missing_file", f"`{file.name}` does not exist", "check the path: it is relative to the spec's file") from problem
    except IsADirectoryError as problem:
        raise BadData("not_a_file", f"`{file.name}` is a directory", "name the file, or a pattern such as `folder/*.csv`") from problem
    except PermissionError as problem:
        raise BadData("unreadable_file", f"`{file.name}` may not be read", "check the file's permissions") from problem
    except (gzip.BadGzipFile, zlib.error, EOFError, pa.ArrowException) as problem:
        raise BadData("damaged_file", f"`{file.name}` is damaged: {_first_line(problem)}", "get the file again") from problem
    except OSError as problem:
        what = "is damaged" if problem.errno is None else "cannot be read"  # decompression errors have no number
        raise BadData(
            "damaged_file" if problem.errno is None else "unreadable_file", f"`{file.name}` {what}: {_first_line(problem)}"
        ) from problem


def verify_digest(file: DataFile, sha256: str) -> None:
    """Raises when the file is not the one that was planned with, or when it is empty."""
    with reading(file), open(file.path, "rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
        size_bytes = stream.tell()
    if size_bytes == 0:
        raise BadData("empty_file", f"`{file.name}` is empty")
    if found != sha256:
        raise BadData("file_changed", f"`{file.name}` changed after the plan was made", "run again: the plan is made anew")


def _refuse_by_start(file: DataFile, start: bytes) -> None:
    if not start:
        raise BadData("empty_file", f"`{file.name}` is empty")
    for magic, name, ending in _COMPRESSED:
        if start.startswith(magic) and not file.name.endswith(ending):
            raise BadData(
                "compressed_file", f"`{file.name}` is compressed with {name}, but its name does not end in `{ending}`", "rename it"
            )


def refuse_wide_mark(file: DataFile, encoding: str) -> None:
    """Raises when the file starts with the mark of UTF-16 or UTF-32 and is to be read as something else."""
    wide = encoding.lower().replace("_", "").replace("-", "").startswith(("utf16", "utf32"))
    if wide:
        return
    with open_bytes(file) as stream, reading(file):
        start = stream.read(4)
    for mark, name in _MARKS:
        if start.startswith(mark):
            message = f"`{file.name}` starts with the byte order mark of {name}, but is read as {encoding}"
            raise BadData("wrong_encoding", message, f'write `encoding = "{name.lower()}"`', ("source", "encoding"))


def _first_line(problem: BaseException) -> str:
    lines: Sequence[str] = str(problem).strip().splitlines()
    return lines[0] if lines else type(problem).__name__


class _Readable(io.RawIOBase):
    """A pyarrow stream as Python's own kind of stream."""

    def __init__(self, stream: pa.NativeFile) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
