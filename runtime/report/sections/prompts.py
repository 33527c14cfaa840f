"""How language models were asked: what had to be left out, and some prompts to the letter.

In: a run's folder. Out: the section `prompts`.
"""

from collections.abc import Iterator, Sequence

from benchc.compiler.jsonvalue import Json
from benchc.runtime.prompts.letters import letter
from benchc.runtime.report.document import Block, Column, Entry, Folded, Heading, Paragraph, Section, Table, Verbatim
from benchc.runtime.report.json_fields import Record, integer, items, number, records, text, texts, truth
from benchc.runtime.report.naming import shown
from benchc.runtime.report.numbers import NONE, count, plural, sort_key
from benchc.runtime.report.run_record import CellResult, RunRecord
from benchc.runtime.report.visible import verbatim

OPENED = 1  # prompts of a set that are open at once
MOST_NAMED = 3  # cells of a set that its heading names
MOST_SHOT_IDS = 12
MOST_CHARACTERS = 800_000  # of all prompts that are shown

LEAD = (
    "Exactly what was sent, special tokens of chat templates in colour. ↵ marks the end of a line, dots stand for spaces that could be "
    "overlooked. Where a prompt is too long, whole shots go first, then the text is cut. A token that begins every text is not shown."
)


def prompts_section(run: RunRecord) -> Section | None:
    sets = records(run.results, "prompts")
    if not sets:
        return None
    cells = {cell.id: cell for task in run.tasks for cell in task.cells}
    room = MOST_CHARACTERS
    shown_sets: list[Block] = []
    for one in sets:
        size = sum(len(text(example, "text")) for example in records(one, "examples"))
        shown_sets += _prompts(run, one, cells) if size <= room else _left_out(run, one, cells)
        room -= size if size <= room else 0
    return Section("prompts", "Prompts", LEAD, (_table(run, sets, cells), *shown_sets))


def _table(run: RunRecord, sets: Sequence[Record], cells: dict[str, CellResult]) -> Table:
    columns = (
        Column("asked"),
        Column("shots"),
        Column("examples", numeric=True),
        Column("prompt tokens", numeric=True, hint="each prompt once"),
        Column("scored tokens", numeric=True),
        Column("shots dropped", numeric=True),
        Column("texts cut", numeric=True),
        Column("room", numeric=True, hint="tokens"),
    )
    return Table("What was asked, and what had to be left out", columns, tuple(_row(run, one, cells) for one in sets))


def _row(run: RunRecord, one: Record, cells: dict[str, CellResult]) -> tuple[Entry, ...]:
    dropped, cut = number(one, "shots_dropped"), number(one, "truncated")
    estimated = "estimated" if truth(one, "tokens_estimated") else ""
    tokens = number(one, "tokens") if estimated else number(one, "prompt_tokens")
    return (
        Entry(_name(run, one, cells)),
        Entry(_shots(one), f"from {text(one, 'shots_from')}" if text(one, "shots_from") else ""),
        Entry(count(number(one, "rows")), plural(integer(one, "requests") or 0, "request"), sort_key(number(one, "rows"))),
        Entry(count(tokens), estimated, sort_key(tokens)),
        _count(number(one, "scored_tokens")),
        Entry(
            count(dropped), f"in {plural(integer(one, 'shortened') or 0, 'prompt')}" if dropped else "", sort_key(dropped), _tone(dropped)
        ),
        Entry(count(cut), f"{count(number(one, 'truncated_tokens'))} tokens" if cut else "", sort_key(cut), _tone(cut)),
        _count(number(one, "max_length")),
    )


def _count(value: float | None) -> Entry:
    return Entry(count(value), sort=sort_key(value))


def _tone(lost: float | None) -> str:
    return "warn" if lost else ""


def _name(run: RunRecord, one: Record, cells: dict[str, CellResult]) -> str:
    """The task, and the models that it was put to like that."""
    several_runs = len({task.run for task in run.tasks}) > 1
    task = f"{text(one, 'run')}.{text(one, 'task')}" if several_runs else text(one, "task")
    models = list(dict.fromkeys(cells[cell].variant for cell in texts(one, "cells") if cell in cells))
    more = f" and {len(models) - MOST_NAMED} more" if len(models) > MOST_NAMED else ""
    return f"{task}: {', '.join(models[:MOST_NAMED])}{more}"


def _shots(one: Record) -> str:
    """The call as the spec writes it."""
    call = one.get("shots")
    if not isinstance(call, dict):
        return NONE
    settings = [_setting(name, value) for name, value in call.items() if name != "call" and value is not None]
    return f"{text(call, 'call')}({', '.join(settings)})"


def _setting(name: str, value: Json) -> str:
    return shown(value) if name == "count" else f"{name} = {shown(value)}"


def _prompts(run: RunRecord, one: Record, cells: dict[str, CellResult]) -> Iterator[Block]:
    examples = records(one, "examples")
    if examples:
        yield Heading(_name(run, one, cells), f"{plural(len(examples), 'prompt')} of {count(number(one, 'rows'))}")
    for at, example in enumerate(examples):
        yield Folded(_title(example), tuple(_prompt(one, example)), opened=at < OPENED)


def _left_out(run: RunRecord, one: Record, cells: dict[str, CellResult]) -> Iterator[Block]:
    yield Heading(_name(run, one, cells))
    yield Paragraph("Its prompts are left out here to keep this file small; they are in results.json.")


def _title(example: Record) -> str:
    tokens, shots = integer(example, "tokens"), len(items(example, "shots"))
    known = [
        *([plural(tokens, "token")] if tokens is not None else []),
        *([plural(shots, "shot")] if shots else []),
        *([f"{plural(dropped, 'shot')} dropped"] if (dropped := integer(example, "shots_dropped")) else []),
        *([f"{plural(cut, 'token')} cut"] if (cut := integer(example, "cut_tokens")) else []),
    ]
    return f"Example {text(example, 'id')}: {', '.join(known)}"


def _prompt(one: Record, example: Record) -> Iterator[Block]:
    yield Verbatim("Prompt", verbatim(text(example, "text")), _note(one, example))
    continuations = texts(example, "continuations")
    if continuations:
        rows = tuple((Entry(letter(place)), Entry(_quoted(words))) for place, words in enumerate(continuations))
        yield Table("What was scored behind it", (Column("choice"), Column("text")), rows, sortable=False)
    if shots := texts(example, "shots"):
        more = f" and {len(shots) - MOST_SHOT_IDS} more" if len(shots) > MOST_SHOT_IDS else ""
        yield Paragraph(f"Shots, in this order: rows {', '.join(shots[:MOST_SHOT_IDS])}{more}.")


def _note(one: Record, example: Record) -> str:
    left_out = integer(example, "left_out")
    said = [
        *(["a chat, as the model's own template writes it"] if truth(one, "chat") else []),
        *(["empty: nothing stands before what is scored but the token that begins a text"] if not text(example, "text") else []),
        *([f"{count(left_out)} characters in its middle are not kept here"] if left_out else []),
    ]
    return "; ".join(said)


def _quoted(words: str) -> str:
    return f"“{words}”"
