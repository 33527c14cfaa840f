"""One example of a cell as the terminal shows it: the exact prompt, its tokens, what the model said.

In: a run's folder, its results, the store. Out: JSON values, or lines made of them. Not here: making prompts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from benchc.compiler.plan import Cell, Plan, Step
    from benchc.runtime.run_results import Results

SHOWN_APART = ("id", "split", "group")
MOST_TOKENS = 60  # of a request, in the terminal; JSON has all


def example_json(results: "Results", cell_id: str, example: str, cache: str | None) -> Mapping[str, Any]:
    """Raises UsageError for an example that the cell does not have."""
    from benchc.compiler.plan_json import read_plan

    plan = read_plan((results.folder / "plan.json").read_text(encoding="utf-8"))
    cell = next(cell for cell in plan.cells if cell.id == cell_id)
    answer = _answer(results, cell_id, example)
    return {"cell": cell_id, "example": answer["id"], "answer": answer, **_asked(plan, cell, str(answer["id"]), results.folder, cache)}


def _answer(results: "Results", cell_id: str, example: str) -> dict[str, Any]:
    """The row of the predictions; the beginning of an id is enough when only one has it."""
    try:
        rows = results.predictions(cell_id).to_pylist()
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
    found = [row for row in rows if row["id"] == example] or [row for row in rows if str(row["id"]).startswith(example)]
    if len(found) == 1:
        return {name: value for name, value in found[0].items() if value is not None}
    what = "no example" if not found else f"{len(found)} examples whose id begins with"
    near = f"; the first is `{rows[0]['id']}`" if rows and not found else ""
    raise click.UsageError(f"`{cell_id}` has {what} `{example}`{near}")


def _asked(plan: "Plan", cell: "Cell", example: str, folder: Path, cache: str | None) -> dict[str, Any]:
    """The prompt and the requests, as the encode step left them in the store; without them, why not."""
    from benchc.disk import cache_folder
    from benchc.runtime.data.view import open_data
    from benchc.runtime.models.requests import TEXTS
    from benchc.runtime.prompts.request_file import read_prompts
    from benchc.runtime.store import Entry, Store

    step = next((one for one in plan.steps if one.key == cell.encode_step), None)
    if step is None or "prompted" not in step.params:
        return {"note": "the model is not asked by a prompt"}
    store = Store(cache_folder(cache))
    entries = [store.find(key) for key in (cell.rows, cell.split_step, step.key)]
    folders = [entry.folder for entry in entries if isinstance(entry, Entry)]
    if len(folders) < len(entries):
        return {"note": "the store does not hold the prompts any more; run the spec again, or name the store with `--cache`"}
    view = open_data(folders[0], folders[1])
    ids = view.column(cell.split, "_id").to_pylist()
    row = int(view.row_numbers(cell.split)[ids.index(example)])
    prompt = next(one for one in read_prompts(folders[2]) if one.row == row)
    as_texts = (folders[2] / TEXTS).is_file()
    return {
        "prompt": {"text": prompt.text, "shots": prompt.shots, "dropped": prompt.shots_dropped, "cut_tokens": prompt.truncated_tokens},
        "requests": _text_requests(folders[2], row) if as_texts else _token_requests(folders[2], row, _decoder(step, folder, store.folder)),
    }


def _text_requests(encoded: Path, row: int) -> list[dict[str, Any]]:
    """As a server is asked, which alone knows the tokens."""
    from benchc.runtime.models.requests import read_text_requests

    return [
        {"role": one.role, "part": one.part, "context": one.context, "continuation": one.continuation}
        for one in read_text_requests(encoded, [row]).by_row[row]
    ]


def _token_requests(encoded: Path, row: int, decode: Callable[[Sequence[int]], list[str]] | None) -> list[dict[str, Any]]:
    from benchc.runtime.models.requests import read_requests

    return [
        {
            "role": one.role,
            "part": one.part,
            "tokens": list(one.tokens),
            "texts": None if decode is None else decode(one.tokens),
            "scored_from": one.scored_from,
        }
        for one in read_requests(encoded, [row]).by_row[row]
    ]


def _decoder(step: "Step", run: Path, store: Path) -> Callable[[Sequence[int]], list[str]] | None:
    """What each token stands for; None when the tokenizer is not to be had any more."""
    import json
    from time import monotonic

    from benchc.disk import place_of
    from benchc.runtime.models.language_folder import language_model_folder
    from benchc.runtime.prompts.plan import tokenizer_of
    from benchc.runtime.store import CONVERTED
    from benchc.runtime.work import StepFailed, Work

    root = Path(str(json.loads((run / "run.json").read_text(encoding="utf-8"))["spec_path"])).parent
    quiet: Callable[[object], None] = lambda _: None  # noqa: E731
    work = Work(
        store, store, lambda location: place_of(location, root), "cpu", quiet, quiet, monotonic, 3600.0, converted=store / CONVERTED
    )
    source, location = step.params["tokenizer"], step.hints.get("location")
    assert isinstance(source, Mapping)
    try:
        tokenizer, _ = tokenizer_of(language_model_folder(source, None if location is None else str(location), work))
    except (StepFailed, OSError):
        return None
    return lambda tokens: [str(tokenizer.full.decode([token])) for token in tokens]


def example_lines(value: Mapping[str, Any]) -> Iterator[str]:
    answer = value["answer"]
    yield f"{value['cell']}: example {value['example']}"
    if "note" in value:
        yield f"  {value['note']}"
    else:
        yield from _prompt(value["prompt"])
        yield from _requests(value["requests"], answer)
    yield "answer"
    yield from (f"  {name:<20}{shown}" for name, shown in answer.items() if name not in SHOWN_APART)


def _prompt(prompt: Mapping[str, Any]) -> Iterator[str]:
    if prompt["shots"]:
        yield f"shots: {', '.join(prompt['shots'])}"
    if prompt["dropped"] or prompt["cut_tokens"]:
        yield f"too long: {prompt['dropped']} shots dropped, {prompt['cut_tokens']} tokens cut"
    yield "prompt"
    yield from (f"  {line}" for line in prompt["text"].split("\n"))


def _requests(requests: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> Iterator[str]:
    likelihoods = {"choice": answer.get("log_likelihoods"), "unconditional": answer.get("unconditional"), "label": answer.get("scores")}
    for one in requests:
        if "context" in one:
            yield from _text_request(one, likelihoods.get(one["role"]))
            continue
        tokens, start = one["tokens"], one["scored_from"]
        known = likelihoods.get(one["role"])
        score = f": {known[one['part']]:.4f}" if known is not None and one["part"] < len(known) else ""
        yield f"{one['role']} {one['part']}{score} ({len(tokens)} tokens, {len(tokens) - start} scored)"
        yield f"  {_tokens(one, 0, start)} | {_tokens(one, start, len(tokens))}"


def _text_request(one: Mapping[str, Any], known: Sequence[float] | None) -> Iterator[str]:
    """The end of what stands before a scored text, and that text."""
    if one["continuation"]:
        score = f": {known[one['part']]:.4f}" if known is not None and one["part"] < len(known) else ""
        yield f"{one['role']} {one['part']}{score} (the server alone knows its tokens)"
        yield f"  {one['context'][-MOST_TOKENS:]!r} | {one['continuation']!r}"


def _tokens(request: Mapping[str, Any], start: int, end: int) -> str:
    """Tokens as texts with their numbers, the last of many."""
    left_out = max(0, end - start - MOST_TOKENS)
    texts = request["texts"] or [""] * len(request["tokens"])
    shown = [f"{texts[at]!r}:{request['tokens'][at]}" if texts[at] else str(request["tokens"][at]) for at in range(start + left_out, end)]
    return " ".join([f"({left_out} tokens)", *shown] if left_out else shown)
