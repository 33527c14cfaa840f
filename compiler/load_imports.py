"""From a spec's path to the parsed files that it is made of.

In: a path, `Files`, the parser. Out: `Loaded`, the file itself first, then what it imports, nearest first, each file once.
Not here: what any statement means, other than `edition` and `import`.
"""

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from benchc.compiler.package_files import NoPackageFile, PackageFile, find_package_file
from benchc.compiler.paths import DEEPEST_FOLDER, is_inside
from benchc.compiler.problems import Edit, Help, Label, Problem, error, has_errors
from benchc.compiler.source import Files, Source, Span
from benchc.compiler.syntax import Attribute, Import, String, Syntax

EDITIONS = ("2026",)
PROJECT_MARKS = ("pyproject.toml", ".git", "bench.lock")

Parse = Callable[[Source], tuple[Syntax, tuple[Problem, ...]]]


@dataclass(frozen=True, slots=True)
class Module:
    """One file. `prefix` is what its names begin with in the whole spec: "" for the file itself, "glue." behind `import ... as glue`.

    `aliases` maps the names of its imports to paths; an import that failed is left out.
    """

    path: str
    prefix: str
    syntax: Syntax
    aliases: Mapping[str, str]

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`modules` by path, the spec itself first. `whole` is False where a file could not be read, parsed or imported."""

    modules: Mapping[str, Module]
    sources: Mapping[str, Source]
    problems: tuple[Problem, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Arrival:
    """How a file is reached: the name it goes by, the import statement, and the files from the spec to it."""

    path: str
    prefix: str
    root: str | None  # the folder that its relative imports must not leave; None is the project of the spec
    chain: tuple[str, ...]
    place: Span  # what asks for it: the import's path, or the beginning of the spec


def load_imports(path: str, files: Files, parse: Parse) -> Loaded:
    """Reads `path` and all that it imports. A file that two others import is read once and goes by the shortest name."""
    modules: dict[str, Module] = {}
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    waiting = [_Arrival(path, "", None, (path,), Span(path, 0, 0))]
    while waiting:
        arrival = waiting.pop(0)
        if arrival.path in modules:
            continue
        read = _read(arrival.path, arrival.place, files)
        if isinstance(read, Problem):
            problems.append(read)
            continue
        sources[arrival.path] = read
        syntax, found = parse(read)
        edition = _edition(syntax)
        if _is_unknown_edition(edition):
            problems += edition
            continue
        problems += found if has_errors(found) else (*edition, *found)  # a faulty first line would be reported twice
        reached, aliases, faults = _follow(arrival, syntax, files)
        problems += faults
        modules[arrival.path] = Module(arrival.path, arrival.prefix, syntax, aliases)
        waiting += reached
    problems += _cycles(modules)
    return Loaded(modules, sources, tuple(problems), not has_errors(problems))


def _read(path: str, place: Span, files: Files) -> Source | Problem:
    try:
        return Source(path, files.read(path))
    except FileNotFoundError:
        missing = find_package_file(path, files)
        if isinstance(missing, NoPackageFile):
            return error("spec_unreadable", missing.message, place, *missing.help)
        return error(
            "spec_unreadable", f"there is no file `{path}`", place, Help("check the path, or write a first spec with `benchc init`")
        )
    except IsADirectoryError:
        return error("spec_unreadable", f"`{path}` is a folder, not a spec", place, Help("name a `.bench` file"))
    except UnicodeDecodeError as trouble:
        message = f"`{path}` is not UTF-8 text (byte {trouble.start} cannot be read)"
        return error("spec_unreadable", message, place, Help("save the file with the encoding UTF-8"))
    except (OSError, ValueError) as trouble:
        reason = (getattr(trouble, "strerror", None) or str(trouble)).lower()
        return error("spec_unreadable", f"cannot read `{path}`: {reason}", place)


def _edition(syntax: Syntax) -> tuple[Problem, ...]:
    """The problems of the first statement, which must say the edition."""
    path = syntax.source.path
    first = syntax.statements[0] if syntax.statements else None
    wanted = f'edition = "{EDITIONS[-1]}"'
    if not isinstance(first, Attribute) or first.key.text != "edition":
        later = next((s for s in syntax.statements if isinstance(s, Attribute) and s.key.text == "edition"), None)
        if later is not None:
            return (
                error("edition_missing", "`edition` is not the first statement", later.key.span, Help("move it to the top of the file")),
            )
        place = Span(path, 0, 0)
        added = Help(f"begin the file with `{wanted}`", (Edit(place, wanted + "\n\n"),))
        return (error("edition_missing", "the file does not say its edition", _first_line(syntax), added),)
    if not isinstance(first.value, String):
        return (error("edition_missing", "the edition is a quoted year", first.value.span, Help(f"write `{wanted}`")),)
    edition = first.value.value
    if edition in EDITIONS:
        return ()
    newest = EDITIONS[-1]
    if edition.isdigit() and int(edition) > int(newest):
        message = f"edition `{edition}` needs a newer benchc: this version knows editions up to `{newest}`"
        advice = Help(f"install the first version of benchc that knows edition {edition}, or a later one: `pip install --upgrade benchc`")
        return (error("edition_unknown", message, first.value.span, advice),)
    known = Help(f"write `{wanted}`", (Edit(first.value.span, f'"{newest}"'),))
    return (error("edition_unknown", f"there is no edition `{edition}`", first.value.span, known),)


def _is_unknown_edition(problems: Iterable[Problem]) -> bool:
    return any(problem.code == "edition_unknown" for problem in problems)


def _first_line(syntax: Syntax) -> Span:
    end = syntax.source.text.find("\n")
    return Span(syntax.source.path, 0, end if end >= 0 else len(syntax.source.text))


def _follow(arrival: _Arrival, syntax: Syntax, files: Files) -> tuple[list[_Arrival], dict[str, str], list[Problem]]:
    """The files that a file imports, under which alias, and what is wrong with its import statements."""
    reached: list[_Arrival] = []
    aliases: dict[str, str] = {}
    spans: dict[str, Span] = {}
    problems: list[Problem] = []
    for statement in syntax.statements:
        if not isinstance(statement, Import):
            continue
        alias = statement.alias.text
        if alias in spans:
            before = Label(spans[alias], "imported here before")
            problems.append(error("duplicate_name", f"two imports are called `{alias}`", statement.alias.span, labels=(before,)))
            continue
        spans[alias] = statement.alias.span
        target = _locate(statement, arrival, files)
        if isinstance(target, Problem):
            problems.append(target)
            continue
        path, root = target
        aliases[alias] = path
        reached.append(_Arrival(path, f"{arrival.prefix}{alias}.", root, (*arrival.chain, path), statement.path.span))
    return reached, aliases, problems


def _locate(statement: Import, arrival: _Arrival, files: Files) -> tuple[str, str | None] | Problem:
    """The path of an imported file, and the folder that its own imports must stay in (None: the spec's project)."""
    text, span = statement.path.value, statement.path.span
    match find_package_file(text, files):
        case PackageFile(path=path, folder=folder):
            return path, folder
        case NoPackageFile() as missing:
            return error(missing.code, missing.message, span, *missing.help)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(arrival.path), text))
    root = arrival.root if arrival.root is not None else _project(arrival.chain[0], files)
    if posixpath.isabs(text) or not is_inside(path, root):
        advice = Help(
            "a project is the nearest folder above the spec with a pyproject.toml, .git or bench.lock, else the spec's own folder"
        )
        return error("import_outside_project", f"`{text}` lies outside the project", span, advice)
    if not files.exists(path):
        return error(
            "import_not_found", f"there is no file `{path}`", span, Help("paths of imports are relative to the file they stand in")
        )
    return path, arrival.root


