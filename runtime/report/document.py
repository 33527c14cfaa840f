"""What the report is made of: a head, a headline, sections of blocks.

In: nothing. Out: the frozen types that `summarize` fills and the templates draw. Every text is final: numbers are written out, nothing is
left for a template to decide. `kind` names the part of `blocks.html` that draws a block. Not here: HTML, except drawings that `plots` made.
"""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    numeric: bool = False
    code: bool = False  # the name is a name of the spec
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A table's cell. `sort` is what it is sorted by when that is not its text; `tone` is "lead", "warn", "quiet" or "right"."""

    text: str
    detail: str = ""
    sort: str = ""
    tone: str = ""
    mark: str = ""  # a word that sets it apart, such as "right"


@dataclass(frozen=True, slots=True)
class Table:
    """The first entry of a row is its header."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Entry, ...], ...]
    note: str = ""
    sortable: bool = True


@dataclass(frozen=True, slots=True)
class StripRow:
    label: str
    value: str
    detail: str
    svg: Markup
    lead: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Strips:
    """A dot-and-interval plot: rows with a common axis."""

    kind: ClassVar[str] = "strips"
    caption: str
    rows: tuple[StripRow, ...]
    axis: Markup
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    caption: str
    svg: Markup
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pictures:
    kind: ClassVar[str] = "pictures"
    pictures: tuple[Picture, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    text: str
    shade: str  # CSS class


@dataclass(frozen=True, slots=True)
class MatrixRow:
    label: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A confusion matrix: rows are targets, columns are answers."""

    kind: ClassVar[str] = "matrix"
    caption: str
    labels: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    upright: bool  # column names stand on end, because they are long or many
    note: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to read. `opening` is shown first and `whole` on demand; `opening` is empty when the text is short enough to stand."""

    name: str
    opening: str
    whole: str
    cut: str


@dataclass(frozen=True, slots=True)
class Answer:
    model: str
    text: str
    verdict: str
    detail: str
    tone: str


@dataclass(frozen=True, slots=True)
class Example:
    """`choices` stands instead of `target` and `answers` where models chose among texts of the example's own."""

    id: str
    target: str
    passages: tuple[Passage, ...]
    answers: tuple[Answer, ...]
    choices: Table | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    kind: ClassVar[str] = "reading"
    title: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A text that a model wrote, as it came, with the answer marked. `facts`: how it ended, how long it is. `trouble`: what a
    failed program said."""

    html: Markup
    verdict: str
    facts: str
    trouble: str
    tone: str


@dataclass(frozen=True, slots=True)
class Written:
    """What one model wrote for an example. `answer`: what was taken out of it, "" where the text is the answer; `basis`: its score,
    votes."""

    model: str
    answer: str
    basis: str
    tone: str
    samples: tuple[Sample, ...]
    more: str


@dataclass(frozen=True, slots=True)
class WrittenExample:
    id: str
    passages: tuple[Passage, ...]
    reference: Markup
    written: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class WrittenTexts:
    """Texts of models beside the reference. `code`: they are programs."""

    kind: ClassVar[str] = "written"
    title: str
    code: bool
    examples: tuple[WrittenExample, ...]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A text to the letter, its white space visible."""

    kind: ClassVar[str] = "verbatim"
    caption: str
    html: Markup
    note: str = ""


@dataclass(frozen=True, slots=True)
class SourceLine:
    anchor: str
    number: int
    html: Markup


@dataclass(frozen=True, slots=True)
class SourceCode:
    kind: ClassVar[str] = "source"
    path: str
    lines: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    kind: ClassVar[str] = "facts"
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    kind: ClassVar[str] = "heading"
    text: str
    note: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    kind: ClassVar[str] = "paragraph"
    text: str | Markup
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of unknown size, which scrolls in its own frame."""

    kind: ClassVar[str] = "drawing"
    caption: str
    svg: Markup


@dataclass(frozen=True, slots=True)
class Finding:
    """A lint that fired. `link` leads to the line of the spec that the report shows, "" when it shows none."""

    code: str
    level: str
    message: Markup
    place: str
    link: str
    help: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    kind: ClassVar[str] = "findings"
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks that open on demand, and on paper."""

    kind: ClassVar[str] = "folded"
    title: str
    blocks: "tuple[Block, ...]"
    opened: bool = False


Block: TypeAlias = (
    Table
    | Strips
    | Pictures
    | Matrix
    | Reading
    | WrittenTexts
    | Verbatim
    | SourceCode
    | Facts
    | Heading
    | Paragraph
    | Drawing
    | Findings
    | Folded
)


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    lead: str | Markup
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be known about one task in one glance. `tone`: "lead" when a winner is sure, "quiet" when not, "warn" when nothing ran."""

    task: str
    winner: str
    score: str
    claim: str
    basis: str
    tone: str
    strips: Strips | None


@dataclass(frozen=True, slots=True)
class Status:
    text: str
    detail: str
    tone: str
    link: str


@dataclass(frozen=True, slots=True)
class Failure:
    cell: str
    reason: Markup


@dataclass(frozen=True, slots=True)
class Headline:
    statuses: tuple[Status, ...]
    verdicts: tuple[Verdict, ...]
    failures: tuple[Failure, ...]
    more_failures: str  # how many are not named, "" when all are


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole report. `facts` stand under the title; `theme` is "auto", "light" or "dark"."""

    title: str
    description: str
    theme: str
    facts: tuple[Fact, ...]
    headline: Headline
    sections: tuple[Section, ...]
