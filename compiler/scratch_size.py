"""How large an encoder is that is trained from nothing, and how much it reads: what its architecture says.

In: a model source in canonical JSON. Out: numbers for estimates. Not here: models whose files are there (`locate_model`).
"""

from collections.abc import Mapping

from benchc.compiler.jsonvalue import Json, mapping


def scratch_parameters(source: Mapping[str, Json]) -> int:
    """Attention and feed-forward matrices, embeddings left out; 0 for any other source."""
    if source["call"] != "scratch":
        return 0
    shape = mapping(source["architecture"])
    layers, width = int(str(shape["layers"])), int(str(shape["width"]))
    inner = 4 * width if shape["feed_forward"] is None else int(str(shape["feed_forward"]))
    return layers * (4 * width * width + 2 * width * inner)


def scratch_limit(source: Mapping[str, Json]) -> int | None:
    """Its positions; None for any other source."""
    return int(str(mapping(source["architecture"])["positions"])) if source["call"] == "scratch" else None
