"""Readers of data sources: one module for each, named as in the catalog, with `read(request) -> Iterator[Batch]`.

A module is imported when a dataset needs it.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import cast

from benchc.runtime.data.batch import Batch, Request

MODULES = {
    "csv": "csv",
    "tsv": "csv",
    "jsonl": "jsonl",
    "parquet": "parquet",
    "arrow": "arrow",
    "lines": "lines",
    "text": "text",
    "parallel": "parallel",
    "sklearn": "sklearn",
    "inline": "inline",
    "hub": "hub",
}

WRAPPERS = ("package",)  # sources that hold another one, which is read


def read_source(request: Request) -> Iterator[Batch]:
    module = import_module(f"{__name__}.{MODULES[request.text('call')]}")
    read = cast(Callable[[Request], Iterator[Batch]], module.read)
    return read(request)
