"""How fast specs are checked: `python benchmarks/check_speed.py SPEC [--runs 5]`.

Whole processes, medians of several in turn: a bare start of Python, importing click, lark and jsonschema, `benchc check SPEC`, and
`benchc check` of a generated spec of 10,000 lines. Also says which heavy packages the check imported. Prints one line of JSON.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAVY = ("torch", "transformers", "numpy", "pandas", "sklearn", "pyarrow", "scipy")
CHECK = "import sys; from benchc.cli.main import main; sys.argv[1:] = ['check', {path!r}]; main()"
IMPORTED = CHECK.replace("; main()", "\ntry:\n    main()\nexcept SystemExit:\n    print(*sorted(sys.modules))")
LINES = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("spec", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large.bench"
        large.write_text(large_spec(), "utf-8")
        print(json.dumps(measure(str(chosen.spec.resolve()), str(large), chosen.runs)))


def measure(spec: str, large: str, runs: int) -> dict[str, object]:
    commands = {
        "bare": "pass",
        "imports": "import click, lark, jsonschema",
        "check": CHECK.format(path=spec),
        "check_10k_lines": CHECK.format(path=large),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, code in commands.items():
            taken[name].append(timed(code))
    result: dict[str, object] = {}
    for name, pairs in taken.items():
        result[f"{name}_seconds"] = round(statistics.median(wall for wall, _ in pairs), 3)
        result[f"{name}_processor_seconds"] = round(statistics.median(processor for _, processor in pairs), 3)
    loaded = subprocess.run([sys.executable, "-c", IMPORTED.format(path=spec)], check=True, capture_output=True, text=True).stdout.split()
    result["heavy_imports"] = [name for name in HEAVY if name in loaded]
    return result


def timed(code: str) -> tuple[float, float]:
    """Wall and processor seconds of a Python process that runs `code`. Bytecode is kept, as in any installed package."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL, check=False)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def large_spec() -> str:
    """A sound spec of about 10,000 lines: data sets, tasks, models, training settings and runs, ten lines of each at a time."""
    lines = ['edition = "2026"', 'bench "large" { }', "labels opinion = [bad, good]"]
    number = 0
    while len(lines) < LINES:
        number += 1
        lines += [
            f"dataset data_{number} {{",
            f'  source = csv(train = "train_{number}.csv", test = "test_{number}.csv")',
            "  fields {",
            "    text = text(review)",
            "    opinion = label(opinion, stars)",
            "  }",
            "  splits = fractions(from = train, train = 90%, dev = 10%, stratify = opinion)",
            "}",
            f"task task_{number} : classification {{",
            f"  data = data_{number}",
            "  input = text",
            "  target = opinion",
            "  metrics = [accuracy, f1(average = macro)]",
            "}",
            f"model floor_{number} {{ source = baseline(majority) }}",
            f"model linear_{number} {{ source = sklearn(tfidf(ngrams = 1..2), logistic_regression(C = {number})) }}",
            f"run run_{number} {{",
            f"  tasks = [task_{number}]",
            f"  models = [floor_{number}, linear_{number}]",
            "}",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
