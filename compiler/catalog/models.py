"""Model sources, features and estimators of scikit-learn, architectures, baselines, heads."""

from benchc.compiler.catalog.model import Entry

MODEL_SOURCES: tuple[Entry, ...] = ()
FEATURES: tuple[Entry, ...] = ()
ESTIMATORS: tuple[Entry, ...] = ()
ARCHITECTURES: tuple[Entry, ...] = ()
BASELINES: tuple[Entry, ...] = ()
HEADS: tuple[Entry, ...] = ()
