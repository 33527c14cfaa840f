"""The long text of each problem's code.

In: a code. Out: `Explanation`, read from `CODE.md` in this folder. Such a file holds, in this order and nothing else:

    # code

    Level: error

    Text: what it means, why it is a problem, what to do.

    ```bench failing
    a whole spec that has this problem
    ```

    ```bench mended
    the same spec, mended
    ```

The first sentence of the text is its summary. Further files of the failing and the mended example (imports, data) are blocks that
name their path: ```` ```csv data.csv ````. The tests check both examples: the first must give the code, the second must not.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchc.compiler.problems import Level

FOLDER: Final = Path(__file__).parent
_FORM: Final = re.compile(
    r"# (?P<code>\w+)\n\nLevel: (?P<level>error|warning|note)\n\n(?P<text>.*?)\n\n(?P<examples>```bench failing\n.*)", re.DOTALL
)
_FENCE: Final = re.compile(r"^```(\w*) (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Explanation:
    """`files` are the further files of the examples, by path."""

    code: str
    level: Level
    summary: str
    text: str
    failing: str
    mended: str
    files: dict[str, str]


def codes() -> tuple[str, ...]:
    """All codes that have an explanation, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.md")))


def explain(code: str) -> Explanation | None:
    """The explanation of a code; None when there is no such code."""
    if code not in codes():
        return None
    return read_explanation(code, (FOLDER / f"{code}.md").read_text(encoding="utf-8"))


def read_explanation(code: str, markdown: str) -> Explanation:
    """Raises ValueError when the text is not of the form that this module describes."""
    match = _FORM.fullmatch(markdown)
    if match is None or match["code"] != code:
        raise ValueError(f"the explanation of {code} is not of the form that benchc.compiler.explanations describes")
    files = {title: body for _, title, body in _FENCE.findall(match["examples"])}
    if "mended" not in files:
        raise ValueError(f"the explanation of {code} has no mended example")
    text = match["text"].strip()
    summary = re.split(r"(?<=\.)\s", " ".join(text.split()), maxsplit=1)[0]
    return Explanation(code, Level(match["level"]), summary, text, files.pop("failing"), files.pop("mended"), files)
