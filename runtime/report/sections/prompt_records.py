"""The part of results.json that says how a cell was asked."""

from benchc.runtime.report.json_fields import Record, records, texts
from benchc.runtime.report.run_record import CellResult, RunRecord


def prompts_of_cell(run: RunRecord, cell: CellResult) -> Record | None:
    """None for a model that is not prompted."""
    return next((one for one in records(run.results, "prompts") if cell.id in texts(one, "cells")), None)
