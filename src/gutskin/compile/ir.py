"""Graph and factor pattern to vector LLVM IR: one person a lane, no branches, no calls but exp, ln and power.

The functions made, all on arrays of vectors with 64-byte alignment:

- ``prepare(p, q)``: what is computed from constants once a person
- ``rates(y, q, f)``: dy/dt
- ``slopes(y, q, f, j)``: dy/dt and the entries of its Jacobian together, which share most of their work
- ``factor(j, shift, a)``: factors of ``shift * I - J``, diagonal inverted
- ``substitute(a, f, c, s, x)``: solves with the factors and ``f + c * s`` on the right
- ``observe(y, q, d)``: derived quantities

``LANES`` stands for the number of lanes and is filled in when a machine is chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gutskin.compile.graph import CONDITIONS, Graph
from gutskin.compile.sparse import Pattern, factor_pattern
from gutskin.compile.vectormath import definitions
from gutskin.kernel import Lanes
from gutskin.vectors import Lines, every

BLOCK = 500  # instructions of a basic block; time to compile grows with its square
LEAVES = ("c", "x", "p")
_SIGNS = {"add": "fadd", "sub": "fsub", "mul": "fmul"}
_TESTS = {"lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge"}


class _Expressions:
    """Writes the nodes that some roots need, products that feed one sum fused into it."""

    def __init__(self, graph: Graph, hoisted: Mapping[int, int], said: _Body) -> None:
        self.graph, self.hoisted, self.said = graph, hoisted, said
        self.names: dict[int, str] = {}

    def parts(self, i: int) -> list[int]:
        """Return the arguments of a node as it is written here."""
        op, *raw = self.graph.nodes[i]
        return [] if i in self.hoisted or op in LEAVES else [int(part) for part in raw]  # type: ignore[call-overload]

    def store(self, array: str, roots: Sequence[int]) -> None:
        """Write the roots, each stored as soon as it is known, so that few values are alive at once."""
        uses = self.uses(roots)
        for k, root in enumerate(roots):
            self.write(root, uses)
            self.said.store(array, k, self.names[root])

    def uses(self, roots: Sequence[int]) -> Counter[int]:
        """Return how often each node is used by the roots, or as one."""
        uses = Counter(roots)
        seen, todo = set(roots), list(dict.fromkeys(roots))
        while todo:
            for part in self.parts(todo.pop()):
                uses[part] += 1
                if part not in seen:
                    seen.add(part)
                    todo.append(part)
        return uses

    def write(self, root: int, uses: Mapping[int, int]) -> None:
        """Write what a root needs, depth first: what belongs together stays close, and in registers."""
        stack = [(root, False)]
        while stack:
            i, ready = stack.pop()
            if i in self.names:
                continue
            fused = self.fused(i, uses)
            parts = fused[1] if fused else self.parts(i)
            if ready:
                self.names[i] = self.one(i, fused)
                self.said.breathe()
            else:
                stack.append((i, True))
                stack.extend((part, False) for part in reversed(parts) if part not in self.names)

    def fused(self, i: int, uses: Mapping[int, int]) -> tuple[str, list[int]] | None:
        """Return (sign, [a, b, c]) when node ``i`` adds or subtracts a product a*b that is used only here."""
        op, *raw = self.graph.nodes[i]
        if i in self.hoisted or op not in ("add", "sub"):
            return None
        left, right = int(raw[0]), int(raw[1])  # type: ignore[call-overload]
        for product, other, sign in (
            (right, left, "+" if op == "add" else "c-"),
            (left, right, "+" if op == "add" else "-c"),
        ):
            if uses[product] == 1 and product not in self.hoisted and self.graph.nodes[product][0] == "mul":
                return sign, [*self.parts(product), other]
        return None

    def one(self, i: int, fused: tuple[str, list[int]] | None) -> str:
        said = self.said
        op, *raw = self.graph.nodes[i]
        if i in self.hoisted:
            return said.load("%q", self.hoisted[i])
        if fused:
            a, b, c = (self.names[part] for part in fused[1])
            if fused[0] == "-c":
                return said.fma(a, b, said.negative(c))
            return said.fma(said.negative(a) if fused[0] == "c-" else a, b, c)
        if op == "c":
            return every(float(raw[0]))  # type: ignore[arg-type]
        if op in ("x", "p"):
            return said.load("%y" if op == "x" else "%p", int(raw[0]))  # type: ignore[call-overload]
        return self.operation(str(op), [self.names[part] for part in self.parts(i)])

    def operation(self, op: str, args: list[str]) -> str:
        said = self.said
        if op in _SIGNS:
            return said.binary(_SIGNS[op], *args)
        if op == "neg":
            return said.negative(args[0])
        if op == "inv":
            return said.binary("fdiv", every(1.0), args[0])
        if op == "abs":
            return said.make(f"call %v @llvm.fabs.vLANESf64(%v {args[0]})")
        if op == "if":
            return said.make(f"select %b {args[0]}, %v {args[1]}, %v {args[2]}")
        if op in CONDITIONS:
            kind = f"fcmp {_TESTS[op]} %v" if op in _TESTS else f"{op} %b"
            return said.make(f"{kind} {args[0]}, {args[1]}")
        return said.call({"pow": "power"}.get(op, op), *args)


class _Body(Lines):
    """Lines of a long function, cut into basic blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = self.last = 0

    def breathe(self) -> None:
        """Begin a new block when this one is long."""
        if self.count - self.last > BLOCK:
            self.blocks, self.last = self.blocks + 1, self.count
            self.text.append(f" br label %more{self.blocks}\nmore{self.blocks}:")

    def function(self, name: str, arguments: str) -> str:
        """Return the text of the whole function."""
        inside = ", ".join(f"ptr noalias %{each}" for each in arguments.split())
        head = f"define internal void @{name}({inside}) noinline nounwind {{"
        return "\n".join([head, *self.text, " ret void", "}", ""])


