"""Who a row is: its id, and by it its place in every random choice.

In: a row's fields, or its id field. Out: `_id` texts; numbers that order rows by chance. A row's id is its id field, else a hash of its
content: the values of its fields in the order of the fields' names. Equal rows of one division are told apart by an ordinal behind `~`.
Ranks depend on a seed and on the id without the ordinal, never on the position of the row or on what other rows there are.
"""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchc.compiler.catalog.data import DIVISION_FIELD
from benchc.runtime.data.fields import Field
from benchc.runtime.data.labels import CollectedLabels, label_text

Digests = np.ndarray[tuple[int], np.dtype[np.uint64]]

ORDINAL_MARK = "~"
CHOICE_MARK = "\x1f"  # between the choices of a row
DIGEST_BYTES = 12  # of an id; a collision among a million rows has a chance of 1e-17


def content_ids(fields: Sequence[Field], columns: Mapping[str, pa.Array]) -> tuple[list[str], Digests]:
    """Ids from content, without ordinals, and their first 64 bits as numbers. NUL parts the values: it stands in none of them."""
    written = [_written(field, columns[field.name]) for field in fields if field.name != DIVISION_FIELD]
    digests = [hashlib.blake2b("\0".join(row).encode(), digest_size=DIGEST_BYTES).digest() for row in zip(*written, strict=True)]
    return [digest.hex() for digest in digests], _first_bits(digests)


def id_digests(ids: Sequence[str]) -> Digests:
    return _first_bits([hashlib.blake2b(name.encode(), digest_size=DIGEST_BYTES).digest() for name in ids])


def ranks(names: Sequence[str], purpose: str, seed: int) -> Digests:
    """A number for each name by which they stand in random order."""
    base = hashlib.blake2b(f"{purpose}\0{seed}\0".encode(), digest_size=8)
    return np.frombuffer(b"".join([_continued(base, name) for name in names]), dtype=">u8").astype(np.uint64)


def content_ranks(ids: pa.Array, purpose: str, seed: int) -> Digests:
    """The same for content ids, whose first half is a hash already. Ordinals take no part, so equal rows have equal ranks.

    The hash is mixed with the seed by SplitMix64 (Steele, Lea and Flood 2014), which maps 64 bits to 64 bits one to one.
    """
    salt = hashlib.blake2b(f"{purpose}\0{seed}\0".encode(), digest_size=8).digest()
    mixed = _leading_bits(ids) ^ np.uint64(int.from_bytes(salt, "big"))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _continued(base: "hashlib.blake2b", text: str) -> bytes:
    state = base.copy()
    state.update(text.encode())
    return state.digest()


def _leading_bits(ids: pa.Array) -> Digests:
    """The first 16 hexadecimal digits of each id as a number."""
    digits = pc.cast(pc.utf8_slice_codeunits(ids, 0, 16), pa.binary(16))
    characters = np.frombuffer(digits.buffers()[1], dtype=np.uint8)[digits.offset * 16 :][: len(digits) * 16].reshape(-1, 16)
    values = np.where(characters < ord("a"), characters - ord("0"), characters - ord("a") + 10).astype(np.uint8)
    whole = np.ascontiguousarray(values[:, 0::2] << 4 | values[:, 1::2])
    return whole.view(">u8").ravel().astype(np.uint64)


def _written(field: Field, values: pa.Array) -> list[str]:
    if isinstance(field.labels, CollectedLabels):
        known = list(field.labels.numbers)
        return [known[number] for number in values.to_pylist()]
    if field.labels is not None:
        known = [label_text(label) for label in field.labels.labels]
        return [known[number] for number in values.to_pylist()]
    if field.kind == "number":
        return [repr(number + 0.0) for number in values.to_pylist()]  # + 0.0: minus zero is zero
    if field.kind == "choices":
        return [CHOICE_MARK.join(of_row) for of_row in values.to_pylist()]
    texts: list[str] = values.to_pylist()
    return texts


def _first_bits(digests: Sequence[bytes]) -> Digests:
    whole = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, DIGEST_BYTES)
    return np.ascontiguousarray(whole[:, :8]).view(">u8").ravel().astype(np.uint64)
