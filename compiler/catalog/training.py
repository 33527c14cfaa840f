"""Optimizers, schedules, losses, choice of checkpoint, early stopping."""

from benchc.compiler.catalog.blocks import METRIC
from benchc.compiler.catalog.model import Entry
from benchc.compiler.catalog.types import REQUIRED, Choice, Either, Fraction, Integer, Key, Real, Truth


def _rate(default: float) -> Key:
    return Key("lr", Real(minimum=0, open_minimum=True), "learning rate after warm-up", default)


def _decay(default: float) -> Key:
    return Key("weight_decay", Real(minimum=0), "decay of weight matrices; biases and norms are never decayed", default)


WARMUP = Key(
    "warmup",
    Either((Integer(minimum=0), Fraction())),
    "steps, or the share of all steps, over which the rate rises from 0 (`50`, `10%`); a number below 1 is a share",
    0,
)
MINIMUM = Key("minimum", Fraction(), "the rate at the end, as a share of `lr`", 0)

OPTIMIZERS: tuple[Entry, ...] = (
    Entry(
        "adamw",
        "Adam with decoupled weight decay (Loshchilov and Hutter 2019)",
        (
            _rate(2e-5),
            _decay(0.01),
            Key("beta1", Real(0, 1, open_maximum=True), "decay of the mean gradient", 0.9),
            Key("beta2", Real(0, 1, open_maximum=True), "decay of the mean squared gradient", 0.999),
            Key("epsilon", Real(minimum=0, open_minimum=True), "added to the root of the second moment", 1e-8),
        ),
        ("lr",),
        example="optimizer = adamw(lr = 2e-5, weight_decay = 0.01)",
    ),
    Entry(
        "sgd",
        "stochastic gradient descent with momentum",
        (
            _rate(0.01),
            _decay(0.0),
            Key("momentum", Real(0, 1, open_maximum=True), "share of the last update that is kept", 0.9),
            Key("nesterov", Truth(), "look ahead along the momentum", False),
        ),
        ("lr",),
        example="optimizer = sgd(lr = 0.05, momentum = 0.9)",
    ),
    Entry(
        "adafactor",
        "Adafactor (Shazeer and Stern 2018): second moments kept by row and column, little memory",
        (_rate(1e-3), _decay(0.0), Key("clip_threshold", Real(minimum=0, open_minimum=True), "largest root mean square of an update", 1.0)),
        ("lr",),
        example="optimizer = adafactor(lr = 1e-3)",
    ),
)

SCHEDULES: tuple[Entry, ...] = (
    Entry("linear", "after warm-up, falls in a straight line", (WARMUP, MINIMUM), example="schedule = linear(warmup = 10%)"),
    Entry("cosine", "after warm-up, falls along half a cosine", (WARMUP, MINIMUM), example="schedule = cosine(warmup = 50)"),
    Entry("constant", "after warm-up, stays", (WARMUP,), example="schedule = constant(warmup = 100)"),
    Entry(
        "polynomial",
        "after warm-up, falls as a power of the share that is left",
        (WARMUP, MINIMUM, Key("power", Real(minimum=0, open_minimum=True), "the power; 1 is a straight line", 2.0)),
        example="schedule = polynomial(power = 2)",
    ),
)

LOSSES: tuple[Entry, ...] = (
    Entry(
        "cross_entropy",
        "negative log probability of the right label; the usual loss of classification",
        (Key("label_smoothing", Real(0, 1, open_maximum=True), "probability spread evenly over all labels", 0.0),),
        example="loss = cross_entropy(label_smoothing = 0.1)",
    ),
    Entry("mse", "squared error of the standardised target; the usual loss of regression and similarity", example="loss = mse"),
    Entry("mae", "absolute error of the standardised target", example="loss = mae"),
    Entry(
        "huber",
        "squared near zero, absolute beyond `delta`",
        (Key("delta", Real(minimum=0, open_minimum=True), "where it turns, in standard deviations of the target", 1.0),),
        example="loss = huber(delta = 1)",
    ),
)

SELECTIONS: tuple[Entry, ...] = (
    Entry("last", "the weights after the last step", example="select = last"),
    Entry(
        "best",
        "the weights of the evaluation with the best metric; the earliest of equals",
        (
            Key("metric", METRIC, "the metric", REQUIRED),
            Key("on", Choice(("dev", "train", "test")), "the split that it is taken on", "dev"),
        ),
        ("metric",),
        example="select = best(f1(average = macro), on = dev)",
    ),
)

EARLY_STOPS: tuple[Entry, ...] = (
    Entry(
        "patience",
        "stop after so many evaluations on dev without a better value: of the selection's metric, else of the loss",
        (
            Key("evaluations", Integer(minimum=1), "how many", REQUIRED),
            Key("least", Real(minimum=0), "an improvement below this is none", 0.0),
        ),
        ("evaluations",),
        example="early_stop = patience(2)",
    ),
)
