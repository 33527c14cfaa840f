"""The metrics by the names that the catalog gives them, and the value of one on examples.

In: a call in canonical JSON, examples. Out: a number, or None where the metric is undefined.
"""

import math
from collections.abc import Mapping

import numpy as np

from benchc.compiler.jsonvalue import Json
from benchc.runtime.metrics.accuracy import ACCURACY, BALANCED_ACCURACY
from benchc.runtime.metrics.agreement import KAPPA, MCC
from benchc.runtime.metrics.bertscore import BERTSCORE
from benchc.runtime.metrics.choices import PREFERENCE_RATE
from benchc.runtime.metrics.correlation import KENDALL, PEARSON, SPEARMAN
from benchc.runtime.metrics.error import MAE, MSE, R2, RMSE
from benchc.runtime.metrics.examples import Examples
from benchc.runtime.metrics.metric import Metric
from benchc.runtime.metrics.pass_at import PASS_AT
from benchc.runtime.metrics.perplexity import BITS_PER_BYTE, PERPLEXITY, WORD_PERPLEXITY
from benchc.runtime.metrics.precision_recall import F1, PRECISION, RECALL
from benchc.runtime.metrics.probability import BRIER, ECE, LOG_LOSS
from benchc.runtime.metrics.ranking import AUROC, AVERAGE_PRECISION
from benchc.runtime.metrics.rouge import ROUGE_1, ROUGE_2, ROUGE_L, ROUGE_LSUM
from benchc.runtime.metrics.text_match import EXACT_MATCH, TOKEN_F1
from benchc.runtime.metrics.translation import BLEU, CHRF, TER

METRICS: Mapping[str, Metric] = {
    "accuracy": ACCURACY,
    "balanced_accuracy": BALANCED_ACCURACY,
    "precision": PRECISION,
    "recall": RECALL,
    "f1": F1,
    "mcc": MCC,
    "kappa": KAPPA,
    "auroc": AUROC,
    "average_precision": AVERAGE_PRECISION,
    "log_loss": LOG_LOSS,
    "brier": BRIER,
    "ece": ECE,
    "pearson": PEARSON,
    "spearman": SPEARMAN,
    "kendall": KENDALL,
    "mse": MSE,
    "rmse": RMSE,
    "mae": MAE,
    "r2": R2,
    "preference_rate": PREFERENCE_RATE,
    "exact_match": EXACT_MATCH,
    "token_f1": TOKEN_F1,
    "bleu": BLEU,
    "chrf": CHRF,
    "ter": TER,
    "rouge1": ROUGE_1,
    "rouge2": ROUGE_2,
    "rougeL": ROUGE_L,
    "rougeLsum": ROUGE_LSUM,
    "bertscore": BERTSCORE,
    "pass_at": PASS_AT,
    "perplexity": PERPLEXITY,
    "word_perplexity": WORD_PERPLEXITY,
    "bits_per_byte": BITS_PER_BYTE,
}


def metric_of(call: Mapping[str, Json]) -> Metric:
    """The metric that a call names; KeyError when there is none."""
    return METRICS[str(call["call"])]


def measure(call: Mapping[str, Json], examples: Examples) -> float | None:
    """The metric's value on these examples; None where it is undefined (no examples, one class only, constant predictions).

    `call` is canonical, defaults filled in. Raises `MetricMisfitError` when the predictions cannot give the metric.
    """
    value = float(metric_of(call).statistic(examples, call)(np.ones((1, examples.count)))[0])
    return value if math.isfinite(value) else None
