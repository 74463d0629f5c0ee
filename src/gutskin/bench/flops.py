"""Floating-point operations: how many a step takes, and how many the processor can do at best."""

from __future__ import annotations

import ctypes
import re
import time

from gutskin.bench.machine import compiled
from gutskin.kernel import Kernel
from gutskin.vectors import HEADER, every

COST = {"fadd": 1, "fsub": 1, "fmul": 1, "fdiv": 1}
FUSED = 2
CHAINS = 12  # independent sums: enough to keep the units for fused products busy, few enough for registers
TURNS = 4_000_000
TRIES = 3

_OPERATION = re.compile(rf"= ({'|'.join(COST)}) ")
_CALL = re.compile(r"call \S+ @([\w.]+)\(")
_FUNCTION = re.compile(r"^define [^@]*@(\w+)\(.*?^}", re.M | re.S)
_LOOP = re.compile(r"%go(\d+) = icmp ult i64 %n\1, (\d+)")


def count(text: str, name: str) -> int:
    """Return the floating-point operations of one lane in one call of a function of vector IR.

    Additions, subtractions, products and quotients count 1, fused products 2, calls what they call, and the
    body of a loop as often as it runs. Comparisons, selections, signs and moves count nothing.

    Parameters
    ----------
    text
        IR as the kernel and its stepper are written.
    name
        A function in it.
    """
    bodies = {found.group(1): found.group(0) for found in _FUNCTION.finditer(text)}
    known: dict[str, int] = {}

    def of(function: str) -> int:
        if function.startswith("llvm."):
            return FUSED if function.startswith("llvm.fma.") else 0
        if function not in known:
            known[function] = body(bodies[function])
        return known[function]

    def body(lines: str) -> int:
        turns = {f"loop{k}:": int(most) for k, most in _LOOP.findall(lines)}
        total, times = 0, [1]
        for line in lines.splitlines():
            if line in turns:
                times.append(times[-1] * turns[line])
            elif line.startswith("done") and line.endswith(":"):
                times.pop()
            elif found := _OPERATION.search(line):
                total += times[-1] * COST[found.group(1)]
            elif found := _CALL.search(line):
                total += times[-1] * of(found.group(1))
        return total

    return of(name)


def per_step(kernel: Kernel) -> int:
    """Return the floating-point operations of one step of one person."""
    from gutskin.engine import jit, stepper

    return count(kernel.lanes.text + stepper.functions(jit.shape(kernel)), "step")


def peak(width: int) -> float:
    """Measure operations a second of one core: fused products of vectors and nothing else.

    Parameters
    ----------
    width
        Number of lanes.
    """
    code = compiled(_loop().replace("LANES", str(width)))
    run = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)(code.get_function_address("turn"))
    room = (ctypes.c_double * (width * CHAINS))()
    best = float("inf")
    for _ in range(TRIES):
        begin = time.process_time()
        run(TURNS, ctypes.addressof(room))
        best = min(best, time.process_time() - begin)
    return TURNS * CHAINS * FUSED * width / best


def _loop() -> str:
    chains = range(CHAINS)
    lines = ["define void @turn(i64 %turns, ptr %out) {", " br label %again", "again:"]
    lines.append(" %i = phi i64 [0, %0], [%next, %again]")
    lines += [f" %a{k} = phi %v [{every(1.0 + k)}, %0], [%b{k}, %again]" for k in chains]
    lines += [
        f" %b{k} = call %v @llvm.fma.vLANESf64(%v %a{k}, %v {every(0.5)}, %v {every(0.25)})" for k in chains
    ]
    lines += [" %next = add i64 %i, 1", " %more = icmp ult i64 %next, %turns"]
    lines += [" br i1 %more, label %again, label %end", "end:"]
    for k in chains:  # so that nothing is for nothing
        lines.append(f" %p{k} = getelementptr %v, ptr %out, i64 {k}")
        lines.append(f" store %v %b{k}, ptr %p{k}, align 8")
    return HEADER + "\n".join([*lines, " ret void", "}", ""])
