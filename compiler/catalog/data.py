"""Data sources, kinds of field, ways to split, ways to name labels.

Paths (`all`, `train`, `dev`, `test` of the sources that read files) are not keyed: the digests of the files' contents stand in the
keys of steps instead, so that moving a file changes nothing.
"""

from benchc.compiler.catalog.model import Entry, SourceFacts
from benchc.compiler.catalog.types import (
    REQUIRED,
    Call,
    Choice,
    Column,
    Either,
    FieldName,
    Fraction,
    FreeName,
    Integer,
    Key,
    LabelValue,
    ListOf,
    MapOf,
    Real,
    Reference,
    Text,
    Truth,
)

LOCATION_KEYS = ("all", "train", "dev", "test")

DIVISION_FIELD = "_division"  # what a load step calls the column of `splits = column(...)`, which need not be a field

SKLEARN_SETS = ("breast_cancer", "diabetes", "digits", "iris", "linnerud", "wine")  # those that ship; downloaded ones are pickles

_PATHS = ListOf(Text(), least=1, single=True)


def _locations(paths: ListOf | MapOf, keyed: bool) -> tuple[Key, ...]:
    return (
        Key("all", paths, "where all rows are, when the source does not divide them", keyed=keyed),
        Key("train", paths, "where the training rows are", keyed=keyed),
        Key("dev", paths, "where the rows for choosing settings are", keyed=keyed),
        Key("test", paths, "where the rows for the final score are", keyed=keyed),
    )


_FILES = _locations(_PATHS, keyed=False)
_ENCODING = Key("encoding", Text(), "the files' character encoding, by its usual name; a byte order mark is dropped", "utf-8")


def _delimited(separator: str, quoting: str) -> tuple[Key, ...]:
    return (
        *_FILES,
        Key("separator", Text(r"[^\r\n]"), "the character between two values", separator),
        Key("header", Choice(("yes", "none")), "whether the first row of each file holds the columns' names", "yes"),
        Key("columns", ListOf(Column(), least=1), "the columns' names, where there is no header"),
        Key("quoting", Choice(("minimal", "none")), "minimal: a value may stand in quotes; none: quotes are ordinary characters", quoting),
        Key("quote", Text(r"[^\r\n]"), "the quote character; doubled inside quotes it stands for itself", '"'),
        Key("escape", Text(r"[^\r\n]"), "a character that makes the next one ordinary; none when not given"),
        Key("decimal", Text(r"[.,]"), "the decimal mark of numbers", "."),
        _ENCODING,
    )


FORMATS: tuple[Entry, ...] = (
    Entry(
        "csv",
        "values parted by commas or another character, a row a line; blank lines are passed over",
        _delimited(",", "minimal"),
        positional=("all",),
        facts=SourceFacts("files"),
        example='source = csv(train = "train.csv", test = "test.csv")',
    ),
    Entry(
        "tsv",
        "values parted by tabs, without quotes, a row a line; blank lines are passed over",
        _delimited("\t", "none"),
        positional=("all",),
        facts=SourceFacts("files"),
        example='source = tsv("reviews.tsv.gz")',
    ),
    Entry(
        "jsonl",
        "a JSON object a line; a column may be a path into it: `question.choices[*].text`; blank lines are passed over",
        (*_FILES, _ENCODING),
        positional=("all",),
        facts=SourceFacts("files"),
        example='source = jsonl("data/*.jsonl")',
    ),
    Entry(
        "parquet",
        "Parquet files; a column may be a path into nested values",
        _FILES,
        positional=("all",),
        facts=SourceFacts("files"),
        example='source = parquet(train = "train.parquet", test = "test.parquet")',
    ),
    Entry(
        "arrow",
        "Arrow IPC files or streams; a column may be a path into nested values",
        _FILES,
        positional=("all",),
        facts=SourceFacts("files"),
        example='source = arrow("rows.arrow")',
    ),
    Entry(
        "lines",
        "a row a line, taken apart by a pattern whose named groups are the columns",
        (
            *_FILES,
            Key("pattern", Text(), "a Python regular expression with named groups that fits the whole line", REQUIRED),
            _ENCODING,
        ),
        positional=("all",),
        facts=SourceFacts("files"),
        example=r'source = lines("questions.txt", pattern = "(?P<kind>\\w+): (?P<question>.*)")',
    ),
    Entry(
        "text",
        "running text in one column, `text`",
        (
            *_FILES,
            Key(
                "unit",
                Choice(("line", "paragraph", "document")),
                "what a row is: a line that is not blank, lines up to a blank one, or a whole file",
                "line",
            ),
            _ENCODING,
        ),
        positional=("all",),
        facts=SourceFacts("files"),
        example='source = text("corpus/*.txt", unit = paragraph)',
    ),
    Entry(
        "parallel",
        "one file a column, aligned by line; blank lines count",
        (*_locations(MapOf(FreeName(), _PATHS), keyed=False), _ENCODING),
        positional=("all",),
        facts=SourceFacts("files"),
        example='source = parallel(train = { text = "train.txt", label = "train.labels" })',
    ),
)

