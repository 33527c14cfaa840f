"""Run folders of the tasks that language models do, made of plain JSON. The numbers are invented and mean nothing.

`language_run` holds one task of each kind; `hostile_language_run` the same with markup wherever text of data and models comes in.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from made_runs import Object, cell, estimate, plan, results, write_run

from benchc.runtime.results import schema_faults

EVIL = '<script>document.title="x"</script><img src=x onerror=alert(1)></mark></pre>{{7*7}}'
TURNED = "left\u202eright"  # the second word would be read from the right
CHAT = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n{words}  \n\tWhat is it?<|im_end|>\n<|im_start|>assistant\n"
GROUPS = ("age", "gender", "religion")
PROMPTED = {"engine": "shared", "precision_note": "float32: the trial of bfloat16 gave other answers to 3 of 64 examples"}


def language_run(folder: Path) -> Path:
    return _run(folder, "a question", "kind")


def hostile_language_run(folder: Path) -> Path:
    return _run(folder, EVIL, EVIL)


def _run(folder: Path, words: str, group: str) -> Path:
    quiz = [_quiz(model, group, words) for model in ("floor", "smol")]
    pairs, reading = [_pairs(group)], [_reading()]
    reply, code = [_reply(model) for model in ("lead", "smol")], [_code("smol", words)]
    cells = [*quiz, *pairs, *reply, *code, *reading]
    examples = [_question(words), _pair(words), *_replies(words), _program(words), _example("read", "document", "d3", None, [], words * 9)]
    made = results("language", cells, examples=examples, prompts=_prompts(words), method=_method(), bench={"name": "language"})
    assert schema_faults(made) == []
    planned = plan(quiz, {"accuracy": True, "accuracy(normalize = bytes)": True, "brier": False}, "accuracy")
    for one, metrics in ((pairs, {"preference_rate": False}), (reply, {"exact_match": True, "bleu": True}), (code, {"pass_at": True})):
        planned["cells"] += plan(one, metrics, next(iter(metrics)))["cells"]
    planned["cells"] += plan(reading, {"bits_per_byte": False}, "bits_per_byte")["cells"]
    return write_run(folder, made, planned)


def _cell(task: str, kind: str, model: str, metrics: Object, **more: Any) -> Object:
    prediction = {"seconds": 2.0, "device": "cpu", "precision": "float32", "batch_halvings": 0, "notes": []}
    if model == "smol":
        prediction |= {**PROMPTED, "token_positions": 1100, "least_token_positions": 1000, "steps_together": 4}
    made = {"task_kind": kind, "metrics": metrics, "primary": next(iter(metrics)), "prediction": prediction}
    return cell("main", task, model, **{**made, "tokens": 9000 if model == "smol" else None, **more})


def by_group(group: str) -> list[Object]:
    names = (group, *GROUPS)
    return [{"group": name, **estimate(0.4 + 0.1 * at, 0.1, "Wilson score"), "n": 10 + at} for at, name in enumerate(names)]


def _quiz(model: str, group: str, words: str) -> Object:
    bins = [
        {"low": at / 10, "high": (at + 1) / 10, "confidence": at / 10 + 0.05, "accuracy": at / 12, "count": at * 3}
        if at > 2
        else _empty(at)
        for at in range(10)
    ]
    metrics = {
        "accuracy": {**estimate(0.5), "groups": by_group(group)},
        "accuracy(normalize = bytes)": {**estimate(0.45), "groups": by_group(group)},
        "brier": estimate(0.6, notes=[words]),
    }
    diagnostics = {
        "places": {"targets": [5, 4, 3], "answers": [9, 2, 1]},
        "reliability": bins if model == "smol" else [],
        "calibration": [{"name": "brier", "bins": None, **estimate(0.6)}, {"name": "ece", "bins": 10, **estimate(0.123)}],
    }
    return _cell("quiz", "multiple_choice", model, metrics, diagnostics=diagnostics)


def _empty(at: int) -> Object:
    return {"low": at / 10, "high": (at + 1) / 10, "confidence": None, "accuracy": None, "count": 0}


def _pairs(group: str) -> Object:
    metrics = {"preference_rate": {**estimate(0.57, 0.05, notes=["4 groups are few"]), "groups": by_group(group)}}
    diagnostics = {"places": {"targets": [30, 0], "answers": [17, 13]}, "reliability": [], "calibration": []}
    return _cell("bias", "multiple_choice", "smol", metrics, diagnostics=diagnostics)


def _texts(samples: int) -> Object:
    quantiles = [0.0, 10.0, 20.0, 40.0, 90.0]
    histogram = {"edges": [0.0, 50.0, 100.0], "counts": [5, 3]}
    return {
        "answers": {"count": 8 * samples, "not_extracted": 2},
        "characters": {
            "answers": quantiles,
            "references": quantiles,
            "edges": [0, 50, 100],
            "answer_counts": [5, 3],
            "reference_counts": [4, 4],
        },
        "ended": {"end": 3, "stop": 8 * samples - 5, "length": 2},
        "ended_otherwise": {"content_filter": 1} if samples > 1 else {},
        "written": {
            "samples": {"total": 8 * samples, "least": samples, "most": samples},
            "characters": quantiles,
            "tokens": {"total": 321, "quantiles": quantiles, **histogram},
        },
    }


def _reply(model: str) -> Object:
    signature = "sacrebleu nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"
    metrics = {"exact_match": estimate(0.25), "bleu": estimate(12.0, 3.0, notes=[signature])}
    usage = {"requests": 8, "retries": 2, "input_tokens": 4321, "output_tokens": 321, "cost": 0.0123}
    extraction = {"answers": 8, "not_extracted": 2, "examples": 8, "examples_without_answer": 2, "references_not_extracted": 1}
    more = {"diagnostics": _texts(1), "extraction": extraction, "usage": usage if model == "smol" else None}
    return _cell("reply", "generation", model, metrics, **more)


def _code(model: str, words: str) -> Object:
    passed = {"programs": 16, "passed": 3, "problems": [{"passed": 0, "of": 2, "problems": 6}, {"passed": 2, "of": 2, "problems": 2}]}
    outcomes = {"passed": 3, "failed": 11, "timeout": 2}
    about = {
        "programs": 16,
        "outcomes": outcomes,
        "exceptions": {"AssertionError": 6, words: 5},
        "sandbox": "namespaces",
        "seconds": 2.0,
    }
    return _cell(
        "code",
        "generation",
        model,
        {"pass_at": {**estimate(0.19), "passed": passed}},
        diagnostics=_texts(2),
        examinations={"pass_at": about},
    )


def _reading() -> Object:
    documents = [
        {"id": f"d{at}", "tokens": 40 * at, "words": 30 * at, "bytes": 170 * at, "log_likelihood": -120.0 * at, "perplexity": 20.1 + at}
        | {"bits_per_byte": 1.02 + at / 10}
        for at in range(1, 5)
    ]
    bits = {"edges": [1.0, 1.2, 1.5], "counts": [2, 2], "quantiles": [1.1, 1.15, 1.2, 1.3, 1.4]}
    metrics = {"bits_per_byte": estimate(1.2)}
    return _cell("read", "language_modeling", "smol", metrics, diagnostics={"bits_per_byte": bits, "documents": documents, "left_out": 7})


def _method() -> Object:
    def metric(task: str, name: str, call: Object) -> Object:
        return {"task": task, "name": name, "call": call, "doc": "", "interval": "", "confidence": 0.95, "resamples": 1000}

    metrics = [
        metric("quiz", "accuracy", {"call": "accuracy", "normalize": "none"}),
        metric("quiz", "accuracy(normalize = bytes)", {"call": "accuracy", "normalize": "bytes"}),
        metric("quiz", "brier", {"call": "brier", "normalize": "none"}),
        metric("bias", "preference_rate", {"call": "preference_rate", "normalize": "none"}),
        metric("reply", "bleu", {"call": "bleu"}),
    ]
    return {"metrics": metrics, "comparisons": [], "aggregates": [], "evaluated_on": ["test"]}


def _example(task: str, sort: str, name: str, target: object, answers: Sequence[Object], words: str, **more: Any) -> Object:
    head = {"run": "main", "task": task, "split": "test", "sort": sort, "id": name, "target": target, "answers": list(answers)}
    return {**head, "inputs": {"question": words}, "cut": {}, "prompt_end": f"{words}\nAnswer:", "prompt_before": 120, **more}


def _question(words: str) -> Object:
    def answer(model: str, place: str, confidence: float) -> Object:
        return {"model": model, "answer": place, "votes": 1, "of": 1, "correct": place == "1", "confidence": confidence}

    scores = {
        "floor": [{"probability": 1 / 3, "log_likelihood": None}] * 3,
        "smol": [{"probability": p, "log_likelihood": -p} for p in (0.7, 0.2, 0.1)],
    }
    given = [answer("floor", "1", 1 / 3), answer("smol", "0", 0.7)]
    return _example("quiz", "models_disagree", "q1", "1", given, words, choices=["first one", words, "the third"], scores=scores)


def _pair(words: str) -> Object:
    given = [{"model": "smol", "answer": "1", "votes": 1, "of": 1, "correct": False, "confidence": 0.9}]
    scores = {"smol": [{"probability": 0.1, "log_likelihood": -41.0}, {"probability": 0.9, "log_likelihood": -39.0}]}
    return _example("bias", "sample", "p1", "0", given, words, choices=["he is", words], scores=scores, inputs={})


def _sample(text: str, **more: Any) -> Object:
    made = {"text": text, "left_out": 0, "ended": "stop", "tokens": 12, "answer": None, "start": None, "end": None}
    return {**made, "outcome": None, "detail": None, **more}


def _replies(words: str) -> list[Object]:
    def written(model: str, answer: str | None, *samples: Object) -> Object:
        score = {"metric": "exact_match", "value": 0.0}
        head = {"model": model, "answer": answer, "extracted": True, "samples": list(samples), "samples_in_all": len(samples) + 2}
        return {**head, "samples_passed": None, "score": score}

    before = f"{words} costs "
    found = _sample(f"{before}1,200 & more {TURNED}", answer="1200", start=len(before), end=len(before) + 5)
    lost = _sample("", ended="length", tokens=0)
    long = _sample(f"{words} and so on. " * 120, answer=None)
    none = _example("reply", "not_extracted", "r1", "18", [written("lead", "1200", found), written("smol", None, lost)], words)
    drawn = _example("reply", "sample", "r2", words, [written("lead", "1200", found), written("smol", "1200", found, long)], words * 20)
    return [none, drawn]


def _program(words: str) -> Object:
    samples = [
        _sample("    return x < 1\n", outcome="passed", detail=""),
        _sample(f"    return '{words}'", outcome="failed", detail=f"TypeError: {words}"),
    ]
    head = {"model": "smol", "answer": samples[0]["text"], "extracted": False, "samples": samples, "samples_in_all": 2, "samples_passed": 1}
    return _example("code", "sample", "HumanEval/0", "    return x < 1\n", [{**head, "score": {"metric": "pass_at", "value": 0.5}}], words)


def _prompts(words: str) -> list[Object]:
    def prompt(name: str, text: str, continuations: Sequence[str], **more: Any) -> Object:
        made = {"id": name, "text": text, "left_out": 0, "shots": ["s1", "s2"], "shots_dropped": 0, "cut_tokens": 0, "tokens": 77}
        return {**made, "continuations": list(continuations), **more}

    def asked(task: str, examples: Sequence[Object], **more: Any) -> Object:
        sums = {"rows": 12, "requests": 36, "tokens": 9000, "scored_tokens": 36, "prompt_tokens": 3000, "merged": 0, "max_length": 512}
        cut = {"shots_dropped": 3, "shortened": 2, "truncated": 1, "truncated_tokens": 41}
        windows = {"window": None, "stride": None, "documents_in_parts": None}
        head = {"cells": [f"main.{task}.smol[seed=1]"], "run": "main", "task": task, "split": "test", "chat": False}
        shots = {"shots": {"call": "random", "count": 2, "per": "example"}, "shots_from": "train", "truncate": "start"}
        return {**head, **shots, **sums, **cut, **windows, "tokens_estimated": False, "examples": list(examples), **more}

    chat = CHAT.format(words=words)
    return [
        asked("quiz", [prompt("q1", f"{words}\nA. x\nAnswer:", [" A", f" {words}"]), prompt("q2", words, [" A"], shots_dropped=2)]),
        asked("reply", [prompt("r1", chat, []), prompt("r2", chat, [], cut_tokens=41, left_out=7)], chat=True, shots=None, shots_from=None),
        asked("read", [], window=256, stride=128, documents_in_parts=5),
    ]
