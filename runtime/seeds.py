"""Random choices that depend on a seed and on what they are made for, never on position, worker count or a global generator.

In: a seed, words, identities of rows. Out: integers and numbers in [0, 1). The same on every machine.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

U64 = np.uint64


def derive_seed(seed: int, *purpose: str | int) -> int:
    """A seed of 63 bits for one purpose, such as ("dropout", 17)."""
    text = "\x1f".join([str(seed), *map(str, purpose)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") >> 1


def row_hashes(identities: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """One hash of 64 bits for each row identity (strings), [n]."""
    hashes = np.empty(len(identities), U64)
    at = 0
    for chunk in identities.chunks:
        for value in chunk:
            hashes[at] = int.from_bytes(hashlib.blake2b(value.as_py().encode(), digest_size=8).digest(), "little")
            at += 1
    return hashes


def mix(hashes: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.uint64]:
    """Each row's own random 64 bits under this seed, [n]. Source: the finalizer of SplitMix64 (Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        z = hashes + U64(seed % 2**64) * U64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> U64(30))) * U64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> U64(27))) * U64(0x94D049BB133111EB)
        return z ^ (z >> U64(31))


def shuffled(hashes: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.int64]:
    """Row numbers in a random order that each row's own hash decides, [n]."""
    return np.argsort(mix(hashes, seed), kind="stable").astype(np.int64)


def uniforms(hashes: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.float64]:
    """One number in [0, 1) for each row, [n]."""
    return (mix(hashes, seed) >> U64(11)).astype(np.float64) * 2.0**-53