_ROWS = ListOf(MapOf(FreeName(), LabelValue()), least=1)

SOURCES: tuple[Entry, ...] = (
    *FORMATS,
    Entry(
        "package",
        "files that an installed Python package brings along; paths are relative to the package's folder",
        (
            Key("name", Text(r"[A-Za-z_][\w.]*"), "the package's import name", REQUIRED, keyed=False),
            Key("format", Call("format"), "how its files are read, with their paths inside the package", REQUIRED),
        ),
        positional=("name", "format"),
        facts=SourceFacts("package"),
        example='source = package("acme_reviews", csv("data/reviews.csv"))',
    ),
    Entry(
        "sklearn",
        "a data set that ships with scikit-learn: a column for each feature, `target`, `label` where there are classes, and `text`",
        (Key("name", Choice(SKLEARN_SETS), "which one", REQUIRED),),
        positional=("name",),
        facts=SourceFacts("builtin"),
        example="source = sklearn(wine)",
    ),
    Entry(
        "inline",
        "rows that stand in the spec itself",
        _locations(_ROWS, keyed=True),
        positional=("all",),
        facts=SourceFacts("builtin"),
        example='source = inline([{ text = "good", label = pos }, { text = "bad", label = neg }])',
    ),
    Entry(
        "hub",
        "a data set of the Hugging Face hub, or a folder laid out like one, through the package `datasets`",
        (
            Key("id", Text(), "`org/name`, or a folder: `./name`", REQUIRED),
            Key("config", Text(), "which configuration of the data set"),
            Key("revision", Text(), "commit, tag or branch; only a commit of 40 digits stays what it is"),
            Key("all", Text(), "the hub's split that holds all rows, when the source does not divide them"),
            Key("train", Text(), "the hub's split for training; `train`, if it exists, when no split is named"),
            Key("dev", Text(), "the hub's split for choosing settings; `validation`, if it exists, when no split is named"),
            Key("test", Text(), "the hub's split for the final score; `test`, if it exists, when no split is named"),
        ),
        positional=("id",),
        facts=SourceFacts("hub"),
        example='source = hub("org/name", revision = "2a1b9c3d4e5f60718293a4b5c6d7e8f901234567")',
    ),
)

_COLUMN = Key("column", Column(), "the column; the field's own name when not given")