def _project(spec: str, files: Files) -> str:
    """The nearest folder at or above the spec's own that holds a mark of a project, else the spec's own."""
    own = posixpath.dirname(spec)
    folder = own
    for _ in range(DEEPEST_FOLDER):
        if any(files.exists(posixpath.join(folder, mark)) for mark in PROJECT_MARKS):
            return folder
        above = posixpath.normpath(posixpath.join(folder, ".."))
        if above == folder:
            break
        folder = above
    return own


def _cycles(modules: Mapping[str, Module]) -> list[Problem]:
    """One problem for each import statement that closes a circle. Two ways to one file are no circle."""
    problems: list[Problem] = []
    done: set[str] = set()

    def visit(path: str, trail: tuple[str, ...]) -> None:
        for alias, target in modules[path].aliases.items():
            if target in trail:
                shown = " -> ".join(f"`{step}`" for step in (*trail[trail.index(target) :], target))
                problems.append(error("import_cycle", f"imports go round in a circle: {shown}", _import_span(modules[path], alias)))
            elif target in modules and target not in done:
                visit(target, (*trail, target))
        done.add(path)

    if modules:
        root = next(iter(modules))
        visit(root, (root,))
    return problems


def _import_span(module: Module, alias: str) -> Span:
    return next(s.path.span for s in module.syntax.statements if isinstance(s, Import) and s.alias.text == alias)
