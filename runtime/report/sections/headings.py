"""How sections name the tasks that they go through.

In: a task among all tasks of the run. Out: a heading, or none where there is one task only.
"""

from benchc.runtime.report.document import Heading
from benchc.runtime.report.run_record import RunRecord, TaskResults


def task_heading(run: RunRecord, task: TaskResults) -> tuple[Heading, ...]:
    if len(run.tasks) < 2:
        return ()
    return (Heading(task_name(run, task), f"{task.kind}" if task.kind else ""),)


def task_name(run: RunRecord, task: TaskResults) -> str:
    """The task's name, with that of its run where there are several runs."""
    return f"{task.run}.{task.task}" if len({one.run for one in run.tasks}) > 1 else task.task
