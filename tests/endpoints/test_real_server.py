"""Against `transformers serve` on loopback, with a tiny random model: the server writes what the engine of this machine writes."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_server import wait_until
from served_specs import write_spec

from benchc import api

pytest.importorskip("fastapi", reason="`transformers serve` needs fastapi and uvicorn, which the extra `dev` brings")

CHAT = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"
START_SECONDS = 120.0
LOCAL = """
model near { source = hf("./model"), as = causal_lm, precision = float32 }
run here { tasks = [TASKS], models = near }
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("real") / "model"
    tokenizer = byte_tokenizer()
    torch.manual_seed(3)
    size = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    config = LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=512, initializer_range=0.3, **size)
    LlamaForCausalLM(config).save_pretrained(str(folder), safe_serialization=True)
    tokenizer.save_pretrained(str(folder))
    return folder


def byte_tokenizer() -> Any:
    """Every byte is a token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    raw = Tokenizer(models.BPE({symbol: number for number, symbol in enumerate(alphabet)}, []))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    raw.add_special_tokens(["</s>"])
    return PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="</s>", pad_token="</s>", chat_template=CHAT, model_max_length=512)


@pytest.fixture(scope="module")
def url(model: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(model), "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    log = (model.parent / "log.txt").open("wb")
    server = subprocess.Popen([*command, "--device", "cpu"], env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: is_healthy(port) or server.poll() is not None, START_SECONDS)
        assert server.poll() is None, (model.parent / "log.txt").read_text()
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def spec_of(model: Path, url: str, tasks: str, name: str) -> Path:
    folder = model.parent
    path = write_spec(folder, url, tasks, more=LOCAL.replace("TASKS", tasks))
    path = path.rename(folder / name)
    path.write_text(path.read_text().replace('"tiny"', json.dumps(str(model))))
    return path


@pytest.mark.slow
def test_the_server_writes_what_this_machine_writes(model: Path, url: str) -> None:
    spec = spec_of(model, url, "reply, talked", "texts.bench")
    spec.write_text(
        spec.read_text().replace('decode = sample(0.5, samples = 2, max_new_tokens = 6, stop = " these")', "decode = greedy(7)")
    )
    results = api.run(spec, model.parent / "out", cache=str(model.parent / "cache"), device="cpu")
    assert [cell["error"] for cell in results.cells] == [None] * 4
    for task in ("reply", "talked"):
        ids = [str(cell["id"]) for cell in results.cells if cell["task"] == task]
        served, near = (results.predictions(one).to_pylist() for one in ids)
        assert [row["generations"] for row in served] == [row["generations"] for row in near]
        assert any(row["generations"][0].strip() for row in served)
        assert [row["tokens"] for row in served] == [row["tokens"] for row in near]
    usage = results.cells[0]["usage"]
    assert usage["requests"] == 6  # type: ignore[call-overload,index]
    assert usage["output_tokens"] == 36  # type: ignore[call-overload,index]


@pytest.mark.slow
def test_a_server_without_echo_says_so_and_what_to_do(model: Path, url: str) -> None:
    spec = spec_of(model, url, "quiz", "quiz.bench")
    results = api.run(spec, model.parent / "quiz", cache=str(model.parent / "cache"), device="cpu")
    served = results.cells[0]["error"]
    assert isinstance(served, dict)
    assert served["code"] == "endpoint_likelihood"
    assert "extract = choice_letter" in served["help"]
    assert results.cells[1]["status"] == "ok"
