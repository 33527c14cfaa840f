"""Tests between models, scores of suites, cross-validation."""

from benchc.compiler.catalog.model import Entry

COMPARISONS: tuple[Entry, ...] = ()
SUITE_SCORES: tuple[Entry, ...] = ()
VALIDATIONS: tuple[Entry, ...] = ()
