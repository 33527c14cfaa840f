"""Steps and their keys, each step once.

In: what a step does, as an `Identity`, and the keys of its inputs. Out: `StepTable`, all steps in an order in which each stands behind
its inputs. Not here: which steps a cell needs (`lower_cells`, `lower_summaries`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchc.compiler.catalog import CATALOG
from benchc.compiler.identify import Identity
from benchc.compiler.jsonvalue import Json, canonical, digest_text, mapping
from benchc.compiler.plan import Step

NO_HINTS: Mapping[str, Json] = {}


@dataclass(frozen=True, slots=True)
class Params:
    """A step's parameters. `texts` are the canonical texts of the values by name, made once for all steps that share them."""

    value: Mapping[str, Json]
    texts: Mapping[str, str]
    text: str

    def but(self, name: str, value: Json) -> "Params":
        """The same parameters with another value of one name."""
        return _params({**self.value, name: value}, {**self.texts, name: canonical(value)})


def params(identity: Identity) -> Params:
    """The parameters that an identity makes; versions other than the first stand in them."""
    value = mapping(identity.value)
    held = {**value, "versions": dict(identity.versions)} if identity.versions else value
    return _params(held, {name: canonical(part) for name, part in held.items()})


def _params(value: Mapping[str, Json], texts: Mapping[str, str]) -> Params:
    return Params(value, texts, "{" + ",".join(f"{canonical(name)}:{texts[name]}" for name in sorted(texts)) + "}")


def record(**parts: Identity | Json) -> Identity:
    """The identity of an object with these values; those that are identities bring their versions along."""
    identities = [part for part in parts.values() if isinstance(part, Identity)]
    versions = {name: version for part in identities for name, version in part.versions.items()}
    return Identity({name: part.value if isinstance(part, Identity) else part for name, part in parts.items()}, versions)


def step_key(kind: str, version: int, params_text: str, inputs: Mapping[str, Sequence[str]]) -> str:
    """SHA-256 of the canonical text of {"inputs", "kind", "params", "version"}."""
    roles = ",".join(f'"{role}":["' + '","'.join(inputs[role]) + '"]' for role in sorted(inputs))  # keys and roles need no escapes
    return digest_text(f'{{"inputs":{{{roles}}},"kind":"{kind}","params":{params_text},"version":{version}}}')


@dataclass(slots=True)
class StepTable:
    """The steps of a plan in the making, by key. Adding a step that is there already changes nothing: the first one's hints stay."""

    steps: dict[str, Step] = field(default_factory=dict)

    def add(self, kind: str, of: Params, inputs: Mapping[str, tuple[str, ...]], hints: Mapping[str, Json] = NO_HINTS) -> str:
        version = CATALOG.step_versions[kind]
        key = step_key(kind, version, of.text, inputs)
        if key not in self.steps:
            self.steps[key] = Step(key, kind, version, of.value, inputs, hints)
        return key
