"""How a prompted task asks: everything that an encode step says, ready to make prompts.

In: the step's params, rows, split, the model's tokenizer. Out: `Asking`, which drafts the prompts of rows. Not here: files.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchc.compiler.jsonvalue import Json, texts
from benchc.compiler.plan import Step
from benchc.runtime.data.view import DataView, open_data
from benchc.runtime.models.backbones import positions, read_config
from benchc.runtime.models.language_folder import language_model_folder
from benchc.runtime.models.tokenizers import load_tokenizer, longest_input
from benchc.runtime.prompts.fit import Draft, Room
from benchc.runtime.prompts.reader import PromptReader, TextOnly
from benchc.runtime.prompts.rows import PromptRow, SplitRows
from benchc.runtime.prompts.shots import Shots
from benchc.runtime.prompts.tokenize import PromptTokenizer, prompt_tokenizer
from benchc.runtime.prompts.wording import Wording, wording
from benchc.runtime.work import Inputs, StepFailed, Work

LEAST_ROOM = 8  # tokens of a prompt
NO_LIMIT = 2**31 - 1  # tokens, where nothing here can count them


@dataclass(frozen=True, slots=True)
class Asking:
    """`rows`: those that are asked about. `limit`: what the model takes. `window`, `stride`: of language modeling."""

    kind: str
    rows: SplitRows
    wording: Wording
    shots: Shots | None
    tokenizer: PromptReader
    limit: int
    room: Room
    unconditional: bool
    contentless_inputs: tuple[str, ...]
    window: int
    stride: int

    def draft(self, row: PromptRow) -> Draft:
        return Draft(row, self._shots(row), self.wording.continuations(row))

    @property
    def as_texts(self) -> bool:
        """Whether requests stay texts: the model is behind a server, and its tokenizer is not here."""
        return isinstance(self.tokenizer, TextOnly)

    @property
    def calibrates_once(self) -> bool:
        """Whether one prompt without content serves all rows."""
        return self.shots is None or self.shots.alike

    def contentless(self, row: PromptRow) -> list[Draft]:
        """The prompt with each of the inputs without content in place of the row's texts; none where labels are not calibrated."""
        shots = () if self.shots is None else self.shots.of(None) if self.shots.alike else self._shots(row)
        return [Draft(row, shots, self.wording.continuations(row), contentless=text) for text in self.contentless_inputs]

    def _shots(self, row: PromptRow) -> tuple[PromptRow, ...]:
        return () if self.shots is None else self.shots.of(row)


def asking(step: Step, inputs: Inputs, work: Work) -> Asking:
    """Raises StepFailed when the model's tokenizer cannot be had, or a text to be continued has no room."""
    prompted = cast("Mapping[str, Json]", step.params["prompted"])
    task = cast("Mapping[str, Json]", prompted["task"])
    tokenizer, limit = _tokenizer(step, work)
    asked = cast("int | None", step.params["max_length"])
    limit = limit if asked is None else min(asked, limit)
    view = open_data(inputs["rows"][0], inputs["split"][0])
    words = wording(cast("Mapping[str, Json] | None", prompted["prompt"]), task, view.labels.get(str(task["target"]), ()))
    window = min(cast("int | None", prompted["window"]) or limit, limit)
    return Asking(
        kind=str(task["kind"]),
        rows=SplitRows(view, str(prompted["split"]), task),
        wording=words,
        shots=_shots(prompted, task, view, words, inputs, step, work),
        tokenizer=tokenizer,
        limit=limit,
        room=_room(limit, cast(int, prompted["new_tokens"]), str(prompted["truncate"]), tokenizer.apart),
        unconditional=bool(prompted["unconditional"]),
        contentless_inputs=_contentless_inputs(cast("Mapping[str, Json] | None", task.get("calibrate"))),
        window=window,
        stride=min(cast("int | None", prompted["stride"]) or window, window),
    )


def _contentless_inputs(calibrate: Mapping[str, Json] | None) -> tuple[str, ...]:
    return texts(calibrate["inputs"]) if calibrate is not None and calibrate["call"] == "contextual" else ()


def _room(limit: int, new_tokens: int, cut: str, apart: bool) -> Room:
    """What is written takes room of the prompt, unless an encoder reads that by itself."""
    if apart and new_tokens <= limit:
        return Room(limit, cut, apart)
    if limit - new_tokens < LEAST_ROOM:
        message = f"the model takes {limit} tokens, and {new_tokens} are to be written: no room is left for a prompt"
        raise StepFailed("no_room", message, "lower `max_new_tokens`")
    return Room(limit - new_tokens, cut)


def _tokenizer(step: Step, work: Work) -> tuple[PromptReader, int]:
    source = cast("Mapping[str, Json]", step.params["tokenizer"])
    if source["call"] == "endpoint":
        return TextOnly(), NO_LIMIT
    folder = language_model_folder(source, cast("str | None", step.hints.get("location")), work)
    return tokenizer_of(folder)


def tokenizer_of(folder: Path) -> tuple[PromptTokenizer, int]:
    """The tokenizer of a model folder, and the most tokens that the model takes."""
    tokenizer = load_tokenizer(folder)
    config = read_config(folder)
    return prompt_tokenizer(tokenizer, bool(config.is_encoder_decoder)), longest_input(folder, tokenizer, positions(config))


def _shots(
    prompted: Mapping[str, Json], task: Mapping[str, Json], view: DataView, words: Wording, inputs: Inputs, step: Step, work: Work
) -> Shots | None:
    call = cast("Mapping[str, Json] | None", prompted["shots"])
    if call is None:
        return None
    source = open_data(inputs["rows"][0], inputs["shots"][0]) if "shots" in inputs else view
    pool = SplitRows(source, str(prompted["shots_from"]), task)
    if not len(pool):
        raise StepFailed("empty_split", f"there are no rows in `{pool.split}` to take shots from", "check the dataset's splits")
    seed = cast("int | None", prompted["seed"]) or 0
    if call["call"] != "similar":
        return Shots(pool, call, seed, words.ask)
    from benchc.runtime.prompts.similar import nearest_rows  # scikit-learn and torch, for this kind alone

    compared = cast("list[str]", task["inputs"])

    def text(row: PromptRow) -> str:
        return "\n".join(str(row.values[name]) for name in compared) if compared else words.ask(row)

    places = cast("Sequence[str]", step.hints.get("shots_locations") or ())
    model = cast("Mapping[str, Json] | None", call["model"])
    return Shots(pool, call, seed, words.ask, nearest_rows(pool, text, model, places, work))


def in_chunks(rows: SplitRows, size: int) -> Iterator[list[PromptRow]]:
    for start in range(0, len(rows), size):
        yield [rows[at] for at in range(start, min(start + size, len(rows)))]
