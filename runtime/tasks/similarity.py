"""Cosine of two sentence vectors against a number.

The target's scale is its own (1 to 5, say), the prediction is the cosine: rank and linear correlation compare them. Reading targets
and writing columns is as in `regression`.
"""

from benchc.runtime.tasks.regression import columns, output_count, score_kind, targets

__all__ = ["columns", "output_count", "score_kind", "targets"]
