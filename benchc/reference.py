"""The language reference, made from the catalog.

In: the catalog. Out: Markdown, or JSON, of the whole or of what goes by one name. Not here: printing (`benchc.cli.docs`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from benchc.compiler.catalog.model import BlockKind, Catalog, Entry
from benchc.compiler.catalog.types import Key, Required
from benchc.compiler.checks.allow import DATA_LINTS, LINTS
from benchc.compiler.jsonvalue import Json
from benchc.compiler.words import family_noun, short
from benchc.reference_text import FORM
from benchc.reference_text import LINTS as LINTS_TEXT
from benchc.type_words import heading, type_words


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that has a section: a kind of block, or an entry of a family."""

    title: str
    family: str | None
    of: BlockKind | Entry


def parts(catalog: Catalog) -> tuple[Part, ...]:
    """Kinds of block, then the entries of each family."""
    kinds = [Part(kind.name, None, kind) for kind in catalog.blocks.values()]
    entries = [Part(entry.name, family, entry) for family, known in catalog.families.items() for entry in known.values()]
    return (*kinds, *entries)


def named(name: str, catalog: Catalog) -> tuple[Part, ...]:
    """What goes by a name, or by `family.name`."""
    return tuple(part for part in parts(catalog) if name in (part.title, f"{part.family}.{part.title}"))


def names(catalog: Catalog) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.title for part in parts(catalog)))


def reference_markdown(catalog: Catalog) -> str:
    """The whole reference."""
    kinds = (part_markdown(part, 3) for part in parts(catalog) if part.family is None)
    families = (_family(family, entries) for family, entries in catalog.families.items() if entries)
    return "\n".join((FORM, "## Blocks\n", *kinds, *families, _lints())).rstrip() + "\n"


def part_markdown(part: Part, level: int = 1) -> str:
    """The section of one part."""
    kind = "block" if part.family is None else family_noun(part.family)
    marks = "#" * level
    title = f"{marks} `{part.title}`" if level > 1 else f"{marks} `{part.title}` ({kind})"
    return "\n".join((title, "", _sentence(part.of.doc), "", *_example(part.of.example), *_body(part)))


def reference_json(catalog: Catalog, chosen: Iterable[Part]) -> Json:
    """The same as JSON: one object for each part."""
    return [
        {
            "name": part.title,
            "family": "block" if part.family is None else part.family,
            "doc": part.of.doc,
            "example": part.of.example,
            "keys": [_key_json(key) for key in part.of.keys],
            **({"positional": list(part.of.positional), "rest": part.of.rest} if isinstance(part.of, Entry) else {}),
        }
        for part in chosen
    ]


def _family(family: str, entries: Mapping[str, Entry]) -> str:
    sections = (part_markdown(Part(entry.name, family, entry), 3) for entry in entries.values())
    return "\n".join((f"## {heading(family)}", "", f"Each is a {family_noun(family)}.", "", *sections))


def _example(example: str) -> tuple[str, ...]:
    return ("```bench", example, "```", "") if example else ()


def _body(part: Part) -> Iterator[str]:
    match part.of:
        case BlockKind(defined=defined) if defined is not None and part.of.name != "param":
            yield f"`{part.title} NAME = VALUE` with VALUE {type_words(defined)}."
            yield ""
        case BlockKind(variants=variants) if variants is not None:
            yield f"`{part.title} NAME : KIND {{ }}` with KIND a {family_noun(variants)}, whose keys come besides these:"
            yield ""
        case Entry(positional=positional, rest=rest) if positional or rest:
            order = ", ".join(f"`{name}`" for name in positional)
            further = f"{' then' if order else ''} any number of `{rest}`" if rest else ""
            yield f"Without names, in order: {order}{further}."
            yield ""
        case _:
            pass
    if part.of.keys:
        yield from _table(part.of.keys)


def _table(keys: Iterable[Key]) -> Iterator[str]:
    yield "| key | takes | default | |"
    yield "|---|---|---|---|"
    for key in keys:
        yield f"| `{key.name}` | {_cell(type_words(key.type))} | {_cell(_default(key))} | {_cell(key.doc)} |"
    yield ""


def _default(key: Key) -> str:
    match key.default:
        case Required():
            return "must be given"
        case None | [] | {}:
            return ""
        case value:
            return f"`{_written(value)}`"


def _written(value: Json) -> str:
    """A default as it would be written in a spec."""
    match value:
        case {"call": str(name)}:
            arguments = [f"{key} = {_written(item)}" for key, item in value.items() if key != "call"] if isinstance(value, Mapping) else []
            return f"{name}({', '.join(arguments)})" if arguments else name
        case list() | tuple():
            return f"[{', '.join(_written(item) for item in value)}]"
        case _:
            return short(value)


def _key_json(key: Key) -> Json:
    required = isinstance(key.default, Required)
    default: Json = None if isinstance(key.default, Required) else key.default
    return {"name": key.name, "takes": type_words(key.type), "required": required, "default": default, "doc": key.doc}


def _lints() -> str:
    rows = [f"| `{code}` | {doc} |" for code, doc in LINTS.items()]
    with_data = [f"| `{code}` | {doc} (with `--data`) |" for code, doc in DATA_LINTS.items()]
    return "\n".join((LINTS_TEXT, "| lint | |", "|---|---|", *rows, *with_data))


def _sentence(doc: str) -> str:
    return doc[:1].upper() + doc[1:] + "."


def _cell(text: str) -> str:
    """Text that may stand in a table."""
    return text.replace("|", "\\|").replace("\n", " ")
