"""Lints that the spec allows, each with a reason.

In: findings, the spec. Out: the problems that remain, and what is wrong with the `allow` blocks themselves.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.view import mapping
from benchc.compiler.declare import did_you_mean
from benchc.compiler.problems import Help, Level, Problem, error
from benchc.compiler.spec import Declared, Spec
from benchc.compiler.suggest import near
from benchc.compiler.words import listed

LINTS: Final[Mapping[str, str]] = {
    "test_selection": "a model is chosen on the split that is scored",
    "scored_on_training": "models are scored on rows that they were fitted on",
    "shots_from_evaluated": "worked examples come from the split that is scored",
    "single_seed": "models are compared from one seed",
    "no_baseline": "no trivial baseline stands beside the models",
    "majority_metric": "every metric can be satisfied by the most frequent label",
    "uncorrected_comparisons": "several comparisons, each at the full level",
    "nothing_compared": "a comparison has one contestant",
    "unpinned_revision": "a data set or model can change on its hub",
    "unpinned_endpoint": "the model behind a name on a server can be exchanged",
    "remote_code": "a model brings code that is run",
    "shadowed_name": "a name hides a built-in one",
    "unused": "a block is declared and not used",
}

# Found by `benchc check --data`, and by a run: without the data nobody can tell whether an `allow` of these silences anything.
DATA_LINTS: Final[Mapping[str, str]] = {
    "skewed_classes": "accuracy is the primary metric and one class is far more frequent",
    "small_test": "the test split is too small for the difference that a gate asks for",
    "overlapping_splits": "rows of test also stand in train",
    "truncated_inputs": "inputs are longer than the model reads",
}


def apply_allowances(findings: Iterable[Finding], subject: Subject) -> tuple[Problem, ...]:
    """The problems that no `allow` silences, and what is wrong with the `allow`s: only a sound spec shows which silence nothing."""
    spec = subject.spec
    silenced: set[tuple[str, str, str]] = set()
    remaining: list[Problem] = []
    for finding in findings:
        blocks = [block for block in (*finding.blocks, spec.bench) if block is not None and finding.problem.code in allowed(block)]
        if finding.problem.level is Level.ERROR or not blocks:
            remaining.append(finding.problem)
        silenced |= {(block.kind, block.name, finding.problem.code) for block in blocks}
    return (*remaining, *_faults(spec, silenced, complete=subject.whole))


def allowed(block: Declared) -> Mapping[str, object]:
    """The lints that a block allows, with the reasons."""
    return mapping(block.settings.get("allow") or {})


def allows(spec: Spec, code: str) -> bool:
    """Whether any block of a spec allows a lint: for findings about data, which name no block."""
    return any(code in allowed(block) for block in _holders(spec))


def _holders(spec: Spec) -> Iterator[Declared]:
    if spec.bench is not None:
        yield spec.bench
    for blocks in spec.blocks.values():
        yield from blocks.values()


def _faults(spec: Spec, silenced: set[tuple[str, str, str]], *, complete: bool) -> Iterator[Problem]:
    for block in _holders(spec):
        for code, reason in allowed(block).items():
            key = block.spans.key("allow", code)
            if code not in LINTS and code not in DATA_LINTS:
                known = [*LINTS, *DATA_LINTS]
                advice = did_you_mean(near(code, known), key) or (Help(f"lints are {listed(known, len(known))}"),)
                yield error("unknown_lint", f"there is no lint called `{code}`", key, *advice)
            elif not str(reason).strip():
                yield error("allow_without_reason", f"`{code}` is allowed without a reason", block.spans.at("allow", code), Help("say why"))
            elif complete and code in LINTS and (block.kind, block.name, code) not in silenced:
                yield Problem("allow_unused", Level.NOTE, f"allowing `{code}` silences nothing here", key)
