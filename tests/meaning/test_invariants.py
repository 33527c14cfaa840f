"""What holds for every input: no traceback, nothing heavy imported, the reference is fresh."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from meaning.specs import SPEC, checked

from benchc.compiler.catalog import CATALOG
from benchc.compiler.problems import has_errors
from benchc.reference import reference_markdown

ROOT = Path(__file__).resolve().parents[2]

HEAVY = ("torch", "transformers", "numpy", "pandas", "sklearn", "pyarrow", "scipy", "datasets")

PIECES = st.sampled_from([*"{}()[]=,.#%$ \n", '"', "..", "${x}", "extends", "none", "true", "1e9", "-1", "x", "import", "param"])


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_damage_to_a_spec_is_a_traceback(data: st.DataObject) -> None:
    text = SPEC
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(PIECES) + text[end:]
    result = checked(text)
    assert all(problem.span.start <= problem.span.end <= len(text) for problem in result.problems)


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_exchange_of_words_is_a_traceback(data: st.DataObject) -> None:
    """Damage that still parses reaches evaluation and the checks."""
    words = SPEC.split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = data.draw(st.integers(0, len(words) - 1)), data.draw(st.integers(0, len(words) - 1))
        words[one], words[other] = words[other], words[one]
    checked(" ".join(words))


@given(st.text(max_size=300))
@example("\ud800")
@settings(max_examples=100, deadline=None)
def test_no_text_is_a_traceback(text: str) -> None:
    checked(text)


def test_checking_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "spec.bench").write_text(SPEC, encoding="utf-8")
    code = (
        "import sys; from benchc.cli.main import invoke; code = invoke(['check', 'spec.bench']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules]); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_reference_in_docs_is_what_the_catalog_says() -> None:
    written = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert written == reference_markdown(CATALOG), "run `benchc docs > docs/reference.md`"


@pytest.mark.shared
@pytest.mark.parametrize("name", ["trec", "sick"])
def test_the_examples_of_kinds_that_work_check(name: str, shared_examples: Path) -> None:
    text = (shared_examples / f"{name}.bench").read_text(encoding="utf-8")
    assert not has_errors(checked(text).problems)


@pytest.mark.shared
def test_every_example_is_read_and_its_faults_are_named(shared_examples: Path) -> None:
    for path in sorted(shared_examples.glob("*.bench")):
        problems = checked(path.read_text(encoding="utf-8")).problems
        assert {p.code for p in problems if p.level == "error"} <= {
            "unknown_kind", "unknown_variant", "unknown_call", "unknown_key", "unknown_choice", "wrong_type"
        }, path.name  # fmt: skip
