"""The report's sections, one file each: `def NAME_section(run: RunRecord) -> Section | None`, None when the run has nothing to show there.

In: a run's folder as typed values. Out: blocks with every text final. Not here: HTML, CSS.
"""
