"""Texts that a language model writes for a generation task.

In: a model, its engine, the prompts of a job. Out: `TextAnswers`, in the rows' order. Samples draw from a seed of their own, made of
the step's seed, the row's identity and the sample's number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from benchc.compiler.jsonvalue import Json
from benchc.runtime.language.choose import Continuation, Decoding, Prompt
from benchc.runtime.language.engine import Engine, Generated, Report, generate_all
from benchc.runtime.language.library import Beams, generate_by_library
from benchc.runtime.language.stops import Stops
from benchc.runtime.models.language_model import LanguageModel
from benchc.runtime.seeds import derive_seed
from benchc.runtime.tasks.answers import TextAnswers


@dataclass(frozen=True, slots=True)
class Wanted:
    """`identities` of the rows and their `prompts`, in the same order. `decode`: the call of the task, in canonical JSON."""

    identities: Sequence[str]
    prompts: Sequence[tuple[int, ...]]
    decode: Mapping[str, Json]
    seed: int

    @property
    def samples(self) -> int:
        return int(cast(int, self.decode.get("samples") or 1))

    @property
    def max_new_tokens(self) -> int:
        return int(cast(int, self.decode["max_new_tokens"]))


def write_texts(model: LanguageModel, engine: Engine, wanted: Wanted, report: Report) -> tuple[TextAnswers, int]:
    """The texts, and how often memory ran out."""
    stops = Stops(tuple(cast("list[str]", wanted.decode.get("stop") or ())), _decoder(model))
    prompts = [
        Prompt(tokens, derive_seed(wanted.seed, "sample", identity, number))
        for identity, tokens in zip(wanted.identities, wanted.prompts, strict=True)
        for number in range(wanted.samples)
    ]
    made = _generate(model, engine, wanted, prompts, _decoding(wanted, model, stops), report)
    texts = [stops.trimmed(one.tokens) for one in made.continuations]
    return _answers(texts, made.continuations, wanted.samples), made.halvings


def _decoder(model: LanguageModel) -> Callable[[Sequence[int]], str]:
    def decode(tokens: Sequence[int]) -> str:
        return str(model.tokenizer.decode(list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False))

    return decode


def _decoding(wanted: Wanted, model: LanguageModel, stops: Stops) -> Decoding:
    call = cast("Mapping[str, Any]", wanted.decode)
    greedy = Decoding(wanted.max_new_tokens, model.end, stops.found)
    if call["call"] != "sample":
        return greedy
    temperature, top_p, top_k = float(call["temperature"]), float(call["top_p"]), int(call["top_k"] or 0)
    return Decoding(greedy.max_new_tokens, greedy.end, greedy.stopped, temperature, top_p, top_k)


def _generate(
    model: LanguageModel, engine: Engine, wanted: Wanted, prompts: Sequence[Prompt], decoding: Decoding, report: Report
) -> Generated:
    beams = wanted.decode["call"] == "beam"
    if not beams and not model.module.config.is_encoder_decoder:
        return generate_all(engine, prompts, decoding, report)
    done: dict[int, Continuation] = {}

    def finished(index: int, continuation: Continuation) -> None:
        done[index] = continuation
        report(len(done), len(prompts))

    call = cast("Mapping[str, Any]", wanted.decode)
    search = Beams(int(call["beams"]), float(call["length_penalty"])) if beams else Beams()
    halvings = generate_by_library(model.module, prompts, decoding, search, finished)
    return Generated(tuple(done[index] for index in range(len(prompts))), halvings)


def _answers(texts: Sequence[tuple[str, bool]], continuations: Sequence[Continuation], samples: int) -> TextAnswers:
    ended = ["stop" if cut else one.ended for (_, cut), one in zip(texts, continuations, strict=True)]
    of_row = [slice(start, start + samples) for start in range(0, len(texts), samples)]
    return TextAnswers(
        tuple(tuple(text for text, _ in texts[part]) for part in of_row),
        tuple(tuple(ended[part]) for part in of_row),
        tuple(tuple(len(one.tokens) for one in continuations[part]) for part in of_row),
        tuple(tuple(one.log_probability for one in continuations[part]) for part in of_row),
    )
