"""`benchc report RUN`: a run's folder to its report.html.

In: the folder that `benchc run` left, and nothing else. Out: the path of the report. Not here: any number that is not in results.json.
"""

import os
from pathlib import Path

from benchc.runtime.report.page import render_page
from benchc.runtime.report.run_record import read_run
from benchc.runtime.report.summarize import summarize


def write_report(folder: Path) -> Path:
    """Writes `folder/report.html`, replacing an earlier one as a whole, and returns its path.

    Raises FileNotFoundError without results.json, DocumentError when a file is not what it should be, OSError when it cannot be written.
    """
    html = render_page(summarize(read_run(folder)))
    target = folder / "report.html"
    aside = folder / f".report.html.{os.getpid()}"
    try:
        aside.write_bytes(html.encode("utf-8", "replace"))
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    return target
