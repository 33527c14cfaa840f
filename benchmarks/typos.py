"""How precisely one-letter typos in a spec are named: `python benchmarks/typos.py [--each N] [--missed] FILES...`.

A letter is left out, put in or replaced, or two are swapped, in keys, kinds, names and choices, one word at a time. Measured: the share
that some error names on its line, and the share for which the right word is offered there. Words have three letters or more, and are
taken where they are used, in files that `check` finds sound. A typo that leaves the file sound is not counted.
"""

import argparse
import json
import random
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchc.compiler.parse import parse
from benchc.compiler.pipeline import check
from benchc.compiler.problems import Level, Problem, has_errors
from benchc.compiler.source import FileDigest, Files, Source
from benchc.compiler.syntax import (
    Attribute,
    Block,
    CallExpr,
    Comparison,
    Definition,
    Expr,
    Import,
    ListExpr,
    Name,
    ObjectExpr,
    Ref,
    Statement,
)
from benchc.disk import cache_folder, disk_files


@dataclass(frozen=True, slots=True)
class TypoScore:
    typos: int
    named: int
    offered: int
    missed: tuple[str, ...]


def words(statements: Sequence[Statement]) -> Iterator[Name]:
    """Keys, kinds, names and choices, where they are used."""
    for statement in statements:
        match statement:
            case Attribute(key, value):
                yield key
                yield from words_of(value)
            case Definition(kind, _, type_, value):
                yield kind
                yield from words_of(type_)
                yield from words_of(value)
            case Block(kind, _, variant, parent, body):
                yield kind
                yield from words_of(variant)
                yield from words_of(parent)
                yield from words(body)
            case Comparison(left, _, right):
                yield from words_of(left)
                yield from words_of(right)
            case Import():
                pass


def words_of(value: Expr | None) -> Iterator[Name]:
    match value:
        case Ref(parts):
            yield from parts
        case ListExpr(items):
            for item in items:
                yield from words_of(item)
        case ObjectExpr(entries):
            yield from words(entries)
        case CallExpr(name, arguments):
            yield name
            for argument in arguments:
                if argument.name is not None:
                    yield argument.name
                yield from words_of(argument.value)
        case Comparison(left, _, right):
            yield from words_of(left)
            yield from words_of(right)
        case _:
            pass


def misspelt(word: str, chance: random.Random) -> str:
    """The word with one letter left out, put in, replaced, or two neighbours swapped."""
    at = chance.randrange(len(word))
    letter = chance.choice(string.ascii_lowercase)
    swapped = word[: max(at - 1, 0)] + word[at : at + 1] + word[max(at - 1, 0) : at] + word[at + 1 :]
    return chance.choice([word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :], swapped])


def measure_typos(files: Sequence[Path], each: int) -> TypoScore:
    disk = disk_files(cache_folder(None))
    named = offered = typos = 0
    missed = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        if has_errors(check(path.as_posix(), Overlaid(path.as_posix(), text, disk)).problems):
            missed.append(f"{path.name}: not used, since check finds errors in it")
            continue
        chance = random.Random(path.name)
        candidates = [word for word in words(parse(Source("", text)).syntax.statements) if len(word.text) >= 3]
        for word in chance.choices(candidates, k=each):
            wrong = misspelt(word.text, chance)
            broken = text[: word.span.start] + wrong + text[word.span.end :]
            errors = [p for p in check(path.as_posix(), Overlaid(path.as_posix(), broken, disk)).problems if p.level is Level.ERROR]
            if not errors:
                continue
            line = text.count("\n", 0, word.span.start) + 1
            index = Source("", broken).lines()
            here = [p for p in errors if index.position(p.span.start).line == line]
            right = [p for p in here if _offers(p, word.text)]
            typos, named, offered = typos + 1, named + bool(here), offered + bool(right)
            if not right:
                missed.append(f"{path.name}:{line}: {word.text} -> {wrong}: {[p.message for p in here or errors]}")
    return TypoScore(typos, named, offered, tuple(missed))


def _offers(problem: Problem, word: str) -> bool:
    said = [problem.message, *(advice.message for advice in problem.help), *(edit.replacement for h in problem.help for edit in h.edits)]
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for text in said)


@dataclass(frozen=True, slots=True)
class Overlaid:
    """The disk, with another text at one path."""

    path: str
    text: str
    disk: Files

    def read(self, path: str) -> str:
        return self.text if path == self.path else self.disk.read(path)

    def exists(self, path: str) -> bool:
        return self.disk.exists(path)

    def glob(self, pattern: str) -> Sequence[str]:
        return self.disk.glob(pattern)

    def walk(self, folder: str) -> Sequence[str]:
        return self.disk.walk(folder)

    def digest(self, path: str) -> FileDigest:
        return self.disk.digest(path)

    def package_folder(self, name: str) -> str | None:
        return self.disk.package_folder(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("--each", type=int, default=40, help="typos for each file")
    parser.add_argument("--missed", action="store_true", help="list those for which the right word was not offered")
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    score = measure_typos(options.files, options.each)
    shares = {"named_on_line": score.named / score.typos, "word_offered": score.offered / score.typos}
    print(json.dumps({"typos": score.typos, **{name: round(share, 4) for name, share in shares.items()}}))
    if options.missed:
        print(*score.missed, sep="\n")


if __name__ == "__main__":
    main()
