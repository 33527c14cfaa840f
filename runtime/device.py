"""The one place where a device and its number format are chosen.

In: what was asked for ("auto", "cpu", "cuda", "mps", "xpu"; "auto", "float32", "bfloat16", "float16"). Out: `Device`, `autocast`.
Not here: anything that moves models or data.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch

from benchc.runtime.work import StepFailed

KINDS = ("cuda", "mps", "xpu", "cpu")  # in the order in which "auto" looks for them
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True, slots=True)
class Device:
    """`name` is one of KINDS, `precision` one of DTYPES: both settled, never "auto". `batch_tokens`: most tokens of one batch of
    prediction, where the user chose them; speed and memory depend on it, results do not."""

    name: str
    precision: str
    batch_tokens: int | None = None

    @property
    def torch(self) -> torch.device:
        return torch.device(self.name)


def choose_device(asked: str, precision: str, batch_tokens: int | None = None) -> Device:
    """The device and the format to compute in. "auto" is float32 on a processor and on mps, bfloat16 on accelerators that have it.

    Raises StepFailed when the device is unknown or absent, or does not support the precision.
    """
    name = _choose_name(asked)
    if precision == "auto":
        return Device(name, "bfloat16" if name in ("cuda", "xpu") and _has_bfloat16(name) else "float32", batch_tokens)
    if not _supports(name, precision):
        raise StepFailed("precision_unsupported", f"{name} does not compute in {precision} here", "set `precision = auto`")
    return Device(name, precision, batch_tokens)


def autocast(device: Device) -> AbstractContextManager[object]:
    """Computes matrix products in the device's precision; weights stay in float32."""
    if device.precision == "float32":
        return nullcontext()
    return torch.autocast(device.name, dtype=DTYPES[device.precision])


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the device or the machine had no memory left."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text or "not enough memory" in text)


def free_cached_memory(device: Device) -> None:
    """Gives cached blocks back after an allocation failed."""
    empty_cache(device.name)


def empty_cache(name: str) -> None:
    """The same for a device by its name."""
    match name:
        case "cuda":
            torch.cuda.empty_cache()
        case "mps":
            torch.mps.empty_cache()
        case "xpu":
            torch.xpu.empty_cache()
        case _:
            pass  # a processor's allocator keeps no cache


def _choose_name(asked: str) -> str:
    if asked == "auto":
        return next(name for name in KINDS if _is_present(name))
    if asked not in KINDS:
        raise StepFailed("unknown_device", f"there is no device `{asked}`", f"give one of auto, {', '.join(KINDS)}")
    if not _is_present(asked):
        present = [name for name in KINDS if _is_present(name)]
        raise StepFailed("device_missing", f"this machine has no `{asked}` that torch can use", f"give one of auto, {', '.join(present)}")
    return asked


def _is_present(name: str) -> bool:
    present: dict[str, Callable[[], bool]] = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "xpu": torch.xpu.is_available,
        "cpu": lambda: True,
    }
    return present[name]()


def _has_bfloat16(name: str) -> bool:
    return torch.cuda.is_bf16_supported(including_emulation=False) if name == "cuda" else name in ("xpu", "cpu")


def _supports(name: str, precision: str) -> bool:
    match precision:
        case "float32":
            return True
        case "bfloat16":
            return _has_bfloat16(name)
        case "float16":
            return name != "cpu"
        case _:
            raise StepFailed("unknown_precision", f"there is no precision `{precision}`", f"give one of auto, {', '.join(DTYPES)}")
