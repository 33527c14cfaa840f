"""All measurements of benchc itself: `python benchmarks/measure.py [--only NAME ...] [--examples DIR] [--write]`.

Each measure is a script of this folder that prints one line of JSON last. The figures are set beside what is promised, and with `--write`
into `docs/measurements.md`. The examples and real data sets lie beside the checkout, in `../shared` where not said otherwise. Leaves with
1 when a promise is not kept. Absolute times are this machine's; ratios are taken within one run.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "measurements.md"

Figures: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One promise: what is measured, what was promised, what was found, and whether that keeps it."""

    what: str
    promised: str
    found: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """`arguments` are given the folder of examples; `rows` reads the script's figures."""

    name: str
    script: str
    arguments: Callable[[Path], Sequence[str]]
    rows: Callable[[Figures], Sequence[Row]]


def check_rows(figures: Figures) -> Sequence[Row]:
    over = figures["check_processor_seconds"] - figures["bare_processor_seconds"]
    imports = figures["imports_processor_seconds"] - figures["bare_processor_seconds"]
    wall = figures["check_seconds"] - figures["bare_seconds"]
    large = figures["check_10k_lines_seconds"]
    heavy = figures["heavy_imports"]
    return (
        Row(
            "`benchc check` of trec.bench over a bare start of Python",
            "at most 0.30 s",
            f"{wall:.2f} s wall, {over:.2f} s processor (importing click, lark and jsonschema alone: {imports:.2f} s processor)",
            wall <= 0.30,
        ),
        Row("heavy packages that `check` imports", "none", ", ".join(heavy) or "none", not heavy),
        Row(
            "`benchc check` of a spec of 10,000 lines",
            "under 3 s",
            f"{large:.2f} s wall, {figures['check_10k_lines_processor_seconds']:.2f} s processor",
            large < 3,
        ),
    )


def plan_rows(figures: Figures) -> Sequence[Row]:
    return tuple(
        Row(f"plan of 5,000 cells ({shape})", "under 5 s", f"{one['wall_seconds']:.2f} s wall", one["wall_seconds"] < 5)
        for shape, one in figures["taken"].items()
    )


def fault_rows(figures: Figures) -> Sequence[Row]:
    named, each = figures["named_on_line"], figures["problems_per_fault"]
    return (
        Row(f"syntax faults named on their line ({figures['faults']} faults)", "at least 90%", f"{named:.1%}", named >= 0.9),
        Row("problems for each fault", "at most 1.5", f"{each:.2f}", each <= 1.5),
    )


def typo_rows(figures: Figures) -> Sequence[Row]:
    offered = figures["word_offered"]
    return (
        Row(
            f"one-letter typos on their line, with the right word ({figures['typos']} typos)",
            "at least 90%",
            f"{offered:.1%}",
            offered >= 0.9,
        ),
    )


def trec_rows(figures: Figures) -> Sequence[Row]:
    minilm = [value for cell, value in figures["macro_f1"].items() if ".minilm" in cell]
    linear = next(value for cell, value in figures["macro_f1"].items() if ".linear" in cell)
    apart = figures["largest_difference_of_probabilities"]
    shown = ", ".join(f"{value:.4f}" for value in minilm)
    return (
        Row("TREC, fine-tuned MiniLM, macro F1 at seeds 1 to 3", "0.90 at one or more", shown, max(minilm) >= 0.9),
        Row(
            "TREC, linear model against scikit-learn's own pipeline on the same rows",
            "equal",
            f"macro F1 {linear:.6f} and {figures['scikit_learn']:.6f}; probabilities differ by at most {apart:.1e}",
            abs(linear - figures["scikit_learn"]) < 1e-12 and apart < 1e-6,
        ),
    )


def prediction_rows(figures: Figures) -> Sequence[Row]:
    ratio, differ = figures["ratio"], figures["labels_that_differ"]
    return (
        Row(
            "prediction, MiniLM, 1,500 texts, float32, two threads, against `transformers.pipeline(batch_size=32)`",
            "at least 3 times, same predictions",
            f"{ratio:.1f} times; {differ} predictions differ, probabilities by at most {figures['largest_difference']:.1e}",
            ratio >= 3 and differ == 0,
        ),
    )


def million_rows(figures: Figures) -> Sequence[Row]:
    peak = figures["whole_run_peak_mib"]
    return (Row("a million rows of csv through a baseline and a linear model", "under 2 GB", f"{peak:.0f} MiB", peak < 2e9 / 2**20),)


def resume_rows(figures: Figures) -> Sequence[Row]:
    again, under_way = figures["finished_asked_again"], figures["under_way_asked_again"]
    return (
        Row(
            f"{figures['requests']} requests to a server by a run that was killed {figures['kills']} times: finished ones asked again",
            "none",
            f"{again} ({under_way} that were under way without an answer were)",
            again == 0 and under_way <= 8 * figures["kills"],
        ),
    )


def choice_rows(figures: Figures) -> Sequence[Row]:
    parts = {name: part for name, part in figures.items() if "ratio" in part and "least" in part}
    rows = [
        Row(
            f"SmolLM2, {name}, {part['questions']} questions, float32, against `lm_eval --model hf --batch_size 16`",
            "at least 25 times" if "25 shots" in name else "at least 1.2 times the ratio of token positions",
            f"{part['ratio']:.1f} times; {part['ratio'] / part['harness'] * part['least']:.2f} times the ratio of positions, which is "
            f"{part['harness'] / part['least']:.2f}",
            part["ratio"] >= (25 if "25 shots" in name else 1.2 * part["harness"] / part["least"]),
        )
        for name, part in parts.items()
    ]
    apart = max(part["difference"] for part in parts.values())
    alike = all(part["accuracy"] == part["harness_accuracy"] for part in parts.values())
    most = max(part["positions"] / part["least"] for part in parts.values())
    return (
        *rows,
        Row(
            "log-likelihoods of all these choices against lm_eval's",
            "within 2e-3, same accuracy",
            f"within {apart:.1e} nats",
            apart < 2e-3 and alike,
        ),
        Row("token positions computed over the trie's minimum", "at most 1.15", f"{most:.2f}", most <= 1.15),
    )


