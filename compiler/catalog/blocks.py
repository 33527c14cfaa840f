"""The kinds of block, and what each may hold."""

from benchc.compiler.catalog.model import BlockKind
from benchc.compiler.catalog.types import (
    REQUIRED,
    Anything,
    Call,
    Choice,
    Condition,
    Duration,
    Either,
    FieldName,
    FreeName,
    Integer,
    Key,
    LabelValue,
    ListOf,
    MapOf,
    Real,
    Record,
    Reference,
    Size,
    Text,
    Truth,
)

ALLOW = Key("allow", MapOf(FreeName(), Text()), "lints that are silenced in this block, each with the reason", {}, keyed=False)

METRIC = Either((Reference(("metric",)), Call("metric")))

PRECISION = Choice(("auto", "float32", "bfloat16", "float16"))

BLOCKS = (
    BlockKind(
        "bench",
        "what this file is; one in a file that can be run, none in a library",
        (
            Key("description", Text(), "what is measured, in a sentence", keyed=False),
            Key("license", Text(), "licence of this spec or of its data", keyed=False),
            Key("authors", ListOf(Text(), single=True), "who wrote it", [], keyed=False),
            Key("tags", ListOf(Text(), single=True), "words to find it by", [], keyed=False),
            Key("seed", Integer(minimum=0), "the seed of runs that name none", 0),
            Key("meta", Anything(), "user data that means nothing to the compiler", keyed=False),
            ALLOW,
        ),
        named="string",
    ),
    BlockKind(
        "param",
        "a value that `--set` and the axes of runs can change: int, float, string, bool or one_of(...)",
        (
            Key("default", Anything(), "the value when nothing sets it; a param without one must be set"),
            Key("min", Real(), "the smallest value"),
            Key("max", Real(), "the largest value"),
        ),
        defined=Anything(),
        example="param lr: float = 3e-4",
    ),
    BlockKind(
        "labels",
        "a set of labels, in an order that is part of the meaning",
        defined=Either((ListOf(LabelValue(), least=1), MapOf(LabelValue(), ListOf(LabelValue(), least=1, single=True)), Call("labels"))),
        example='labels polarity = { negative = "0", positive = "1" }',
    ),
    BlockKind(
        "dataset",
        "rows to train on and to evaluate on",
        (
            Key("source", Call("source"), "where the rows come from", REQUIRED),
            Key("fields", MapOf(FreeName(), Call("field")), "what each row holds", {}),
            Key("splits", Call("splits"), "how rows are divided into train, dev and test; the source's own division when not given"),
            Key("take", Integer(minimum=1), "at most this many rows of each split, chosen by the rows' content"),
            Key("where", ListOf(Condition(), single=True), "keep rows for which all of these hold", []),
            Key(
                "dedupe",
                ListOf(FieldName(), least=1, single=True),
                "keep one row of those with equal content of this field, or of all of these",
            ),
            Key("on_bad_row", Choice(("error", "skip")), "what a row that cannot be read does; skipped rows are counted", "error"),
            Key("description", Text(), "what the data are", keyed=False),
            Key("license", Text(), "the data's licence", keyed=False),
            ALLOW,
        ),
    ),
    BlockKind(
        "prompt",
        "how a model is asked: texts with `{field}`, `{field[0]}`; `{{` and `}}` stand for braces",
        (
            Key(
                "template",
                Text(),
                "the question; `{options}` of a choices field is its choices as lines, `A. first`, `{options[0]}` one of them",
                REQUIRED,
            ),
            Key("target", Text(), "the answer as it stands in shots; ` {TARGET}`, or the right choice, when not given"),
            Key("separator", Text(), "what stands between shots, and behind the system text", "\n\n"),
            Key("system", Text(), "a text before everything, or the system's turn of a chat"),
            Key(
                "choice",
                Text(),
                "a choice, or a label, as the model is to continue with it: `{choice}`, `{letter}` (A, B), `{index}` (1, 2); "
                "` {choice}` when not given",
            ),
            Key("chat", Truth(), "put the texts into turns by the tokenizer's own chat template", False),
        ),
        example='prompt asked { template = "Question: {question}\\nAnswer:", choice = " {choice}" }',
    ),
    BlockKind(
        "metric", "a metric with its settings, under a name", defined=Call("metric"), example="metric macro_f1 = f1(average = macro)"
    ),
    BlockKind("task", "what is asked of a model, and how answers are scored", (ALLOW,), variants="task"),
    BlockKind(
        "model",
        "a model to compare",
        (
            Key("source", Call("model_source"), "where the model comes from", REQUIRED),
            Key(
                "as",
                Choice(("auto", "encoder", "causal_lm", "seq2seq")),
                "what it is used as; auto: trained as an encoder for classification, regression and similarity, prompted for other tasks "
                "and when it is a GGUF file",
                "auto",
            ),
            Key(
                "adapter",
                Text(),
                "a folder with an adapter of the `peft` library, in safetensors, that is merged into the model's weights",
            ),
            Key("max_length", Integer(minimum=2), "longest input in tokens; the model's own limit when not given"),
            Key("pooling", Choice(("auto", "cls", "mean", "max")), "how token vectors become one vector", "auto"),
            Key("normalize", Truth(), "scale sentence vectors to length one", False),
            Key("head", Call("head"), "the layer on top of an encoder", {"call": "linear", "dropout": 0.1}),
            Key("inputs", ListOf(FieldName(), single=True), "the task's input fields that this model sees; all when not given"),
            Key("precision", PRECISION, "number format of prediction; auto is float32 on a processor", "auto"),
            ALLOW,
        ),
    ),
    BlockKind(
        "train",
        "how a model is fine-tuned",
        (
            Key("epochs", Real(minimum=0, open_minimum=True), "passes over the training rows; 3 when neither epochs nor steps is given"),
            Key("steps", Integer(minimum=1), "optimizer steps, instead of epochs"),
            Key("batch_size", Integer(minimum=1), "examples in a batch; 32 when neither is given"),
            Key("batch_tokens", Integer(minimum=1), "tokens in a batch, padding included, instead of batch_size"),
            Key("accumulate", Integer(minimum=1), "batches whose gradients are added before a step", 1),
            Key("optimizer", Call("optimizer"), "the update rule", {"call": "adamw"}),
            Key("schedule", Call("schedule"), "how the learning rate goes", {"call": "linear"}),
            Key("loss", Call("loss"), "what is minimised; the task's own when not given"),
            Key("clip", Real(minimum=0), "largest norm of the gradient; 0 for none", 1.0),
            Key("select", Call("select"), "which checkpoint is kept", {"call": "last"}),
            Key("early_stop", Call("early_stop"), "when to end before the last epoch"),
            Key("evaluate_every", Integer(minimum=1), "steps between evaluations on dev; each epoch when not given"),
            Key(
                "precision",
                PRECISION,
                "number format of training; auto is bfloat16 on accelerators that have it, float32 elsewhere",
                "auto",
            ),
            ALLOW,
        ),
    ),
    BlockKind(
        "suite",
        "several tasks, one score",
        (
            Key("tasks", ListOf(Reference(("task",)), least=1), "the tasks", REQUIRED),
            Key("aggregate", Call("suite_score"), "how the tasks' primary metrics become one number", {"call": "mean"}),
        ),
    ),
    BlockKind(
        "run",
        "a cross of tasks, models, training settings, seeds and parameters",
        (
            Key("tasks", ListOf(Reference(("task",)), least=1, single=True), "the tasks; or give a suite"),
            Key("suite", Reference(("suite",)), "a suite, instead of tasks"),
            Key("models", ListOf(Reference(("model",)), least=1, single=True), "the models", REQUIRED),
            Key(
                "train",
                Either(
                    (
                        Choice(("none",)),
                        Reference(("train",)),
                        ListOf(Reference(("train",)), least=1),
                        MapOf(Reference(("model",)), Either((Choice(("none",)), Reference(("train",)), ListOf(Reference(("train",)))))),
                    )
                ),
                "training settings: one for all models that need one, a list (each is a cell), or one by model",
            ),
            Key("seeds", ListOf(Integer(minimum=0), least=1, single=True, ranges=True), "seeds; the bench's seed when not given"),
            Key("axes", MapOf(Reference(("param",)), ListOf(Anything(), least=1)), "parameters and the values that they take in turn", {}),
            Key("exclude", ListOf(MapOf(FreeName(), Anything()), single=True), "cells to leave out: all values of an entry must fit", []),
            Key("validate", Call("validation"), "cross-validation: each cell becomes folds"),
            Key("compare", Call("comparison"), "the test between models; a paired bootstrap when several models run"),
            Key("confidence", Real(0.5, 1.0, open_maximum=True), "confidence level of every interval", 0.95),
            Key("resamples", Integer(minimum=100), "bootstrap resamples of metric intervals", 1000),
            Key(
                "budget",
                Record(
                    (Key("time", Duration(), "most wall time of the run", keyed=False), Key("memory", Size(), "most memory", keyed=False))
                ),
                "limits; what does not fit is left out and said so",
                keyed=False,
            ),
            ALLOW,
        ),
    ),
    BlockKind(
        "gate",
        "what must hold for the run to succeed: comparisons of metrics, `RUN.TASK.MODEL.METRIC`, and of scores of suites, "
        "`RUN.SUITE.MODEL.score`, with numbers or with each other",
        example="gate quality { main.sentiment.linear.accuracy >= 0.90 }",
    ),
    BlockKind(
        "report",
        "how the report looks",
        (
            Key("title", Text(), "its title; the bench's name when not given", keyed=False),
            Key("examples", Integer(minimum=0), "most examples shown of each sort", 20, keyed=False),
            Key("theme", Choice(("auto", "light", "dark")), "colours", "auto", keyed=False),
        ),
        named="none",
    ),
)
