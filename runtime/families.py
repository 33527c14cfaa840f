"""Corrected p of a family of comparisons of which some failed.

In: the aggregate step that corrects a family, how steps ended. Out: its result, from the store, or made here over the comparisons that
finished.
"""

from collections.abc import Mapping

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.outcome import Done, StepOutcome
from benchc.runtime.statistics.corrections import verdicts
from benchc.runtime.statistics.result_file import read_result


def family_result(step: Step, ends: Mapping[str, StepOutcome]) -> Mapping[str, Json]:
    """What `verdicts` says of the family; null for a comparison that did not finish."""
    end = ends[step.key]
    if isinstance(end, Done):
        return read_result(end.folder)
    members = [ends[key] for key in step.inputs["values"]]
    return verdicts(step.params, [read_result(member.folder) if isinstance(member, Done) else None for member in members])
