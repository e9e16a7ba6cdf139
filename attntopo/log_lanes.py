"""Natural logarithms of 16 float64 at once, compiled; imported only where numba runs.

A number is 2^e m with m from 1 to 2. Each sixteenth of that range has a middle c, and a table holds
1/c and log c: log x = e log 2 + log c + log(1 + r) with r = m / c - 1, which is at most 1/33, so
that a short polynomial does and nothing is divided. P. T. P. Tang, Table-driven implementation of
the logarithm function in IEEE floating-point arithmetic, ACM Transactions on Mathematical Software
16 (1990).
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from attntopo.compiled import kernel
from attntopo.float_lanes import LANES, N_LANES, WORDS, in_all_lanes, polynomial

LOG_2 = 0.6931471805599453
INVERSES = (
    0.9705882352941176,
    0.9150326797385621,
    0.8654970760233918,
    0.8210526315789474,
    0.780952380952381,
    0.7445887445887446,
    0.7114624505928854,
    0.6811594202898551,
    0.6533333333333333,
    0.6276923076923077,
    0.603988603988604,
    0.582010582010582,
    0.5615763546798029,
    0.542528735632184,
    0.524731182795699,
    0.5080645161290323,
)
"""1/c, for c such that r is as large at both ends of its sixteenth."""
LOGS = (
    0.02985296314968116,
    0.0887954987831312,
    0.14445128273854482,
    0.1971680649109491,
    0.24724110289327025,
    0.2949232337083405,
    0.34043263783730987,
    0.38395890288720075,
    0.4256678154256838,
    0.46570518848552117,
    0.5041999487938533,
    0.5412666492672262,
    0.5770075306472919,
    0.6115142260630739,
    0.6448691802941544,
    0.6771468392135042,
)
"""log c, of the very c whose inverse was rounded."""
LOG_PART = (
    -0.12518384814842207,
    0.1430614146676331,
    -0.1666665611180223,
    0.1999998827266666,
    -0.250000000019387,
    0.33333333335487386,
    -0.49999999999999944,
    0.9999999999999993,
)
"""Approximate log(1 + r) / r for r up to 1/33, within 7e-16 of it: r times that within 2e-17 of
the logarithm. Chebyshev nodes; the highest power first."""
_BYTE, _INT, _LONG, _DOUBLE = ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.DoubleType()
_N_HALF = 8  # what one register of 512 bits holds
_HALF, _HALF_LONGS = ir.VectorType(_DOUBLE, _N_HALF), ir.VectorType(_LONG, _N_HALF)
_LONGS = ir.VectorType(_LONG, N_LANES)
_MANTISSA_BITS, _BIAS = 52, 1023  # of a float64
_AS_IT_IS = (_HALF(ir.Undefined), _BYTE(-1), _INT(4))  # no lane left out, and no other rounding


@intrinsic
def _mantissas(_context: Any, _lanes: Any) -> Any:
    """Return m of positive, normal numbers 2^e m: from 1 to below 2."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        (x,) = values
        if _has_512_bits(context):
            return _by_halves(builder, "mask.getmant.pd.512", x, _INT(0), *_AS_IT_IS)
        bits = builder.and_(builder.bitcast(x, _LONGS), _longs((1 << _MANTISSA_BITS) - 1))
        return builder.bitcast(builder.or_(bits, _longs(_BIAS << _MANTISSA_BITS)), WORDS)

    return LANES(LANES), generate


@intrinsic
def _exponents(_context: Any, _lanes: Any) -> Any:
    """Return e of positive, normal numbers 2^e m, as floats."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        (x,) = values
        if _has_512_bits(context):
            return _by_halves(builder, "mask.getexp.pd.512", x, *_AS_IT_IS)
        # As the last bits of 2^52 + bias + e: few processors turn integers of 64 bits to floats.
        shifted = builder.lshr(builder.bitcast(x, _LONGS), _longs(_MANTISSA_BITS))
        large = builder.or_(shifted, _longs((_BIAS + _MANTISSA_BITS) << _MANTISSA_BITS))
        offset = ir.Constant(WORDS, [2.0**_MANTISSA_BITS + _BIAS] * N_LANES)
        return builder.fsub(builder.bitcast(large, WORDS), offset)

    return LANES(LANES), generate


@intrinsic
def _middles(_context: Any, _lanes: Any) -> Any:
    """Return 1/c and log c of the sixteenth that each number's mantissa is in."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        bits = builder.bitcast(values[0], _LONGS)
        places = builder.lshr(bits, _longs(_MANTISSA_BITS - 4))
        if _has_512_bits(context):
            both = [_permuted(builder, table, places) for table in (INVERSES, LOGS)]
        else:
            both = _loaded(builder, builder.and_(places, _longs(N_LANES - 1)))
        return context.make_tuple(builder, signature.return_type, both)

    return types.UniTuple(LANES, 2)(LANES), generate


