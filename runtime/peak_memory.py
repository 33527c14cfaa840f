"""The most memory that a step held.

In: a device's name. Out: bytes. On an accelerator its allocator's peak; on a processor the peak resident size of the process since
`PeakMemory` was made where the system can start that count anew (Linux), else since the process began.
"""

from pathlib import Path

import psutil

RESET = Path("/proc/self/clear_refs")
STATUS = Path("/proc/self/status")


class PeakMemory:
    """Starts counting when made; `read` gives the peak so far."""

    def __init__(self, device: str) -> None:
        self._device = device
        if device == "cuda":
            import torch

            torch.cuda.reset_peak_memory_stats()
        else:
            _reset_resident_peak()

    def read(self) -> int:
        """Bytes."""
        if self._device == "cuda":
            import torch

            return int(torch.cuda.max_memory_allocated())
        return _resident_peak()


def _reset_resident_peak() -> None:
    try:
        RESET.write_text("5")  # resets VmHWM, see proc_pid_clear_refs(5)
    except OSError:
        return  # the count goes on from the start of the process, as the module says


def _resident_peak() -> int:
    if STATUS.exists():
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    memory = psutil.Process().memory_info()
    peak = getattr(memory, "peak_wset", None)  # Windows
    return int(peak if peak is not None else memory.rss)
