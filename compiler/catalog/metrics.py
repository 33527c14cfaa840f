"""Metrics."""

from benchc.compiler.catalog.model import Entry

METRICS: tuple[Entry, ...] = ()
