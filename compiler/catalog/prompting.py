"""How a model is prompted and what is made of what it writes: examples in the prompt, decoding, extraction, constant targets.

Prompts themselves are blocks (`blocks`), what a task asks is in `tasks`.
"""

from benchc.compiler.catalog.model import Entry
from benchc.compiler.catalog.types import REQUIRED, Choice, Integer, Key, ListOf, Real, Reference, Text

COUNT = Key("count", Integer(minimum=1), "how many examples", REQUIRED)
PER = Key("per", Choice(("task", "example")), "whether all examples get the same ones, or each its own", "task")

SHOTS: tuple[Entry, ...] = (
    Entry(
        "first",
        "the first rows of the split in their order, but for the example itself and its copies",
        (COUNT,),
        ("count",),
        example="shots = first(5)",
    ),
    Entry(
        "random",
        "rows drawn by chance, by the run's seed and the rows' content; a bare number means this",
        (COUNT, PER),
        ("count",),
        example="shots = random(5, per = example)",
    ),
    Entry(
        "balanced",
        "rows drawn by chance, as many of each label as can be, the labels in turn",
        (COUNT, PER),
        ("count",),
        example="shots = balanced(6)",
    ),
    Entry(
        "similar",
        "for each example the rows nearest to it, the nearest last: by the cosine of an encoder's sentence vectors, or of tf-idf",
        (COUNT, Key("model", Reference(("model",)), "the encoder; tf-idf of words when not given")),
        ("count",),
        example="shots = similar(5, model = minilm)",
    ),
)

LIMIT = Key("max_new_tokens", Integer(minimum=1), "most tokens that are written", 256)
STOP = Key("stop", ListOf(Text(r"[\s\S]+"), single=True), "texts at which writing ends; they are no part of the answer", [])

DECODINGS: tuple[Entry, ...] = (
    Entry("greedy", "the likeliest token each time", (LIMIT, STOP), ("max_new_tokens",), example='decode = greedy(64, stop = "\\n")'),
    Entry(
        "beam",
        "the likeliest text that a search with this many beams finds",
        (
            Key("beams", Integer(minimum=2), "how many", 4),
            Key("length_penalty", Real(), "power of the length that a text's log probability is divided by", 1.0),
            LIMIT,
            STOP,
        ),
        ("beams",),
        example="decode = beam(4, max_new_tokens = 60)",
    ),
    Entry(
        "sample",
        "tokens drawn by chance, by the run's seed and the example's identity",
        (
            Key("temperature", Real(minimum=0, open_minimum=True), "logits are divided by it", 1.0),
            Key("top_p", Real(0, 1, open_minimum=True), "keep the likeliest tokens up to this probability", 1.0),
            Key("top_k", Integer(minimum=0), "keep this many of the likeliest tokens; 0 for all", 0),
            Key("samples", Integer(minimum=1), "texts for each example", 1),
            LIMIT,
            STOP,
        ),
        ("temperature",),
        example="decode = sample(temperature = 0.8, samples = 5)",
    ),
)

WHICH = Key("which", Choice(("first", "last")), "which of several", "first")

EXTRACTIONS: tuple[Entry, ...] = (
    Entry("none", "the whole text, white space at both ends dropped", example="extract = none"),
    Entry(
        "number",
        "a number; thousands and currency signs that `strip` names are dropped, and it is written in one form (`1,200.0` is `1200`)",
        (
            Key("which", Choice(("first", "last")), "which of several", "last"),
            Key("strip", ListOf(Text(r"[\s\S]+"), single=True), "what is dropped before a number is looked for", [","]),
            Key("decimal", Choice(("point", "comma")), "the mark before decimals, which is never dropped", "point"),
        ),
        ("which",),
        example='extract = number(last, strip = [",", "$"])',
    ),
    Entry(
        "regex",
        "what a regular expression fits",
        (
            Key("pattern", Text(), "a Python regular expression", REQUIRED),
            Key("group", Integer(minimum=0), "number of the group that is the answer; 0 for all that fits", 0),
            WHICH,
        ),
        ("pattern",),
        example='extract = regex("answer is (\\\\w+)", group = 1)',
    ),
    Entry("boxed", "what stands in the last `\\\\boxed{...}`, braces balanced", example="extract = boxed"),
    Entry(
        "choice_letter",
        "a letter that stands for a choice: alone, in parentheses, or before `.` or `)`",
        (Key("letters", Integer(minimum=2, maximum=26), "how many letters there are, from A on", 4), WHICH),
        ("letters",),
        example="extract = choice_letter(5)",
    ),
    Entry(
        "json_path",
        "a value in the first JSON object or list of the text",
        (Key("path", Text(), "where it stands: `answer.value`, `items[0]`", REQUIRED),),
        ("path",),
        example='extract = json_path("answer.value")',
    ),
    Entry("first_line", "the first line that is not blank", example="extract = first_line"),
    Entry(
        "code_block",
        "what stands in a fenced block of code; the whole text where there is none",
        (Key("language", Text(), "the language that the fence must name; any when not given"), WHICH),
        ("language",),
        example='extract = code_block("python")',
    ),
)

TARGET_ALIKE = ("number", "boxed")  # extractions that references go through as well: theirs hold worked solutions

CALIBRATIONS: tuple[Entry, ...] = (
    Entry("none", "they stay as they are", example="calibrate = none"),
    Entry(
        "contextual",
        "divide them by those that the prompt gives inputs without content, averaged over these (Zhao et al. 2021)",
        (
            Key(
                "inputs",
                ListOf(Text(), least=1, single=True),
                "texts that say nothing, each in place of every text of the example",
                ["N/A", "[MASK]", ""],
            ),
        ),
        rest="inputs",
        example='calibrate = contextual("N/A")',
    ),
)

ANSWERS: tuple[Entry, ...] = (
    Entry(
        "constant",
        "the same choice for every row, by its number from 0",
        (Key("index", Integer(minimum=0), "the number of the choice", REQUIRED),),
        ("index",),
        example="target = constant(0)",
    ),
)
