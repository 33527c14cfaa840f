"""A million rows: time and peak memory of reading and dividing them, and of a whole run with a baseline and a linear model.

    python benchmarks/million_rows.py [--rows 1000000] [--whole]

The first part loads a csv file of that many rows, in a process of its own, and divides it. The second (`--whole`) runs a spec on the
same file with `benchc run`. Both print seconds and the peak resident memory of their process.
"""

import argparse
import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = [
    "the",
    "a",
    "very",
    "good",
    "bad",
    "film",
    "book",
    "we",
    "saw",
    "it",
    "was",
    "not",
    "so",
    "long",
    "and",
    "then",
    "never",
    "again",
    "with",
    "her",
    "his",
    "old",
    "new",
    "plan",
    "of",
    "day",
    "night",
]

SPEC = """edition = "2026"
bench "million" { description = "a million rows" }
labels polarity = [pos, neg]
dataset reviews {
  source = csv("rows.csv")
  fields { text = text(text), label = label(polarity, label) }
  splits = fractions(train = 90%, test = 10%, stratify = label)
}
task polarity_of : classification { data = reviews, input = text, target = label, metrics = [accuracy] }
model floor  { source = baseline(majority) }
model linear { source = sklearn(hashing(), sgd()) }
run main { tasks = [polarity_of], models = [floor, linear], seeds = [1] }
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--whole", action="store_true", help="also run a spec on the rows")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        load_and_split(arguments.child)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_rows(folder / "rows.csv", arguments.rows)
        figures = {"load_and_split_peak_mib": measure("load and split", [sys.executable, __file__, "--child", scratch], folder)}
        if arguments.whole:
            (folder / "million.bench").write_text(SPEC, encoding="utf-8")
            figures["whole_run_peak_mib"] = measure(
                "whole run",
                [sys.executable, "-m", "benchc", "run", "million.bench", "--cache", str(folder / "cache")],
                folder,
            )
        print(json.dumps(figures))


def write_rows(path: Path, count: int) -> None:
    """Rows of 5 to 25 words, one in fifty with a line break inside quotes; a review with `good` is more often positive."""
    choose = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        file.write("text,label\n")
        for number in range(count):
            words = choose.choices(WORDS, k=choose.randint(5, 25))
            text = " ".join(words)
            label = "pos" if ("good" in words) != (choose.random() < 0.2) else "neg"
            file.write(f'"{text}\n{number}",{label}\n' if number % 50 == 0 else f"{text} {number},{label}\n")
    print(f"{count:,} rows, {path.stat().st_size / 2**20:.0f} MiB")


def measure(what: str, command: list[str], folder: Path) -> float:
    """Runs the command, prints its wall time, and returns its peak memory in MiB, which Linux gives for the largest child so far."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True)
    seconds = time.perf_counter() - started
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{what}: {seconds:.1f} s, peak {peak_mib:.0f} MiB")
    return round(peak_mib, 1)


def load_and_split(folder: Path) -> None:
    from benchc.compiler.plan import Step
    from benchc.runtime.steps import load, split
    from benchc.runtime.work import Work

    path = folder / "rows.csv"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    source = {"call": "csv", "separator": ",", "header": "yes", "columns": None, "quoting": "minimal", "quote": '"'}
    source |= {"escape": None, "decimal": ".", "encoding": "utf-8"}
    table = [{"label": name, "values": [name]} for name in ("pos", "neg")]
    fields = {
        "text": {"call": "text", "column": "text", "join": None, "strip": False},
        "label": {"call": "label", "column": "label", "labels": table},
    }
    params = {"source": source, "files": {"all": [digest]}, "fields": fields, "on_bad_row": "error"}
    fractions = {"call": "fractions", "train": 0.9, "dev": None, "test": 0.1, "from": None, "stratify": "label", "group": None, "seed": 0}
    division = {"splits": fractions, "take": None, "where": [], "dedupe": ["text"], "fold": None}
    folders = {name: folder / name for name in ("load", "split")}
    for name, step, run, inputs in (
        ("load", Step("a", "load", 1, params, {}, {"locations": {"all": ["rows.csv"]}}), load.run, {}),
        ("split", Step("b", "split", 1, division, {"rows": ("a",)}, {}), split.run, {"rows": (folders["load"],)}),
    ):
        folders[name].mkdir()
        work = Work(
            folders[name], folders[name], lambda location: folder / location, "cpu", lambda _: None, lambda _: None, time.monotonic, 60
        )
        started = time.perf_counter()
        run(step, inputs, work)
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  {name}: {time.perf_counter() - started:.1f} s, peak so far {peak_mib:.0f} MiB")
    print("  rows:", json.loads((folders["split"] / "split.json").read_text(encoding="utf-8"))["rows"])


if __name__ == "__main__":
    main()
