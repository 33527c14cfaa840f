"""What is checked of a resolved spec: `MEANING` always, `METHOD` when every block is sound. Each takes a `Subject` and gives findings.

None of them imports another's verdict; what they share is in `view`.
"""

from typing import Final

from benchc.compiler.checks.axes import check_axes, check_exclusions
from benchc.compiler.checks.data import check_datasets, check_labels
from benchc.compiler.checks.endpoints import check_endpoints, check_unpinned_endpoints
from benchc.compiler.checks.finding import Check
from benchc.compiler.checks.gates import check_gates
from benchc.compiler.checks.method import (
    check_baseline,
    check_correction,
    check_majority_metric,
    check_nothing_compared,
    check_revisions,
    check_seeds,
    check_selection,
    check_training_split,
)
from benchc.compiler.checks.names import check_bench, check_shadowed, check_unused
from benchc.compiler.checks.prompts import check_prompted_tasks, check_prompts
from benchc.compiler.checks.runs import check_runs
from benchc.compiler.checks.suites import check_suites
from benchc.compiler.checks.tasks import check_tasks
from benchc.compiler.checks.training import check_models, check_training

MEANING: Final[tuple[Check, ...]] = (
    check_bench,
    check_shadowed,
    check_labels,
    check_datasets,
    check_tasks,
    check_prompts,
    check_prompted_tasks,
    check_models,
    check_endpoints,
    check_training,
    check_suites,
    check_runs,
    check_axes,
    check_exclusions,
    check_gates,
)

METHOD: Final[tuple[Check, ...]] = (
    check_unused,
    check_selection,
    check_training_split,
    check_seeds,
    check_baseline,
    check_majority_metric,
    check_correction,
    check_nothing_compared,
    check_revisions,
    check_unpinned_endpoints,
)
