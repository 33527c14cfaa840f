"""Types of the catalog in words, for the reference.

In: a type. Out: a noun phrase. Not here: messages (`benchc.compiler.words`).
"""

from typing import assert_never

from benchc.compiler.catalog.model import (
    Anything,
    Call,
    Choice,
    Column,
    Condition,
    Duration,
    Either,
    FieldName,
    Fraction,
    FreeName,
    Integer,
    LabelValue,
    ListOf,
    MapOf,
    RangeOf,
    Real,
    Record,
    Reference,
    Size,
    Text,
    Truth,
    Type,
)
from benchc.compiler.schema import type_schema
from benchc.compiler.words import bounds, family_noun


def type_words(type: Type) -> str:
    """What can be written, in Markdown: "a whole number of at least 1", "`a` or `b`"."""
    match type:
        case Text(pattern=pattern):
            return "a quoted text" + (f" of the form `{pattern}`" if pattern else "")
        case Integer():
            return f"a whole number{bounds(type_schema(type))}"
        case Real():
            return f"a number{bounds(type_schema(type))}"
        case Fraction():
            return "a share, `10%` or `0.1`"
        case Duration():
            return "a time, `30s`"
        case Size():
            return "a size, `512MiB`"
        case Truth():
            return "`true` or `false`"
        case Choice(names=names):
            return " or ".join(f"`{name}`" for name in names)
        case Reference(kinds=kinds):
            return "the name of a " + " or ".join(f"`{kind}`" for kind in kinds)
        case FieldName():
            return "the name of a field"
        case Column():
            return "a column; quoted when it is not a name"
        case LabelValue():
            return "a label"
        case FreeName():
            return "a name"
        case ListOf(item=item, single=single, ranges=ranges):
            several = "or a list of such" if single else "in a list"
            return f"{type_words(item)}, {several}" + (", or a range `1..3`" if ranges else "")
        case RangeOf():
            return "a range, `1..2`"
        case MapOf(keys=keys, values=values):
            return f"an object that maps {type_words(keys)} to {type_words(values)}"
        case Record(keys=keys):
            return "an object with " + ", ".join(f"`{key.name}`" for key in keys)
        case Call(family=family):
            return f"a [{family_noun(family)}](#{anchor(family)})"
        case Condition():
            return "a comparison on a field, `stars >= 3`"
        case Anything():
            return "any value"
        case Either(options=options):
            return "; or ".join(type_words(option) for option in options)
        case _:
            assert_never(type)


def anchor(family: str) -> str:
    """The anchor of a family's section."""
    return heading(family).lower().replace(" ", "-")


def heading(family: str) -> str:
    return f"Family {family}"
