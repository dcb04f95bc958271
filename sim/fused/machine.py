"""What the written loops are made of: reading and writing rows, draws, an exponential that the machine can batch.

Rows of partners, of runs and the tables never overlap; saying so to the compiler lets it work on several runs at once.
"""

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from sim import noise

fused = njit(error_model="numpy", fastmath={"contract"}, forceinline=True)
mix = fused(noise.mix)

ROOMS = ("cells", "runs", "shared", "keys", "tables", "kept")


def _name_room(module: Any, instruction: Any, room: str) -> None:
    """Note that this access meets its own room alone."""
    domain = module.add_metadata([ir.MetaDataString(module, "rooms")])
    scopes = {name: module.add_metadata([ir.MetaDataString(module, name), domain]) for name in ROOMS}
    instruction.set_metadata("alias.scope", module.add_metadata([scopes[room]]))
    instruction.set_metadata("noalias", module.add_metadata([scopes[n] for n in ROOMS if n != room]))


def reader(room: str) -> Any:
    """Make the function that reads a place of a room, unchecked."""

    @intrinsic
    def read(context: Any, array: Any, place: Any, row: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, args[0]).data
            value = builder.load(builder.gep(data, [builder.add(args[1], args[2])], inbounds=True))
            _name_room(builder.module, value, room)
            return value

        return array.dtype(array, types.intp, types.intp), emit

    return read


def writer(room: str) -> Any:
    """Make the function that writes a place of a room, unchecked."""

    @intrinsic
    def write(context: Any, array: Any, place: Any, row: Any, value: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, args[0]).data
            stored = builder.store(args[3], builder.gep(data, [builder.add(args[1], args[2])], inbounds=True))
            _name_room(builder.module, stored, room)
            return context.get_dummy_value()

        return types.void(array, types.intp, types.intp, array.dtype), emit

    return write


cell, run, gathered, key, table = (reader(room) for room in ("cells", "runs", "shared", "keys", "tables"))
set_cell, set_run, share, keep = (writer(room) for room in ("cells", "runs", "shared", "kept"))


@intrinsic
def _from_bits(context: Any, bits: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], cgutils.ir.DoubleType())

    return types.float64(types.int64), emit


@intrinsic
def choose(context: Any, truth: Any, one: Any, other: Any) -> Any:
    """Take one number where something holds, else the other: without a branch."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.select(args[0], args[1], args[2])

    return types.float64(types.boolean, types.float64, types.float64), emit


@intrinsic
def flag(context: Any, truth: Any) -> Any:
    """Turn a truth value into 0.0 or 1.0."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.uitofp(args[0], cgutils.ir.DoubleType())

    return types.float64(types.boolean), emit


def chooser(comparison: str) -> Any:
    """Make the function that takes the smaller (or larger) of two numbers, without a branch."""

    @intrinsic
    def take(context: Any, one: Any, other: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.select(builder.fcmp_ordered(comparison, args[0], args[1]), args[0], args[1])

        return types.float64(types.float64, types.float64), emit

    return take


lesser, larger = chooser("<"), chooser(">")


@fused
def exp(x):
    """Give e to the x, to about one unit in the last place: 2^n e^r with |r| < 0.35, and a series for e^r."""
    x = lesser(larger(x, -708.0), 709.0)
    shifted = x * 1.4426950408889634 + 6755399441055744.0
    whole = shifted - 6755399441055744.0
    r = (x - whole * 0.6931471803691238) - whole * 1.9082149292705877e-10
    series = 1.6059043836821613e-10
    series = series * r + 2.08767569878681e-09
    series = series * r + 2.505210838544172e-08
    series = series * r + 2.755731922398589e-07
    series = series * r + 2.7557319223985893e-06
    series = series * r + 2.48015873015873e-05
    series = series * r + 1.984126984126984e-04
    series = series * r + 1.3888888888888889e-03
    series = series * r + 8.333333333333333e-03
    series = series * r + 4.1666666666666664e-02
    series = series * r + 1.6666666666666666e-01
    series = series * r + 0.5
    return (series * r * r + r + 1.0) * _from_bits((types.int64(whole) + 1023) << 52)
