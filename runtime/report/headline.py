"""The ten-second summary: who wins, by how much, is it sure, did everything hold.

In: a run's folder. Out: `Headline`. Not here: the tables that bear it out.
"""

from collections.abc import Sequence

from benchc.runtime.report.by_data import by_data
from benchc.runtime.report.document import Failure, Headline, Status, Strips, Verdict
from benchc.runtime.report.json_fields import Record, number, records, text, truth
from benchc.runtime.report.naming import correction_name
from benchc.runtime.report.numbers import MINUS, count, difference, interval, measure, p_value, plural, signed_interval
from benchc.runtime.report.prose import with_code
from benchc.runtime.report.run_record import CellResult, ComparisonResult, MetricFacts, RunRecord, TaskResults
from benchc.runtime.report.standings import Standing, standing_strips, standings

MOST_ROWS = 8  # rows of a verdict's small plot
MOST_DATA = 6  # data sets of one task that have a verdict each
MOST_GATES = 3  # gates of each sort that are named
MOST_FAILURES = 30  # failed cells that are named


def headline(run: RunRecord) -> Headline:
    several = len({one.run for one in run.tasks}) > 1
    verdicts = tuple(verdict for task in run.tasks for verdict in _verdicts(task, f"{task.run}.{task.task}" if several else task.task, run))
    lost = [cell for task in run.tasks for cell in task.cells if cell.status != "ok"]
    failures = _failures(lost[:MOST_FAILURES])
    more = f"{plural(len(lost) - MOST_FAILURES, 'further cell')}: see results.json." if len(lost) > MOST_FAILURES else ""
    statuses = (_cells_status(run), *_gate_status(run), *_lint_status(run))
    return Headline(statuses, verdicts, failures, more)


def _failures(lost: Sequence[CellResult]) -> tuple[Failure, ...]:
    """Cells that failed for one reason are named together."""
    by_reason: dict[str, list[str]] = {}
    for cell in lost:
        by_reason.setdefault(cell.error or cell.status, []).append(cell.id)
    return tuple(Failure("\n".join(cells), with_code(reason)) for reason, cells in by_reason.items())


def _cells_status(run: RunRecord) -> Status:
    cells = [cell for task in run.tasks for cell in task.cells]
    done = sum(cell.status == "ok" for cell in cells)
    if done == len(cells):
        return Status(f"All {plural(done, 'cell')} finished" if done != 1 else "The one cell finished", "", "lead", "#results")
    return Status(f"{len(cells) - done:,} of {plural(len(cells), 'cell')} did not finish", "named below", "warn", "#failures")


def _gate_status(run: RunRecord) -> tuple[Status, ...]:
    gates = records(run.results, "gates")
    if not gates:
        return ()
    failed = [gate for gate in gates if truth(gate, "passed") is False]
    open_ = [gate for gate in gates if truth(gate, "passed") is None]
    if not failed and not open_:
        held = "The gate held" if len(gates) == 1 else f"All {len(gates)} gates held"
        return (Status(held, "", "lead", "#gates"),)
    words = [
        *([f"{len(failed)} of {plural(len(gates), 'gate')} failed"] if failed else []),
        *([f"{len(open_)} of {plural(len(gates), 'gate')} could not be decided"] if open_ else []),
    ]
    said = [_gate_sides(gate) for gate in failed[:MOST_GATES]] + [text(gate, "expression") for gate in open_[:MOST_GATES]]
    more = [f"{len(failed) + len(open_) - len(said)} more"] if len(failed) + len(open_) > len(said) else []
    return (Status(", ".join(words), "; ".join(said + more), "warn", "#gates"),)


def _gate_sides(gate: Record) -> str:
    return f"{text(gate, 'expression')} (left {measure(number(gate, 'left'))}, right {measure(number(gate, 'right'))})"


def _lint_status(run: RunRecord) -> tuple[Status, ...]:
    lints = records(run.results, "lints")
    if not lints:
        return (Status("No lint fired", "", "quiet", "#lints"),)
    codes = ", ".join(dict.fromkeys(text(lint, "code") for lint in lints))
    return (Status(f"{plural(len(lints), 'lint')} fired", codes, "warn", "#lints"),)


def _verdicts(task: TaskResults, name: str, run: RunRecord) -> list[Verdict]:
    """One for each data set that the task's cells were measured on, where an axis chooses it: values on other data are no rivals."""
    parts = by_data(task, run.plan)
    if len(parts) > MOST_DATA:
        claim = f"Measured on {len(parts)} data sets, of which each stands by itself: see the table."
        return [Verdict(name, "Several data sets", "", claim, "", "quiet", None)]
    return [_verdict(part, f"{name}, {params}" if params else name) for params, part in parts]


