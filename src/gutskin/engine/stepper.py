"""One step of the method for all lanes at once, as vector LLVM IR around the functions of a kernel.

Functions made, all on arrays of vectors (``S`` states and tallies, of which the first ``B`` are states):

- ``guess(y, q, work, limits, h)``: a first step to try [h]
- ``step(y, q, inverse, work, limits, next, verdict)``: one step of length ``1 / inverse``; ``verdict`` gets
  the size of the error relative to the tolerance, the factor for the next step, and the smallest distance of
  a state from falling through its floor
- ``between(y, next, work, share, limits, out)``: states at a share of the step, as they are shown
- ``show(y, limits, out)``: states as they are shown: 0 where they are small
- ``keep(y, next, mask)``: take over the new states where the mask is not 0

``limits`` are plain numbers: the relative tolerance, then ``B`` absolute tolerances, ``B`` floors, and ``B``
sizes below which a state is shown as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gutskin.engine.methods import rodas5p
from gutskin.vectors import Lines, every

SAFETY, SHRINK, GROW = 0.9, 0.2, 6.0
LARGE = 1e300


@dataclass(frozen=True)
class Shape:
    """Lengths of the arrays of a kernel, and where each part of ``work`` begins, in vectors."""

    states: int
    body: int
    entries: int
    factors: int

    @property
    def jacobian(self) -> int:
        """Entries of the Jacobian; behind the rates at the beginning of the step."""
        return self.states

    @property
    def lu(self) -> int:
        """Factors."""
        return self.jacobian + self.entries

    @property
    def side(self) -> int:
        """Right-hand side of a stage."""
        return self.lu + self.factors

    @property
    def sums(self) -> int:
        """Weighted stages that join the right-hand side, over the step."""
        return self.side + self.states

    def stage(self, i: int) -> int:
        """Return where stage ``i`` (from 0) begins."""
        return self.sums + (1 + i) * self.states

    @property
    def shift(self) -> int:
        """Return where ``1 / (h GAMMA)`` is."""
        return self.stage(rodas5p.STAGES)

    @property
    def work(self) -> int:
        """Length of ``work``."""
        return self.shift + 1


class _Code(Lines):
    """Lines of a function that loops over states."""

    def __init__(self) -> None:
        super().__init__()
        self.loops = 0

    def at(self, place: int) -> str:
        """Return the address of a part of ``work``."""
        return self.make(f"getelementptr %v, ptr %work, i64 {place}")

    def spread(self, base: str, index: int | str) -> str:
        """Return a plain number of an array in every lane."""
        place = self.make(f"getelementptr double, ptr {base}, i64 {index}")
        number = self.make(f"load double, ptr {place}, align 8")
        single = self.make(f"insertelement %v poison, double {number}, i64 0")
        return self.make(f"shufflevector %v {single}, %v poison, <LANES x i32> zeroinitializer")

    def loop(
        self, count: int, start: Sequence[str], body: Callable[[str, list[str]], Sequence[str]]
    ) -> list[str]:
        """Write ``for i in range(count)``; ``body(i, carried)`` returns what is carried on, as does this."""
        self.loops += 1
        k = self.loops
        before, carried = len(self.text), [f"%c{k}_{n}" for n in range(len(start))]
        following = body(f"%i{k}", carried)
        inside, self.text = self.text[before:], self.text[:before]
        self.text.append(f" br label %before{k}\nbefore{k}:\n br label %loop{k}\nloop{k}:")
        self.text.append(f" %i{k} = phi i64 [0, %before{k}], [%n{k}, %loop{k}]")
        for name, first, then in zip(carried, start, following, strict=True):
            self.text.append(f" {name} = phi %v [{first}, %before{k}], [{then}, %loop{k}]")
        self.text += inside
        self.text.append(f" %n{k} = add i64 %i{k}, 1\n %go{k} = icmp ult i64 %n{k}, {count}")
        self.text.append(f" br i1 %go{k}, label %loop{k}, label %done{k}\ndone{k}:")
        return list(following)

    def size(self, a: str) -> str:
        return self.make(f"call %v @llvm.fabs.vLANESf64(%v {a})")

    def larger(self, a: str, b: str) -> str:
        return self.make(f"select %b {self.make(f'fcmp ogt %v {a}, {b}')}, %v {a}, %v {b}")

    def smaller(self, a: str, b: str) -> str:
        return self.make(f"select %b {self.make(f'fcmp olt %v {a}, {b}')}, %v {a}, %v {b}")

    def run(self, name: str, *pointers: str) -> None:
        self.text.append(f" call void @{name}({', '.join(f'ptr {each}' for each in pointers)})")

    def weighted(self, weights: Sequence[float], values: Sequence[str], out: str | None) -> str:
        """Return ``out`` + the sum of weights times values."""
        for weight, value in zip(weights, values, strict=True):
            if out is None:
                out = self.binary("fmul", value, every(weight))
            else:
                out = self.fma(value, every(weight), out)
        return out or every(0.0)

    def tolerance(self, i: str, y: str) -> str:
        """Return absolute plus relative tolerance of state ``i`` at size ``y``."""
        place = self.make(f"add i64 {i}, 1")
        return self.fma(self.spread("%limits", 0), y, self.spread("%limits", place))

    def function(self, name: str, arguments: str) -> str:
        inside = ", ".join(f"ptr noalias %{each}" for each in arguments.split())
        return "\n".join(
            [f"define internal void @{name}({inside}) noinline nounwind {{", *self.text, " ret void", "}", ""]
        )


def _stage(code: _Code, shape: Shape, i: int, stages: list[str]) -> None:
    """Write stage ``i`` > 0: its argument goes to ``next``, its solution to its place in ``work``.

    One pass over the stages before makes both sums: what the processor waits for here is memory.
    """
    side, sums = code.at(shape.side), code.at(shape.sums)
    a, c = rodas5p.A[i], rodas5p.C[i]
    onward = rodas5p.A[i - 1] == a[: i - 1] and a[-1] == 1.0  # the argument before plus the stage before

    def mix(k: str, _: list[str]) -> list[str]:
        values = [code.load(stage, k) for stage in stages[:i]]
        if onward:
            argument = code.binary("fadd", code.load("%next", k), values[-1])
        else:
            argument = code.weighted(a, values, code.load("%y", k))
        code.store("%next", k, argument)
        code.store(sums, k, code.weighted(c, values, None))
        return []

    code.loop(shape.states, [], mix)
    code.run("rates", "%next", "%q", side)
    code.run("substitute", code.at(shape.lu), side, sums, "%inverse", stages[i])


def _verdict(code: _Code, shape: Shape, last: str) -> None:
    """Add the last stage to the new state and judge it."""

    def judge(k: str, carried: list[str]) -> list[str]:
        old, error = code.load("%y", k), code.load(last, k)
        new = code.binary("fadd", code.load("%next", k), error)
        code.store("%next", k, new)
        scale = code.tolerance(k, code.larger(code.size(old), code.size(new)))
        share = code.binary("fdiv", error, scale)
        floor = code.spread("%limits", code.make(f"add i64 {k}, {1 + shape.body}"))
        low = code.smaller(code.binary("fadd", new, floor), carried[1])
        return [code.fma(share, share, carried[0]), low]

    def finish(k: str, _: list[str]) -> list[str]:
        place = code.make(f"add i64 {k}, {shape.body}")
        code.store("%next", place, code.binary("fadd", code.load("%next", place), code.load(last, place)))
        return []

    total, low = code.loop(shape.body, [every(0.0), every(LARGE)], judge)
    if shape.states > shape.body:
        code.loop(shape.states - shape.body, [], finish)
    mean = code.binary("fmul", total, every(1.0 / shape.body))
    factor = code.call("power", mean, every(-0.5 / rodas5p.ORDER))
    factor = code.clamp("ult", code.binary("fmul", factor, every(SAFETY)), GROW)
    for index, value in enumerate((mean, code.clamp("ugt", factor, SHRINK), low)):
        code.store("%verdict", index, value)


def _step(shape: Shape) -> str:
    code = _Code()
    inverse = code.load("%inverse", 0)
    shift = code.at(shape.shift)
    code.store(shift, 0, code.binary("fmul", inverse, every(1.0 / rodas5p.GAMMA)))
    stages = [code.at(shape.stage(i)) for i in range(rodas5p.STAGES)]
    jacobian, factors = code.at(shape.jacobian), code.at(shape.lu)
    code.run("slopes", "%y", "%q", "%work", jacobian)
    code.run("factor", jacobian, shift, factors)
    sums = code.at(shape.sums)

    def clear(k: str, _: list[str]) -> list[str]:
        code.store(sums, k, every(0.0))
        return []

    code.loop(shape.states, [], clear)
    code.run("substitute", factors, "%work", sums, "%inverse", stages[0])
    for i in range(1, rodas5p.STAGES):
        _stage(code, shape, i, stages)
    _verdict(code, shape, stages[-1])
    return code.function("step", "y q inverse work limits next verdict")


def _between(shape: Shape) -> str:
    code = _Code()
    share = code.load("%share", 0)
    left = code.binary("fsub", every(1.0), share)
    stages = [code.at(shape.stage(i)) for i in range(rodas5p.STAGES)]

    def blend(k: str, _: list[str]) -> list[str]:
        values = [code.load(stage, k) for stage in stages]
        first, second, third = (code.weighted(row, values, None) for row in rodas5p.DENSE)
        bend = code.fma(share, code.fma(share, third, second), first)
        new = code.fma(left, bend, code.load("%next", k))
        old = code.binary("fmul", left, code.load("%y", k))
        code.store("%out", k, code.fma(share, new, old))
        return []

    code.loop(shape.states, [], blend)
    _hide(code, shape, "%out")
    return code.function("between", "y next work share limits out")


def _hide(code: _Code, shape: Shape, source: str) -> None:
    """Write states from ``source`` to ``out``, 0 where they are small."""

    def hide(k: str, _: list[str]) -> list[str]:
        state, floor = (
            code.load(source, k),
            code.spread("%limits", code.make(f"add i64 {k}, {1 + 2 * shape.body}")),
        )
        below = code.make(f"fcmp olt %v {code.size(state)}, {floor}")
        code.store("%out", k, code.make(f"select %b {below}, %v {every(0.0)}, %v {state}"))
        return []

    code.loop(shape.body, [], hide)


def _show(shape: Shape) -> str:
    code = _Code()

    def copy(k: str, _: list[str]) -> list[str]:
        code.store("%out", k, code.load("%y", k))
        return []

    code.loop(shape.states, [], copy)
    _hide(code, shape, "%y")
    return code.function("show", "y limits out")


def _keep(shape: Shape) -> str:
    code = _Code()
    chosen = code.make(f"fcmp une %v {code.load('%mask', 0)}, {every(0.0)}")

    def choose(k: str, _: list[str]) -> list[str]:
        old, new = code.load("%y", k), code.load("%next", k)
        code.store("%y", k, code.make(f"select %b {chosen}, %v {new}, %v {old}"))
        return []

    code.loop(shape.states, [], choose)
    return code.function("keep", "y next mask")


def _guess(shape: Shape) -> str:
    """A hundredth of the time in which the states, measured in tolerances, would double.

    Infinite or undefined when nothing moves. It knows sizes as shares of tolerances only, so it is the same
    in any units.
    """
    code = _Code()
    code.run("rates", "%y", "%q", "%work")

    def sizes(k: str, carried: list[str]) -> list[str]:
        state, rate = code.load("%y", k), code.load("%work", k)
        scale = code.tolerance(k, code.size(state))
        a, b = code.binary("fdiv", state, scale), code.binary("fdiv", rate, scale)
        return [code.fma(a, a, carried[0]), code.fma(b, b, carried[1])]

    state, rate = code.loop(shape.body, [every(1e-6), every(0.0)], sizes)
    ratio = code.make(f"call %v @llvm.sqrt.vLANESf64(%v {code.binary('fdiv', state, rate)})")
    code.store("%h", 0, code.binary("fmul", ratio, every(0.01)))
    return code.function("guess", "y q work limits h")


def functions(shape: Shape) -> str:
    """Return the IR of all functions of this module."""
    return _step(shape) + _between(shape) + _show(shape) + _keep(shape) + _guess(shape)
