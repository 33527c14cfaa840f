"""Specs in the one style.

In: `Source`. Out: `Formatted`: the text in the style, and the problems of its form; a text that has errors stays as it is.
The result has the same meaning and the same comments, which is checked each time, and formatting it again changes nothing.

The style: two spaces for each level; one blank at `=`, `:` and comparisons; two before a comment behind code; at most one empty line
between statements. Braces and brackets stand on one line where the author had them so and 100 columns suffice, else one item a line,
with a comma behind each between parentheses and brackets, with none between braces. Names, numbers, text and comments stay as written.
"""

from collections import Counter
from dataclasses import dataclass

from benchc.compiler.layout_comments import Comments
from benchc.compiler.layout_text import Layout
from benchc.compiler.parse import parse
from benchc.compiler.problems import Problem, has_errors
from benchc.compiler.source import Source
from benchc.compiler.syntax import Syntax


@dataclass(frozen=True, slots=True)
class Formatted:
    text: str
    problems: tuple[Problem, ...]


def format_text(source: Source) -> Formatted:
    """The text of `source` in the style."""
    parsed = parse(source)
    if has_errors(parsed.problems):
        return Formatted(source.text, parsed.problems)
    layout = Layout(source.text, Comments(source.text, parsed.syntax.comments))
    text = "".join(f"{line}\n" for line in layout.file(parsed.syntax.statements))
    _assert_same(parsed.syntax, parse(Source(source.path, text)).syntax)
    return Formatted(text, parsed.problems)


def _assert_same(before: Syntax, after: Syntax) -> None:
    if before.statements != after.statements:
        raise AssertionError("formatting would change the meaning")
    if Counter(comment.text for comment in before.comments) != Counter(comment.text for comment in after.comments):
        raise AssertionError("formatting would lose a comment")
