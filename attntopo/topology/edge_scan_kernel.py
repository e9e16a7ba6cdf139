"""A distance matrix -> its edges of some lengths, compiled; imported only where numba runs."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import ONE

END_BITS = np.uint32(16)
NO_SIGN = np.uint64(0x7FFFFFFFFFFFFFFF)
"""What of a length's bit pattern counts: -0 is 0."""
_AT_ONCE = 8
_LONG, _INT = ir.IntType(64), ir.IntType(32)
_LONGS, _INTS = ir.VectorType(_LONG, _AT_ONCE), ir.VectorType(_INT, _AT_ONCE)
_MASK = ir.VectorType(ir.IntType(1), _AT_ONCE)


@kernel()
def edges_between(
    patterns: np.ndarray, low: int, high: int, last: int
) -> tuple[np.ndarray, np.ndarray]:
    """Collect the edges of some lengths.

    Parameters
    ----------
    patterns : ndarray of uint64, shape (n, n)
        Bit patterns of float64, none negative but -0; symmetric, rows one after the other in
        memory; n at most 65,536.
    low, high : uint64
        Bit patterns of the shortest length to take, and of the first not to take.
    last : uint32
        Of the edges of the longest length to take, the last, as 65,536 i + j.

    Returns
    -------
    keys : ndarray of uint64, shape (n_edges,)
        Bit patterns of the lengths; -0 has become 0.
    pairs : ndarray of uint32, shape (n_edges,)
        The ends i < j as 65,536 i + j, ascending.
    """
    n = len(patterns)
    keys = np.empty(n * (n - 1) // 2 + 1, np.uint64)
    pairs = np.empty(len(keys), np.uint32)
    m, row_of_last = 0, np.int64(last >> END_BITS)
    for x in range(n):
        first, y = np.uint32(x) << END_BITS, x + 1
        below = high if x < row_of_last else high - ONE
        while y + _AT_ONCE <= n and x != row_of_last:
            pair = np.uint32(first | np.uint32(y))
            m += _append_between(patterns, x * n + y, low, np.uint64(below), pair, keys, pairs, m)
            y += _AT_ONCE
        while y < n:
            key, pair = patterns[x, y] & NO_SIGN, first | np.uint32(y)
            # Written in any case, and written over if it isn't wanted: quicker than to ask.
            keys[m], pairs[m] = key, pair
            m += 1 if low <= key < (high if pair <= last else high - ONE) else 0
            y += 1
    return keys[:m], pairs[:m]


@intrinsic
def _append_between(
    _context: Any,
    patterns: Any,
    _place: Any,
    _low: Any,
    _high: Any,
    _pair: Any,
    keys: Any,
    pairs: Any,
    _end: Any,
) -> Any:
    """Append those of eight patterns from a place on that are from low to below high.

    Their pairs are numbers from `pair` on. Returns how many they are.
    """
    for array, kind in ((patterns, types.uint64), (keys, types.uint64), (pairs, types.uint32)):
        if array.dtype != kind or array.layout != "C":
            raise TypingError(f"Rows must lie one after the other, of {kind}; this is {array}.")

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        given, place, low, high, pair, to_keys, to_pairs, end = values
        start = _address(context, builder, patterns, given, place, _LONGS)
        words = builder.and_(
            builder.load(start, align=8), ir.Constant(_LONGS, [int(NO_SIGN)] * _AT_ONCE)
        )
        wanted = builder.and_(
            builder.icmp_unsigned(">=", words, _repeated(builder, low, _LONGS)),
            builder.icmp_unsigned("<", words, _repeated(builder, high, _LONGS)),
        )
        numbers = builder.add(
            _repeated(builder, pair, _INTS), ir.Constant(_INTS, list(range(_AT_ONCE)))
        )
        _store_some(builder, words, _address(context, builder, keys, to_keys, end, _LONG), wanted)
        _store_some(
            builder, numbers, _address(context, builder, pairs, to_pairs, end, _INT), wanted
        )
        bits = builder.bitcast(wanted, ir.IntType(_AT_ONCE))
        return builder.zext(builder.ctpop(bits), _LONG)

    given = (patterns, types.int64, types.uint64, types.uint64, types.uint32, keys, pairs)
    return types.int64(*given, types.int64), generate


def _store_some(builder: Any, vector: Any, to: Any, wanted: Any) -> None:
    """Store the wanted entries of a vector one after the other."""
    kind = ir.FunctionType(ir.VoidType(), [vector.type, to.type, _MASK])
    name = f"llvm.masked.compressstore.v{_AT_ONCE}{vector.type.element}"
    builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [vector, to, wanted])


def _repeated(builder: Any, number: Any, kind: Any) -> Any:
    nothing = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(nothing, number, _INT(0))
    return builder.shuffle_vector(first, nothing, ir.Constant(_INTS, [0] * _AT_ONCE))


def _address(context: Any, builder: Any, kind: Any, array: Any, place: Any, of: Any) -> Any:
    data = context.make_array(kind)(context, builder, value=array).data
    return builder.bitcast(cgutils.gep(builder, data, place), of.as_pointer())
