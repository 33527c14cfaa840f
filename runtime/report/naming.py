"""Names of what is compared: a model with the training setting and the axis values that tell it from its neighbours.

In: model, train and params of each cell. Out: a short name for each. Not here: the plan's own ids.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from benchc.compiler.jsonvalue import Json, canonical

Variant: TypeAlias = tuple[str, str | None, Mapping[str, Json]]  # model, train, params


def variant_names(variants: Sequence[Variant]) -> list[str]:
    """A name for each variant, in the order given: the model, `/train` where the model has several settings, and
    `[name=value]` for the params that take several values among variants of the same model and training setting."""
    trains: dict[str, set[str | None]] = {}
    values: dict[tuple[str, str | None, str], set[str]] = {}
    for model, train, params in variants:
        trains.setdefault(model, set()).add(train)
        for name, value in params.items():
            values.setdefault((model, train, name), set()).add(canonical(value))
    return [_name(variant, trains, values) for variant in variants]


def _name(variant: Variant, trains: Mapping[str, set[str | None]], values: Mapping[tuple[str, str | None, str], set[str]]) -> str:
    model, train, params = variant
    name = f"{model}/{train}" if train is not None and len(trains[model]) > 1 else model
    varying = [f"{key}={shown(params[key])}" for key in sorted(params) if len(values[model, train, key]) > 1]
    return f"{name}[{', '.join(varying)}]" if varying else name


CORRECTIONS = {"holm": "Holm", "benjamini_hochberg": "Benjamini-Hochberg", "bonferroni": "Bonferroni"}


def correction_name(name: str) -> str:
    """What a correction for several comparisons is called in print; "" for none."""
    return "" if name in ("", "none") else CORRECTIONS.get(name, name)


def shown(value: Json) -> str:
    """A setting's value as people write it: strings without quotes, the rest as JSON."""
    return value if isinstance(value, str) else canonical(value)
