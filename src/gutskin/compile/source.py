"""Network to kernel: readable Python source and vector code of rates, Jacobian and derived quantities."""

from __future__ import annotations

from collections.abc import Sequence

from gutskin.compile import events, formulas
from gutskin.compile.check import imbalance
from gutskin.compile.derivatives import Gradients
from gutskin.compile.graph import Graph
from gutskin.compile.ir import lanes
from gutskin.kernel import Happening, Kernel
from gutskin.network import Event, Network

TALLIED = ("C", "N", "S")

_SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "and": "&",
    "or": "|",
}


class _Printer:
    """Prints nodes as one assignment a line; nodes that are written as they stand have no line."""

    def __init__(self, graph: Graph, hoisted: dict[int, int]) -> None:
        self.graph, self.hoisted = graph, hoisted

    def term(self, i: int) -> str:
        op, *parts = self.graph.nodes[i]
        if i in self.hoisted:
            return f"q{self.hoisted[i]}"
        if op == "c":
            return repr(parts[0])
        return f"{op}{parts[0]}" if op in ("x", "p") else f"t{i}"

    def expression(self, i: int) -> str:
        op, *raw = self.graph.nodes[i]
        parts = [self.term(int(part)) for part in raw]  # type: ignore[call-overload]
        if op in _SIGNS:
            return f"({parts[0]} {_SIGNS[str(op)]} {parts[1]})"
        if op == "neg":
            return f"-{parts[0]}"
        if op == "inv":
            return f"1.0 / {parts[0]}"
        name = {"pow": "power", "if": "select"}.get(str(op), str(op))
        return f"{name}({', '.join(parts)})"

    def lines(self, roots: Sequence[int]) -> list[str]:
        leaves = ("c", "x", "p")
        needed = self._needed(roots)
        return [f"    t{i} = {self.expression(i)}" for i in needed if self.graph.nodes[i][0] not in leaves]

    def _needed(self, roots: Sequence[int]) -> list[int]:
        seen: set[int] = set()
        todo = [i for i in roots if i not in self.hoisted]
        while todo:
            i = todo.pop()
            if i in seen:
                continue
            seen.add(i)
            node = self.graph.nodes[i]
            if node[0] not in ("c", "x", "p"):
                todo.extend(int(part) for part in node[1:] if int(part) not in self.hoisted)  # type: ignore[call-overload]
        return sorted(seen)


def _unpack(letter: str, count: int, name: str) -> list[str]:
    return [f"    ({', '.join(f'{letter}{i}' for i in range(count))},) = {name}"] if count else []


