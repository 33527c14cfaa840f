"""How long a plan of 5,000 cells takes, by two shapes: five models by a thousand seeds, and the same under five values of an axis.

Run: `python benchmarks/plan_speed.py`. Prints one JSON object with wall time and processor time; leaves with 1 when a plan takes longer
than the five seconds allowed.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from benchc.compiler.pipeline import compile as compile_spec
from benchc.disk import disk_files

ALLOWED_SECONDS = 5.0
HEAD = """
edition = "2026"
bench "many" { }
param lr: float = 1e-4
dataset rows {
  source = csv(train = "train.csv", test = "test.csv")
  fields { text = text(text), kind = label([neg, pos], kind) }
}
task sort : classification { data = rows, input = text, target = kind, metrics = [accuracy, f1, mcc] }
train tune { epochs = 1, optimizer = adamw(lr = lr) }
"""
MODELS = "\n".join(f"model encoder{size} {{ source = scratch(bert(layers = {size})) }}" for size in range(1, 6))
LISTED = ", ".join(f"encoder{size}" for size in range(1, 6))
SHAPES = {
    "5 models x 1,000 seeds": f"run main {{ tasks = sort, models = [{LISTED}], train = tune, seeds = 1..1000 }}",
    "5 models x 200 seeds x 5 values": f"run main {{ tasks = sort, models = [{LISTED}], train = tune, seeds = 1..200, "
    "axes { lr = [1e-5, 2e-5, 3e-5, 4e-5, 5e-5] } }",
}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "train.csv").write_text("text,kind\ngood,pos\nbad,neg\n", encoding="utf-8")
        (Path(folder) / "test.csv").write_text("text,kind\nfine,pos\n", encoding="utf-8")
        taken = {name: _measure(Path(folder), run) for name, run in SHAPES.items()}
    print(json.dumps({"allowed_seconds": ALLOWED_SECONDS, "taken": taken}))
    return int(max(one["wall_seconds"] for one in taken.values()) > ALLOWED_SECONDS)


def _measure(folder: Path, run: str) -> dict[str, float]:
    spec = folder / "many.bench"
    spec.write_text(f"{HEAD}{MODELS}\n{run}\n", encoding="utf-8")
    wall, processor = time.perf_counter(), time.process_time()
    compiled = compile_spec(spec.as_posix(), disk_files(folder / "cache"))
    taken = {"wall_seconds": time.perf_counter() - wall, "processor_seconds": time.process_time() - processor}
    assert compiled.plan is not None, compiled.problems
    assert len(compiled.plan.cells) == 5000
    return {name: round(seconds, 2) for name, seconds in taken.items()}


if __name__ == "__main__":
    sys.exit(main())
