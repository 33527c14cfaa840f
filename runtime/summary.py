"""The ten-second summary of a run: which model wins, by how much, is it significant, did the gates hold.

In: results.json. Out: lines of text. Not here: colours, and the report that says more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchc.compiler.jsonvalue import Json
from benchc.runtime.results import objects

Record = Mapping[str, Json]


def summarize(results: Record) -> list[str]:
    """A table for each task of each run, then suites, gates and what went wrong."""
    cells = objects(results, "cells")
    lines: list[str] = []
    for run, task in dict.fromkeys((str(cell["run"]), str(cell["task"])) for cell in cells):
        own = [cell for cell in cells if (cell["run"], cell["task"]) == (run, task)]
        lines += [*_task(run, task, own, results), ""]
    asked = list(_servers(cells))
    return [*lines, *asked, *_suites(objects(results, "suites")), *_gates(objects(results, "gates")), *_troubles(results)]


def _servers(cells: Sequence[Record]) -> Iterator[str]:
    """What models behind servers were asked, over the cells that are done."""
    usages = [(str(cell["model"]), usage) for cell in cells if isinstance(usage := cell.get("usage"), Mapping)]
    for model in dict.fromkeys(model for model, _ in usages):
        own = [usage for name, usage in usages if name == model]
        requests, read, written, cost = (_sum(own, name) for name in ("requests", "input_tokens", "output_tokens", "cost"))
        tokens = "" if read is None or written is None else f", {read:,.0f} tokens read, {written:,.0f} written"
        yield f"{model} was asked {requests or 0:,.0f} times{tokens}{'' if cost is None else f', cost {cost:,.4g}'}"
    if usages:
        yield ""


def _sum(usages: Sequence[Record], name: str) -> float | None:
    """None where a cell does not tell."""
    values = [usage[name] for usage in usages]
    known = [value for value in values if isinstance(value, int | float)]
    return sum(known) if len(known) == len(values) else None


def _task(run: str, task: str, cells: Sequence[Record], results: Record) -> Iterator[str]:
    primary = str(next((cell["primary"] for cell in cells if cell["primary"] is not None), ""))
    tests = [one for one in objects(results, "comparisons") if (one["run"], one["task"], one["metric"]) == (run, task, primary)]
    splits = ", ".join(dict.fromkeys(str(cell["split"]) for cell in cells))
    counts = dict.fromkeys(cell["n"] for cell in cells if cell["n"] is not None)
    examples = f" ({', '.join(f'{count:,}' for count in counts if isinstance(count, int))} examples)" if counts else ""
    yield f"{run}.{task}: {primary} on {splits}{examples}"
    rows = [_row(group, primary, results, tests) for group in _groups(cells)]
    yield from _aligned([("model", primary, "interval", "seeds", "difference", ""), *rows])


def _groups(cells: Sequence[Record]) -> Iterator[list[Record]]:
    """Cells that differ in seed and fold alone."""
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for cell in cells:
        groups.setdefault((str(cell["model"]), str(cell["train"]), str(cell["params"])), []).append(cell)
    yield from groups.values()


def _row(cells: Sequence[Record], primary: str, results: Record, tests: Sequence[Record]) -> tuple[str, ...]:
    ids = {cell["id"] for cell in cells}
    aggregate = next((one for one in objects(results, "aggregates") if one["metric"] == primary and set(_texts(one["cells"])) == ids), None)
    value, low, high = _value(cells, primary, aggregate)
    failed = sum(cell["status"] != "ok" for cell in cells)
    seeds = f"{len(cells) - failed} of {len(cells)}" if failed else str(len(cells))
    return (_name(cells[0]), _number(value), _interval(low, high), seeds, *_difference(ids, tests))


def _value(cells: Sequence[Record], primary: str, aggregate: Record | None) -> tuple[Json, Json, Json]:
    """Over the seeds; where all seeds give the same, the interval of one of them, which the mean then does not have."""
    found = [_metric(cell, primary) for cell in cells]
    values = {None if metric is None else metric["value"] for metric in found}
    if len(values) == 1:
        first = found[0]
        return (None, None, None) if first is None else (first["value"], first["low"], first["high"])
    return (None, None, None) if aggregate is None else (aggregate["mean"], aggregate["low"], aggregate["high"])


def _metric(cell: Record, name: str) -> Record | None:
    metrics = cell["metrics"]
    assert isinstance(metrics, Mapping)
    metric = metrics.get(name)
    return metric if isinstance(metric, Mapping) else None


def _name(cell: Record) -> str:
    params = cell["params"]
    assert isinstance(params, Mapping)
    axes = ", ".join(f"{name}={value}" for name, value in params.items())
    train = f" / {cell['train']}" if cell["train"] is not None else ""
    return f"{cell['model']}{train}" + (f" [{axes}]" if axes else "")


def _difference(ids: set[Json], tests: Sequence[Record]) -> tuple[str, str]:
    """To the baseline, with the corrected p; for the baseline itself its role."""
    for test in tests:
        if set(_texts(test["cells_a"])) == ids:
            p = test["p_adjusted"] if test["p_adjusted"] is not None else test["p"]
            word = {True: "significant", False: "not significant", None: ""}[_truth(test["significant"])]
            shown = [word] if word else []
            return _signed(test["difference"]), " ".join([*shown, f"(p = {p:.2g})"] if isinstance(p, int | float) else shown)
    baseline = any(set(_texts(test["cells_b"])) == ids for test in tests)
    return ("baseline", "") if baseline else ("", "")


def _truth(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, Sequence) else []


def _suites(suites: Sequence[Record]) -> Iterator[str]:
    if suites:
        rows = [
            (str(one["suite"]), f"{_name(one)} seed {one['seed']}", _number(one["value"]), _interval(one["low"], one["high"]))
            for one in suites
        ]
        yield from [*_aligned([("suite", "model", "score", "interval"), *rows]), ""]


def _gates(gates: Sequence[Record]) -> Iterator[str]:
    words = {True: "holds", False: "FAILS", None: "could not be tested"}
    for gate in gates:
        sides = f"  ({_number(gate['left'])} against {_number(gate['right'])})" if gate["passed"] is not None else ""
        yield f"gate {gate['name']} {words[_truth(gate['passed'])]}: {gate['expression']}{sides}"
    if gates:
        yield ""


def _troubles(results: Record) -> Iterator[str]:
    for cell in objects(results, "cells"):
        error = cell["error"]
        if isinstance(error, Mapping):
            advice = f"; {error['help']}" if error.get("help") else ""
            yield f"{cell['status']}: {cell['id']}: {error['message']}{advice}"
    for one in objects(results, "repaired"):
        yield f"the store's {one['kind']} step {str(one['step'])[:12]} was damaged ({one['reason']}) and was computed again"
    for one in objects(results, "incomplete"):
        yield f"results.json lacks its part `{one['part']}` because of a bug in benchc: {one['message']}"


def _number(value: Json) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) and not isinstance(value, bool) else "-"


def _signed(value: Json) -> str:
    return f"{value:+.4f}" if isinstance(value, int | float) else "-"


def _interval(low: Json, high: Json) -> str:
    return f"{_number(low)} to {_number(high)}" if low is not None and high is not None else ""


def _aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
