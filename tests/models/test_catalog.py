"""The catalog and the runtime offer the same things, both ways."""

import pytest
from chain import call

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.model import ModelFacts
from benchc.runtime import device
from benchc.runtime.models import FAMILIES, baselines, family_of
from benchc.runtime.models.estimators import CLASSIFIERS, REGRESSORS, make_estimator
from benchc.runtime.models.features import FEATURES
from benchc.runtime.tasks import KINDS
from benchc.runtime.training import losses, optimizers, schedules

PAIRS = {
    "model_source": FAMILIES,
    "features": FEATURES,
    "estimator": {**CLASSIFIERS, **REGRESSORS},
    "baseline": baselines.BASELINES,
    "optimizer": optimizers.OPTIMIZERS,
    "schedule": schedules.SCHEDULES,
    "loss": losses.LOSSES,
    "task": KINDS,
}


@pytest.mark.parametrize("family", PAIRS)
def test_what_the_catalog_names_the_runtime_does(family: str) -> None:
    assert set(CATALOG.families[family]) == set(PAIRS[family])


@pytest.mark.parametrize("name", CATALOG.families["estimator"])
def test_an_estimator_does_the_tasks_that_its_facts_name(name: str) -> None:
    facts = CATALOG.entry("estimator", name).facts
    assert isinstance(facts, ModelFacts)
    assert set(facts.tasks) == {task for task, table in (("classification", CLASSIFIERS), ("regression", REGRESSORS)) if name in table}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_facts_say_whether_a_classifier_gives_probabilities(name: str) -> None:
    facts = CATALOG.entry("estimator", name).facts
    assert isinstance(facts, ModelFacts)
    estimator = make_estimator(call("estimator", name), "classification", 0)
    assert (facts.gives == "probabilities") == hasattr(estimator, "predict_proba")


@pytest.mark.parametrize("table", [CLASSIFIERS, REGRESSORS], ids=["classification", "regression"])
def test_facts_say_whether_an_estimator_has_a_seed(table: dict[str, object]) -> None:
    kind = "classification" if table is CLASSIFIERS else "regression"
    for name in table:
        estimator = make_estimator(call("estimator", name), kind, 17)
        facts = CATALOG.entry("estimator", name).facts
        assert isinstance(facts, ModelFacts)
        assert facts.uses_seed == (estimator.get_params().get("random_state") == 17), name


def test_every_family_can_be_imported() -> None:
    for source in FAMILIES:
        assert callable(family_of(source).fit)
        assert callable(family_of(source).predict)


def test_precisions_of_the_catalog_are_those_of_the_devices() -> None:
    key = next(key for key in CATALOG.blocks["train"].keys if key.name == "precision")
    assert set(key.type.names) == {"auto", *device.DTYPES}  # type: ignore[union-attr]
