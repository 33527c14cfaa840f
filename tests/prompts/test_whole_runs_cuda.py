"""Whole prompted specs on a CUDA device: the values of a processor."""

from pathlib import Path

import pytest
import torch
from test_whole_runs import folder as folder  # the fixture: data, a random model and a spec with each kind of task

from benchc import api

pytestmark = [pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")]


@pytest.mark.parametrize("name", ["quiz", "kind", "reply", "read"])
def test_a_prompted_task_has_the_values_of_a_processor(folder: Path, tmp_path: Path, name: str) -> None:
    spec = folder / "exact.bench"
    spec.write_text((folder / "spec.bench").read_text().replace("as = causal_lm", "as = causal_lm, precision = float32"))
    found = {}
    for device in ("cpu", "cuda"):
        results = api.run(spec, tmp_path / device, cache=str(tmp_path / f"{device}-cache"), device=device, only=f"*.{name}.*")
        (cell,) = results.cells
        assert cell["status"] == "ok", cell["error"]
        found[device] = {metric: value["value"] for metric, value in cell["metrics"].items()}  # type: ignore[union-attr,index,call-overload]
    assert found["cuda"] == pytest.approx(found["cpu"], abs=1e-4)
