"""Types of the catalog in words, for the reference.

In: a type. Out: a noun phrase. Not here: messages (`benchc.compiler.words`).
"""

from typing import assert_never

from benchc.compiler.catalog import types
from benchc.compiler.schema import type_schema
from benchc.compiler.words import bounds, family_noun


def type_words(type: types.Type) -> str:
    """What can be written, in Markdown: "a whole number of at least 1", "`a` or `b`"."""
    match type:
        case types.Text(pattern=pattern):
            return "a quoted text" + (f" of the form `{pattern}`" if pattern else "")
        case types.Integer():
            return f"a whole number{bounds(type_schema(type))}"
        case types.Real():
            return f"a number{bounds(type_schema(type))}"
        case types.Fraction():
            return "a share, `10%` or `0.1`"
        case types.Duration():
            return "a time, `30s`"
        case types.Size():
            return "a size, `512MiB`"
        case types.Truth():
            return "`true` or `false`"
        case types.Choice(names=names):
            return " or ".join(f"`{name}`" for name in names)
        case types.Reference(kinds=kinds):
            return "the name of a " + " or ".join(f"`{kind}`" for kind in kinds)
        case types.FieldName():
            return "the name of a field"
        case types.Column():
            return "a column; quoted when it is not a name"
        case types.LabelValue():
            return "a label"
        case types.FreeName():
            return "a name"
        case types.ListOf(item=item, single=single, ranges=ranges):
            several = "or a list of such" if single else "in a list"
            return f"{type_words(item)}, {several}" + (", or a range `1..3`" if ranges else "")
        case types.RangeOf():
            return "a range, `1..2`"
        case types.MapOf(keys=keys, values=values):
            return f"an object that maps {type_words(keys)} to {type_words(values)}"
        case types.Record(keys=keys):
            return "an object with " + ", ".join(f"`{key.name}`" for key in keys)
        case types.Call(family=family):
            return f"a [{family_noun(family)}](#{anchor(family)})"
        case types.Condition():
            return "a comparison on a field, `stars >= 3`"
        case types.Anything():
            return "any value"
        case types.Either(options=options):
            return "; or ".join(type_words(option) for option in options)
        case _:
            assert_never(type)


def anchor(family: str) -> str:
    """The anchor of a family's section."""
    return heading(family).lower().replace(" ", "-")


def heading(family: str) -> str:
    return f"Family {family}"
