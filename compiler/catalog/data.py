"""Data sources, kinds of field, ways to split, ways to name labels."""

from benchc.compiler.catalog.model import Entry

SOURCES: tuple[Entry, ...] = ()
FIELDS: tuple[Entry, ...] = ()
SPLITS: tuple[Entry, ...] = ()
LABELS: tuple[Entry, ...] = ()