FIELDS: tuple[Entry, ...] = (
    Entry(
        "text",
        "a text; numbers and truth values are written out",
        (
            _COLUMN,
            Key("join", Text(), "what is put between several values (a path with `[*]`); several values are an error when not given"),
            Key("strip", Truth(), "drop white space at both ends", False),
        ),
        positional=("column",),
        example="fields { review = text(body) }",
    ),
    Entry(
        "label",
        "one of a fixed set of labels",
        (
            Key(
                "labels",
                Either(
                    (
                        Reference(("labels",)),
                        Call("labels"),
                        ListOf(LabelValue(), least=1),
                        MapOf(LabelValue(), ListOf(LabelValue(), least=1, single=True)),
                    )
                ),
                "the labels: a `labels` definition, a list, `{ label = raw value }`, or from_data",
                REQUIRED,
            ),
            _COLUMN,
        ),
        positional=("labels", "column"),
        example="fields { kind = label(polarity, sentiment) }",
    ),
    Entry(
        "number",
        "a number; NaN and infinities are bad rows",
        (
            _COLUMN,
            Key("min", Real(), "the smallest number that may stand there"),
            Key("max", Real(), "the largest number that may stand there"),
        ),
        positional=("column",),
        example="fields { score = number(rating, min = 1, max = 5) }",
    ),
    Entry(
        "choices",
        "what can be answered: one text from each of several columns, or the texts of a column that holds a list; at least two, none empty",
        (
            Key(
                "columns",
                ListOf(Column(), least=1, single=True),
                "the columns in the order of the choices, or the one that holds a list (`choices[*].text`, or a JSON list); "
                "the field's own name when not given",
            ),
            Key("optional", Truth(), "leave out choices that are missing or empty, instead of finding fault with the row", False),
        ),
        ("columns",),
        example="fields { options = choices([A, B, C, D]) }",
    ),
    Entry(
        "id",
        "what names a row; without such a field a row is named by its content",
        (_COLUMN,),
        positional=("column",),
        example="fields { id = id(review_id) }",
    ),
    Entry(
        "group",
        "rows with an equal value belong together: one user, one document",
        (_COLUMN,),
        positional=("column",),
        example="fields { user = group(user_id) }",
    ),
)

_STRATIFY = Key("stratify", FieldName(), "a label field whose shares each part keeps")
_GROUP = Key("group", FieldName(), "a field whose equal values stay in one part")
_SEED = Key("seed", Integer(minimum=0), "another seed divides differently", 0)
_VALUES = ListOf(LabelValue(), least=1, single=True)

SPLITS: tuple[Entry, ...] = (
    Entry(
        "fractions",
        "by share, which must add up to 100%; a row's place depends on the seed and its content, not on the order of rows",
        (
            Key("train", Fraction(), "share of the training rows"),
            Key("dev", Fraction(), "share of the rows for choosing settings"),
            Key("test", Fraction(), "share of the rows for the final score"),
            Key("from", Choice(LOCATION_KEYS), "the part of the source that is divided; others stay; the only one there is when not given"),
            _STRATIFY,
            _GROUP,
            _SEED,
        ),
        example="splits = fractions(train = 80%, dev = 10%, test = 10%, stratify = label, seed = 7)",
    ),
    Entry(
        "kfold",
        "cross-validation: each of k parts is the test split once, the others are the training split",
        (Key("k", Integer(minimum=2), "how many parts", REQUIRED), _STRATIFY, _GROUP, _SEED),
        positional=("k",),
        example="splits = kfold(5, stratify = label)",
    ),
    Entry(
        "column",
        "by a column of the data; a value that is not listed is an error",
        (
            Key("column", Column(), "the column", REQUIRED),
            Key("train", _VALUES, "the column's values for training rows", ["train"]),
            Key("dev", _VALUES, "the column's values for rows for choosing settings", ["dev", "validation"]),
            Key("test", _VALUES, "the column's values for rows for the final score", ["test"]),
            Key("drop", _VALUES, "the column's values for rows that are left out", []),
        ),
        positional=("column",),
        example='splits = column("split", train = train, dev = valid, test = test)',
    ),
)

LABELS: tuple[Entry, ...] = (
    Entry(
        "from_data",
        "every value that stands in the column, in sorted order behind those that are named first",
        (Key("first", ListOf(LabelValue()), "labels that come first, such as the negative class", []),),
        rest="first",
        example='labels relation = from_data("Other")',
    ),
)