class _Builder:
    """Builds the graph of a network and the source of its kernel; one use."""

    def __init__(self, network: Network) -> None:
        self.network, self.graph = network, Graph()
        self.index = {name: i for i, name in enumerate(network.states)}
        self.constant = {each.name: k for k, each in enumerate(network.constants)}
        self.assigned: dict[str, int] = {}
        for name, formula in network.assignments:
            self.assigned[name] = self.graph.build(formula, self.symbol)

    def symbol(self, name: str) -> int:
        if name in self.index:
            return self.graph.make("x", self.index[name])
        if name in self.constant:
            return self.graph.make("p", self.constant[name])
        if name in self.assigned:
            return self.assigned[name]
        raise KeyError(f"{name} has no value inside formulas (a boundary species?)")

    def derivatives(self) -> tuple[list[int], tuple[str, ...]]:
        """Return the node of dy/dt of every state and tally, and the tallied elements."""
        graph, zero = self.graph, self.graph.number(0.0)
        out = dict.fromkeys(self.index, zero)
        crossing = imbalance(self.network, states_only=True)
        brought = set().union(*(self._holds(name) for e in self.network.events for name, _ in e.assignments))
        tallies = tuple(e for e in TALLIED if e in brought or any(e in net for net in crossing.values()))
        tally = dict.fromkeys(tallies, zero)
        for reaction in self.network.reactions:
            rate = graph.build(reaction.rate, self.symbol)
            for name, number in reaction.stoichiometry:
                if name in out:
                    out[name] = graph.add(out[name], graph.multiply(graph.number(number), rate))
            for element in tallies:
                lost = -crossing[reaction.name].get(element, 0.0)
                tally[element] = graph.add(tally[element], graph.multiply(graph.number(lost), rate))
        for name, formula in self.network.rate_rules:
            out[name] = graph.build(formula, self.symbol)
        return [*out.values(), *tally.values()], tallies

    def _holds(self, name: str) -> set[str]:
        """Return the elements of a species; anything else holds none."""
        found = [q for q in self.network.quantities if q.name == name and q.kind == "species"]
        return {e for q in found for e, count in formulas.composition(q.formula) if count} if found else set()

    def happening(self, event: Event) -> tuple[Happening, list[int]]:
        """Return what an event does, and the nodes of its time and its numbers."""
        graph, done = self.graph, list[tuple[str, int, int]]()
        for name, formula in event.assignments:
            if name in self.constant:
                done.append(("set", self.constant[name], graph.build(formula, self.symbol)))
                continue
            made = events.change(name, formula)
            if made is None:
                raise ValueError(f"{event.name}: {name} does not change linearly")
            scale, add = graph.build(made.scale, self.symbol), graph.build(made.add, self.symbol)
            done += [("scale", self.index[name], scale)] if graph.value(scale) != 1.0 else []
            done += [("add", self.index[name], add)] if graph.value(add) != 0.0 else []
        kinds, places = tuple(kind for kind, _, _ in done), tuple(place for _, place, _ in done)
        time = graph.build(event.time, self.symbol)
        return Happening(event.name, event.strict, kinds, places), [time, *(node for _, _, node in done)]

    def hoist(self, roots: list[int]) -> dict[int, int]:
        """Return nodes of constants only that moving nodes use (or that are roots themselves)."""
        graph, found = self.graph, dict[int, int]()
        for i in graph.order(roots):
            if graph.moving[i] and graph.nodes[i][0] != "x":
                for part in graph.nodes[i][1:]:
                    k = int(part)  # type: ignore[call-overload]
                    if not graph.moving[k] and graph.nodes[k][0] != "c":
                        found.setdefault(k, len(found))
        for i in roots:
            if not graph.moving[i] and graph.nodes[i][0] != "c":
                found.setdefault(i, len(found))
        return found

    def kernel(self) -> Kernel:
        rates, tallies = self.derivatives()
        gradients = Gradients(self.graph)
        slopes = [sorted(gradients.of(node).items()) for node in rates]
        entries = [(i, j, node) for i, row in enumerate(slopes) for j, node in row]
        derived = list(self.assigned.values())
        hoisted = self.hoist([*rates, *(node for _, _, node in entries), *derived])
        states = (*self.network.states, *(f"tally_{e}" for e in tallies))
        inside, plain = _Printer(self.graph, hoisted), _Printer(self.graph, {})
        x, q = _unpack("x", len(states), "y"), _unpack("q", len(hoisted), "q")
        text = ["def prepare(p):", *_unpack("p", len(self.constant), "p"), *plain.lines(list(hoisted))]
        text += [f"    return ({''.join(plain.term(i) + ', ' for i in hoisted)})", ""]
        text += ["def rates(y, q):", *x, *q, *inside.lines(rates)]
        text += [f"    return [{', '.join(inside.term(i) for i in rates)}]", ""]
        text += ["def jacobian(y, q, out):", *x, *q, *inside.lines([node for _, _, node in entries])]
        text += [f"    out[{i}, {j}] = {inside.term(node)}" for i, j, node in entries] + [
            "    return out",
            "",
        ]
        text += ["def observe(y, q):", *x, *q, *inside.lines(derived)]
        text += [f"    return [{', '.join(inside.term(i) for i in derived)}]", ""]
        happening = [self.happening(event) for event in self.network.events]
        text += ["def schedule(p):", *_unpack("p", len(self.constant), "p")]
        text += plain.lines([node for _, nodes in happening for node in nodes])
        rows = ", ".join(f"[{', '.join(plain.term(i) for i in nodes)}]" for _, nodes in happening)
        text += [f"    return [{rows}]", ""]
        return Kernel(
            states, tuple(self.constant), tuple(self.assigned), tuple(f"tally_{e}" for e in tallies),
            tuple(self._content(element, len(states)) for element in tallies), "\n".join(text),
            lanes(self.graph, rates, entries, derived, hoisted), tuple(event for event, _ in happening),
        )  # fmt: skip

    def _content(self, element: str, count: int) -> tuple[float, ...]:
        content = [0.0] * count
        for each in self.network.quantities:
            if each.kind == "species":
                content[self.index[each.name]] = dict(formulas.composition(each.formula)).get(element, 0.0)
        return tuple(content)


def build_kernel(network: Network) -> Kernel:
    """Return the kernel of a network."""
    return _Builder(network).kernel()
