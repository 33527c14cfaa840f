"""Names: what is declared and never used, what hides a built-in, what a file lacks.

In: `Subject`. Out: findings. Not here: unknown names, which `declare` and `evaluate` find.
"""

from collections.abc import Iterator, Mapping

from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.problems import Help, Level, Problem, error, warning
from benchc.compiler.source import Span
from benchc.compiler.syntax import Block, Import

# What gives a block of a kind its use, in words.
USES: Mapping[str, str] = {
    "labels": "no field",
    "dataset": "no task",
    "metric": "no task, training setting, comparison or gate",
    "prompt": "no task",
    "task": "no run or suite",
    "model": "no run",
    "train": "no run",
    "suite": "no run",
}


def check_bench(subject: Subject) -> Iterator[Finding]:
    """A file that runs something says what it is."""
    spec = subject.spec
    if subject.declarations.by_kind["bench"] or not spec.blocks["run"]:
        return
    first = next(iter(spec.blocks["run"].values()))
    advice = Help('begin it with `bench "name" { description = "..." }`')
    yield Finding(error("bench_missing", "the file has runs and no `bench` block", first.spans.whole, advice))


def check_shadowed(subject: Subject) -> Iterator[Finding]:
    """A metric under the name of a built-in one hides it."""
    for metric in subject.spec.blocks["metric"].values():
        if metric.name in subject.catalog.families["metric"]:
            message = f"the metric `{metric.name}` hides the built-in metric of that name"
            span = subject.declarations.by_kind["metric"][metric.name].name_span
            yield Finding(warning("shadowed_name", message, span, Help("choose another name")))


def check_unused(subject: Subject) -> Iterator[Finding]:
    """Blocks of the file itself that nothing uses. A file without runs is a library, whose blocks are for others."""
    declarations = subject.declarations
    if not declarations.by_kind["run"]:
        return
    used = subject.referred | set(_parents(subject))
    for kind, reason in USES.items():
        for declaration in declarations.by_kind[kind].values():
            if declaration.module.prefix == "" and (kind, declaration.name) not in used and declaration.name in subject.spec.blocks[kind]:
                yield _note(f"{reason} uses the {kind} `{declaration.name}`", declaration.name_span)
    for declaration in declarations.by_kind["param"].values():
        if declaration.module.prefix == "" and not subject.is_read(declaration.name):
            yield _note(f"nothing reads the param `{declaration.name}`", declaration.name_span)
    yield from _unused_imports(subject)


def _note(message: str, span: Span) -> Finding:
    return Finding(Problem("unused", Level.NOTE, message, span))


def _unused_imports(subject: Subject) -> Iterator[Finding]:
    """Imports through whose name nothing is reached."""
    root = next(iter(subject.declarations.modules.values()))
    text = root.syntax.source.text
    for statement in root.syntax.statements:
        if isinstance(statement, Import) and f"{statement.alias.text}." not in text:
            yield _note(f"nothing of the import `{statement.alias.text}` is used", statement.alias.span)


def _parents(subject: Subject) -> Iterator[tuple[str, str]]:
    """Blocks that others extend."""
    for kind, known in subject.declarations.by_kind.items():
        for declaration in known.values():
            parent = declaration.statement.parent if isinstance(declaration.statement, Block) else None
            found = None if parent is None else subject.declarations.find((kind,), parent)
            if found is not None:
                yield kind, found.name
