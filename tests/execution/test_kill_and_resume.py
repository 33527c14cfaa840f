"""A real encoder, killed in the middle of its training: the run that goes on gives the same values as one that was left alone."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import benchc
from benchc.runtime.results import comparable

SPEC = """\
edition = "2026"
bench "fruit" { seed = 3 }
labels kind = [sweet, sour]
dataset fruit {
  source = csv(train = "train.csv", test = "test.csv")
  fields { text = text(text), kind = label(kind, kind) }
}
task taste : classification { data = fruit, input = text, target = kind, metrics = [accuracy, log_loss] }
model tiny { source = scratch(bert(layers = 1, width = 16, heads = 2)) }
train briefly { steps = 200, batch_size = 4, optimizer = adamw(lr = 1e-3) }
run main { tasks = [taste], models = [tiny], train = briefly }
"""

CHILD = """\
import sys
import benchc
from benchc.runtime import run_plan
run_plan.CHECKPOINT_SECONDS = 0.0
benchc.run(sys.argv[1], sys.argv[2], cache=sys.argv[3])
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    rows = [f"{text} number {i},{kind}" for i in range(12) for text, kind in (("ripe mango", "sweet"), ("green lemon", "sour"))]
    (tmp_path / "train.csv").write_text("text,kind\n" + "\n".join(rows) + "\n")
    (tmp_path / "test.csv").write_text("text,kind\nripe lemon,sour\ngreen mango,sweet\nripe mango,sweet\n")
    path = tmp_path / "fruit.bench"
    path.write_text(SPEC)
    return path


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_run_killed_while_training_goes_on_and_gives_the_same_values(spec: Path) -> None:
    cache, out = spec.parent / "cache", spec.parent / "out"
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(spec), str(out), str(cache)])
    while not any((cache / "checkpoints").glob("*/checkpoint.safetensors")):
        assert child.poll() is None, "the run ended before it was killed"
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    resumed = benchc.run(spec, out, cache=str(cache))
    alone = benchc.run(spec, spec.parent / "alone", cache=str(spec.parent / "other"))
    assert comparable(resumed.value) == comparable(alone.value)
    assert [cell["status"] for cell in resumed.cells] == ["ok"]
    events = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    assert any(event["event"] == "training_resumed" for event in events)
