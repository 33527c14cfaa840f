"""Small specs that the tests of this folder share, and the helper that checks a text."""

from collections.abc import Mapping

from memory_files import MemoryFiles

from benchc.compiler import pipeline
from benchc.compiler.pipeline import Checked
from benchc.compiler.problems import has_errors
from benchc.compiler.spec import Spec

EDITION = 'edition = "2026"\n'

SPEC = (
    EDITION
    + """
bench "reviews" { seed = 3 }
param strength: float = 1
param kind: one_of(word, char) = word
param file: string = "train"
labels opinion = [bad, good]
dataset reviews {
  source = csv(train = "${file}.csv", test = "test.csv")
  fields { text = text(text), opinion = label(opinion, opinion) }
}
task sort : classification { data = reviews, input = text, target = opinion, metrics = [accuracy, mcc] }
model floor { source = baseline(majority) }
model linear { source = sklearn(tfidf(analyzer = kind), logistic_regression(C = strength)) }
run main { tasks = sort, models = [floor, linear], axes { strength = [1, 10] } }
"""
)


def checked(text: str, files: Mapping[str, str | bytes] | None = None, settings: Mapping[str, str] | None = None) -> Checked:
    return pipeline.check("spec.bench", MemoryFiles({**(files or {}), "spec.bench": text}), settings or {})


def sound(text: str, files: Mapping[str, str | bytes] | None = None, settings: Mapping[str, str] | None = None) -> Spec:
    """The spec of a text that has no errors."""
    result = checked(text, files, settings)
    assert not has_errors(result.problems), result.problems
    assert result.spec is not None
    return result.spec


def codes(text: str, files: Mapping[str, str | bytes] | None = None, settings: Mapping[str, str] | None = None) -> list[str]:
    return [problem.code for problem in checked(text, files, settings).problems]
