"""The metrics of a task: the usual one where none is named, and which of them ranks models.

In: a task's settings. Out: the same with `metrics` and `primary` filled in; `primary` equals one of `metrics`.
"""

from collections.abc import Mapping, Sequence

from benchc.compiler.catalog.model import Catalog, TaskFacts
from benchc.compiler.catalog.types import Call
from benchc.compiler.complete import complete
from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Help, Problem, error
from benchc.compiler.spec import Spans


def settle_metrics(
    settings: Mapping[str, Json], facts: TaskFacts, catalog: Catalog, spans: Spans
) -> tuple[dict[str, Json], tuple[Problem, ...]]:
    """The settings with both keys filled in, and the problem of a primary metric that is not measured."""
    asked, primary = settings["metrics"], settings["primary"]
    if isinstance(asked, Sequence) and not isinstance(asked, str):
        metrics = list(asked)
    elif primary is not None:
        metrics = [primary]
    else:
        metrics = [complete({"call": name}, Call("metric"), catalog) for name in facts.default_metrics]
    settled = {**settings, "metrics": metrics, "primary": metrics[0] if metrics else None}
    if primary is None or primary in metrics:
        return {**settled, "primary": primary if primary is not None else settled["primary"]}, ()
    namesakes = [metric for metric in metrics if _is_bare(primary, catalog) and _call_name(metric) == _call_name(primary)]
    if len(namesakes) == 1:
        return {**settled, "primary": namesakes[0]}, ()
    return settled, (_not_measured(primary, len(namesakes), spans),)


def _not_measured(primary: Json, namesakes: int, spans: Spans) -> Problem:
    shown = metric_name(primary)
    span = spans.at("primary")
    if namesakes:
        return error(
            "primary_not_measured",
            f"`{shown}` stands for {namesakes} of the metrics",
            span,
            Help("give one of them a name: `metric NAME = ...`"),
        )
    return error(
        "primary_not_measured", f"the primary metric `{shown}` is not among the metrics", span, Help(f"add `{shown}` to `metrics`")
    )


def metric_name(metric: Json) -> str:
    """The name of a metric block, or of a call."""
    return metric if isinstance(metric, str) else str(_call_name(metric))


def _call_name(metric: Json) -> Json:
    return metric.get("call") if isinstance(metric, Mapping) else None


def _is_bare(metric: Json, catalog: Catalog) -> bool:
    name = _call_name(metric)
    return isinstance(name, str) and metric == complete({"call": name}, Call("metric"), catalog)
