"""Tests between models, scores of suites, cross-validation."""

from benchc.compiler.catalog.blocks import METRIC
from benchc.compiler.catalog.model import Entry
from benchc.compiler.catalog.types import REQUIRED, Choice, FieldName, Integer, Key, ListOf, MapOf, Real, Reference

BASELINE = Key(
    "baseline", Reference(("model", "train")), "the model or training setting that the others are tested against; every pair when not given"
)
ALPHA = Key("alpha", Real(0.0, 1.0, open_minimum=True, open_maximum=True), "largest p that counts as significant", 0.05)
CORRECTION = Key(
    "correction",
    Choice(("holm", "benjamini_hochberg", "bonferroni", "none")),
    "how p is adjusted for the number of comparisons in the run",
    "holm",
)
SAMPLES = Key("samples", Integer(minimum=100), "resamples", 10_000)
TESTED = Key("metrics", ListOf(METRIC, least=1, single=True), "the metrics that are tested; each task's primary one when not given")
SEEDS = Key(
    "seeds",
    Choice(("fixed", "resample")),
    "fixed asks about these trained models; resample also draws seeds, and so asks about training again",
    "fixed",
)

COMPARISONS = (
    Entry(
        "paired_bootstrap",
        "resamples examples, the same for both models, and looks at the difference of the metric",
        (BASELINE, SAMPLES, ALPHA, CORRECTION, TESTED, SEEDS),
        example="paired_bootstrap(baseline = linear, samples = 10k)",
    ),
    Entry(
        "permutation",
        "swaps the two models' answers example by example; exact when few examples differ",
        (BASELINE, SAMPLES, ALPHA, CORRECTION, TESTED),
        example="permutation(baseline = linear)",
    ),
    Entry(
        "mcnemar",
        "compares how often just one of the two models is right",
        (BASELINE, SAMPLES, ALPHA, CORRECTION, TESTED),
        example="mcnemar(baseline = plain, correction = benjamini_hochberg)",
    ),
    Entry(
        "paired_t",
        "Student's t on the differences example by example; for metrics that are means over examples",
        (BASELINE, SAMPLES, ALPHA, CORRECTION, TESTED),
        example="paired_t(baseline = linear, metrics = mse)",
    ),
    Entry(
        "wilcoxon",
        "signed ranks of the differences example by example; for metrics that are means over examples",
        (BASELINE, SAMPLES, ALPHA, CORRECTION, TESTED),
        example="wilcoxon(baseline = linear, metrics = mae)",
    ),
)

SUITE_SCORES = (
    Entry("mean", "plain mean of the tasks' primary metrics", example="mean"),
    Entry(
        "weighted",
        "mean with a weight for each task",
        (Key("weights", MapOf(Reference(("task",)), Real(minimum=0.0)), "the weight of each task", REQUIRED),),
        positional=("weights",),
        example="weighted({ entailment = 2, relatedness = 1 })",
    ),
    Entry("geometric", "geometric mean; no value when a task's metric is not above zero", example="geometric"),
)

VALIDATIONS = (
    Entry(
        "kfold",
        "k parts of the training rows; each is scored once by a model fitted on the others",
        (
            Key("folds", Integer(minimum=2), "number of parts", 5),
            Key("stratify", FieldName(), "a label field whose shares are kept in each part"),
            Key("group", FieldName(), "a field whose equal values stay in one part"),
            Key("seed", Integer(minimum=0), "seed of the division", 0),
        ),
        positional=("folds",),
        example="kfold(5, stratify = kind)",
    ),
)
