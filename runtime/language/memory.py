"""How much memory keys and values take, and how much they may.

In: a transformers model, a device's name. Out: bytes. The budget depends on the machine; results do not depend on the budget.
"""

import psutil
import torch
from transformers import PreTrainedModel

SHARE = 0.25  # of the free memory: the rest is for activations, logits and whatever else runs


def bytes_per_position(model: PreTrainedModel) -> int:
    """Of the keys and values of one token in all layers."""
    config = model.config.get_text_config()
    heads = int(config.num_attention_heads)
    width = int(getattr(config, "head_dim", None) or config.hidden_size // heads)
    kept = int(getattr(config, "num_key_value_heads", None) or heads)
    return 2 * int(config.num_hidden_layers) * kept * width * int(model.dtype.itemsize)


def key_value_budget(device: str) -> int:
    """Bytes that keys and values may take on this device."""
    if device == "cuda":
        free, _ = torch.cuda.mem_get_info()
        return int(free * SHARE)
    return int(psutil.virtual_memory().available * SHARE)
