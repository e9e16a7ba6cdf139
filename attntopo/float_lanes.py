"""Vectors of 16 float64, compiled; imported only where numba runs.

They stay in the processor's registers through a whole loop. A loop over an array's entries is
compiled to vectors too, but reads and writes its sums at each step.
"""

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing import signature
from numba.core.typing.templates import ConcreteTemplate, infer_global
from numba.extending import intrinsic, lower_builtin, models, register_model

N_LANES = 16
WORDS = ir.VectorType(ir.DoubleType(), N_LANES)
_FUSED = ("contract",)
"""A multiplication and an addition may be one instruction, rounded once; nothing else may."""


class _Lanes(types.Type):
    def __init__(self) -> None:
        super().__init__("float64 lanes")


LANES = _Lanes()


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, WORDS)


@intrinsic
def lanes_at(_context: Any, array: Any, _place: Any) -> Any:
    """Return the entries array[place : place + 16] of a float64 array of one dimension."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.load(_address(context, builder, array, *values), align=8)

    return LANES(array, types.intp), generate


@intrinsic
def write_lanes(_context: Any, _lanes: Any, array: Any, _place: Any) -> Any:
    """Write lanes to array[place : place + 16]."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        builder.store(values[0], _address(context, builder, array, *values[1:]), align=8)
        return context.get_dummy_value()

    return types.void(LANES, array, types.intp), generate


@intrinsic
def in_all_lanes(_context: Any, _number: Any) -> Any:
    """Return a float in every lane."""

    def generate(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return _repeated(builder, values[0])

    return LANES(types.float64), generate


@intrinsic
def one_in_all_lanes(_context: Any, array: Any, _place: Any) -> Any:
    """Return array[place] of a float64 array of one dimension in every lane."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        data = context.make_array(array)(context, builder, value=values[0]).data
        return _repeated(builder, builder.load(cgutils.gep(builder, data, values[1])))

    return LANES(array, types.intp), generate


@intrinsic
def where_below(_context: Any, _lanes: Any, _bound: Any, _then: Any, _otherwise: Any) -> Any:
    """Return lanes of `then` where the first ones are below a float, of `otherwise` elsewhere."""

    def generate(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
        lanes, bound, then, otherwise = values
        below = builder.fcmp_ordered("<", lanes, _repeated(builder, bound))
        return builder.select(below, then, otherwise)

    return LANES(LANES, types.float64, LANES, LANES), generate


@intrinsic
def sum_of_lanes(_context: Any, _lanes: Any) -> Any:
    """Return the sum of the lanes, added one after the other."""

    def generate(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
        places = [ir.Constant(ir.IntType(32), k) for k in range(N_LANES)]
        total, *rest = (builder.extract_element(values[0], place) for place in places)
        for number in rest:
            total = builder.fadd(total, number)
        return total

    return types.float64(LANES), generate


@intrinsic
def polynomial(_context: Any, _lanes: Any, coefficients: Any) -> Any:
    """Return a polynomial of the lanes by Horner's rule: the highest power's coefficient first."""

    def generate(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
        w, parts = values
        total = _repeated(builder, builder.extract_value(parts, 0))
        for k in range(1, len(coefficients)):
            coefficient = _repeated(builder, builder.extract_value(parts, k))
            total = builder.fmul(total, w, flags=_FUSED)
            total = builder.fadd(total, coefficient, flags=_FUSED)
        return total

    return LANES(LANES, coefficients), generate


def _repeated(builder: Any, number: Any) -> Any:
    nothing = ir.Constant(WORDS, ir.Undefined)
    places = ir.VectorType(ir.IntType(32), N_LANES)
    first = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, nothing, ir.Constant(places, [0] * N_LANES))


def _address(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    data = context.make_array(kind)(context, builder, value=array).data
    return builder.bitcast(cgutils.gep(builder, data, place), WORDS.as_pointer())


def _let_lanes(symbol: Any, instruction: str) -> None:
    """Let two vectors be combined by an operator, lane by lane."""

    class Template(ConcreteTemplate):
        cases = (signature(LANES, LANES, LANES),)

    def generate(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return getattr(builder, instruction)(*values, flags=_FUSED)

    infer_global(symbol)(Template)
    lower_builtin(symbol, LANES, LANES)(generate)


_let_lanes(operator.add, "fadd")
_let_lanes(operator.sub, "fsub")
_let_lanes(operator.mul, "fmul")
_let_lanes(operator.truediv, "fdiv")
