"""Prompts and their tokens, once for all cells that ask the same of the same tokenizer.

In: an encode step of a prompted task. Out: `requests.arrow` (`texts.arrow` for a model behind a server, whose tokenizer is not here),
`prompts.arrow`, `encode.json`.
"""

from collections.abc import Iterator, Sequence

from benchc.compiler.jsonvalue import texts
from benchc.compiler.plan import Step
from benchc.runtime.prompts.fit import Fitted, fit
from benchc.runtime.prompts.pair import Pair
from benchc.runtime.prompts.plan import Asking, asking, in_chunks
from benchc.runtime.prompts.request_file import PromptText, RequestFiles, RequestRow, write_about, write_about_texts
from benchc.runtime.prompts.rows import PromptRow
from benchc.runtime.prompts.windows import windows
from benchc.runtime.work import Inputs, Progress, StepFailed, Work

CHUNK_ROWS = 128
ALL_ROWS = -1  # row of a request that serves every row


def run(step: Step, inputs: Inputs, work: Work) -> None:
    plan = asking(step, inputs, work)
    if not len(plan.rows):
        raise StepFailed("empty_split", f"there are no rows in `{plan.rows.split}`", "check the dataset's splits")
    merged = done = 0
    with RequestFiles(work.folder, plan.as_texts) as files:
        if plan.contentless_inputs and plan.calibrates_once:
            files.write(list(_calibration(plan, plan.rows[0], ALL_ROWS)), [])
        for rows in in_chunks(plan.rows, CHUNK_ROWS):
            if plan.kind == "language_modeling":
                files.write(
                    [one for row in rows for one in _windows(plan, row)], [PromptText(row.number, "", (), 0, 0, 0, ()) for row in rows]
                )
            else:
                fitted = fit([plan.draft(row) for row in rows], plan.wording, plan.tokenizer, plan.room)
                merged += sum(pair.merged for one in fitted for pair in one.pairs)
                files.write(_requests(plan, fitted), [prompt_text(one) for one in fitted])
            done += len(rows)
            work.progress(Progress(done, len(plan.rows), "rows"))
    if plan.as_texts:
        write_about_texts(work.folder, plan.rows.split, files.counts)
    else:
        sizes = {"window": plan.window, "stride": plan.stride} if plan.kind == "language_modeling" else {}
        write_about(work.folder, plan.rows.split, plan.limit, files.counts, merged, sizes)


def prompt_text(fitted: Fitted) -> PromptText:
    shots = tuple(shot.id for shot in fitted.draft.shots)
    return PromptText(
        fitted.draft.row.number,
        fitted.text,
        shots,
        fitted.shots_dropped,
        fitted.cut_tokens,
        max(pair.scored_from for pair in fitted.pairs),
        fitted.draft.continuations,
    )


def _requests(plan: Asking, fitted: Sequence[Fitted]) -> list[RequestRow]:
    role = {"multiple_choice": "choice", "classification": "label"}.get(plan.kind, "prompt")
    found: list[RequestRow] = []
    for one in fitted:
        row = one.draft.row.number
        found += _scored(row, role, one)
        if plan.unconditional and role == "choice":
            found += _unconditional(plan, one)
        if plan.contentless_inputs and not plan.calibrates_once:
            found += _calibration(plan, one.draft.row, row)
    return found


def _calibration(plan: Asking, row: PromptRow, number: int) -> Iterator[RequestRow]:
    """Each label behind each prompt without content; parts count through all labels of the first, then those of the second."""
    fitted = fit(plan.contentless(row), plan.wording, plan.tokenizer, plan.room)
    asked = [(pair, (empty.text, text)) for empty in fitted for pair, text in zip(empty.pairs, empty.draft.continuations, strict=True)]
    for part, (pair, both) in enumerate(asked):
        yield _request(number, part, "calibration", pair, both)


def _unconditional(plan: Asking, fitted: Fitted) -> Iterator[RequestRow]:
    """Each choice without a question before it."""
    alone = [text.lstrip() or text for text in fitted.draft.continuations]
    for part, (pair, text) in enumerate(zip(plan.tokenizer.pairs([("", text) for text in alone]), alone, strict=True)):
        yield _request(fitted.draft.row.number, part, "unconditional", pair, ("", text))


def _scored(row: int, role: str, fitted: Fitted) -> Iterator[RequestRow]:
    continuations = fitted.draft.continuations or ("",)
    for part, (pair, text) in enumerate(zip(fitted.pairs, continuations, strict=True)):
        yield _request(row, part, role, pair, (fitted.text, text))


def _request(row: int, part: int, role: str, pair: Pair, texts: tuple[str, str]) -> RequestRow:
    """`texts`: context and continuation. Sizes are of the answer itself: white space before it parts it from the question."""
    answer = texts[1].lstrip() or texts[1]
    sizes = (len(answer.encode()), len(answer), len(answer.split()))
    return RequestRow(row, part, role, pair.tokens, pair.scored_from, *sizes, *texts)


def _windows(plan: Asking, row: PromptRow) -> Iterator[RequestRow]:
    if plan.tokenizer.apart:
        raise StepFailed("model_form", "a sequence-to-sequence model gives no likelihood of a text alone", "take a causal model")
    if plan.tokenizer.prefix is None:
        raise StepFailed("no_context", "the tokenizer has neither a beginning nor an end token to score a text from", "take another model")
    text = str(row.values[texts(plan.rows.task["inputs"])[0]])
    tokens, offsets = plan.tokenizer.offsets(text)
    if not tokens:  # an empty text has nothing to score: a request without scored tokens stands for it
        yield RequestRow(row.number, 0, "window", (plan.tokenizer.prefix,), 1, 0, 0, 0)
    for part, one in enumerate(windows(text, tokens, offsets, plan.tokenizer.prefix, plan.window, plan.stride)):
        yield RequestRow(row.number, part, "window", one.tokens, one.scored_from, one.bytes, one.characters, one.words)