def _verdict(task: TaskResults, name: str) -> Verdict:
    metric = task.primary
    found = standings(task, metric) if metric else ()
    ranked = [one for one in found if one.value is not None]
    if metric is None or not ranked:
        return Verdict(name, "", "", "No model finished on this task: see the errors below.", "", "warn", None)
    best = ranked[0]
    tied = [one.variant for one in ranked if one.value == best.value]
    if len(tied) > 1:
        claim, tone, winner = f"{_listed(tied)} have the same value.", "quiet", "No winner"
    else:
        (claim, tone), winner = _claim(task, metric, ranked), best.variant
    score = f"{metric.name} {measure(best.value)} {interval(best.low, best.high)}".rstrip()
    return Verdict(name, winner, score, claim, _basis(task, best, found), tone, _small_plot(found, metric))


def _small_plot(found: tuple[Standing, ...], metric: MetricFacts) -> Strips | None:
    direction = "higher is better" if metric.higher_is_better else "lower is better"
    more = f"The best {MOST_ROWS} of {len(found)}." if len(found) > MOST_ROWS else ""
    return standing_strips(found[:MOST_ROWS], f"{metric.name}, {direction}", more)


def _claim(task: TaskResults, metric: MetricFacts, ranked: list[Standing]) -> tuple[str, str]:
    best = ranked[0]
    if len(ranked) == 1:
        return "It is the only one with a result, so there is nothing to compare it with.", "quiet"
    second = ranked[1]
    for other in ranked[1:]:
        found = _comparison_of(task, metric, best.variant, other.variant)
        if found is not None:
            untested = f" It was not compared with {second.variant}, which comes second with {measure(second.value)}."
            return _tested(found, best, "" if other is second else untested)
    return f"{second.variant} comes second with {measure(second.value)}. The difference was not tested.", "quiet"


def _comparison_of(task: TaskResults, metric: MetricFacts, one: str, other: str) -> ComparisonResult | None:
    """The comparison of two variants that gave a difference."""
    made = (test for test in task.comparisons if test.metric == metric.name and test.difference is not None)
    return next((test for test in made if {test.variant_a, test.variant_b} == {one, other}), None)


def _tested(found: ComparisonResult, best: Standing, rest: str) -> tuple[str, str]:
    """The comparison's numbers as they stand, named in its own direction."""
    other = found.variant_b if found.variant_a == best.variant else found.variant_a
    correction = correction_name(found.correction)
    corrected = f" after {correction}'s correction" if correction else ""
    p = found.p_adjusted if found.p_adjusted is not None else found.p
    size = f"{found.variant_a} {MINUS} {found.variant_b} = {difference(found.difference)} {signed_interval(found.low, found.high)}".rstrip()
    numbers = f"{size}, p {_relation(p)}{corrected}"
    if found.significant:
        return f"Ahead of {other}, significantly: {numbers}.{rest}", "lead"
    return f"Ahead of {other}, but the difference may be chance: {numbers}.{rest}", "quiet"


def _relation(p: float | None) -> str:
    written = p_value(p)
    return written if written.startswith("<") else f"= {written}"


def _basis(task: TaskResults, best: Standing, found: Sequence[Standing]) -> str:
    cells = [cell for cell in task.cells if cell.status == "ok"]
    splits = _listed(sorted({cell.split for cell in cells}))
    sizes = sorted({cell.n for cell in cells if cell.n is not None})
    shown = count(sizes[0]) if len(sizes) == 1 else f"{count(sizes[0])} to {count(sizes[-1])}" if sizes else ""
    examples = f", {shown} examples{' in each fold' if any(cell.fold is not None for cell in cells) else ''}" if shown else ""
    seeds = sorted({cell.seed for cell in cells if cell.seed is not None})
    folds = {cell.fold for cell in cells if cell.fold is not None}
    from_seeds = f"seeds {_listed([str(seed) for seed in seeds])}" if len(seeds) > 1 else "one seed"
    from_folds = f", {plural(len(folds), 'fold')}" if folds else ""
    failed = f"; {plural(best.failed, 'cell')} of the winner failed" if best.failed else ""
    unranked = [one.variant for one in found if one.value is None]
    without = f" Without a result, so not ranked: {_listed(unranked)}." if unranked else ""
    return f"Measured on {splits}{examples}, {from_seeds}{from_folds}{failed}.{without}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nothing"
