"""What a plan costs, before any weight is loaded: examples, tokens, time, memory, disk.

In: a plan whose hints hold the sizes of its files, and what earlier runs measured. Out: an estimate for each step. The formulas are
coarse and stand in `docs/estimates.md`; the constants below are assumptions where nothing was measured, and are named so.
Not here: measuring (`benchc.past_runs` reads what the store holds).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchc.compiler.estimate_requests import Asking, asking, prompt_tokens, requests_of
from benchc.compiler.input_limit import USUAL_LIMIT
from benchc.compiler.jsonvalue import Json, mapping
from benchc.compiler.plan import Plan, Step

ASSUMED_FLOPS_PER_SECOND = 1e11  # float32 on two processor cores
ASSUMED_BYTES_PER_ROW = 120
ASSUMED_BYTES_PER_TOKEN = 4.5
ASSUMED_EPOCHS = 3.0
ASSUMED_BATCH = 32
READ_BYTES_PER_SECOND = 20e6
FIT_BYTES_PER_SECOND = 0.5e6  # tf-idf and a linear model
APPLY_BYTES_PER_SECOND = 5e6
TOKENS_PER_SECOND = 2e5  # of a tokenizer
COMPARED_EXAMPLES_PER_SECOND = 3e7  # examples x resamples
START_SECONDS = 0.05
COMPUTE_MEMORY_BYTES = 600 * 2**20  # the libraries that compute, loaded
BASE_MEMORY_BYTES = 150 * 2**20
TRAINING_COPIES = 4  # weights, gradients, two moments
ACTIVATION_BYTES_PER_TOKEN = 2**20  # of a small encoder, while training
PREDICTION_BYTES_PER_EXAMPLE = 60
SECONDS_PER_EXAMINED = 0.05  # of an example: a process that runs its tests, an encoder on two short texts


@dataclass(frozen=True, slots=True)
class Measured:
    """What earlier runs found out. `rows` and `tokens` by split, by the key of the split or encode step; `flops_per_second` of training
    on this machine, None when it never trained."""

    rows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tokens: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    flops_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of one step. `examples` and `tokens` are those that pass through it, each time that they do. `asked`: of a server."""

    seconds: float
    memory_bytes: float
    disk_bytes: float
    examples: float = 0
    tokens: float = 0
    asked: Asking | None = None


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Of data: rows and bytes by split."""

    rows: Mapping[str, float]
    bytes_by_split: Mapping[str, float]

    def of(self, split: str) -> tuple[float, float]:
        return self.rows.get(split, 0.0), self.bytes_by_split.get(split, 0.0)


def estimate(plan: Plan, measured: Measured = Measured()) -> Mapping[str, Estimate]:
    """An estimate for each step by key. Steps stand behind their inputs, so that sizes flow along."""
    return _Estimation({step.key: step for step in plan.steps}, measured).run()


def estimate_json(one: Estimate) -> Mapping[str, Json]:
    return {
        **({} if one.asked is None else _asked_json(one.asked)),
        "seconds": round(one.seconds, 2),
        "memory_bytes": int(one.memory_bytes),
        "disk_bytes": int(one.disk_bytes),
        "examples": int(one.examples),
        "tokens": int(one.tokens),
    }


def _asked_json(asked: Asking) -> Mapping[str, Json]:
    counts = {name: int(getattr(asked, name)) for name in ("requests", "input_tokens", "output_tokens")}
    return {**counts, "cost": None if asked.cost is None else round(asked.cost, 6)}


@dataclass(slots=True)
class _Estimation:
    steps: Mapping[str, Step]
    measured: Measured
    loads: dict[str, _Sizes] = field(default_factory=dict)
    splits: dict[str, _Sizes] = field(default_factory=dict)
    tokens: dict[str, Mapping[str, float]] = field(default_factory=dict)
    examples: dict[str, float] = field(default_factory=dict)
    prompts: dict[str, float] = field(default_factory=dict)

    def run(self) -> Mapping[str, Estimate]:
        return {key: self._one(step) for key, step in self.steps.items()}

    def _one(self, step: Step) -> Estimate:
        match step.kind:
            case "load":
                return self._load(step)
            case "split":
                return self._split(step)
            case "encode":
                return self._encode(step)
            case "train":
                return self._train(step)
            case "predict":
                return self._predict(step)
            case "extract":
                return self._extract(step)
            case "examine":
                return self._examine(step)
            case "score":
                return self._score(step)
            case "compare":
                return self._compare(step)
            case _:
                return Estimate(START_SECONDS / 5, BASE_MEMORY_BYTES, 1000)

    def _load(self, step: Step) -> Estimate:
        sizes = _numbers(step.hints.get("bytes", {}))
        lines = _numbers(step.hints.get("lines", {}))
        rows = {split: lines.get(split, size / ASSUMED_BYTES_PER_ROW) for split, size in sizes.items()}
        self.loads[step.key] = _Sizes(rows, sizes)
        total = sum(sizes.values())
        return Estimate(START_SECONDS + total / READ_BYTES_PER_SECOND, BASE_MEMORY_BYTES, total * 1.2, sum(rows.values()))

    def _split(self, step: Step) -> Estimate:
        loaded = self.loads[step.inputs["rows"][0]]
        known = self.measured.rows.get(step.key)
        rows = divide(loaded.rows, step.params) if known is None else {split: float(count) for split, count in known.items()}
        divided = _Sizes(rows, divide(loaded.bytes_by_split, step.params))
        self.splits[step.key] = divided if known is not None else _taken(divided, step.params["take"])
        total = sum(self.splits[step.key].rows.values())
        return Estimate(START_SECONDS + total / 1e6, BASE_MEMORY_BYTES + total * 100, total * 12, total)

    def _encode(self, step: Step) -> Estimate:
        sizes = self.splits[step.inputs["split"][0]]
        if mapping(step.params["tokenizer"])["call"] == "endpoint":
            return self._prompts(step, sizes)
        asked = step.params["max_length"]
        limit = _number(step.hints.get("input_limit", USUAL_LIMIT))
        longest = limit if asked is None else min(_number(asked), limit)
        guessed = {
            split: min(size / ASSUMED_BYTES_PER_TOKEN, sizes.rows.get(split, 0) * longest) for split, size in sizes.bytes_by_split.items()
        }
        tokens: Mapping[str, float] = self.measured.tokens.get(step.key, guessed)
        if "prompted" in step.params:
            tokens = _with_prompts(tokens, sizes.rows, mapping(step.params["prompted"]))
        self.tokens[step.key] = tokens
        total = float(sum(tokens.values()))
        return Estimate(1 + total / TOKENS_PER_SECOND, COMPUTE_MEMORY_BYTES, total * 5, sum(sizes.rows.values()), total)

    def _prompts(self, step: Step, sizes: _Sizes) -> Estimate:
        """Prompts of a model behind a server, which stay texts."""
        split = str(mapping(step.params["prompted"])["split"])
        rows, size = sizes.of(split)
        fields = mapping(self.steps[step.inputs["rows"][0]].params["fields"])
        self.prompts[step.key] = requests_of(step, fields, rows)
        guessed = {split: self.prompts[step.key] * prompt_tokens(step, size / max(rows, 1.0))}
        self.tokens[step.key] = self.measured.tokens.get(step.key, guessed)
        total = float(sum(self.tokens[step.key].values()))
        return Estimate(START_SECONDS + rows / 1e4, BASE_MEMORY_BYTES, total * ASSUMED_BYTES_PER_TOKEN, rows, total)

    def _train(self, step: Step) -> Estimate:
        rows, size = self.splits[step.inputs["split"][0]].of(str(step.params["train_on"]))
        if "encoded" not in step.inputs:
            return self._fit(step, rows, size)
        settings = mapping(step.params["train"])
        of_split = self.tokens[step.inputs["encoded"][0]]
        passes = _epochs(settings, rows)
        tokens = passes * of_split.get(str(step.params["train_on"]), 0)
        parameters = _hint(step, "parameters")
        checked = passes * of_split.get("dev", 0) if mapping(settings["select"])["call"] == "best" else 0
        seconds = 2 + (6 * parameters * tokens + 2 * parameters * checked) / self._flops()
        batch = min(_batch_tokens(settings, tokens / max(rows * passes, 1)), tokens)
        weights = _hint(step, "weight_bytes")
        memory = COMPUTE_MEMORY_BYTES + TRAINING_COPIES * weights + batch * ACTIVATION_BYTES_PER_TOKEN
        return Estimate(seconds, memory, weights, rows * passes, tokens)

    def _fit(self, step: Step, rows: float, size: float) -> Estimate:
        """Scikit-learn and baselines; features that an encoder makes cost its forward pass."""
        source = mapping(mapping(step.params["model"])["source"])
        if source["call"] == "baseline":
            return Estimate(START_SECONDS, BASE_MEMORY_BYTES, 1000, rows)
        tokens = size / ASSUMED_BYTES_PER_TOKEN if _hint(step, "parameters") else 0
        seconds = 1 + size / FIT_BYTES_PER_SECOND + 2 * _hint(step, "parameters") * tokens / self._flops()
        return Estimate(seconds, COMPUTE_MEMORY_BYTES + 10 * size, size, rows, tokens)

    def _predict(self, step: Step) -> Estimate:
        split = str(step.params["split"])
        rows, size = self.splits[step.inputs["split"][0]].of(split)
        self.examples[step.key] = rows
        disk = rows * PREDICTION_BYTES_PER_EXAMPLE
        if "endpoint" in step.hints:
            encoded = step.inputs["encoded"][0]
            asked = asking(step, self.prompts[encoded], self.tokens[encoded].get(split, 0))
            tokens = asked.input_tokens + asked.output_tokens
            return Estimate(asked.seconds, BASE_MEMORY_BYTES, disk, rows, tokens, asked)
        parameters = _hint(step, "parameters")
        if "encoded" in step.inputs:
            tokens = self.tokens[step.inputs["encoded"][0]].get(split, 0)
            memory = COMPUTE_MEMORY_BYTES + _hint(step, "weight_bytes") * 2
            return Estimate(2 + 2 * parameters * tokens / self._flops(), memory, disk, rows, tokens)
        return Estimate(START_SECONDS + size / APPLY_BYTES_PER_SECOND, BASE_MEMORY_BYTES + 5 * size, disk, rows)

    def _extract(self, step: Step) -> Estimate:
        examples = self.examples[step.inputs["predictions"][0]]
        self.examples[step.key] = examples
        return Estimate(START_SECONDS, BASE_MEMORY_BYTES, examples * PREDICTION_BYTES_PER_EXAMPLE, examples)

    def _examine(self, step: Step) -> Estimate:
        """Programs end well before their time limit, mostly; an encoder reads two short texts an example."""
        examples = self.examples[step.inputs["predictions"][0]]
        self.examples[step.key] = examples
        seconds = START_SECONDS + examples * SECONDS_PER_EXAMINED
        return Estimate(seconds, COMPUTE_MEMORY_BYTES, examples * PREDICTION_BYTES_PER_EXAMPLE, examples)

    def _score(self, step: Step) -> Estimate:
        examples = self.examples[step.inputs["predictions"][0]]
        work = examples * _number(step.params["resamples"])
        return Estimate(START_SECONDS + work / COMPARED_EXAMPLES_PER_SECOND, BASE_MEMORY_BYTES + examples * 200, 2000, examples)

    def _compare(self, step: Step) -> Estimate:
        examples = sum(self.examples[key] for role in ("a", "b") for key in step.inputs[role])
        work = examples * _number(mapping(step.params["test"])["samples"])
        return Estimate(START_SECONDS + work / COMPARED_EXAMPLES_PER_SECOND, BASE_MEMORY_BYTES + examples * 200, 2000, examples)

    def _flops(self) -> float:
        return self.measured.flops_per_second or ASSUMED_FLOPS_PER_SECOND


def _with_prompts(tokens: Mapping[str, float], rows: Mapping[str, float], prompted: Mapping[str, Json]) -> Mapping[str, float]:
    """Tokens that a model sees: of the split that is scored, what is written included; text that prompts share is seen once."""
    split = str(prompted["split"])
    return {split: tokens.get(split, 0.0) + rows.get(split, 0.0) * _number(prompted["new_tokens"])}


def divide(sizes: Mapping[str, float], split: Mapping[str, Json]) -> Mapping[str, float]:
    """Bytes (or rows) of the parts of a source as a split step divides them."""
    divided = dict(sizes)
    splits = split["splits"]
    if isinstance(splits, Mapping) and splits["call"] == "fractions":
        part = splits["from"] or next(iter(sizes), None)
        whole = divided.pop(str(part), 0.0)
        divided |= {name: whole * _number(splits[name]) for name in ("train", "dev", "test") if splits[name] is not None}
    elif isinstance(splits, Mapping):  # by a column: shares as they usually are
        whole = sum(divided.values())
        divided = {"train": 0.8 * whole, "dev": 0.1 * whole, "test": 0.1 * whole}
    return divided if split["fold"] is None else _fold(divided, _number(mapping(split["fold"])["count"]))


def _fold(sizes: Mapping[str, float], count: float) -> Mapping[str, float]:
    whole = sizes.get("train", 0.0) or sizes.get("all", 0.0)
    return {"train": whole * (count - 1) / count, "test": whole / count, "dev": sizes.get("dev", 0.0)}


def _taken(sizes: _Sizes, take: Json) -> _Sizes:
    """What is left when at most so many rows of each split are taken."""
    if take is None:
        return sizes
    kept = {split: min(1.0, _number(take) / rows) if rows else 1.0 for split, rows in sizes.rows.items()}
    return _Sizes(
        {split: rows * kept[split] for split, rows in sizes.rows.items()},
        {split: size * kept.get(split, 1.0) for split, size in sizes.bytes_by_split.items()},
    )


def _epochs(settings: Mapping[str, Json], rows: float) -> float:
    if settings["steps"] is not None:
        return _number(settings["steps"]) * _number(settings["batch_size"] or ASSUMED_BATCH) / max(rows, 1)
    return ASSUMED_EPOCHS if settings["epochs"] is None else _number(settings["epochs"])


def _batch_tokens(settings: Mapping[str, Json], tokens_per_row: float) -> float:
    if settings["batch_tokens"] is not None:
        return _number(settings["batch_tokens"])
    return _number(settings["batch_size"] or ASSUMED_BATCH) * tokens_per_row


def _hint(step: Step, name: str) -> float:
    """A size among the hints of a step; 0 where it has none."""
    return _number(step.hints.get(name) or 0)


def _numbers(value: Json) -> Mapping[str, float]:
    return {name: _number(number) for name, number in mapping(value).items()}


def _number(value: Json) -> float:
    assert isinstance(value, int | float), value
    return float(value)
