"""Sets as rows of 64-bit words, compiled; imported only where numba runs."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

NONE = np.uint64(0)
ONE = np.uint64(1)
WORD_BITS = np.uint64(6)
"""Member x is bit x % 64 of word x >> 6."""
IN_WORD = np.uint64(63)


@intrinsic
def lowest_bit(_context: Any, _word: Any) -> Any:
    """Return the number (0 to 63) of the lowest bit set in a uint64 that isn't 0."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


@intrinsic
def highest_bit(_context: Any, _word: Any) -> Any:
    """Return the number (0 to 63) of the highest bit set in a uint64 that isn't 0."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        zeros = builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))
        return builder.sub(ir.Constant(ir.IntType(64), 63), zeros)

    return types.int64(types.uint64), generate
