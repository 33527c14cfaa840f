"""Devices, precisions, and random numbers that do not depend on them."""

import numpy as np
import pyarrow as pa
import pytest
import torch

from benchc.runtime.device import Device, choose_device, is_out_of_memory
from benchc.runtime.peak_memory import PeakMemory
from benchc.runtime.seeds import derive_seed, mix, row_hashes, shuffled, uniforms
from benchc.runtime.work import StepFailed

HASHES = row_hashes(pa.chunked_array([[f"row {number}" for number in range(5000)]]))


def test_auto_on_a_processor_is_float32() -> None:
    assert choose_device("cpu", "auto") == Device("cpu", "float32")
    assert choose_device("cpu", "bfloat16").precision == "bfloat16"


@pytest.mark.parametrize(
    ("device", "precision", "code"),
    [("abacus", "auto", "unknown_device"), ("cpu", "float16", "precision_unsupported"), ("cpu", "float8", "unknown_precision")],
)
def test_what_cannot_be_had_is_named(device: str, precision: str, code: str) -> None:
    with pytest.raises(StepFailed) as failed:
        choose_device(device, precision)
    assert failed.value.code == code
    assert failed.value.help


def test_an_absent_accelerator_is_named() -> None:
    absent = [
        name
        for name, present in (
            ("cuda", torch.cuda.is_available()),
            ("mps", torch.backends.mps.is_available()),
            ("xpu", torch.xpu.is_available()),
        )
        if not present
    ]
    for name in absent:
        with pytest.raises(StepFailed, match=f"no `{name}`"):
            choose_device(name, "auto")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (MemoryError(), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"), True),
        (RuntimeError("shapes differ"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_errors_of_memory_are_told_from_others(error: Exception, says: bool) -> None:
    assert is_out_of_memory(error) is says


def test_peak_memory_grows_with_what_is_held() -> None:
    memory = PeakMemory("cpu")
    before = memory.read()
    held = np.ones(40_000_000, np.uint8)
    assert memory.read() - before > 20_000_000
    assert held.all()


def test_seeds_differ_by_purpose_and_never_change() -> None:
    assert derive_seed(1, "head") == 0x33ED08CA5BE368C7  # a golden value: another would change every result
    assert len({derive_seed(seed, purpose) for seed in range(3) for purpose in ("head", "dropout", "rows")}) == 9


def test_hashes_are_the_first_bytes_of_blake2b() -> None:
    assert int(row_hashes(pa.chunked_array([["abc"]]))[0]) == int.from_bytes(bytes.fromhex("d8bb14d833d59559"), "little")


def test_the_mixer_is_splitmix64() -> None:
    # the first outputs of the reference implementation from state 0: its state grows by the constant before each output
    assert [int(value) for value in mix(np.zeros(1, np.uint64), 1)] == [0xE220A8397B1DCDAF]


def test_each_rows_number_is_its_own_and_uniform() -> None:
    drawn = uniforms(HASHES, 3)
    np.testing.assert_array_equal(uniforms(HASHES[::-1].copy(), 3), drawn[::-1])
    assert abs(drawn.mean() - 0.5) < 0.02
    assert ((drawn >= 0) & (drawn < 1)).all()


def test_a_shuffle_holds_every_row_once() -> None:
    assert sorted(shuffled(HASHES, 1)) == list(range(5000))
    assert shuffled(HASHES, 1).tolist() != shuffled(HASHES, 2).tolist()
