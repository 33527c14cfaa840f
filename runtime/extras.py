"""What results.json holds besides numbers: data cards, examples and prompts to read, how the numbers were made.

In: the plan and how its steps ended. Out: `Extras`. Not here: the cards and the choice of examples themselves.
A bug in one of these parts must not lose the numbers: the part stays empty, results.json names it under `incomplete`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Cell, Plan, Step
from benchc.runtime.method import describe_method
from benchc.runtime.outcome import Done, Outcome
from benchc.runtime.results import Extras

if TYPE_CHECKING:
    from benchc.runtime.report.example_cell import Scored

Made = TypeVar("Made")
NoteBug = Callable[[str, Exception], None]


def make_extras(plan: Plan, outcome: Outcome, note_bug: NoteBug) -> Extras:
    """`predictions`, `lints` and `environment` are left empty: they are not made from steps."""
    incomplete: list[Json] = []

    def guarded(part: str, make: Callable[[], Made], empty: Made) -> Made:
        try:
            return make()
        except Exception as bug:  # noqa: BLE001 - the numbers are worth more than what goes with them; the bug is recorded
            note_bug(part, bug)
            incomplete.append({"part": part, "message": f"{type(bug).__name__}: {bug}"})
            return empty

    data = guarded("data", lambda: data_cards(plan, outcome), list[Json]())
    examples = guarded("examples", lambda: choose_examples(plan, outcome), list[Json]())
    method = guarded("method", lambda: describe_method(plan, outcome), dict[str, Json]())
    prompts = guarded("prompts", lambda: choose_prompts(plan, outcome), list[Json]())
    return Extras(
        predictions={}, data=data, examples=examples, lints=(), environment={}, method=method, prompts=prompts, incomplete=incomplete
    )


def data_cards(plan: Plan, outcome: Outcome) -> list[Json]:
    """One card for each data set as it was divided, with the tasks and the folds that use it."""
    from benchc.runtime.data.card import data_card

    steps = {step.key: step for step in plan.steps}
    cards: list[Json] = []
    for (rows, split), cells in _by_data(plan).items():
        load, division = outcome.steps[rows], outcome.steps[split]
        if isinstance(load, Done) and isinstance(division, Done):
            card = data_card(load.folder, division.folder, _encodings(cells, outcome))
            assert isinstance(card, Mapping)
            hints = steps[rows].hints
            about = {name: hints[name] for name in ("dataset", "description", "license") if name in hints}
            folds: list[Json] = [*sorted({cell.fold for cell in cells if cell.fold is not None})]
            cards.append({**about, "tasks": sorted({cell.task for cell in cells}), "folds": folds, **card})
    return cards


def choose_examples(plan: Plan, outcome: Outcome) -> list[Json]:
    """Examples of every task, as many as the report block asks for."""
    from benchc.runtime.report.example_cell import ExampleCell
    from benchc.runtime.report.examples import select_examples

    steps = {step.key: step for step in plan.steps}
    finished = [
        ExampleCell(
            cell=cell.id,
            run=cell.run,
            task=cell.task,
            task_kind=cell.task_kind,
            model=cell.model,
            train=cell.train,
            params=cell.params,
            seed=cell.seed,
            split_name=cell.split,
            predictions=predict.folder / "predictions.parquet",
            load=load.folder,
            split=split.folder,
            inputs=_inputs(steps[cell.predict_step]),
            choices=_choices(steps[cell.predict_step]),
            encode=_prompts(cell, steps, outcome),
            extract=_extract(cell, steps),
            examined=_examined(cell, steps, outcome),
            primary=_primary(cell, steps, outcome),
        )
        for cell in plan.cells
        if isinstance(load := outcome.steps[cell.rows], Done)
        and isinstance(split := outcome.steps[cell.split_step], Done)
        and isinstance(predict := outcome.steps[cell.answers_step], Done)
    ]
    most = plan.report.get("examples")
    return select_examples(finished, most if isinstance(most, int) else 20)


def choose_prompts(plan: Plan, outcome: Outcome) -> list[Json]:
    """Of each set of prompts some in full."""
    from benchc.runtime.report.chosen_prompts import chosen_prompts

    return chosen_prompts(plan, outcome)


def _by_data(plan: Plan) -> dict[tuple[str, str], list[Cell]]:
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in plan.cells:
        groups.setdefault((cell.rows, cell.split_step), []).append(cell)
    return groups


def _encodings(cells: list[Cell], outcome: Outcome) -> list[Path]:
    keys = dict.fromkeys(cell.encode_step for cell in cells if cell.encode_step is not None)
    return [end.folder for key in keys if isinstance(end := outcome.steps[key], Done)]


def _inputs(step: Step) -> tuple[str, ...]:
    task = step.params["task"]
    assert isinstance(task, Mapping)
    inputs = task["inputs"]
    assert isinstance(inputs, list | tuple)
    return tuple(str(field) for field in inputs)


def _choices(step: Step) -> str | None:
    task = step.params["task"]
    assert isinstance(task, Mapping)
    return None if task.get("choices") is None else str(task["choices"])


def _prompts(cell: Cell, steps: Mapping[str, Step], outcome: Outcome) -> Path | None:
    if cell.encode_step is None or "prompted" not in steps[cell.encode_step].params:
        return None
    end = outcome.steps[cell.encode_step]
    return end.folder if isinstance(end, Done) else None


def _extract(cell: Cell, steps: Mapping[str, Step]) -> Mapping[str, Json] | None:
    extract = None if cell.extract_step is None else steps[cell.extract_step].params["extract"]
    return extract if isinstance(extract, Mapping) else None


def _examined(cell: Cell, steps: Mapping[str, Step], outcome: Outcome) -> Path | None:
    """Where what tests said of the answers stands."""
    for metric in cell.metrics:
        call, answers = steps[metric.score].params["metric"], steps[metric.score].inputs["predictions"][0]
        end = outcome.steps[answers]
        if isinstance(call, Mapping) and call["call"] == "pass_at" and isinstance(end, Done):
            return end.folder
    return None


def _primary(cell: Cell, steps: Mapping[str, Step], outcome: Outcome) -> "Scored | None":
    from benchc.runtime.report.example_cell import Scored

    for metric in cell.metrics:
        call, end = steps[metric.score].params["metric"], outcome.steps[steps[metric.score].inputs["predictions"][0]]
        if metric.primary and isinstance(call, Mapping) and isinstance(end, Done) and isinstance(outcome.steps[metric.score], Done):
            return Scored(metric.name, call, end.folder)
    return None
