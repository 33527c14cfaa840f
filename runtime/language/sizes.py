"""How much work one pass of a causal model has, by device.

In: a device's name. Out: `Sizes`. Speed and memory depend on them, results do not; when memory runs out they are halved.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sizes:
    """`positions`: token positions of one scoring pass; `head_rows`: positions whose logits are held at a time; `sequences`: how many
    are continued at a time; `prefill`: positions of prompts in one pass before they are continued."""

    positions: int
    head_rows: int
    sequences: int
    prefill: int


# A processor: what its caches hold best; 128 rows of logits over 50,000 words are 25 MB. An accelerator: what keeps it busy.
SIZES: Final = {
    "cpu": Sizes(positions=2_048, head_rows=128, sequences=32, prefill=2_048),
    "mps": Sizes(positions=2_048, head_rows=256, sequences=32, prefill=2_048),
    "xpu": Sizes(positions=8_192, head_rows=1_024, sequences=128, prefill=8_192),
    "cuda": Sizes(positions=8_192, head_rows=2_048, sequences=256, prefill=16_384),
}


def sizes_of(device: str) -> Sizes:
    """Of a device by its name; one that is not known is treated as a processor."""
    return SIZES.get(device, SIZES["cpu"])
