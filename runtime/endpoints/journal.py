"""Answers of a server that are kept as they come, so that no finished request is asked again.

In: a folder that survives a kill (a step's checkpoint). Out: `Journal`. Each answer is durable before the next request is counted as
done. Requests are there by their digests alone. How a line is kept: `runtime.partial`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchc.compiler.jsonvalue import Json
from benchc.runtime.endpoints.caller import Told
from benchc.runtime.endpoints.replies import reply_json, reply_of
from benchc.runtime.partial import Partial, open_partial


@dataclass(frozen=True, slots=True)
class Journal:
    """`answers` by the request's digest; `found`: digests of those that an earlier try left."""

    kept: Partial
    answers: dict[str, Told]
    found: frozenset[str]

    def add(self, digest: str, told: Told) -> None:
        """Raises OSError when it cannot be kept."""
        self.answers[digest] = told
        self.kept.add(digest, {"tries": told.tries, "reply": reply_json(told.reply)})


def open_journal(folder: Path) -> Journal:
    """The answers that are in the folder; more can be added."""
    kept = open_partial(folder, every_seconds=0.0, clock=lambda: 0.0)
    answers = {digest: _told(result) for digest, result in kept.earlier.items()}
    return Journal(kept, answers, frozenset(answers))


def _told(result: Json) -> Told:
    assert isinstance(result, Mapping), "a checked line holds an answer"
    reply, tries = result["reply"], result["tries"]
    assert isinstance(reply, Mapping)
    assert isinstance(tries, int)
    return Told(reply_of(reply), tries)
