"""Fitted estimators on disk, in the form of skops: a zip of arrays and a description, nothing pickled.

Only types that are named here, or that skops trusts by itself, are made when a file is read; any other is refused.
"""

from pathlib import Path
from typing import Any

from skops import io as skops_io

from benchc.runtime.work import StepFailed

FITTED = "estimator.skops"

TRUSTED = frozenset(
    {
        "scipy.sparse._csr.csr_array",
        "scipy.sparse._csr.csr_matrix",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._dist_metrics.EuclideanDistance32",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance32",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.tree._tree.Tree",
    }
)


def save_estimator(estimator: Any, folder: Path) -> None:
    skops_io.dump(estimator, folder / FITTED)


def load_estimator(folder: Path) -> Any:
    """Raises StepFailed when the file asks for types that are not trusted."""
    path = folder / FITTED
    strange = sorted(set(skops_io.get_untrusted_types(file=path)) - TRUSTED)
    if strange:
        raise StepFailed(
            "model_not_trusted", f"`{path.name}` asks for the type `{strange[0]}`, which is not trusted", "fit the model again"
        )
    return skops_io.load(path, trusted=sorted(TRUSTED))
