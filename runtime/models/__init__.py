"""Model families: one module each, imported when it is needed.

`FAMILIES` maps a model source of the catalog to its module. A fitted model says in `family.json` which source made it, so that
prediction needs no settings.
"""

import importlib
import json
from pathlib import Path
from typing import Protocol, cast

from benchc.runtime.models.family import FitJob, FitReport, Predicted, PredictJob
from benchc.runtime.work import StepFailed

FAMILIES = {
    "package": "encoder_family",
    "hf": "encoder_family",
    "scratch": "encoder_family",
    "sklearn": "sklearn_family",
    "baseline": "baselines",
    "endpoint": "endpoint_family",
}

MARK = "family.json"


class Family(Protocol):
    """What each family's module offers."""

    def fit(self, job: FitJob) -> FitReport: ...

    def predict(self, job: PredictJob) -> Predicted: ...


def family_of(source: str) -> Family:
    """The module that does models of this source."""
    if source not in FAMILIES:
        raise StepFailed("unknown_model_source", f"no model family does `{source}`", f"known are {', '.join(FAMILIES)}")
    return cast(Family, importlib.import_module(f"benchc.runtime.models.{FAMILIES[source]}"))


def mark_fitted(folder: Path, source: str) -> None:
    """Notes in a fitted model's folder which source made it."""
    (folder / MARK).write_text(json.dumps({"format": "benchc-fitted/1", "source": source}))


def fitted_source(folder: Path) -> str:
    """The source that made the model in this folder."""
    return str(json.loads((folder / MARK).read_text())["source"])
