"""Data sets of the Hugging Face hub, through the package `datasets`; also a folder that is laid out like one.

In: an id with configuration and revision, or a path. Out: batches of the hub's splits. Without network, what the hub's own cache
holds is used. No code of a data set is run: `datasets` has no loading scripts any more, and older versions are told not to.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from benchc.compiler.catalog.data import LOCATION_KEYS
from benchc.runtime.data.batch import Batch, Request
from benchc.runtime.data.failures import BadData, near_names
from benchc.runtime.data.sources.columnar import table_batches, table_columns

USUAL_SPLITS = {"train": "train", "dev": "validation", "test": "test"}
BATCH_ROWS = 16_384


def read(request: Request) -> Iterator[Batch]:
    tables = _load(request)
    for split, hub_split in _splits(request, tables).items():
        table = tables[hub_split]
        columns = table_columns(request, table.column_names, f"split `{hub_split}` of `{request.text('id')}`")
        batches = table.select_columns(columns).with_format("arrow").iter(BATCH_ROWS)
        records = (record for batch in batches for record in batch.to_batches())
        yield from table_batches(request, split, -1, records)


def is_folder(id: str) -> bool:
    return id.startswith((".", "/"))


def _load(request: Request) -> Mapping[str, Any]:
    try:
        import datasets
    except ModuleNotFoundError as problem:
        raise BadData("not_installed", "`hub(...)` needs the package `datasets`", "install it: `pip install benchc[hub]`") from problem
    datasets.disable_progress_bars()
    asked = request.text("id")
    name = str(request.parts[0].files[0].path) if is_folder(asked) else asked
    about = f"`{asked}`" + (f" at `{request.call['revision']}`" if request.call["revision"] else "")
    try:
        loaded = datasets.load_dataset(name, name=request.call["config"], revision=None if is_folder(asked) else request.call["revision"])
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as problem:
        first = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
        raise BadData(
            "hub_failed", f"{about} cannot be loaded: {first}", "check the id, the configuration and the network", ("source", "id")
        ) from problem
    assert isinstance(loaded, Mapping)
    return loaded


def _splits(request: Request, tables: Mapping[str, Any]) -> dict[str, str]:
    """benchc's split to the hub's, as the call says, else by the usual names."""
    asked = {key: request.text(key) for key in LOCATION_KEYS if request.call[key] is not None}
    present = [str(name) for name in tables]
    for key, name in asked.items():
        if name not in present:
            listed = ", ".join(f"`{other}`" for other in present)
            raise BadData(
                "missing_split",
                f"`{request.text('id')}` has no split `{name}`{near_names(name, present)}",
                f"its splits are {listed}",
                ("source", key),
            )
    if asked:
        return asked
    usual = {split: name for split, name in USUAL_SPLITS.items() if name in present}
    return usual or {"all": present[0]}
