"""Corrected p of a family of comparisons of which some failed.

In: the aggregate step that corrects a family, how steps ended. Out: its result, from the store, or made here over the comparisons that
finished. One that did not counts as p = 1: the others are then corrected for as many tests as were planned, never for fewer.
"""

from collections.abc import Mapping

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.outcome import Done, StepOutcome
from benchc.runtime.statistics.corrections import adjust
from benchc.runtime.statistics.result_file import number, read_result


def family_result(step: Step, ends: Mapping[str, StepOutcome]) -> Mapping[str, Json]:
    """{"p_adjusted", "significant", "correction"} as the aggregate step makes it; null for a comparison that did not finish."""
    end = ends[step.key]
    if isinstance(end, Done):
        return read_result(end.folder)
    members = [ends[key] for key in step.inputs["values"]]
    p = [number(read_result(member.folder), "p") if isinstance(member, Done) else 1.0 for member in members]
    correction, alpha = str(step.params["correction"]), step.params["alpha"]
    assert isinstance(alpha, int | float)
    adjusted = [one if isinstance(member, Done) else None for one, member in zip(adjust(correction, p), members, strict=True)]
    significant: Json = [None if one is None else one <= alpha for one in adjusted]
    return {"p_adjusted": adjusted, "significant": significant, "correction": correction}
