"""Adapters are merged into the weights, and give what `peft` itself gives; one that does not fit is refused, whole."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import IA3Config, LoraConfig, PeftModel, PromptTuningConfig, get_peft_model
from prompted import Bench, model_folder, request
from small_tokenizers import small_tokenizer
from tiny import plain_log_probabilities, tiny
from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM

from benchc import api
from benchc.runtime.device import Device
from benchc.runtime.language.trie import Query
from benchc.runtime.models.adapters import with_adapter
from benchc.runtime.models.backbones import load_backbone
from benchc.runtime.models.language_model import load_language_model
from benchc.runtime.steps import predict
from benchc.runtime.work import StepFailed

TOLERANCE = 1e-5  # nats: sums in another order
QUERY = Query((5, 6, 7, 8, 9, 10, 11, 12), 2, 0)
CAUSAL = "CAUSAL_LM"

KINDS: Mapping[str, tuple[str, Callable[[], Any]]] = {
    "low_rank": ("llama", lambda: LoraConfig(task_type=CAUSAL, r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False)),
    "decomposed": ("llama", lambda: LoraConfig(task_type=CAUSAL, r=4, target_modules=["q_proj"], use_dora=True, init_lora_weights=False)),
    "convolution": (
        "gpt2",
        lambda: LoraConfig(task_type=CAUSAL, r=4, target_modules=["c_attn"], fan_in_fan_out=True, init_lora_weights=False),
    ),
    "tied_output": ("gpt2", lambda: LoraConfig(task_type=CAUSAL, r=4, target_modules=["lm_head", "c_proj"], init_lora_weights=False)),
    "tied_input": ("gpt2", lambda: LoraConfig(task_type=CAUSAL, r=4, target_modules=["wte"], init_lora_weights=False)),
    "whole_output": ("llama", lambda: LoraConfig(task_type=CAUSAL, r=4, target_modules=["q_proj"], modules_to_save=["lm_head"])),
    "scaled": (
        "llama",
        lambda: IA3Config(
            task_type=CAUSAL, target_modules=["k_proj", "down_proj"], feedforward_modules=["down_proj"], init_ia3_weights=False
        ),
    ),
}


def adapted(name: str) -> tuple[str, PeftModel]:
    """The base's name, and the model as `peft` runs it: the changes beside the weights."""
    base, config = KINDS[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = get_peft_model(tiny(base), config())
        with torch.no_grad():
            for parameter_name, parameter in model.named_parameters():
                if "modules_to_save" in parameter_name:
                    parameter.add_(torch.randn_like(parameter) / 10)
    return base, model.eval()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", list(KINDS))
def test_log_likelihoods_are_those_of_the_adapter_beside_the_weights(name: str, tmp_path: Path) -> None:
    base, wrapped = adapted(name)
    wrapped.save_pretrained(str(tmp_path / "adapter"), save_embedding_layers=False)
    expected = plain_log_probabilities(wrapped, QUERY)  # type: ignore[arg-type]
    merged = with_adapter(tiny(base), tmp_path / "adapter")
    assert type(merged) is type(tiny(base))
    assert np.abs(plain_log_probabilities(merged, QUERY) - expected).max() < TOLERANCE
    assert np.abs(plain_log_probabilities(tiny(base), QUERY) - expected).max() > 100 * TOLERANCE  # the adapter says something


@pytest.fixture(scope="module")
def low_rank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("low_rank")
    adapted("low_rank")[1].save_pretrained(str(folder))
    return folder


def test_a_prediction_uses_the_adapter(low_rank: Path, tmp_path: Path) -> None:
    bench = Bench(tmp_path, 2, model_folder(tmp_path / "model"))
    requests = [request(row, part, "choice", [*QUERY.tokens[:-1], 12 + part], 7) for row in range(2) for part in range(2)]
    step, inputs, work = bench.step({"kind": "multiple_choice", "choices": "options", "target": "number"}, requests)
    step.params["model"]["adapter"] = {"files": {}}  # type: ignore[index, call-overload]
    step.hints["adapter_location"] = str(low_rank)  # type: ignore[index]
    predict.run(step, inputs, work)
    import pyarrow.parquet as pq

    found = pq.read_table(work.folder / "predictions.parquet").column("log_likelihoods")[0].as_py()
    _, wrapped = adapted("low_rank")
    expected = plain_log_probabilities(wrapped, Query(QUERY.tokens, 7, 0))  # type: ignore[arg-type]
    assert found[0] == pytest.approx(float(expected[0]), abs=TOLERANCE)


def changed(adapter: Path, to: Path, **settings: Any) -> Path:
    """A copy of an adapter with other settings."""
    to.mkdir()
    for path in adapter.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    config = json.loads((to / "adapter_config.json").read_text())
    (to / "adapter_config.json").write_text(json.dumps({**config, **settings}))
    return to


@pytest.mark.filterwarnings("ignore")
def test_an_adapter_of_another_model_is_refused_though_some_of_it_fits(tmp_path: Path) -> None:
    """A Llama's output matrix has the shape of this GPT-2's: `peft` puts that on, and says nothing of the rest."""
    config = LoraConfig(task_type=CAUSAL, r=4, target_modules=["q_proj", "lm_head"], init_lora_weights=False)
    get_peft_model(tiny("llama"), config).save_pretrained(str(tmp_path / "adapter"), save_embedding_layers=False)
    named = changed(tmp_path / "adapter", tmp_path / "named", base_model_name_or_path="org/llama")
    with pytest.raises(StepFailed, match=r"made for `org/llama`, cannot be put on this model: the model has no place for 4 of its tensors"):
        with_adapter(tiny("gpt2"), named)


@pytest.mark.parametrize("base", ["mamba", "gpt_neox"])
def test_an_adapter_whose_layers_the_model_lacks_is_refused(low_rank: Path, base: str) -> None:
    with pytest.raises(StepFailed, match="cannot be put on this model"):
        with_adapter(tiny(base), low_rank)


def test_an_adapter_for_fewer_layers_is_refused(low_rank: Path) -> None:
    from transformers import LlamaForCausalLM

    config = tiny("llama").config
    config.num_hidden_layers = 3
    with pytest.raises(StepFailed, match="it lacks 4 tensors for layers of the model"):
        with_adapter(LlamaForCausalLM(config), low_rank)


@pytest.mark.filterwarnings("ignore")
def test_an_adapter_that_changes_no_weights_is_refused(tmp_path: Path) -> None:
    get_peft_model(tiny("llama"), PromptTuningConfig(task_type=CAUSAL, num_virtual_tokens=3)).save_pretrained(str(tmp_path))
    with pytest.raises(StepFailed, match="type PROMPT_TUNING does not change weights"):
        with_adapter(tiny("llama"), tmp_path)


def test_weights_in_pickled_form_are_refused(low_rank: Path, tmp_path: Path) -> None:
    folder = changed(low_rank, tmp_path / "pickled")
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(StepFailed, match="a form that can run code") as refused:
        with_adapter(tiny("llama"), folder)
    assert refused.value.code == "weights_not_safe"


def test_a_configuration_that_would_import_a_module_is_refused(low_rank: Path, tmp_path: Path) -> None:
    folder = changed(low_rank, tmp_path / "megatron", megatron_config={"a": 1}, megatron_core="this")
    with pytest.raises(StepFailed, match="Megatron"):
        with_adapter(tiny("llama"), folder)
    assert "this" not in sys.modules


@pytest.mark.parametrize(
    ("lost", "words"), [("adapter_config.json", "holds no `adapter_config.json`"), ("adapter_model.safetensors", "holds no `adapter_model")]
)
def test_a_missing_file_is_named(low_rank: Path, tmp_path: Path, lost: str, words: str) -> None:
    folder = changed(low_rank, tmp_path / "part")
    (folder / lost).unlink()
    with pytest.raises(StepFailed, match=words):
        with_adapter(tiny("llama"), folder)


def test_damaged_weights_are_told(low_rank: Path, tmp_path: Path) -> None:
    folder = changed(low_rank, tmp_path / "damaged")
    (folder / "adapter_model.safetensors").write_bytes(b"nothing")
    with pytest.raises(StepFailed, match="cannot be put on this model"):
        with_adapter(tiny("llama"), folder)


def test_without_peft_the_extra_is_named(low_rank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(StepFailed, match="`peft` is not installed") as missing:
        with_adapter(tiny("llama"), low_rank)
    assert "benchc[adapters]" in missing.value.help


def test_an_encoder_takes_an_adapter_too(tmp_path: Path) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        encoder = BertModel(BertConfig(vocab_size=60, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16))
        encoder.save_pretrained(str(tmp_path / "model"))
        wrapped = get_peft_model(encoder, LoraConfig(r=2, target_modules=["query"], init_lora_weights=False)).eval()
    wrapped.save_pretrained(str(tmp_path / "adapter"))
    ids = torch.tensor([[5, 6, 7]])
    with torch.inference_mode():
        expected = wrapped(input_ids=ids).last_hidden_state
        found = load_backbone(tmp_path / "model", tmp_path / "adapter").module(input_ids=ids).last_hidden_state
        without = load_backbone(tmp_path / "model").module(input_ids=ids).last_hidden_state
    assert float((found - expected).abs().max()) < TOLERANCE < float((without - expected).abs().max())


def test_peft_is_imported_for_adapters_alone(tmp_path: Path) -> None:
    model_folder(tmp_path)
    program = (
        "import sys; from pathlib import Path; from benchc.runtime.device import Device\n"
        "from benchc.runtime.models.language_model import load_language_model\n"
        f"load_language_model(Path({str(tmp_path)!r}), None, {{}}, Device('cpu', 'float32')); print('peft' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "False"


def test_half_precision_takes_the_adapter(low_rank: Path, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "model")
    loaded = load_language_model(folder, low_rank, {}, Device("cpu", "bfloat16"))
    assert {parameter.dtype for parameter in loaded.module.parameters()} == {torch.bfloat16}


SPEC = """
edition = "2026"
bench "adapted" { }
dataset exam {
  source = csv(train = "train.csv", test = "test.csv")
  fields { question = text(question), sort = label([even, odd], sort) }
}
prompt ask { template = "{question} is", target = " {sort}" }
task kind : classification { data = exam, input = question, target = sort, prompt = ask, metrics = accuracy }
model plain { source = hf("./model"), as = causal_lm, precision = float32 }
model adapted extends plain { adapter = "./adapter" }
model encoder { source = hf("./encoder"), adapter = "./encoder_adapter" }
train once { steps = 1 }
run main { tasks = kind, models = [plain, adapted, encoder], train = once }
"""


@pytest.mark.filterwarnings("ignore")
def test_a_whole_spec_with_adapters_on_a_causal_model_and_on_an_encoder(tmp_path: Path) -> None:
    tokenizer = small_tokenizer().full
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
        causal = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **shape, initializer_range=0.3)).eval()
        encoder = BertModel(BertConfig(vocab_size=len(tokenizer), **shape))
        for model, name in ((causal, "model"), (encoder, "encoder")):
            model.save_pretrained(str(tmp_path / name))
            tokenizer.save_pretrained(str(tmp_path / name))
        wrapped = get_peft_model(causal, LoraConfig(task_type=CAUSAL, r=2, target_modules=["q_proj"], init_lora_weights=False)).eval()
        changed_encoder = get_peft_model(encoder, LoraConfig(r=2, target_modules=["query"], init_lora_weights=False))
    wrapped.save_pretrained(str(tmp_path / "adapter"))
    changed_encoder.save_pretrained(str(tmp_path / "encoder_adapter"))
    for split in ("train", "test"):
        (tmp_path / f"{split}.csv").write_text("question,sort\n" + "".join(f"{n} {split},{'odd' if n % 2 else 'even'}\n" for n in range(6)))
    (tmp_path / "adapted.bench").write_text(SPEC)
    results = api.run(tmp_path / "adapted.bench", tmp_path / "out", cache=str(tmp_path / "cache"), device="cpu")
    assert [cell["status"] for cell in results.cells] == ["ok"] * 3, [cell["error"] for cell in results.cells]
    predictions = [results.predictions(f"main.kind.{name}[seed=0]").to_pylist() for name in ("plain", "adapted")]
    plain, adapted = ([row["scores"] for row in of_model] for of_model in predictions)
    assert plain != adapted
    with torch.inference_mode():
        likelihoods = []
        for label in (" even", " odd"):
            context, whole = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in ("0 test is", f"0 test is{label}"))
            logits = wrapped(input_ids=torch.tensor([whole])).logits[0].log_softmax(-1)
            likelihoods.append(sum(float(logits[at - 1, whole[at]]) for at in range(len(context), len(whole))))
    shares = np.exp(likelihoods) / np.exp(likelihoods).sum()
    assert adapted[0] == pytest.approx(shares, abs=1e-4)
