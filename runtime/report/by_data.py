"""A task's results apart by the data that they were measured on.

In: a task's results, the plan. Out: a `TaskResults` for each data set, with the params that choose it. Without a plan all is one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchc.compiler.jsonvalue import Json
from benchc.runtime.report.json_fields import Record, records, text
from benchc.runtime.report.run_record import CellResult, TaskResults


def by_data(task: TaskResults, plan: Record) -> list[tuple[str, TaskResults]]:
    """Each data set's part of the task, named `subject = astronomy`; the name is empty when there is one."""
    rows = {text(cell, "id"): text(cell, "rows") for cell in records(plan, "cells")}
    groups: dict[str, list[CellResult]] = {}
    for cell in task.cells:
        groups.setdefault(rows.get(cell.id, ""), []).append(cell)
    if len(groups) == 1:
        return [("", task)]
    return [(_chosen_by(cells), _part(task, cells)) for cells in groups.values()]


def _chosen_by(cells: Sequence[CellResult]) -> str:
    """The params that all cells of a data set have alike."""
    params: Mapping[str, Json] = cells[0].params
    return ", ".join(f"{name} = {value}" for name, value in params.items() if all(cell.params.get(name) == value for cell in cells))


def _part(task: TaskResults, cells: Sequence[CellResult]) -> TaskResults:
    variants = {cell.variant for cell in cells}
    return replace(
        task,
        cells=tuple(cells),
        aggregates=tuple(one for one in task.aggregates if one.variant in variants),
        comparisons=tuple(one for one in task.comparisons if {one.variant_a, one.variant_b} <= variants),
    )
