"""The data sets that ship with scikit-learn.

In: a name. Out: batches with a column for each feature, `target` (number or class number), `label` (the class's name, where there are
classes) and `text` (all features written out, `sepal length (cm): 5.1; ...`, for models that read text).
Not here: sets that scikit-learn downloads: it keeps them as pickles, and nothing is unpickled.
"""

from collections.abc import Iterator
from typing import Any

from benchc.runtime.data.batch import Batch, Request, require_columns


def read(request: Request) -> Iterator[Batch]:
    from sklearn import datasets

    name = request.text("name")
    columns = _columns(getattr(datasets, f"load_{name}")())
    require_columns(request.columns, list(columns), f"the data set `{name}`")
    rows = len(columns["text"])
    yield Batch("all", -1, range(1, rows + 1), {column: columns[column] for column in request.columns})


def _columns(bunch: Any) -> dict[str, list[Any]]:
    names = [str(name) for name in bunch.feature_names]
    features = {name: bunch.data[:, at].tolist() for at, name in enumerate(names)}
    texts = ["; ".join(f"{name}: {value:g}" for name, value in zip(names, row, strict=True)) for row in bunch.data.tolist()]
    return features | _targets(bunch) | {"text": texts}


def _targets(bunch: Any) -> dict[str, list[Any]]:
    if bunch.target.ndim == 2:  # several targets, each with a name
        return {str(name): bunch.target[:, at].tolist() for at, name in enumerate(bunch.target_names)}
    target = bunch.target.tolist()
    if "target_names" not in bunch:
        return {"target": target}
    return {"target": target, "label": [str(bunch.target_names[number]) for number in target]}
