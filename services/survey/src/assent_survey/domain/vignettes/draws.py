"""Chance from a seed, the same on every machine and for ever.

Only the raw words of PCG64 are used, which numpy promises to keep, and not its distributions, which it may improve.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


class Draws:
    """Draws from what a seed and any further words name. **Usage**: `Draws(seed, "order", 7).shuffled(6)`."""

    def __init__(self, *named: object) -> None:
        digest = hashlib.sha256("\x1f".join(str(each) for each in named).encode()).digest()
        self._words = np.random.PCG64(int.from_bytes(digest[:16]))

    def below(self, limit: int, count: int) -> Places:
        """`count` whole numbers from 0 to `limit` - 1; the least are favoured by less than one in 2**40."""
        return (self._raw(count) % np.uint64(limit)).astype(np.int64)

    def shuffled(self, count: int) -> Places:
        """The numbers from 0 to `count` - 1 in an order of chance."""
        return np.argsort(self._raw(count), kind="stable").astype(np.int64)

    def _raw(self, count: int) -> NDArray[np.uint64]:
        return np.asarray(self._words.random_raw(count), dtype=np.uint64)