def half_rows(figures: Figures) -> Sequence[Row]:
    parts = {name: part["bfloat16_ratio"] for name, part in figures.items() if "bfloat16_ratio" in part}
    return tuple(
        Row(f"SmolLM2, {name}, bfloat16 against float32", "at least 2 times", f"{ratio:.2f} times", ratio >= 2)
        for name, ratio in parts.items()
    )


def text_rows(figures: Figures) -> Sequence[Row]:
    written, read = figures["generation"], figures["perplexity"]
    apart = abs(read["engine, bits per byte"] - read["plain loop, bits per byte"])
    return (
        Row(
            f"SmolLM2 writes {written['prompts']} answers to GSM8K, three shots, against lm_eval",
            "at least 2 times",
            f"{written['ratio']:.2f} times, {written['tokens_per_second']:.0f} tokens a second",
            written["ratio"] >= 2,
        ),
        Row(
            "greedy text against transformers' `generate` one by one",
            "equal",
            f"{written['equal']} of {written['checked']} equal",
            written["equal"] == written["checked"],
        ),
        Row(
            f"SmolLM2 reads WikiText-2, {read['windows']} windows of 512, against a plain strided loop",
            "bits per byte within 1e-3, not slower",
            f"within {apart:.1e}, {read['ratio']:.2f} times as fast",
            apart < 1e-3 and read["ratio"] >= 1,
        ),
    )


def language_models(*words: str) -> Callable[[Path], Sequence[str]]:
    return lambda folder: ["--data", str(folder.parent / "data"), *words]


def examples_in(folder: Path) -> Sequence[str]:
    return [str(path) for path in sorted(folder.glob("*.bench"))]


MEASURES = (
    Measure("check", "check_speed.py", lambda folder: [str(folder / "trec.bench")], check_rows),
    Measure("plan", "plan_speed.py", lambda folder: [], plan_rows),
    Measure("faults", "faults.py", examples_in, fault_rows),
    Measure("typos", "typos.py", lambda folder: [str(folder / "trec.bench"), str(folder / "sick.bench")], typo_rows),
    Measure("prediction", "prediction_speed.py", lambda folder: ["--json", "--rounds", "1"], prediction_rows),
    Measure("trec", "trec.py", lambda folder: [str(folder / "trec.bench")], trec_rows),
    Measure("resume", "endpoint_resume.py", lambda folder: [], resume_rows),
    Measure("million", "million_rows.py", lambda folder: ["--whole"], million_rows),
    Measure("choices", "language_models.py", language_models("--only", "mmlu"), choice_rows),
    Measure("arc", "language_models.py", language_models("--only", "arc", "--limit", "24"), choice_rows),
    Measure("bfloat16", "language_models.py", language_models("--only", "mmlu", "--engine-only", "--precision", "bfloat16"), half_rows),
    Measure("texts", "language_models.py", language_models("--only", "generation,perplexity", "--limit", "40"), text_rows),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("--only", nargs="+", choices=[measure.name for measure in MEASURES])
    parser.add_argument("--examples", type=Path, default=HERE.parents[1] / "shared" / "examples")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    chosen = parser.parse_args()
    kept = True
    for measure in MEASURES:
        if measure.name in (chosen.only or measure.name):
            rows = taken(measure, chosen.examples)
            print(*(f"{'kept  ' if row.kept else 'BROKEN'} {row.what}: {row.found} (promised: {row.promised})" for row in rows), sep="\n")
            kept = kept and all(row.kept for row in rows)
            if chosen.write:
                PAGE.write_text(page(sections_of(PAGE) | {measure.name: table(rows)}), "utf-8")
    return int(not kept)


def taken(measure: Measure, examples: Path) -> Sequence[Row]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {"OMP_NUM_THREADS": "2"}
    command = [sys.executable, str(HERE / measure.script), *measure.arguments(examples)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return (Row(f"`{measure.script}`", "runs", f"left with {done.returncode}", False),)
    return measure.rows(json.loads(done.stdout.strip().splitlines()[-1]))


def sections_of(page: Path) -> dict[str, str]:
    """What stands below each measure's heading."""
    if not page.is_file():
        return {}
    _, *sections = page.read_text("utf-8").split("\n## ")
    return {name: body.strip() for name, _, body in (section.partition("\n") for section in sections)}


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| what | promised | found | kept |",
        "|---|---|---|---|",
        *(f"| {row.what} | {row.promised} | {row.found} | {'yes' if row.kept else '**no**'} |" for row in rows),
    ]
    return "\n".join(lines)


def page(sections: Mapping[str, str]) -> str:
    """The whole page: a section that was not measured now keeps what it said."""
    head = (
        "# Measurements\n\nMade by `python benchmarks/measure.py --write`; each heading is a measure's name, each measure a script in "
        "`benchmarks/`. Absolute times are\nthose of one machine "
        f"({os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}); ratios are taken within one run.\n"
    )
    known = [measure.name for measure in MEASURES]
    return head + "".join(f"\n## {name}\n\n{sections[name]}\n" for name in known if name in sections)


if __name__ == "__main__":
    sys.exit(main())
