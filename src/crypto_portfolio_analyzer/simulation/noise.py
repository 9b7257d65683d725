"""Numbers that look random and can be asked for in any order: a pure function of seed and position.

Nothing is remembered, so any past stretch of a tape can be told again, exactly as it was.
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


def seed_of(*parts: object) -> int:
    """Return a 64-bit seed for a name, the same on every machine."""
    text = ":".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def draw(seeds: Bits, positions: Integers) -> Bits:
    """Return 64 well-mixed bits (splitmix64) for each seed and position; arrays only."""
    mixed = seeds + positions.astype(np.uint64) * _GOLDEN
    mixed = (mixed ^ (mixed >> _30)) * _FIRST
    mixed = (mixed ^ (mixed >> _27)) * _SECOND
    finished: Bits = mixed ^ (mixed >> _31)
    return finished


def unit(bits: Bits) -> Floats:
    """Return the bits as numbers in [0, 1)."""
    return (bits >> _11).astype(np.float64) * 2.0**-53


def signed(bits: Bits) -> Floats:
    """Return the bits as numbers in [-1, 1)."""
    return unit(bits) * 2.0 - 1.0
