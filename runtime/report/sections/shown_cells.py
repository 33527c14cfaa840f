"""Which cells are shown in detail.

A variant's cells differ in seed and fold. Their confusion matrices, residuals and curves are shown for the first of them that finished,
best variant first; the other cells' are in results.json. No average is made up here.
"""

from benchc.runtime.report.run_record import CellResult, TaskResults
from benchc.runtime.report.standings import standings


def first_cells(task: TaskResults) -> tuple[CellResult, ...]:
    """One finished cell with diagnostics for each variant, in the order of the primary metric."""
    first: dict[str, CellResult] = {}
    for cell in sorted(task.cells, key=lambda one: (one.seed or 0, one.fold or 0)):
        if cell.status == "ok" and cell.raw.get("diagnostics"):
            first.setdefault(cell.variant, cell)
    order = [one.variant for one in standings(task, task.primary)] if task.primary else list(first)
    return tuple(first[name] for name in order if name in first)


def cell_title(cell: CellResult) -> str:
    fold = f", fold {cell.fold}" if cell.fold is not None else ""
    return f"{cell.variant} (seed {cell.seed}{fold})" if cell.seed is not None else f"{cell.variant}{fold}"
