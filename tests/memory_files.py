"""`Files` in memory: what the compiler's tests give it instead of a disk."""

import fnmatch
import hashlib
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchc.compiler.source import FileDigest


@dataclass(frozen=True, slots=True)
class MemoryFiles:
    """`texts` maps paths to contents; `packages` maps names of installed packages to the folders that stand for them."""

    texts: Mapping[str, str | bytes]
    packages: Mapping[str, str] = field(default_factory=dict)

    def read(self, path: str) -> str:
        return self._bytes(path).decode("utf-8")

    def exists(self, path: str) -> bool:
        prefix = path.rstrip("/") + "/"
        return path in self.texts or any(known.startswith(prefix) for known in self.texts)

    def glob(self, pattern: str) -> Sequence[str]:
        if not set("*?[") & set(pattern):
            return [pattern] if pattern in self.texts else []
        return sorted(path for path in self.texts if fnmatch.fnmatchcase(path, pattern))

    def walk(self, folder: str) -> Sequence[str]:
        prefix = folder.rstrip("/") + "/"
        return sorted(posixpath.relpath(path, folder) for path in self.texts if path.startswith(prefix))

    def digest(self, path: str) -> FileDigest:
        content = self._bytes(path)
        return FileDigest(hashlib.sha256(content).hexdigest(), len(content))

    def package_folder(self, name: str) -> str | None:
        return self.packages.get(name)

    def _bytes(self, path: str) -> bytes:
        if path not in self.texts and self.exists(path):
            raise IsADirectoryError(21, "Is a directory", path)
        if path not in self.texts:
            raise FileNotFoundError(2, "No such file or directory", path)
        content = self.texts[path]
        return content if isinstance(content, bytes) else content.encode("utf-8")
