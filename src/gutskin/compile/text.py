"""Our own reading of the model text, for what Antimony lets pass in silence and for line numbers.

Antimony accepts a second definition, an unnamed reaction or a number in a rate without a word, and it
crashes on some names. Each of these is refused here, with file and line, before Antimony sees the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from gutskin.errors import LibraryError, LibraryErrors

ALLOWED_LITERALS = {"0", "1", "2", "10"}
FORBIDDEN_NAMES = {
    "volume",
    "time",
    "area",
    "length",
    "substance",
    "extent",
    "e",
    "pi",
    "gamma",
    "model",
    "inf",
    "nan",
}

_WORD = r"[A-Za-z_]\w*"
_MODEL = re.compile(rf"^model\s+\*?({_WORD})\s*\((.*)\)$")
_INSTANCE = re.compile(rf"^({_WORD})\s*:\s*({_WORD})\s*\((.*)\)$")
_BINDING = re.compile(rf"^({_WORD})\.({_WORD})\s+is\s+({_WORD}(?:\.{_WORD})?)$")
_REACTION = re.compile(rf"^(?:({_WORD})\s*:)?\s*([^:=]*?)\s*(=>|->)\s*(.*)$")
_EVENT = re.compile(rf"^(?:({_WORD})\s*:)?\s*at\b\s*(.+)$")
_RULE = re.compile(rf"^({_WORD})\s*('\s*=|:=)\s*(.+)$")
_PLACE = re.compile(r"^compartment\s+(.+)$")
_SPECIES = re.compile(r"^substanceOnly\s+species\s+(.+)$")
_NUMBER = re.compile(r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass
class ModuleText:
    """One module as written: its nested instances and where each thing is defined."""

    name: str
    path: Path
    instances: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    imports: list[str] = field(default_factory=list)

    def define(self, name: str, where: str, faults: list[LibraryError]) -> None:
        """Note a definition; a second one is a fault."""
        if name in self.lines:
            message = f"{name!r} is defined twice, first at {self.lines[name]}"
            faults.append(
                LibraryError(
                    "E103", message, where=where, remedy="keep one: Antimony would keep the last in silence"
                )
            )
        self.lines.setdefault(name, where)


def _statements(path: Path) -> list[tuple[str, str]]:
    """Return (file:line, statement) pairs without comments.

    A statement ends with a semicolon and may go over lines (with or without a backslash); the lines that
    open and close a module and imports stand alone.
    """
    out: list[tuple[str, str]] = []
    begun, first = "", 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.split("//")[0].strip().removesuffix("\\").strip()
        if not begun and re.match(r"^(model\b|import\b|end$)", text):
            out.append((f"{path.name}:{number}", text.rstrip(";")))
            continue
        first = first if begun else number
        *done, begun = f"{begun} {text}".strip().split(";")
        for part in done:
            out += [(f"{path.name}:{first}", part.strip())] if part.strip() else []
            first = number
        begun = begun.strip()
    if begun:
        out.append((f"{path.name}:{first}", begun))
    return out


def _check_literals(formula: str, where: str, faults: list[LibraryError]) -> None:
    for literal in _NUMBER.findall(formula):
        if literal not in ALLOWED_LITERALS:
            remedy = "give it a name here and a row in the ledger; only 0, 1, 2 and 10 may be written"
            faults.append(
                LibraryError("E106", f"the number {literal} stands in a formula", where=where, remedy=remedy)
            )


def _check_name(name: str, where: str, faults: list[LibraryError]) -> None:
    if name in FORBIDDEN_NAMES:
        faults.append(
            LibraryError(
                "E102", f"{name!r} is a reserved word of Antimony", where=where, remedy="use another name"
            )
        )


class _Reader:
    """Reads the statements of one file; one method a kind of statement."""

    def __init__(self, path: Path) -> None:
        self.module = ModuleText(path.stem, path)
        self.faults: list[LibraryError] = []
        self.after_reaction = False

    def fault(self, code: str, message: str, where: str, remedy: str) -> None:
        self.faults.append(LibraryError(code, message, where=where, remedy=remedy))

    def read(self, where: str, text: str) -> None:
        if self.after_reaction:
            self.after_reaction = False
            _check_literals(text, where, self.faults)
            return
        for pattern, method in (
            (_MODEL, self.model),
            (_EVENT, self.event),  # before instances: at(...) would be one
            (_INSTANCE, self.instance),
            (_BINDING, None),
            (_RULE, self.rule),
            (_REACTION, self.reaction),
            (_PLACE, self.places),
            (_SPECIES, self.species),
        ):
            match = pattern.match(text)
            if match:
                if method:
                    method(match, where)
                return
        self.other(text, where)

    def model(self, match: re.Match[str], where: str) -> None:
        if match[1] != self.module.name:
            self.fault(
                "E108",
                f"module {match[1]!r} is in {self.module.path.name}",
                where,
                "one module a file, of the same name",
            )
        if match[2].strip():
            self.fault(
                "E108",
                f"module {match[1]!r} takes arguments",
                where,
                "bind by name in the parent: child.x is other.x",
            )

    def instance(self, match: re.Match[str], where: str) -> None:
        if match[3].strip():
            self.fault(
                "E108",
                f"{match[1]!r} is given arguments by position",
                where,
                "bind by name: child.x is other.x",
            )
        self.module.define(match[1], where, self.faults)
        self.module.instances[match[1]] = match[2]

    def reaction(self, match: re.Match[str], where: str) -> None:
        self.after_reaction = True
        if match[3] == "->":
            self.fault("E117", "a reversible reaction", where, "write two with =>")
        if not match[1]:
            self.fault("E104", "a reaction without a name", where, "write name: a => b; rate")
            return
        _check_name(match[1], where, self.faults)
        self.module.define(match[1], where, self.faults)

    def event(self, match: re.Match[str], where: str) -> None:
        _check_literals(match[2], where, self.faults)
        if not match[1]:
            self.fault("E104", "an event without a name", where, "write name: at (time >= t_x): x = k")
            return
        _check_name(match[1], where, self.faults)
        self.module.define(match[1], where, self.faults)

    def rule(self, match: re.Match[str], where: str) -> None:
        _check_name(match[1], where, self.faults)
        _check_literals(match[3], where, self.faults)
        self.module.define(match[1], where, self.faults)

    def places(self, match: re.Match[str], where: str) -> None:
        for name in match[1].split(","):
            _check_name(name.strip(), where, self.faults)

    def species(self, match: re.Match[str], where: str) -> None:
        for each in match[1].split(","):
            words = re.match(rf"^\s*\$?({_WORD})(\s+in\s+({_WORD}))?\s*$", each)
            if not words or not words[3]:
                self.fault(
                    "E105",
                    f"species {each.strip()!r} has no place",
                    where,
                    "write: substanceOnly species x in lumen",
                )
            if words:
                _check_name(words[1], where, self.faults)
                self.module.lines.setdefault(words[1], where)

    def other(self, text: str, where: str) -> None:
        first = text.split(maxsplit=1)[0]
        if first == "import":
            self.module.imports.append(text.split('"')[1] if '"' in text else text)
        elif first == "end":
            return
        elif re.match(r"^(const\s+|var\s+)?(species)\b", text):
            self.fault(
                "E118",
                f"{text!r} declares a concentration",
                where,
                "write substanceOnly species: amounts only",
            )
        elif re.search(r"\bhas\b", text) or first == "unit":
            self.fault(
                "E107",
                f"a unit in the model text: {text!r}",
                where,
                "units stand in parameters/ and quantities/",
            )
        elif first == "function":
            self.fault("E117", f"{text!r} is not supported", where, "use rules")
        elif re.match(rf"^{_WORD}\s*=", text):
            self.fault(
                "E106",
                f"a value in the model text: {text!r}",
                where,
                "numbers stand in parameters/ and quantities/",
            )
        else:
            self.fault(
                "E101", f"{text!r} is not understood", where, "see docs/model-text.md for what may be written"
            )


def read_modules(main: Path, folder: Path) -> dict[str, ModuleText]:
    """Read a model file and every module it uses, by name.

    Parameters
    ----------
    main
        The top ``.ant`` file.
    folder
        Where nested modules are looked for besides the folder of ``main``.

    Raises
    ------
    LibraryErrors
        E101 to E118: everything that breaks a rule of the text, with file and line.
    """
    modules: dict[str, ModuleText] = {}
    faults: list[LibraryError] = []
    todo = [main]
    while todo:
        reader = _Reader(todo.pop())
        for where, text in _statements(reader.module.path):
            reader.read(where, text)
        modules[reader.module.name] = reader.module
        faults.extend(reader.faults)
        for instance, child in reader.module.instances.items():
            places = [main.parent / f"{child}.ant", folder / f"{child}.ant"]
            found = next((place for place in places if place.exists()), None)
            if found is None:
                message = f"there is no module {child!r}"
                faults.append(
                    LibraryError(
                        "E101", message, where=reader.module.lines[instance], remedy=f"write {child}.ant"
                    )
                )
            elif child not in modules and found not in todo:
                todo.append(found)
    if faults:
        raise LibraryErrors(faults)
    return modules


def instance_paths(modules: dict[str, ModuleText], main: str) -> dict[str, str]:
    """Return flattened instance prefix -> module name; the top model has the prefix ``""``."""
    out: dict[str, str] = {}

    def walk(prefix: str, module: str) -> None:
        out[prefix] = module
        for name, child in modules[module].instances.items():
            walk(f"{prefix}_{name}" if prefix else name, child)

    walk("", main)
    return out
