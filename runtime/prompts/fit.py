"""Prompts that fit: whole shots go first, then the longest field of the question is cut.

In: drafts of prompts. Out: `Fitted`: the requests of each, and what was dropped and cut. Not here: choosing shots, writing files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchc.compiler.template import Placeholder
from benchc.runtime.prompts.assemble import context
from benchc.runtime.prompts.pair import Pair
from benchc.runtime.prompts.reader import PromptReader
from benchc.runtime.prompts.rows import PromptRow
from benchc.runtime.prompts.wording import Wording
from benchc.runtime.work import StepFailed

MOST_TRIES = 12  # of cutting a text: its tokens change a little with each cut


@dataclass(frozen=True, slots=True)
class Draft:
    """An example before its length is known. `contentless`: what stands in its question in place of each text, if not those of the row.
    `continuations`: of choices or
    labels; () for a prompt that is to be continued."""

    row: PromptRow
    shots: tuple[PromptRow, ...]
    continuations: tuple[str, ...]
    contentless: str | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """`pairs`: one for each continuation, or the only one of a prompt. `cut_tokens`: how many the cut took."""

    draft: Draft
    text: str
    pairs: tuple[Pair, ...]
    shots_dropped: int
    cut_tokens: int


@dataclass(frozen=True, slots=True)
class Room:
    """`tokens`: most of a prompt with its continuation, or of each where they are read `apart` (sequence to sequence). `cut`: "start",
    "end", "middle"."""

    tokens: int
    cut: str
    apart: bool = False

    def taken(self, pair: Pair) -> int:
        """Tokens that a pair takes of the room."""
        return max(pair.scored_from, len(pair.tokens) - pair.scored_from) if self.apart else len(pair.tokens)


def fit(drafts: Sequence[Draft], wording: Wording, tokenizer: PromptReader, room: Room) -> list[Fitted]:
    """All drafts tokenized in one go; those that are too long once more, one by one."""
    texts = [context(wording, draft.shots, _question(draft, wording), tokenizer) for draft in drafts]
    asked = [pair for draft, text in zip(drafts, texts, strict=True) for pair in _asked(draft, text)]
    pairs = iter(_pairs(asked, tokenizer))
    made = [Fitted(draft, text, tuple(next(pairs) for _ in _asked(draft, text)), 0, 0) for draft, text in zip(drafts, texts, strict=True)]
    return [one if _length(one, room) <= room.tokens else _shorten(one, wording, tokenizer, room) for one in made]


def _asked(draft: Draft, text: str) -> list[tuple[str, str | None]]:
    return [(text, continuation) for continuation in draft.continuations] or [(text, None)]


def _pairs(asked: Sequence[tuple[str, str | None]], tokenizer: PromptReader) -> list[Pair]:
    scored = [(text, continuation) for text, continuation in asked if continuation is not None]
    pairs = iter(tokenizer.pairs(scored))
    alone = iter(tokenizer.encode([text for text, continuation in asked if continuation is None]))
    return [_prompt(next(alone)) if continuation is None else next(pairs) for _, continuation in asked]


def _prompt(tokens: tuple[int, ...]) -> Pair:
    return Pair(tokens, len(tokens))


def _length(fitted: Fitted, room: Room) -> int:
    return max(room.taken(pair) for pair in fitted.pairs)


def _question(draft: Draft, wording: Wording) -> str:
    return wording.ask(draft.row) if draft.contentless is None else wording.ask_without_content(draft.row, draft.contentless)


def _shorten(first: Fitted, wording: Wording, tokenizer: PromptReader, room: Room) -> Fitted:
    def made(draft: Draft) -> Fitted:
        text = context(wording, draft.shots, _question(draft, wording), tokenizer)
        return Fitted(draft, text, tuple(_pairs(_asked(draft, text), tokenizer)), len(first.draft.shots) - len(draft.shots), 0)

    current = first
    while current.draft.shots and _length(current, room) > room.tokens:
        current = made(replace(current.draft, shots=current.draft.shots[1:]))
    whole = _length(current, room)
    if whole <= room.tokens:
        return current
    current = _cut_field(current, wording, tokenizer, room, made)
    if _length(current, room) > room.tokens:
        pairs = tuple(_cut_tokens(pair, tokenizer, room, current.draft.row) for pair in current.pairs)
        current = replace(current, pairs=pairs, text=tokenizer.text(pairs[0].tokens[: pairs[0].scored_from]))
    return replace(current, cut_tokens=whole - _length(current, room))


def _cut_field(current: Fitted, wording: Wording, tokenizer: PromptReader, room: Room, made: Callable[[Draft], Fitted]) -> Fitted:
    """Cuts the longest text that the question holds until the prompt fits, or nothing of it is left."""
    name = _longest_field(current.draft.row, wording)
    if name is None or current.draft.contentless is not None:
        return current
    whole = str(current.draft.row.values[name])
    ids, offsets = tokenizer.offsets(whole)
    keep = len(ids)
    for _ in range(MOST_TRIES):
        excess = _length(current, room) - room.tokens
        if excess <= 0 or keep == 0:
            break
        keep = max(0, keep - excess)
        values = {**current.draft.row.values, name: _kept(whole, offsets, keep, room.cut)}
        current = made(replace(current.draft, row=replace(current.draft.row, values=values)))
    return current


def _longest_field(row: PromptRow, wording: Wording) -> str | None:
    named = [part.name for part in wording.question if isinstance(part, Placeholder) and isinstance(row.values[part.name], str)]
    return max(named, key=lambda name: len(row.values[name]), default=None)


def _kept(text: str, offsets: Sequence[tuple[int, int]], keep: int, cut: str) -> str:
    """What is left of a text when so many of its tokens are kept."""
    if keep == 0:
        return ""
    match cut:
        case "start":
            return text[offsets[-keep][0] :]
        case "end":
            return text[: offsets[keep - 1][1]]
        case _:
            head, tail = keep - keep // 2, keep // 2
            return text[: offsets[head - 1][1]] + (text[offsets[-tail][0] :] if tail else "")


def _cut_tokens(pair: Pair, tokenizer: PromptReader, room: Room, row: PromptRow) -> Pair:
    """The last resort: tokens of the context go from its start, behind the token that begins a text."""
    if room.taken(pair) <= room.tokens:
        return pair
    excess = (pair.scored_from if room.apart else len(pair.tokens)) - room.tokens
    held = len(tokenizer.begin) if pair.tokens[: len(tokenizer.begin)] == tokenizer.begin else 0
    answer_alone = room.apart and len(pair.tokens) - pair.scored_from > room.tokens
    if answer_alone or pair.scored_from - held - excess < 0 or pair.scored_from - excess < 1:
        message = f"the answer or choice of row {row.id} alone is longer than the {room.tokens} tokens that the model takes"
        raise StepFailed("text_too_long", message, "leave such rows out, or take a model that reads more")
    return Pair(pair.tokens[:held] + pair.tokens[held + excess :], pair.scored_from - excess, pair.merged)
