"""Estimators of scikit-learn by the names that the catalog gives them.

In: a call in canonical JSON, the kind of task, a seed. Out: an unfitted estimator. Settings that the catalog does not have are at
scikit-learn's defaults.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sklearn import ensemble, linear_model, naive_bayes, neighbors, svm, tree

from benchc.compiler.jsonvalue import Json
from benchc.runtime.work import StepFailed

Settings: TypeAlias = Mapping[str, Any]

DENSE = ("gradient_boosting",)  # cannot take sparse columns

SGD_LOSSES = {"log": "log_loss", "hinge": "hinge", "modified_huber": "modified_huber"}
SGD_ERRORS = {name: name for name in ("squared_error", "huber", "epsilon_insensitive")}


def make_estimator(call: Mapping[str, Json], task_kind: str, seed: int) -> Any:
    """Raises StepFailed when the estimator does not do this kind of task."""
    name = str(call["call"])
    table = CLASSIFIERS if task_kind == "classification" else REGRESSORS
    if name not in table:
        raise StepFailed("estimator_misfit", f"`{name}` does not do {task_kind}", f"use one of {', '.join(table)}")
    return table[name](call, seed)


def _logistic(call: Settings, seed: int) -> Any:
    return linear_model.LogisticRegression(C=call["C"], class_weight=_weight(call), max_iter=call["max_iter"])


def _linear_svm(call: Settings, seed: int) -> Any:
    return svm.LinearSVC(C=call["C"], class_weight=_weight(call), max_iter=call["max_iter"], random_state=seed)


def _ridge_classifier(call: Settings, seed: int) -> Any:
    return linear_model.RidgeClassifier(alpha=call["alpha"], class_weight=_weight(call))


def _sgd_classifier(call: Settings, seed: int) -> Any:
    loss = _sgd_loss(call, SGD_LOSSES, "log", "classification")
    weight = _weight(call)
    penalty = _none(call["penalty"])
    return linear_model.SGDClassifier(
        loss=loss, alpha=call["alpha"], penalty=penalty, class_weight=weight, max_iter=call["max_iter"], random_state=seed
    )


def _sgd_regressor(call: Settings, seed: int) -> Any:
    loss = _sgd_loss(call, SGD_ERRORS, "squared_error", "regression")
    penalty = _none(call["penalty"])
    return linear_model.SGDRegressor(loss=loss, alpha=call["alpha"], penalty=penalty, max_iter=call["max_iter"], random_state=seed)


def _naive_bayes(call: Settings, seed: int) -> Any:
    kind = naive_bayes.MultinomialNB if call["kind"] == "multinomial" else naive_bayes.ComplementNB
    return kind(alpha=call["alpha"])


def _neighbors(kind: Callable[..., Any]) -> Callable[[Settings, int], Any]:
    return lambda call, seed: kind(n_neighbors=call["k"], weights=call["weights"], metric=call["metric"])


def _tree(kind: Callable[..., Any]) -> Callable[[Settings, int], Any]:
    return lambda call, seed: kind(
        max_depth=call["max_depth"], min_samples_leaf=call["min_samples_leaf"], random_state=seed, **_class_weight(kind, call)
    )


def _forest(kind: Callable[..., Any]) -> Callable[[Settings, int], Any]:
    def make(call: Settings, seed: int) -> Any:
        columns = None if call["max_features"] == "all" else call["max_features"]
        return kind(
            n_estimators=call["trees"],
            max_depth=call["max_depth"],
            min_samples_leaf=call["min_samples_leaf"],
            max_features=float(columns) if isinstance(columns, int | float) else columns,
            random_state=seed,
            **_class_weight(kind, call),
        )

    return make


def _boosting(kind: Callable[..., Any]) -> Callable[[Settings, int], Any]:
    return lambda call, seed: kind(
        learning_rate=call["learning_rate"],
        max_iter=call["trees"],
        max_leaf_nodes=call["leaves"],
        max_depth=call["max_depth"],
        min_samples_leaf=call["min_samples_leaf"],
        l2_regularization=call["l2"],
        random_state=seed,
        **_class_weight(kind, call),
    )


def _svc(call: Settings, seed: int) -> Any:
    return svm.SVC(C=call["C"], kernel=call["kernel"], degree=call["degree"], gamma=call["gamma"], class_weight=_weight(call))


def _svr(call: Settings, seed: int) -> Any:
    return svm.SVR(C=call["C"], epsilon=call["epsilon"], kernel=call["kernel"], degree=call["degree"], gamma=call["gamma"])


def _linear_svr(call: Settings, seed: int) -> Any:
    return svm.LinearSVR(C=call["C"], epsilon=call["epsilon"], max_iter=call["max_iter"], random_state=seed)


def _elastic_net(call: Settings, seed: int) -> Any:
    return linear_model.ElasticNet(alpha=call["alpha"], l1_ratio=call["l1_ratio"], max_iter=call["max_iter"])


CLASSIFIERS: dict[str, Callable[[Settings, int], Any]] = {
    "auto": lambda call, seed: linear_model.LogisticRegression(max_iter=1000),
    "logistic_regression": _logistic,
    "linear_svm": _linear_svm,
    "ridge_classifier": _ridge_classifier,
    "sgd": _sgd_classifier,
    "naive_bayes": _naive_bayes,
    "k_neighbors": _neighbors(neighbors.KNeighborsClassifier),
    "decision_tree": _tree(tree.DecisionTreeClassifier),
    "random_forest": _forest(ensemble.RandomForestClassifier),
    "extra_trees": _forest(ensemble.ExtraTreesClassifier),
    "gradient_boosting": _boosting(ensemble.HistGradientBoostingClassifier),
    "svm": _svc,
}

REGRESSORS: dict[str, Callable[[Settings, int], Any]] = {
    "auto": lambda call, seed: linear_model.Ridge(),
    "ridge": lambda call, seed: linear_model.Ridge(alpha=call["alpha"]),
    "linear_regression": lambda call, seed: linear_model.LinearRegression(),
    "lasso": lambda call, seed: linear_model.Lasso(alpha=call["alpha"], max_iter=call["max_iter"]),
    "elastic_net": _elastic_net,
    "sgd": _sgd_regressor,
    "k_neighbors": _neighbors(neighbors.KNeighborsRegressor),
    "decision_tree": _tree(tree.DecisionTreeRegressor),
    "random_forest": _forest(ensemble.RandomForestRegressor),
    "extra_trees": _forest(ensemble.ExtraTreesRegressor),
    "gradient_boosting": _boosting(ensemble.HistGradientBoostingRegressor),
    "svr": _svr,
    "linear_svr": _linear_svr,
}


def _weight(call: Settings) -> str | None:
    return None if call["class_weight"] == "none" else str(call["class_weight"])


def _class_weight(kind: Callable[..., Any], call: Settings) -> dict[str, Any]:
    """Regressors know no class weights."""
    return {"class_weight": _weight(call)} if kind.__name__.endswith("Classifier") else {}


def _sgd_loss(call: Settings, losses: Mapping[str, str], usual: str, task_kind: str) -> str:
    loss = usual if call["loss"] == "auto" else call["loss"]
    if loss not in losses:
        raise StepFailed("estimator_misfit", f"the loss `{loss}` of sgd does not fit {task_kind}", f"use one of {', '.join(losses)}")
    return losses[loss]


def _none(value: Any) -> Any:
    return None if value == "none" else value
