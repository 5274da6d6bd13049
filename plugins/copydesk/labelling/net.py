"""The weights of both models, as `copydesk train` makes them: small convolutional networks over a document's blocks.

`exact` runs them, one document at a time, so that a document's scores never depend on the documents around it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from ..characters import Column

CLIP = 5.0  # standard deviations
DILATIONS = (1, 2, 4)
WEIGHTS = files(__package__).joinpath("weights")

# Networks of one shape, one after the other along the first axis of every array.
Nets = Mapping[str, Column]


@lru_cache
def arrays(name: str) -> Mapping[str, Column]:
    """The arrays of a file of weights, by name."""
    with np.load(BytesIO(WEIGHTS.joinpath(name).read_bytes())) as stored:
        return {key: stored[key] for key in stored.files}


@lru_cache
def digest(name: str) -> str:
    """Sixteen hex digits that name the weights."""
    return hashlib.sha256(WEIGHTS.joinpath(name).read_bytes()).hexdigest()[:16]