@kernel(allocates=False, inlined=True)
def logarithms(x: Any) -> Any:
    """Return the logarithms of lanes of positive, normal numbers.

    Within 2e-16 of them, or within their own rounding where they are larger.
    """
    inverse, log = _middles(x)
    r = _mantissas(x) * inverse - in_all_lanes(1.0)
    return r * polynomial(r, LOG_PART) + (_exponents(x) * in_all_lanes(LOG_2) + log)


def _has_512_bits(context: Any) -> bool:
    """Say whether what is compiled may use the processor's registers of 512 bits."""
    _, _, features = context.codegen().magic_tuple()
    return "+avx512f" in features.split(",")


def _longs(number: int) -> ir.Constant:
    return ir.Constant(_LONGS, [number] * N_LANES)


def _by_halves(builder: Any, name: str, x: Any, *arguments: Any) -> Any:
    """Let an instruction do both halves of the lanes."""
    instruction = _instruction(builder, name, [_HALF, *(one.type for one in arguments)])
    halves = [builder.call(instruction, [half, *arguments]) for half in _halves(builder, x)]
    return _shuffled(builder, halves[0], halves[1], 0, 1)


def _permuted(builder: Any, table: tuple[float, ...], places: Any) -> Any:
    """Look up in two registers that hold the table; of a place the last four bits count."""
    low, high = (ir.Constant(_HALF, table[k : k + _N_HALF]) for k in (0, _N_HALF))
    instruction = _instruction(builder, "vpermi2var.pd.512", [_HALF, _HALF_LONGS, _HALF])
    halves = [builder.call(instruction, [low, half, high]) for half in _halves(builder, places)]
    return _shuffled(builder, halves[0], halves[1], 0, 1)


def _loaded(builder: Any, places: Any) -> list[Any]:
    """Look up in memory, where both numbers of a sixteenth lie together."""
    pair = ir.VectorType(_DOUBLE, 2)
    rows = [ir.Constant(pair, both) for both in zip(INVERSES, LOGS, strict=True)]
    table = ir.Constant(ir.ArrayType(pair, len(rows)), rows)
    stored = cgutils.global_constant(builder, "middles", table)
    parts = []
    for lane in map(_INT, range(N_LANES)):
        place = builder.gep(stored, [_LONG(0), builder.extract_element(places, lane)], True)
        parts.append(builder.load(place, align=8))
    while len(parts) > 1:
        parts = [
            _shuffled(builder, *two, 0, 1) for two in zip(parts[::2], parts[1::2], strict=True)
        ]
    return [_shuffled(builder, parts[0], parts[0], first, 2, N_LANES) for first in (0, 1)]


def _instruction(builder: Any, name: str, kinds: list[Any]) -> Any:
    function = ir.FunctionType(_HALF, kinds)
    return builder.module.declare_intrinsic(f"llvm.x86.avx512.{name}", (), function)


def _halves(builder: Any, lanes: Any) -> list[Any]:
    return [_shuffled(builder, lanes, lanes, first, 1, _N_HALF) for first in (0, _N_HALF)]


def _shuffled(
    builder: Any, one: Any, other: Any, first: int, step: int, number: int | None = None
) -> Any:
    """Return so many of the entries of one and then the other vector; all, if that isn't said."""
    number = 2 * one.type.count if number is None else number
    places = ir.Constant(ir.VectorType(_INT, number), [first + step * k for k in range(number)])
    return builder.shuffle_vector(one, other, places)
