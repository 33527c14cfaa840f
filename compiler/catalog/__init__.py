"""The catalog, assembled: `CATALOG` is all that a spec can name. See `catalog.model` for what an entry is."""

from collections.abc import Iterable, Mapping

from benchc.compiler.catalog import blocks, comparisons, data, metrics, models, prompting, tasks, training
from benchc.compiler.catalog.model import Catalog, Entry

STEP_VERSIONS = {
    "load": 1,
    "split": 1,
    "encode": 3,
    "train": 1,
    "predict": 2,
    "extract": 1,
    "examine": 2,
    "score": 3,
    "compare": 2,
    "aggregate": 2,
    "gate": 1,
    "report": 1,
}


def _by_name(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    return {entry.name: entry for entry in entries}


CATALOG = Catalog(
    blocks={kind.name: kind for kind in blocks.BLOCKS},
    families={
        "task": _by_name(tasks.TASKS),
        "source": _by_name(data.SOURCES),
        "format": _by_name(data.FORMATS),
        "field": _by_name(data.FIELDS),
        "splits": _by_name(data.SPLITS),
        "labels": _by_name(data.LABELS),
        "metric": _by_name(metrics.METRICS),
        "model_source": _by_name(models.MODEL_SOURCES),
        "features": _by_name(models.FEATURES),
        "estimator": _by_name(models.ESTIMATORS),
        "architecture": _by_name(models.ARCHITECTURES),
        "baseline": _by_name(models.BASELINES),
        "head": _by_name(models.HEADS),
        "optimizer": _by_name(training.OPTIMIZERS),
        "schedule": _by_name(training.SCHEDULES),
        "loss": _by_name(training.LOSSES),
        "select": _by_name(training.SELECTIONS),
        "early_stop": _by_name(training.EARLY_STOPS),
        "shots": _by_name(prompting.SHOTS),
        "decode": _by_name(prompting.DECODINGS),
        "extract": _by_name(prompting.EXTRACTIONS),
        "calibration": _by_name(prompting.CALIBRATIONS),
        "answer": _by_name(prompting.ANSWERS),
        "comparison": _by_name(comparisons.COMPARISONS),
        "suite_score": _by_name(comparisons.SUITE_SCORES),
        "validation": _by_name(comparisons.VALIDATIONS),
    },
    step_versions=STEP_VERSIONS,
)
