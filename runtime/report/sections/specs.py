"""The spec as it was run, with its doc comments, imported files too; and the lints that fired, each linked to its line.

In: a run's folder. Out: the sections `lints` and `spec`.
"""

from benchc.runtime.report.document import Block, Finding, Findings, Folded, Paragraph, Section, SourceCode
from benchc.runtime.report.json_fields import Record, integer, items, part, record, records, text
from benchc.runtime.report.prose import with_code
from benchc.runtime.report.run_record import RunRecord
from benchc.runtime.report.sections.highlight import highlighted


def lints_section(run: RunRecord) -> Section | None:
    lints = records(run.results, "lints")
    if not lints:
        return Section("lints", "Lints", "", (Paragraph("No lint fired on this spec."),))
    findings = Findings(tuple(_finding(run, lint) for lint in lints))
    return Section(
        "lints", "Lints", with_code("What the compiler finds doubtful about the method. `benchc explain CODE` says more."), (findings,)
    )


def spec_section(run: RunRecord) -> Section | None:
    if not run.sources:
        return Section("spec", "Spec", "", (Paragraph("This folder holds no copy of the spec.", "warn"),))
    first, *imported = [SourceCode(file.path, highlighted(file.text, _anchor(at))) for at, file in enumerate(run.sources)]
    rest: tuple[Block, ...] = tuple(Folded(f"Imported: {code.path}", (code,)) for code in imported)
    return Section("spec", "Spec", "The files that this run was made from.", (first, *rest))


def _anchor(file: int) -> str:
    return f"spec-{file + 1}"


def _finding(run: RunRecord, raw: Record) -> Finding:
    path, line = _place(raw)
    shown = f"{path}:{line}" if line else path
    advice = tuple(with_code(one if isinstance(one, str) else text(record(one, "help"), "message")) for one in items(raw, "help"))
    return Finding(text(raw, "code"), text(raw, "level"), with_code(text(raw, "message")), shown, _link(run, path, line), advice)


def _place(raw: Record) -> tuple[str, int | None]:
    span = part(raw, "span")
    path = text(raw, "path") or text(span, "path")
    for holder in (raw, span, part(raw, "start"), part(span, "start"), part(raw, "range"), part(part(raw, "range"), "start")):
        if (line := integer(holder, "line")) is not None:
            return path, line
    return path, None


def _link(run: RunRecord, path: str, line: int | None) -> str:
    for at, file in enumerate(run.sources):
        if line and (file.path == path or path.endswith("/" + file.path) or file.path.endswith("/" + path)):
            return f"#{_anchor(at)}-{min(line, file.text.count(chr(10)) + 1)}"
    return ""
