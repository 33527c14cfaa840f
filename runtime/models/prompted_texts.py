"""Texts that a language model writes for a generation task.

In: a model, its engine, the prompts of a job. Out: `TextAnswers`, in the rows' order. Samples draw from a seed of their own, made of
the step's seed, the row's identity and the sample's number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from benchc.compiler.jsonvalue import Json
from benchc.runtime.language.choose import Continuation, Decoding, Prompt
from benchc.runtime.language.engine import Ended, Engine, Generated, Report, generate_all
from benchc.runtime.language.library import Beams, generate_by_library
from benchc.runtime.language.positions import Positions, counted, of_texts
from benchc.runtime.language.stops import Stops
from benchc.runtime.models.language_model import LanguageModel
from benchc.runtime.models.prompted_partial import KeptTexts
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


@dataclass(frozen=True, slots=True)
class Written:
    """`halvings`: how often memory ran out. `resumed`: texts that an earlier try had finished; `positions` are those of the others."""

    answers: TextAnswers
    halvings: int
    positions: Positions
    resumed: int


def write_texts(model: LanguageModel, engine: Engine, wanted: Wanted, kept: KeptTexts, report: Report) -> Written:
    """Texts that `kept` holds are taken from there; each new one is kept as it ends."""
    stops = Stops(tuple(cast("list[str]", wanted.decode.get("stop") or ())), _decoder(model))
    prompts = [
        Prompt(tokens, derive_seed(wanted.seed, "sample", identity, number))
        for identity, tokens in zip(wanted.identities, wanted.prompts, strict=True)
        for number in range(wanted.samples)
    ]
    decoding = _decoding(wanted, model, stops)
    known = kept.known(prompts, decoding.temperature > 0)
    rest = [number for number in range(len(prompts)) if number not in known]
    asked = [prompts[number] for number in rest]
    made = _generate(model, engine, wanted, asked, decoding, _Watch(report, kept.keeping(asked, decoding.temperature > 0)))
    kept.partial.flush()
    continuations = {**known, **dict(zip(rest, made.continuations, strict=True))}
    ordered = [continuations[number] for number in range(len(prompts))]
    answers = _answers([stops.trimmed(one.tokens) for one in ordered], ordered, wanted.samples)
    return Written(answers, made.halvings, of_texts(made.positions, asked, made.continuations), len(known))


@dataclass(frozen=True, slots=True)
class _Watch:
    """Who is told of progress, and of each text as it ends."""

    report: Report
    ended: Ended


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
    model: LanguageModel, engine: Engine, wanted: Wanted, prompts: Sequence[Prompt], decoding: Decoding, watch: _Watch
) -> Generated:
    beams = wanted.decode["call"] == "beam"
    if not beams and not model.module.config.is_encoder_decoder:
        return generate_all(engine, prompts, decoding, watch.report, watch.ended)
    done: dict[int, Continuation] = {}

    def finished(index: int, continuation: Continuation) -> None:
        done[index] = continuation
        watch.ended(index, continuation)
        watch.report(len(done), len(prompts))

    call = cast("Mapping[str, Any]", wanted.decode)
    search = Beams(int(call["beams"]), float(call["length_penalty"])) if beams else Beams()
    with counted(model.module) as counter:
        halvings = generate_by_library(model.module, prompts, decoding, search, finished)
    return Generated(tuple(done[index] for index in range(len(prompts))), halvings, counter.positions)


def _answers(texts: Sequence[tuple[str, bool]], continuations: Sequence[Continuation], samples: int) -> TextAnswers:
    ended = ["stop" if cut else one.ended for (_, cut), one in zip(texts, continuations, strict=True)]
    of_row = [slice(start, start + samples) for start in range(0, len(texts), samples)]
    return TextAnswers(
        tuple(tuple(text for text, _ in texts[part]) for part in of_row),
        tuple(tuple(ended[part]) for part in of_row),
        tuple(tuple(len(one.tokens) for one in continuations[part]) for part in of_row),
        tuple(tuple(one.log_probability for one in continuations[part]) for part in of_row),
    )
