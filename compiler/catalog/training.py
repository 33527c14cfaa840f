"""Optimizers, schedules, losses, choice of checkpoint, early stopping."""

from benchc.compiler.catalog.model import Entry

OPTIMIZERS: tuple[Entry, ...] = ()
SCHEDULES: tuple[Entry, ...] = ()
LOSSES: tuple[Entry, ...] = ()
SELECTIONS: tuple[Entry, ...] = ()
EARLY_STOPS: tuple[Entry, ...] = ()
