"""Model = network + ledger + kernel: the thing that is loaded, asked and simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gutskin.build import build
from gutskin.compile.dimensions import written
from gutskin.engine.outcome import Array
from gutskin.errors import InputError, nearest
from gutskin.kernel import Kernel
from gutskin.ledger import Ledger, Parameter
from gutskin.network import Network, names_in
from gutskin.paths import LIBRARY
from gutskin.readouts import Readout, read_readouts

# Below this share of its starting size a state means nothing, unless the library gives it a floor.
FLOOR_SHARE = 1e-6
SMALLEST_FLOOR = 1e-12


@dataclass(frozen=True)
class Explanation:
    """What the library knows of a name: ``facts`` are (what, text) in the order of printing."""

    name: str
    facts: tuple[tuple[str, str], ...]
    uses: tuple[tuple[str, str], ...]  # (formula, file:line)


@dataclass(frozen=True)
class Model:
    """A compiled model with its numbers; ``known`` are its read-outs when they were read with it."""

    name: str
    network: Network
    ledger: Ledger
    kernel: Kernel
    library: Path
    known: Mapping[str, Readout] | None = None

    def constants(self) -> Array:
        """Return the ledger's value of every constant (K,) in its declared unit."""
        import numpy as np

        return np.array([self.ledger.rows[c.row].value for c in self.network.constants])

    def start(self) -> Array:
        """Return where the integration of every state starts (S,), tallies left out."""
        import numpy as np

        return np.array([q.start for q in self.network.quantities if q.kind in ("species", "rate")], float)

    def floors(self) -> Array:
        """Return the size (S,) below which a state means nothing."""
        import numpy as np

        states = [q for q in self.network.quantities if q.kind in ("species", "rate")]
        return np.array([q.floor or max(FLOOR_SHARE * abs(q.start or 0.0), SMALLEST_FLOOR) for q in states])

    @cached_property
    def readouts(self) -> Mapping[str, Readout]:
        """Read-outs of the library, by name.

        Raises
        ------
        LibraryError
            E235 a read-out is ill-formed or there twice.
        """
        return read_readouts(self.library) if self.known is None else self.known

    @property
    def varies(self) -> frozenset[str]:
        """Constants whose values here stand for a person's own spread; none but in varied models."""
        return frozenset()

    def row(self, constant: str) -> Parameter:
        """Return the ledger row of a constant.

        Raises
        ------
        InputError
            E260 when the model has no such constant; the nearest is named.
        """
        rows = {c.name: c.row for c in self.network.constants}
        if constant not in rows:
            raise InputError(
                "E260", f"the model has no constant {constant!r}", remedy=nearest(constant, rows)
            )
        return self.ledger.rows[rows[constant]]

    def formulas(self) -> list[tuple[str, str, str, set[str]]]:
        """Return (owner, formula as text, file:line, names used) of every reaction, rule and event."""
        lines = {q.name: q.line for q in self.network.quantities}
        out = []
        for r in self.network.reactions:
            left = " + ".join(f"{-n:g} {s}" if n != -1 else s for s, n in r.stoichiometry if n < 0)
            right = " + ".join(f"{n:g} {s}" if n != 1 else s for s, n in r.stoichiometry if n > 0)
            names = names_in(r.rate) | {s for s, _ in r.stoichiometry}
            out.append((r.name, f"{r.name}: {left} => {right}; {written(r.rate)}", r.line, names))
        for name, formula in self.network.rate_rules:
            out.append((name, f"{name}' = {written(formula)}", lines[name], names_in(formula) | {name}))
        for name, formula in self.network.assignments:
            out.append((name, f"{name} := {written(formula)}", lines[name], names_in(formula) | {name}))
        for e in self.network.events:
            made = ", ".join(f"{name} = {written(formula)}" for name, formula in e.assignments)
            test = f"time {'>' if e.strict else '>='} {written(e.time)}"
            names = set().union(names_in(e.time), *({name} | names_in(f) for name, f in e.assignments))
            out.append((e.name, f"{e.name}: at ({test}): {made}", e.line, names))
        return out

    def explain(self, name: str) -> Explanation:
        """Say what the library knows of a constant, a state, a derived quantity, a reaction or a read-out.

        Raises
        ------
        InputError
            E261 when nothing has that name; the nearest is named.
        """
        facts = self._facts(name)
        if facts is None:
            known = {
                *self.readouts,
                *(c.name for c in self.network.constants),
                *(f[0] for f in self.formulas()),
            }
            known |= {q.name for q in self.network.quantities}
            raise InputError("E261", f"nothing is called {name!r}", remedy=nearest(name, known))
        quantity = self.readouts[name].quantity if name in self.readouts else name
        uses = [
            (text, line)
            for owner, text, line, names in self.formulas()
            if quantity in names or quantity == owner
        ]
        return Explanation(name, tuple((what, text) for what, text in facts if text), tuple(uses))

    def _facts(self, name: str) -> list[tuple[str, str]] | None:
        if name in {c.name for c in self.network.constants}:
            row = self.row(name)
            source = self.ledger.sources.get(row.source)
            return [
                ("value", f"{row.value!r} {row.unit}"), ("spread", str(row.spread)), ("grade", row.grade),
                ("source", str(source) if source else "none"), ("where in it", row.where), ("note", row.note),
                ("ledger row", f"{row.row} ({row.line})"),
            ]  # fmt: skip
        if name in self.readouts:
            return self._readout_facts(self.readouts[name])
        for q in self.network.quantities:
            if q.name == name:
                return [
                    ("what", q.label),
                    ("unit", q.unit),
                    ("kind", q.kind),
                    ("formula", q.formula),
                    ("written in", q.line),
                ]
        for r in self.network.reactions:
            if r.name == name:
                return [
                    ("what", "reaction"),
                    ("unit", "mmol/h"),
                    ("open because", r.open_because),
                    ("written in", r.line),
                ]
        for e in self.network.events:
            if e.name == name:
                return [("what", "event"), ("written in", e.line)]
        return None

    def _readout_facts(self, readout: Readout) -> list[tuple[str, str]]:
        healthy = readout.healthy
        source = self.ledger.sources.get(healthy.source) if healthy else None
        ranged = f"{healthy.low:g} to {healthy.high:g} {readout.unit}" if healthy else ""
        return [
            ("what", readout.label), ("unit", readout.unit), ("quantity", readout.quantity),
            ("better", readout.better), ("healthy range", ranged),
            ("source", str(source) if source else healthy.source if healthy else ""),
            ("where in it", healthy.where if healthy else ""), ("note", healthy.note if healthy else ""),
            ("words", ", ".join(f"from {value:g}: {word}" for value, word in readout.words)),
        ]  # fmt: skip


def load(name: str = "person", *, library: Path = LIBRARY) -> Model:
    """Load a model of the library: text and ledger to a checked simulator, cached by content.

    Parameters
    ----------
    name
        A file of ``library/models`` without its ending.
    library
        Another library folder of the same layout.

    Raises
    ------
    InputError
        E262 when there is no such model.
    LibraryError, LibraryErrors
        When text or ledger break a rule.
    """
    main = library / "models" / f"{name}.ant"
    if not main.parent.is_dir():
        raise InputError("E262", f"{library} is no library: it has no folder models", remedy="check the path")
    if not main.exists():
        known = [path.stem for path in (library / "models").glob("*.ant")]
        raise InputError(
            "E262", f"there is no model {name!r}", where=str(library), remedy=nearest(name, known)
        )
    built = build(main, library)
    return Model(name, built.network, built.ledger, built.kernel, library, built.readouts)