def _evaluate(
    graph: Graph, name: str, arguments: str, hoisted: Mapping[int, int], outputs: Mapping[str, Sequence[int]]
) -> str:
    """Return a function that stores the roots of every output array."""
    body = _Body()
    inside = _Expressions(graph, hoisted, body)
    for array, roots in outputs.items():
        inside.store(array, roots)
    return body.function(name, arguments)


def _factor(pattern: Pattern, entries: Mapping[tuple[int, int], int]) -> str:
    """Return row-wise elimination of ``shift * I - J`` with what is zero left out."""
    body = _Body()
    shift, place = body.load("%shift", 0), pattern.place
    for i, columns in enumerate(pattern.rows):
        row: dict[int, str] = {}
        for j in columns:
            known = entries.get((pattern.order[i], pattern.order[j]))
            slope = None if known is None else body.load("%j", known)
            if i == j:
                row[j] = shift if slope is None else body.binary("fsub", shift, slope)
            else:
                row[j] = every(0.0) if slope is None else body.negative(slope)
        for k in (k for k in columns if k < i):
            row[k] = body.binary("fmul", row[k], body.load("%a", place[k, k]))
            minus = body.negative(row[k])
            for j in (j for j in pattern.rows[k] if j > k):
                row[j] = body.fma(minus, body.load("%a", place[k, j]), row[j])
            body.breathe()
        row[i] = body.binary("fdiv", every(1.0), row[i])
        for j in columns:
            body.store("%a", place[i, j], row[j])
        body.breathe()
    return body.function("factor", "j shift a")


def _substitute(pattern: Pattern) -> str:
    """Return forward and backward substitution with the factors."""
    body = _Body()
    value: dict[int, str] = {}
    scale = body.load("%s", 0)
    for i, columns in enumerate(pattern.rows):
        state = pattern.order[i]
        value[i] = body.fma(body.load("%c", state), scale, body.load("%f", state))
        for j in (j for j in columns if j < i):
            value[i] = body.fma(body.negative(body.load("%a", pattern.place[i, j])), value[j], value[i])
        body.breathe()
    for i, columns in reversed(list(enumerate(pattern.rows))):
        for j in (j for j in reversed(columns) if j > i):  # what is known first, first
            value[i] = body.fma(body.negative(body.load("%a", pattern.place[i, j])), value[j], value[i])
        value[i] = body.binary("fmul", value[i], body.load("%a", pattern.place[i, i]))
        body.store("%x", pattern.order[i], value[i])
        body.breathe()
    return body.function("substitute", "a f c s x")


def lanes(
    graph: Graph,
    rates: Sequence[int],
    entries: Sequence[tuple[int, int, int]],
    derived: Sequence[int],
    hoisted: Mapping[int, int],
) -> Lanes:
    """Return the vector code of a kernel.

    Parameters
    ----------
    graph
        All expressions.
    rates
        Node of dy/dt of every state and tally.
    entries
        (row, column, node) of the Jacobian.
    derived
        Nodes of derived quantities.
    hoisted
        Nodes computed once a person, and their places.
    """
    pattern = factor_pattern(len(rates), [(i, j) for i, j, _ in entries])
    numbered = {(i, j): k for k, (i, j, _) in enumerate(entries)}
    slopes = {"%f": rates, "%j": [node for _, _, node in entries]}
    text = [
        definitions(),
        _evaluate(graph, "prepare", "p q", {}, {"%q": list(hoisted)}),
        _evaluate(graph, "rates", "y q f", hoisted, {"%f": rates}),
        _evaluate(graph, "slopes", "y q f j", hoisted, slopes),
        _factor(pattern, numbered),
        _substitute(pattern),
        _evaluate(graph, "observe", "y q d", hoisted, {"%d": derived}),
    ]
    return Lanes("".join(text), len(hoisted), len(entries), pattern.entries)
