"""The plan as a file: canonical JSON, the same bytes for the same plan on every machine.

In: `Plan` or text. Out: text or `Plan`. The form is published as a JSON Schema (`plan_schema`). Not here: whether the plan holds
together (`verify`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeAlias

from benchc.compiler.jsonvalue import Json, canonical
from benchc.compiler.plan import (
    PLAN_FORMAT,
    Aggregate,
    Cell,
    MetricRef,
    Plan,
    PlannedComparison,
    PlannedGate,
    PlannedSuite,
    Step,
)

Record: TypeAlias = Step | Cell | MetricRef | Aggregate | PlannedComparison | PlannedSuite | PlannedGate


class PlanFormatError(Exception):
    """A text is no plan that this version of benchc can read; the message says why."""


def write_plan(plan: Plan) -> str:
    """One line of canonical JSON."""
    return canonical(plan_json(plan)) + "\n"


def plan_json(plan: Plan) -> Mapping[str, Json]:
    return {
        "format": PLAN_FORMAT,
        "bench": plan.bench,
        "report": plan.report,
        "steps": [_json(step) for step in plan.steps],
        "cells": [{**_json(cell), "metrics": [_json(metric) for metric in cell.metrics]} for cell in plan.cells],
        "aggregates": [_json(aggregate) for aggregate in plan.aggregates],
        "comparisons": [_json(comparison) for comparison in plan.comparisons],
        "suites": [_json(suite) for suite in plan.suites],
        "gates": [_json(gate) for gate in plan.gates],
        "budget": plan.budget,
    }


def read_plan(text: str) -> Plan:
    """The plan that `write_plan` wrote. Raises PlanFormatError."""
    try:
        data = json.loads(text)
    except ValueError as fault:
        raise PlanFormatError(f"the plan is not JSON: {fault}") from None
    if not isinstance(data, dict) or data.get("format") != PLAN_FORMAT:
        found = data.get("format") if isinstance(data, dict) else None
        raise PlanFormatError(f"the plan's format is `{found}`, and this version of benchc reads `{PLAN_FORMAT}`")
    try:
        return _plan(data)
    except (KeyError, TypeError, AttributeError) as fault:
        raise PlanFormatError(f"the plan does not have the form of `{PLAN_FORMAT}`: {fault}") from None


def _plan(data: Mapping[str, Any]) -> Plan:
    return Plan(
        bench=data["bench"],
        report=data["report"],
        steps=tuple(Step(**{**step, "inputs": {role: tuple(keys) for role, keys in step["inputs"].items()}}) for step in data["steps"]),
        cells=tuple(Cell(**{**cell, "metrics": tuple(MetricRef(**metric) for metric in cell["metrics"])}) for cell in data["cells"]),
        aggregates=_read(Aggregate, data["aggregates"], "cells"),
        comparisons=_read(PlannedComparison, data["comparisons"], "cells_a", "cells_b"),
        suites=_read(PlannedSuite, data["suites"]),
        gates=_read(PlannedGate, data["gates"]),
        budget=data["budget"],
    )


def _read(make: Callable[..., Any], rows: list[dict[str, Any]], *tuples: str) -> tuple[Any, ...]:
    return tuple(make(**{**row, **{name: tuple(row[name]) for name in tuples}}) for row in rows)


def _json(record: Record) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}
