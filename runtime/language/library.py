"""Continuations by transformers' own `generate`: beams, and models with an encoder.

In: a model, prompts. Out: `Continuation`s. Prompts are sorted by length and batched, so that little is padded; equal prompts are
computed once where nothing is drawn. Drawn samples are made one by one, each from its own seed. Not here: decoding to text.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from transformers import GenerationConfig, PreTrainedModel, StoppingCriteria, StoppingCriteriaList

from benchc.runtime.device import empty_cache, is_out_of_memory
from benchc.runtime.language.choose import Continuation, Decoding, Prompt
from benchc.runtime.language.plain import decoder_start
from benchc.runtime.language.probe import is_recurrent
from benchc.runtime.language.scorer import LESS_MEMORY
from benchc.runtime.work import StepFailed

BATCH = 8


@dataclass(frozen=True, slots=True)
class Beams:
    """One beam is greedy search, or sampling where the decoding's temperature says so. `length_penalty` as transformers has it."""

    count: int = 1
    length_penalty: float = 1.0


def generate_by_library(
    model: PreTrainedModel,
    prompts: Sequence[Prompt],
    decoding: Decoding,
    beams: Beams,
    finished: Callable[[int, Continuation], None],
) -> int:
    """Calls `finished` with each prompt's number and continuation; returns how often memory ran out and the batch was halved."""
    alike = _alike(prompts, draws=decoding.temperature > 0)
    waiting = sorted(alike, key=lambda members: len(prompts[members[0]].tokens))
    alone = decoding.temperature > 0 or is_recurrent(model)  # a state would take up the padding
    batch, halvings = (1 if alone else BATCH), 0
    while waiting:
        now = waiting[:batch]
        try:
            made = _generate(model, [prompts[members[0]] for members in now], decoding, beams)
        except ValueError as error:
            if "beam search" not in str(error):
                raise
            message = f"a `{model.config.model_type}` cannot search by beams: its state cannot be parted among them"
            raise StepFailed("decode_unfit", message, "write by `greedy` or `sample`") from error
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if batch == 1:
                raise StepFailed("out_of_memory", "one text does not fit the memory", LESS_MEMORY) from error
            batch, halvings = batch // 2, halvings + 1
            empty_cache(model.device.type)
            continue
        for members, continuation in zip(now, made, strict=True):
            for index in members:
                finished(index, continuation)
        waiting = waiting[batch:]
    return halvings


def _alike(prompts: Sequence[Prompt], draws: bool) -> list[list[int]]:
    """Numbers of prompts that have the same continuation."""
    found: dict[tuple[tuple[int, ...], int], list[int]] = {}
    for index, prompt in enumerate(prompts):
        found.setdefault((prompt.tokens, prompt.seed if draws else 0), []).append(index)
    return list(found.values())


def _generate(model: PreTrainedModel, prompts: Sequence[Prompt], decoding: Decoding, beams: Beams) -> list[Continuation]:
    ids, mask = _padded([prompt.tokens for prompt in prompts], left=not model.config.is_encoder_decoder)
    forced = int(_forced_token(model) is not None)
    skipped = forced + (1 if model.config.is_encoder_decoder else ids.shape[1])
    with torch.random.fork_rng(devices=[model.device] if model.device.type == "cuda" else []), torch.inference_mode(), _neutral(model):
        torch.manual_seed(prompts[0].seed)
        output = cast(Any, model).generate(
            input_ids=ids.to(model.device),
            attention_mask=mask.to(model.device),
            max_new_tokens=decoding.max_new_tokens + forced,
            eos_token_id=sorted(decoding.end) or None,
            pad_token_id=0,
            stopping_criteria=StoppingCriteriaList([_Stopped(decoding, skipped)]),
            return_dict_in_generate=True,
            output_logits=True,
            **_search(decoding, beams),
        )
    beam_rows = getattr(output, "beam_indices", None)
    sequences, logits = output.sequences[:, skipped:], output.logits[forced:]
    beams_taken = None if beam_rows is None else beam_rows[:, forced:]
    return [_continuation(sequences[row].tolist(), _Steps(logits, row, beams_taken), decoding) for row in range(len(prompts))]


def _forced_token(model: PreTrainedModel) -> int | None:
    """The token that every text of a model with an encoder begins with, such as the name of a language; no part of what it writes."""
    found: int | None = getattr(model.generation_config, "forced_bos_token_id", None)
    return found if model.config.is_encoder_decoder else None


@contextmanager
def _neutral(model: PreTrainedModel) -> Iterator[None]:
    """Of a model's own generation settings, only those hold that its form asks for: with which token, or tokens, a text begins (some
    translate into the language that the first one names). Penalties, least lengths, forbidden words and beams are the spec's business."""
    own: Any = model.generation_config
    start = decoder_start(model) if model.config.is_encoder_decoder else None
    settings: Any = GenerationConfig
    model.generation_config = settings(decoder_start_token_id=start, forced_bos_token_id=_forced_token(model))
    try:
        yield
    finally:
        model.generation_config = own


def _search(decoding: Decoding, beams: Beams) -> Mapping[str, Any]:
    if decoding.temperature > 0:
        drawn = {"temperature": decoding.temperature, "top_p": decoding.top_p, "top_k": decoding.top_k}
        return {"do_sample": True, "num_beams": 1, **drawn}
    return {
        "do_sample": False,
        "num_beams": beams.count,
        "length_penalty": beams.length_penalty,
        "temperature": None,
        "top_p": None,
        "top_k": None,
    }


def _padded(texts: Sequence[Sequence[int]], left: bool) -> tuple[Tensor, Tensor]:
    longest = max(map(len, texts))
    ids = torch.zeros((len(texts), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, text in enumerate(texts):
        where = slice(longest - len(text), None) if left else slice(len(text))
        ids[row, where] = torch.tensor(list(text))
        mask[row, where] = 1
    return ids, mask


class _Stopped(StoppingCriteria):
    """Ends the rows whose continuation holds a stop sequence."""

    def __init__(self, decoding: Decoding, skipped: int) -> None:
        self.decoding = decoding
        self.skipped = skipped

    def __call__(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        ended = [self.decoding.stopped(row[self.skipped :].tolist()) for row in input_ids]
        return torch.tensor(ended, device=input_ids.device)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Logits of one sequence: `beam_rows` says in which row it was at each step, where there are beams."""

    logits: Sequence[Tensor]
    row: int
    beam_rows: Tensor | None

    def log_probability(self, step: int, token: int) -> float:
        row = self.row if self.beam_rows is None else int(self.beam_rows[self.row, step])
        values = self.logits[step][row].float()
        return float(values[token] - torch.logsumexp(values, -1))


def _continuation(tokens: list[int], steps: _Steps, decoding: Decoding) -> Continuation:
    kept = next((at for at, token in enumerate(tokens) if token in decoding.end), None)
    if kept is None:
        kept = next((at + 1 for at in range(len(tokens)) if decoding.stopped(tokens[: at + 1])), None)
        ended = "length" if kept is None else "stop"
    else:
        ended = "end"
    text = tuple(tokens[:kept])
    return Continuation(text, ended, sum((steps.log_probability(*one) for one in enumerate(text)), 0.0))  # type: ignore[arg-type]
