"""A stage as a function that Numba compiles: addresses of a lane's cells, runs and tables, then the stage's lines."""

from typing import Any

from numba import types
from numba.extending import intrinsic

from sim.engine.compiled.codegen import BUFFERS, WHOLE, Emitter


def stage(text: str, lanes: int, cell_rows: int, run_rows: int, shared_rows: int) -> Any:
    """Make the function that runs one stage for one lane of a block (and one partner, k)."""

    @intrinsic
    def run_stage(
        context: Any, cells: Any, runs: Any, shared: Any, keys: Any, table: Any, measured: Any,
        block: Any, n_blocks: Any, n_partners: Any, month: Any, done: Any, n_months: Any, k: Any, lane: Any,
    ) -> Any:  # fmt: skip
        def emit(context: Any, b: Any, signature: Any, args: Any) -> Any:
            arrays = [
                context.make_array(kind)(context, b, a) for kind, a in zip(signature.args, args[:6], strict=False)
            ]
            block, n_blocks, n_partners, month, done, n_months, k, lane = args[6:]

            def at(number: Any, rows: int) -> Any:
                return b.add(b.mul(number, WHOLE(rows)), lane)

            first = at(b.mul(block, n_partners), cell_rows)
            places = {"lane": lane, "k": k, "month": month, "slots": n_partners, "first": first,
                      "key": at(block, lanes),
                      "cell": b.add(first, b.mul(k, WHOLE(cell_rows))), "run": at(block, run_rows),
                      "share": at(k, shared_rows), "measured": at(b.add(b.mul(done, n_blocks), block), lanes),
                      "n_measured": b.mul(b.mul(n_months, n_blocks), WHOLE(lanes))}  # fmt: skip
            buffers = dict(zip(BUFFERS, (a.data for a in arrays), strict=True))
            Emitter(b, buffers, places).emit(text)
            return context.get_dummy_value()

        numbers = [types.intp] * 8
        return types.void(cells, runs, shared, keys, table, measured, *numbers), emit

    return run_stage
