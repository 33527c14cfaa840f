"""A spec whose model is on a server, with its data."""

import json
from pathlib import Path
from typing import Any

SPEC = """
edition = "2026"
bench "served" { }
dataset exam {
  source = jsonl(train = "train.jsonl", test = "test.jsonl")
  fields {
    question = text(question)
    options = choices("choices[*]")
    answer = number(answer)
    sort = label([even, odd], sort)
    reply = text(reply)
  }
}
prompt ask { template = "Q: {question}\\n{options}\\nA:", choice = " {letter}" }
prompt sorted { template = "Text: {question}\\nSort:", target = " {sort}" }
prompt write { template = "{question}?" }
prompt talk { template = "{question}?", system = "Be short.", chat = true }
task quiz : multiple_choice {
  data = exam, input = question, choices = options, target = answer, prompt = ask, shots = first(2), metrics = [accuracy, brier]
}
task kind : classification {
  data = exam, input = question, target = sort, prompt = sorted, calibrate = contextual, metrics = [accuracy, mcc]
}
task reply : generation {
  data = exam, input = question, target = reply, prompt = write, extract = first_line, decode = greedy(6), metrics = exact_match
}
task talked : generation {
  data = exam, input = question, target = reply, prompt = talk, shots = first(1), metrics = exact_match
  decode = sample(0.5, samples = 2, max_new_tokens = 6, stop = " these")
}
model served { source = endpoint("URL", "tiny"ARGUMENTS) }
run main { tasks = [TASKS], models = served }
"""
ROWS = 6


def write_spec(folder: Path, url: str, tasks: str, arguments: str = "", more: str = "", rows: int = ROWS) -> Path:
    """`arguments` of the endpoint besides url and model; `more` blocks."""
    for name, start, count in (("train", 0, 4), ("test", 100, rows)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(_row(start + number)) + "\n" for number in range(count)))
    text = SPEC.replace("URL", url).replace("TASKS", tasks).replace("ARGUMENTS", f", {arguments}" if arguments else "")
    path = folder / "served.bench"
    path.write_text(text + more)
    return path


def _row(number: int) -> dict[str, Any]:
    choices = [f"more than {number}", f"less than {number}", "the same"][: 2 + number % 2]
    reply = f"it is {number} of these"
    return {
        "question": f"what of {number}",
        "choices": choices,
        "answer": number % 2,
        "sort": "odd" if number % 2 else "even",
        "reply": reply,
    }
