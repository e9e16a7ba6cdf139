"""Sets as rows of 64-bit words, compiled; imported only where numba runs.

Rows lie one after the other in an array of one dimension, each a whole number of blocks of
`BLOCK` words long: an operation on a block is one or two instructions of wide vectors.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

NONE = np.uint64(0)
ONE = np.uint64(1)
WORD_BITS = np.uint64(6)
"""Member x is bit x % 64 of word x >> 6."""
IN_WORD = np.uint64(63)
BLOCK = 8
"""Words that are looked at together."""

_WORDS = ir.VectorType(ir.IntType(64), BLOCK)


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


@intrinsic
def n_bits(_context: Any, _word: Any) -> Any:
    """Return how many bits of a uint64 are set."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@intrinsic
def meet(_context: Any, a: Any, i: Any, b: Any, j: Any, to: Any, k: Any) -> Any:
    """Write what the blocks a[i:] and b[j:] have in common to to[k:]; say whether there is any."""

    def compute(builder: Any, places: list[Any]) -> Any:
        both = builder.and_(_words_at(builder, places[0]), _words_at(builder, places[1]))
        _write(builder, both, places[2])
        return _some(builder, both)

    return _on_blocks(compute, a, i, b, j, to, k)


@intrinsic
def have_common(_context: Any, a: Any, i: Any, b: Any, j: Any) -> Any:
    """Say whether the blocks a[i:] and b[j:] have a member in common."""

    def compute(builder: Any, places: list[Any]) -> Any:
        a_words, b_words = (_words_at(builder, place) for place in places)
        return _some(builder, builder.and_(a_words, b_words))

    return _on_blocks(compute, a, i, b, j)


@intrinsic
def leave_out(_context: Any, a: Any, i: Any, b: Any, j: Any, to: Any, k: Any) -> Any:
    """Write what of the block a[i:] isn't in b[j:] to to[k:]; say whether there is any."""

    def compute(builder: Any, places: list[Any]) -> Any:
        a_words, b_words = (_words_at(builder, place) for place in places[:2])
        left = builder.and_(a_words, builder.not_(b_words))
        _write(builder, left, places[2])
        return _some(builder, left)

    return _on_blocks(compute, a, i, b, j, to, k)


@intrinsic
def toggle_all(_context: Any, total: Any, i: Any, row: Any, j: Any) -> Any:
    """Add the block row[j:] to total[i:], modulo 2; say whether any is left there."""

    def compute(builder: Any, places: list[Any]) -> Any:
        words = builder.xor(_words_at(builder, places[0]), _words_at(builder, places[1]))
        _write(builder, words, places[0])
        return _some(builder, words)

    return _on_blocks(compute, total, i, row, j)


def _on_blocks(compute: Callable[[Any, list[Any]], Any], *arguments: Any) -> tuple[Any, Any]:
    """Return signature and generator of what is computed of blocks, given as array and place."""
    arrays = arguments[::2]

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        places = []
        for kind, array, place in zip(arrays, values[::2], values[1::2], strict=True):
            data = context.make_array(kind)(context, builder, value=array).data
            start = cgutils.gep_inbounds(builder, data, place)
            places.append(builder.bitcast(start, _WORDS.as_pointer()))
        return compute(builder, places)

    return types.boolean(*(kind for array in arrays for kind in (array, types.int64))), generate


def _words_at(builder: Any, place: Any) -> Any:
    return builder.load(place, align=8)


def _write(builder: Any, words: Any, place: Any) -> None:
    builder.store(words, place, align=8)


def _some(builder: Any, words: Any) -> Any:
    """Return whether any word isn't 0."""
    bits = builder.icmp_unsigned("!=", words, ir.Constant(_WORDS, [0] * BLOCK))
    mask = builder.bitcast(bits, ir.IntType(BLOCK))
    return builder.icmp_unsigned("!=", mask, ir.Constant(ir.IntType(BLOCK), 0))
