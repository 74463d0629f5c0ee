"""Flattened text + quantities + ledger -> Network, with every check that binds them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin.compile.sbml import RawEvent, RawModel
from gutskin.compile.shared import instance_chains, share, shared_names, told_apart
from gutskin.compile.text import ModuleText, instance_paths
from gutskin.errors import LibraryError, LibraryErrors, nearest
from gutskin.ledger import Ledger, is_number, read_toml, table_lines
from gutskin.network import Constant, Event, Formula, Network, Quantity, Reaction, names_in

_QUANTITY_KEYS = {"label", "unit", "formula", "start", "floor"}


@dataclass(frozen=True)
class Tables:
    """The library tables that stand beside the model text, as read."""

    quantities: Mapping[str, Mapping[str, Any]]  # "module.name" -> row
    open_reactions: Mapping[str, str]  # "module.name" -> reason
    lines: Mapping[str, str]  # "module.name" -> file:line

    def line(self, row: str) -> str:
        """Return file:line of a row of ``quantities/``."""
        return self.lines.get(row, f"quantities/{row.split('.', 1)[0]}.toml")


def read_tables(library: Path) -> Tables:
    """Read ``quantities/`` and ``open_reactions/`` of a library folder."""
    quantities: dict[str, Any] = {}
    lines: dict[str, str] = {}
    for path in sorted((library / "quantities").glob("*.toml")):
        quantities.update({f"{path.stem}.{name}": row for name, row in read_toml(path).items()})
        lines.update({f"{path.stem}.{name}": line for name, line in table_lines(path).items()})
    reasons: dict[str, str] = {}
    for path in sorted((library / "open_reactions").glob("*.toml")):
        for module, rows in read_toml(path).items():
            reasons.update({f"{module}.{name}": str(reason) for name, reason in rows.items()})
    return Tables(quantities, reasons, lines)


class Assembler:
    """Binds raw names to rows and gathers faults; one use."""

    def __init__(
        self, raw: RawModel, modules: Mapping[str, ModuleText], ledger: Ledger, tables: Tables
    ) -> None:
        self.modules, self.ledger, self.tables = modules, ledger, tables
        self.paths = instance_paths(dict(modules), raw.name)
        self.faults: list[LibraryError] = []
        self.used: set[str] = set()
        chains = instance_chains(modules, raw.name)
        self.shared = shared_names(raw, chains, ledger.rows)
        self.words = told_apart(chains)
        self.raw = share(raw, self.shared)
        self.first_of = {new: old for old, new in reversed(self.shared.items())}  # shared -> an own name
        self.apart = set(raw.parameters) - self.shared.keys()  # constants that nobody shares

    def homes(self, name: str) -> list[tuple[str, str, str]]:
        """Return (prefix, module, local name) of a flattened name, innermost instance first."""
        found = [
            (prefix, module, name[len(prefix) + 1 :] if prefix else name)
            for prefix, module in self.paths.items()
            if not prefix or name.startswith(prefix + "_")
        ]
        return sorted(found, key=lambda home: -len(home[0]))

    def find(self, name: str, table: Mapping[str, Any]) -> str | None:
        """Return the row of a flattened name: an instance's own row, else its module's."""
        for prefix, module, local in self.homes(name):
            for row in (f"{module}.{prefix}.{local}", f"{module}.{local}"):
                if row in table:
                    self.used.add(row)
                    return row
        return None

    def line(self, name: str) -> tuple[str, str]:
        """Return (module, file:line) of a flattened name as written in the text."""
        for _, module, local in self.homes(name):
            if local in self.modules[module].lines:
                return module, self.modules[module].lines[local]
        return self.homes(name)[0][1], self.modules[self.homes(name)[0][1]].path.name

    def user(self, name: str) -> str:
        """Return file:line of the first formula that uses a name."""
        formulas: Iterable[tuple[str, Formula]] = (
            *((r[0], r[2]) for r in self.raw.reactions), *self.raw.rate_rules, *self.raw.assignments,
            *((e.name, formula) for e in self.raw.events for _, formula in (("", e.time), *e.assignments)),
        )  # fmt: skip
        for owner, formula in formulas:
            if name in names_in(formula):
                return self.line(owner)[1]
        for owner, stoichiometry, _ in self.raw.reactions:
            if name in dict(stoichiometry):
                return self.line(owner)[1]
        for event in self.raw.events:
            if name in dict(event.assignments):
                return self.line(event.name)[1]
        return self.line(name)[1]

    def constant(self, name: str) -> Constant | None:
        """Bind a constant to its row of the ledger."""
        row = self.find(self.first_of.get(name, name), self.ledger.rows)
        if row is None:
            local = self.homes(name)[0]
            hint = nearest(
                local[2], [r.split(".", 1)[1] for r in self.ledger.rows if r.startswith(local[1] + ".")]
            )
            remedy = (
                f"bind it in the parent, or add [{local[2]}] to parameters/{local[1]}.toml; {hint}".rstrip(
                    "; "
                )
            )
            self.faults.append(
                LibraryError("E109", f"{name!r} has no value", where=self.user(name), remedy=remedy)
            )
            return None
        return Constant(name, row, self.ledger.rows[row].unit)

    def quantity(self, name: str, kind: str, place: str = "") -> Quantity | None:
        """Bind a state, boundary species or derived quantity to its row."""
        module, where = self.line(name)
        where = where if ":" in where else self.user(name)
        row = self.find(name, self.tables.quantities)
        if place == "default_compartment":
            self.faults.append(
                LibraryError(
                    "E105", f"{name!r} is in no place", where=where, remedy="declare or bind its compartment"
                )
            )
        if row is None:
            remedy = f"add it to quantities/{module}.toml with label and unit"
            self.faults.append(LibraryError("E112", f"{name!r} has no unit", where=where, remedy=remedy))
            return None
        data = self.tables.quantities[row]
        self._check_row(row, data, kind)
        if self.faults and self.faults[-1].where == self.tables.line(row):
            return None
        start = float(data["start"]) if kind in ("species", "rate") else None
        floor = float(data["floor"]) if "floor" in data else None
        chemistry = str(data.get("formula", ""))
        words = self.words.get(next((p for p, m, n in self.homes(name) if f"{m}.{n}" == row), ""), "")
        label = f"{data['label']}, {words}" if words else data["label"]
        return Quantity(name, kind, data["unit"], label, module, place, chemistry, start, floor, where)

    def _check_row(self, row: str, data: Mapping[str, Any], kind: str) -> None:
        def fault(code: str, message: str, remedy: str = "") -> None:
            self.faults.append(
                LibraryError(code, f"{row}: {message}", where=self.tables.line(row), remedy=remedy)
            )

        unknown = sorted(set(data) - _QUANTITY_KEYS) if isinstance(data, dict) else []
        if not isinstance(data, dict):
            fault("E112", f"{data!r} is not a table", f"write [{row.split('.', 1)[1]}] with label and unit")
        elif unknown:
            fault("E132", f"key {unknown[0]!r} is not known", nearest(unknown[0], _QUANTITY_KEYS))
        elif not data.get("label"):
            fault("E112", "no label", "give it a plain title")
        elif not data.get("unit"):
            fault("E112", "no unit", 'write unit = "..." ("1" for a pure number)')
        elif kind in ("species", "rate") and not is_number(data.get("start")):
            fault("E112", "no start", "a state needs a finite number to start from")
        elif kind in ("species", "boundary") and not data.get("formula"):
            fault("E116", "no chemical formula", "every species has one")
        elif (
            kind in ("species", "rate")
            and "floor" in data
            and not (is_number(data["floor"]) and data["floor"] > 0)
        ):
            fault(
                "E112", "floor is not a positive number", "it is the size below which the state means nothing"
            )

    def reaction(self, name: str, stoichiometry: tuple[tuple[str, float], ...], rate: Formula) -> Reaction:
        """Bind a reaction to the reason for which it may be open, if it is listed."""
        module, where = self.line(name)
        row = self.find(name, self.tables.open_reactions)
        reason = self.tables.open_reactions[row] if row else ""
        return Reaction(name, module, stoichiometry, rate, where, reason)

    def event(self, raw: RawEvent) -> Event:
        """Give an event its module and its line."""
        return Event(
            raw.name, self.line(raw.name)[0], raw.time, raw.strict, raw.assignments, self.line(raw.name)[1]
        )

    def ordered(self) -> tuple[tuple[str, Formula], ...]:
        """Return assignments so that each uses only earlier ones."""
        waiting = dict(self.raw.assignments)
        out: list[tuple[str, Formula]] = []
        while waiting:
            ready = [name for name, formula in waiting.items() if not names_in(formula) & waiting.keys()]
            if not ready:
                name = next(iter(waiting))
                message = f"the definitions of {', '.join(sorted(waiting))} go in a circle"
                self.faults.append(
                    LibraryError(
                        "E119", message, where=self.line(name)[1], remedy="make one of them a fast state"
                    )
                )
                break
            out.extend((name, waiting.pop(name)) for name in ready)
        return tuple(out)

    def unused(self) -> None:
        """Refuse rows of this model's modules that nothing uses."""
        modules = set(self.paths.values())
        for code, table, what in (
            ("E110", self.ledger.rows, "parameters"), ("E111", self.tables.quantities, "quantities"),
            ("E115", self.tables.open_reactions, "open_reactions"),
        ):  # fmt: skip
            for row in table:
                module, name = row.split(".", 1)
                if module in modules and row not in self.used:
                    where = self.tables.line(row) if what == "quantities" else f"{what}: {row}"
                    where = self.ledger.rows[row].line if what == "parameters" else where
                    hint = nearest(name, self.modules[module].lines)
                    self.faults.append(
                        LibraryError(
                            code,
                            f"nobody uses {row}",
                            where=where,
                            remedy=f"remove it or mend the name; {hint}".rstrip("; "),
                        )
                    )

    def collisions(self) -> None:
        """Refuse a shared constant that has the name of something else, such as one of another module."""
        others = self.apart | {part for name, place, _ in self.raw.species for part in (name, place)}
        others |= {each[0] for each in self.raw.reactions}
        others |= {each[0] for each in (*self.raw.rate_rules, *self.raw.assignments)}
        others |= {event.name for event in self.raw.events}
        rows: dict[str, set[str | None]] = {}
        for old, new in self.shared.items():
            rows.setdefault(new, set()).add(self.find(old, self.ledger.rows))
        for name in sorted(new for new, found in rows.items() if new in others or len(found) > 1):
            message = f"{name!r} is also the constant that several instances share"
            where = self.line(self.first_of[name])[1]
            self.faults.append(LibraryError("E103", message, where=where, remedy="rename one of them"))

    def network(self) -> Network:
        """Bind everything.

        Raises
        ------
        LibraryErrors
            With all faults.
        """
        raw = self.raw
        quantities = [
            self.quantity(n, "boundary" if outside else "species", place) for n, place, outside in raw.species
        ]
        quantities += [self.quantity(name, "rate") for name, _ in raw.rate_rules]
        assignments = self.ordered()
        quantities += [self.quantity(name, "derived") for name, _ in assignments]
        for name in {s[0] for s in raw.species} & {r[0] for r in (*raw.rate_rules, *raw.assignments)}:
            message, remedy = (
                f"{name!r} is a species and has a rule",
                "change it by reactions only, or by a rule",
            )
            self.faults.append(LibraryError("E103", message, where=self.line(name)[1], remedy=remedy))
        constants = [self.constant(name) for name in raw.parameters]
        self.collisions()
        reactions = tuple(self.reaction(*each) for each in raw.reactions)
        self.unused()
        if self.faults:
            raise LibraryErrors(self.faults)
        return Network(
            raw.name,
            tuple(q for q in quantities if q),
            tuple(c for c in constants if c),
            reactions,
            raw.rate_rules,
            assignments,
            events=tuple(self.event(each) for each in raw.events),
        )
