"""Trouble outside benchc, in words: what a step's exception says about memory, disk and files.

In: an exception that a step raised. Out: `Failed`, or None when the exception is a bug. Not here: catching it.
"""

import errno
import sys

from benchc.runtime.outcome import Failed
from benchc.runtime.work import StepFailed

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_FREE_SPACE = "free space and run again; what was done is kept"
_LESS_MEMORY = "use a shorter max_length, a smaller batch or a smaller model, or a device with more memory"


def describe_failure(error: Exception, step: str) -> Failed | None:
    """What went wrong with `step`, for people; None when only a bug can explain the exception."""
    match error:
        case StepFailed():
            return Failed(step, error.code, error.message, error.help)
        case MemoryError():
            return Failed(step, "out_of_memory", "this machine's memory is full", _LESS_MEMORY)
        case OSError():
            return _describe_os_error(error, step)
        case RuntimeError() if _is_device_memory(error):
            return Failed(step, "out_of_memory", "the device's memory is full", _LESS_MEMORY)
        case _:
            return None


def _describe_os_error(error: OSError, step: str) -> Failed:
    place = f"`{error.filename}`" if error.filename is not None else "a file"
    reason = (error.strerror or str(error)).lower()
    if error.errno in _FULL:
        return Failed(step, "disk_full", f"the disk is full: {place} could not be written", _FREE_SPACE)
    if error.errno == errno.ENOENT:
        return Failed(step, "file_missing", f"{place} is not there", "put it back, or change the path in the spec")
    if error.errno in _FORBIDDEN:
        return Failed(step, "no_permission", f"{place} cannot be used: {reason}", "change its permissions, or choose another place")
    return Failed(step, "file_error", f"{place} cannot be used: {reason}", "")


def _is_device_memory(error: RuntimeError) -> bool:
    """Asks torch only when a step has imported it. On a processor torch raises a bare RuntimeError that names its allocator."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(error, torch.OutOfMemoryError):
        return True
    return "DefaultCPUAllocator" in str(error) or "not enough memory" in str(error)
