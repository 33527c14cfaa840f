"""Cells that differ in seed and fold alone.

In: built cells. Out: `Group` values, and the step that sums up a metric over a group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchc.compiler.expand import params_text
from benchc.compiler.lower_cells import BuiltCell
from benchc.compiler.steps import StepTable, params, record


@dataclass(frozen=True, slots=True)
class Group:
    """The cells that differ in seed and fold alone."""

    cells: tuple[BuiltCell, ...]

    @property
    def first(self) -> BuiltCell:
        return self.cells[0]

    @property
    def contestant(self) -> tuple[str, str | None]:
        return self.first.cell.model, self.first.cell.train

    @property
    def label(self) -> str:
        """ "model" or "model/train", with the values of axes."""
        model, train = self.contestant
        name = model if train is None else f"{model}/{train}"
        values = ",".join(params_text(self.first.cell.params))
        return f"{name}[{values}]" if values else name

    def scores(self, metric: str) -> tuple[str, ...]:
        """The score steps of a metric, each once: seeds that cannot change a result share one."""
        found = (ref.score for built in self.cells for ref in built.cell.metrics if ref.name == metric)
        return tuple(dict.fromkeys(found))


def group_cells(cells: Sequence[BuiltCell]) -> tuple[Group, ...]:
    groups: dict[tuple[object, ...], list[BuiltCell]] = {}
    for built in cells:
        cell = built.cell
        groups.setdefault((cell.run, cell.task, cell.model, cell.train, params_text(cell.params)), []).append(built)
    return tuple(Group(tuple(members)) for members in groups.values())


def summed_up(group: Group, metric: str, table: StepTable) -> str:
    """The step that makes mean, deviation and interval of a metric: over the folds of each seed, then over seeds."""
    by_seed: dict[int, list[BuiltCell]] = {}
    for built in group.cells:
        by_seed.setdefault(built.cell.seed, []).append(built)
    if group.first.cell.fold is None:
        return _aggregated("seeds", group.scores(metric), group, table)
    folded = [_aggregated("folds", Group(tuple(cells)).scores(metric), group, table) for cells in by_seed.values()]
    distinct = tuple(dict.fromkeys(folded))
    return distinct[0] if len(distinct) == 1 else _aggregated("seeds", distinct, group, table)


def one_value(group: Group, metric: str, table: StepTable) -> str:
    """The step that gives a metric of a group as one number: its only score, else what sums it up."""
    scores = group.scores(metric)
    return scores[0] if len(scores) == 1 else summed_up(group, metric, table)


def _aggregated(of: str, values: tuple[str, ...], group: Group, table: StepTable) -> str:
    settings = record(of=of, confidence=group.first.spec.run.settings["confidence"])
    return table.add("aggregate", params(settings), {"values": values}, {"model": group.first.cell.model, "task": group.first.cell.task})
