"""benchc: a compiler for benchmarks of language models.

    import benchc
    results = benchc.run("trec.bench", settings={"seed": 3})
    results.table()

`check`, `compile`, `run` and `open_results` are imported when first used, so that `import benchc` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from benchc.version import VERSION

if TYPE_CHECKING:
    from benchc.api import SpecError, check, compile, open_results, run  # noqa: A004 - `compile` is what the command is called too
    from benchc.runtime.run_results import Results

__version__ = VERSION

__all__ = ["Results", "SpecError", "__version__", "check", "compile", "open_results", "run"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("benchc.runtime.run_results" if name == "Results" else "benchc.api"), name)
    raise AttributeError(f"module `benchc` has no attribute `{name}`")


def __dir__() -> list[str]:
    return __all__
