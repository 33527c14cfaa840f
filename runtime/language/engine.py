"""Log-likelihoods and continuations of a causal model: by the shared engine where it can be computed so, else plainly.

In: a transformers model in evaluation mode, on its device. Out: `Scores`, `Continuation`s, and whether text was shared. When memory
runs out, the work is halved and goes on. Not here: precision, tokenization, beams.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from transformers import PreTrainedModel

from benchc.runtime.device import empty_cache, is_out_of_memory
from benchc.runtime.language.choose import Continuation, Decoding, Prompt
from benchc.runtime.language.forward import SharedModel
from benchc.runtime.language.generator import Room, generate
from benchc.runtime.language.memory import key_value_budget
from benchc.runtime.language.plain import generate_plainly, score_plainly
from benchc.runtime.language.positions import counted
from benchc.runtime.language.probe import share
from benchc.runtime.language.scorer import LESS_MEMORY, Scores, score
from benchc.runtime.language.sizes import sizes_of
from benchc.runtime.language.trie import Query
from benchc.runtime.work import StepFailed

Report = Callable[[int, int], None]  # how much is done, of how much
Ended = Callable[[int, Continuation], None]  # the number of a prompt, and its continuation


@dataclass(frozen=True, slots=True)
class Engine:
    """`shared` is the model for the engine, or the reason why it is run plainly. `budget`: most positions of one pass of
    scoring; None for what suits the device."""

    model: PreTrainedModel
    shared: SharedModel | str
    budget: int | None = None

    @property
    def name(self) -> str:
        return "plain" if isinstance(self.shared, str) else "shared"

    @property
    def note(self) -> str | None:
        """Why text is not shared, for people."""
        return f"computed text by text: {self.shared}" if isinstance(self.shared, str) else None


@dataclass(frozen=True, slots=True)
class Generated:
    """Continuations in the prompts' order; `halvings`: how often memory ran out; `positions`: token positions that were computed."""

    continuations: tuple[Continuation, ...]
    halvings: int
    positions: int


def engine_of(model: PreTrainedModel, longest: int, budget: int | None = None) -> Engine:
    """`longest`: tokens of the longest text that will be computed."""
    if model.config.is_encoder_decoder:
        return Engine(model, "its encoder reads each text whole", budget)
    if model.config._attn_implementation == "sdpa" and getattr(model.config.get_text_config(), "attn_logit_softcapping", None):
        model.set_attn_implementation("eager")  # PyTorch's attention has no soft cap, and some versions of transformers use it all the same
    return Engine(model, share(model, longest), budget)


def score_all(engine: Engine, queries: Sequence[Query], report: Report, answers: Scores | None = None) -> Scores:
    """As `scorer.score`."""
    if isinstance(engine.shared, str):
        return score_plainly(engine.model, queries, report, answers)
    return score(engine.shared, queries, engine.budget, report, answers)


def generate_all(
    engine: Engine, prompts: Sequence[Prompt], decoding: Decoding, report: Report, ended: Ended = lambda index, continuation: None
) -> Generated:
    """One continuation for each prompt. `ended` is told of each as it ends."""
    done: dict[int, Continuation] = {}

    def finished(index: int, continuation: Continuation) -> None:
        done[index] = continuation
        ended(index, continuation)
        report(len(done), len(prompts))

    halvings = 0
    with counted(engine.model) as counter:
        if isinstance(engine.shared, str):
            generate_plainly(engine.model, prompts, decoding, finished)
        else:
            halvings = _generate_in_memory(engine.shared, prompts, decoding, done, finished)
    return Generated(tuple(done[index] for index in range(len(prompts))), halvings, counter.positions)


def _generate_in_memory(
    shared: SharedModel,
    prompts: Sequence[Prompt],
    decoding: Decoding,
    done: dict[int, Continuation],
    finished: Callable[[int, Continuation], None],
) -> int:
    """Generates what is not done; each time memory runs out, the rest with half the batch. Returns how often it did."""
    halvings = 0
    room = Room(sizes_of(shared.device.type).sequences, key_value_budget(shared.device.type))
    while len(done) < len(prompts):
        rest = [index for index in range(len(prompts)) if index not in done]
        try:
            generate(shared, [prompts[index] for index in rest], decoding, room, partial(_finish, rest, finished))
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if room.batch == 1:
                raise StepFailed("out_of_memory", "one sequence does not fit the memory", LESS_MEMORY) from error
            room, halvings = Room(min(room.batch, len(rest)) // 2 or 1, room.key_value_bytes // 2), halvings + 1
            empty_cache(shared.device.type)
    return halvings


def _finish(numbers: Sequence[int], finished: Callable[[int, Continuation], None], place: int, continuation: Continuation) -> None:
    """Tells the end of the prompt at a place among the rest by its own number."""
    finished(numbers[place], continuation)
