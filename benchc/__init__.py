"""benchc: a compiler for benchmarks of language models."""

__version__ = "0.1.0"
