"""Tiny causal models with random weights, one for each way in which attention or head can differ, and plain passes to compare with."""

from collections.abc import Callable

import numpy as np
import torch
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    CohereConfig,
    CohereForCausalLM,
    FalconConfig,
    FalconForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    OPTConfig,
    OPTForCausalLM,
    PhiConfig,
    PhiForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    RwkvConfig,
    RwkvForCausalLM,
)

from benchc.runtime.language.trie import Query

VOCABULARY = 60
COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 48,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 6,
    "initializer_range": 0.3,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
GROUPED = {**COMMON, "num_key_value_heads": 2, "head_dim": 8}

HYBRID = {**GROUPED, "num_hidden_layers": 3, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}
FALCON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 6,
    "initializer_range": 0.3,
    "bos_token_id": 1,
    "eos_token_id": 2,
}

MODELS: dict[str, Callable[[], PreTrainedModel]] = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**GROUPED)),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**{**COMMON, "num_key_value_heads": 2})),
    "gpt2": lambda: GPT2LMHeadModel(
        GPT2Config(
            vocab_size=VOCABULARY, n_embd=48, n_layer=2, n_head=6, n_positions=128, initializer_range=0.3, bos_token_id=1, eos_token_id=2
        )
    ),
    "mistral": lambda: MistralForCausalLM(MistralConfig(**GROUPED, sliding_window=200)),
    "mistral_short_window": lambda: MistralForCausalLM(MistralConfig(**GROUPED, sliding_window=8)),
    "gemma2": lambda: Gemma2ForCausalLM(
        Gemma2Config(
            **GROUPED,
            query_pre_attn_scalar=8,
            attn_logit_softcapping=2.0,
            final_logit_softcapping=3.0,
            sliding_window=200,
            attn_implementation="eager",  # as it is loaded: others may leave the cap out
        )
    ),
    "gemma2_short_window": lambda: Gemma2ForCausalLM(Gemma2Config(**GROUPED, query_pre_attn_scalar=8, sliding_window=8)),
    "gemma3": lambda: Gemma3ForCausalLM(Gemma3TextConfig(**HYBRID, query_pre_attn_scalar=8, sliding_window=200)),
    "gemma3_short_window": lambda: Gemma3ForCausalLM(Gemma3TextConfig(**HYBRID, query_pre_attn_scalar=8, sliding_window=8)),
    "phi": lambda: PhiForCausalLM(PhiConfig(**COMMON)),
    "bloom": lambda: BloomForCausalLM(
        BloomConfig(vocab_size=VOCABULARY, hidden_size=48, n_layer=2, n_head=6, initializer_range=0.3, bos_token_id=1, eos_token_id=2)
    ),
    "falcon": lambda: FalconForCausalLM(FalconConfig(**FALCON)),
    "falcon_alibi": lambda: FalconForCausalLM(FalconConfig(**FALCON, alibi=True)),
    "rwkv": lambda: RwkvForCausalLM(
        RwkvConfig(vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=2, attention_hidden_size=32, bos_token_id=1, eos_token_id=2)
    ),
    "cohere": lambda: CohereForCausalLM(CohereConfig(**{**GROUPED, "logit_scale": 0.0625})),
    "opt": lambda: OPTForCausalLM(
        OPTConfig(
            vocab_size=VOCABULARY,
            hidden_size=48,
            ffn_dim=64,
            num_hidden_layers=2,
            num_attention_heads=6,
            max_position_embeddings=128,
            word_embed_proj_dim=48,
            init_std=0.3,
        )
    ),
    "gpt_neox": lambda: GPTNeoXForCausalLM(GPTNeoXConfig(**COMMON)),
    "mamba": lambda: MambaForCausalLM(
        MambaConfig(vocab_size=VOCABULARY, hidden_size=32, state_size=4, num_hidden_layers=2, bos_token_id=1, eos_token_id=2)
    ),
}
PLAIN = {  # those whose text cannot be shared, and why
    "mistral_short_window": "slides over 8 tokens",
    "gemma2_short_window": "slides over 8 tokens",
    "gemma3_short_window": "slides over 8 tokens",
    "bloom": "a way of their own",
    "falcon": "a way of their own",
    "falcon_alibi": "a way of their own",
    "mamba": "a state that each token changes",
    "rwkv": "a state that each token changes",
}


def tiny(name: str) -> PreTrainedModel:
    """The same weights each time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return MODELS[name]().eval()


def plain_log_probabilities(model: PreTrainedModel, query: Query) -> np.ndarray:
    """Of the scored tokens, by one pass over the whole text."""
    with torch.inference_mode():
        logits = model(torch.tensor([query.tokens], device=model.device)).logits[0].double().log_softmax(-1)
    return np.array([logits[i - 1, query.tokens[i]].item() for i in range(query.scored_from, len(query.tokens))])
