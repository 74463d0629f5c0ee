"""The taxa tables of ``library/taxa``: guilds, which taxon belongs to which, other names, what is removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from gutskin import units
from gutskin.errors import LibraryError
from gutskin.ledger import read_toml
from gutskin.paths import LIBRARY
from gutskin.samples.names import key

NO_GUILD = "none"
ANY_GENUS = "any genus"  # rank of a row that names a family and counts for its genera without a row
RANKS = ("species", "genus", "family", ANY_GENUS)
_COLUMNS = {
    "guilds": ("rank", "taxon", "guild", "source", "reason"),
    "synonyms": ("name", "means", "source", "note"),
    "removed": ("taxon", "action", "source", "reason"),
}


@dataclass(frozen=True)
class Guild:
    """A group of microbes with one role in the model.

    ``states`` are the model's states it is compared with, ``along`` states of it in other places, ``trait``
    the constant by which people differ (empty when none), ``parts`` states told apart by species names,
    ``unseen`` whether common methods cannot show it.
    """

    name: str
    site: str
    label: str
    states: tuple[str, ...]
    trait: str
    parts: Mapping[str, tuple[str, ...]]
    unseen: bool
    along: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row of a guild table: a taxon, its guild (empty for deliberately none), why."""

    rank: str
    taxon: str
    guild: str
    source: str
    reason: str


@dataclass(frozen=True)
class Signature:
    """The trace of a primer that misses a guild: its share [1] lies below where everybody has it."""

    site: str
    guild: str
    below: float
    region: str
    text: str


@dataclass(frozen=True)
class Rules:
    """Thresholds: mapped shares [1] to refuse and to warn, depth [reads], removed and contaminants [1].

    A taxon is taken out when its mean share in negative controls is more than ``control_ratio`` times that in
    the sample [1] and it is in at least ``control_prevalence`` of them [1]. ``low_load`` is keyed by guild
    table: value and unit of the total load below which reagents may make up much of a sample.
    """

    refuse_below: float
    warn_below: float
    low_depth: int
    removed_above: float
    contaminants_above: float
    control_ratio: float
    control_prevalence: float
    low_load: Mapping[str, tuple[float, str]]


@dataclass(frozen=True)
class Taxa:
    """Everything that turns taxa into guilds.

    ``rows`` is keyed by guild table, then by rank and compared name; ``synonyms`` and ``removed`` by compared
    name.
    """

    guilds: Mapping[str, Guild]
    rules: Rules
    signatures: tuple[Signature, ...]
    rows: Mapping[str, Mapping[tuple[str, str], Row]]
    synonyms: Mapping[str, str]
    removed: Mapping[str, str]

    def of_site(self, site: str) -> tuple[Guild, ...]:
        """Return the guilds of a guild table, in the order of the library."""
        return tuple(guild for guild in self.guilds.values() if guild.site == site)


@lru_cache(maxsize=4)
def load_taxa(folder: Path = LIBRARY / "taxa") -> Taxa:
    """Read and check the taxa tables.

    Raises
    ------
    LibraryError
        E340 when a row names an unknown guild or rank, gives no source or reason, or stands twice.
    """
    rules, signatures = _rules(read_toml(folder / "rules.toml"))
    files = ("guilds.toml", "guilds_skin.toml")
    guilds = {name: _guild(name, row) for file in files for name, row in read_toml(folder / file).items()}
    tables = dict.fromkeys(guild.site for guild in guilds.values())
    rows = {site: _guild_rows(folder, site, guilds) for site in tables}
    synonyms, removed = _synonyms(folder / "synonyms.tsv"), _removed(folder / "removed.tsv")
    taxa = Taxa(guilds, rules, signatures, rows, synonyms, removed)
    for name, means in taxa.synonyms.items():
        if not any((rank, key(means)) in table for table in rows.values() for rank in RANKS):
            raise _fault(folder / "synonyms.tsv", f"{name!r} means {means!r}, which is in no guild table")
    for signature in signatures:
        if signature.guild not in guilds:
            raise _fault(folder / "rules.toml", f"a signature names the unknown guild {signature.guild!r}")
    return taxa


def _guild(name: str, row: Mapping[str, Any]) -> Guild:
    parts = {state: tuple(species) for state, species in row.get("parts", {}).items()}
    states = tuple(row["states"])
    trait, unseen = row.get("trait", ""), row.get("unseen", False)
    return Guild(name, row["site"], row["label"], states, trait, parts, unseen, tuple(row.get("along", ())))


def _rules(data: Mapping[str, Any]) -> tuple[Rules, tuple[Signature, ...]]:
    """Return the thresholds, and the traces of primers that miss a guild."""
    rules = dict(data["rules"])
    rules["low_load"] = {site: units.quantity(text) for site, text in rules["low_load"].items()}
    return Rules(**rules), tuple(
        Signature(row["site"], row["guild"], row["below"], row["region"], row["text"])
        for row in data["signature"]
    )


def _guild_rows(folder: Path, site: str, guilds: Mapping[str, Guild]) -> dict[tuple[str, str], Row]:
    """Read the rows of a guild table, from the taxa with a guild and those that are known to have none."""
    found: dict[tuple[str, str], Row] = {}
    paths = (folder / f"{site}.tsv", folder / f"{site}_none.tsv")
    lines = ((path, *each) for path in paths for each in library_table(path, _COLUMNS["guilds"]))
    for path, line, cells in lines:
        row = Row(**cells)
        where = f"{path}, line {line}"
        if row.rank not in RANKS:
            raise _fault(where, f"unknown rank {row.rank!r}")
        if row.guild == NO_GUILD:
            row = Row(row.rank, row.taxon, "", row.source, row.reason)
        elif row.guild not in guilds or guilds[row.guild].site != site:
            raise _fault(where, f"{row.guild!r} is no guild of {site}")
        if found.setdefault((row.rank, key(row.taxon)), row) is not row:
            raise _fault(where, f"{row.taxon!r} stands twice")
    return found


def _synonyms(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line, cells in library_table(path, _COLUMNS["synonyms"]):
        if found.setdefault(key(cells["name"]), cells["means"]) != cells["means"]:
            raise _fault(f"{path}, line {line}", f"{cells['name']!r} means two things")
    return found


def _removed(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line, cells in library_table(path, _COLUMNS["removed"]):
        if cells["action"] not in {"remove", "flag"}:
            raise _fault(f"{path}, line {line}", f"unknown action {cells['action']!r}")
        found[key(cells["taxon"])] = cells["action"]
    return found


def library_table(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and cells of a library table; comments begin with ``#``.

    Raises
    ------
    LibraryError
        E340 when the columns are not those, or a cell is missing or empty.
    """
    header: tuple[str, ...] = ()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if not header:
            header = cells
            if header != columns:
                raise _fault(f"{path}, line {number}", f"the columns are {header}, not {columns}")
        elif len(cells) != len(columns) or not all(cells):
            raise _fault(f"{path}, line {number}", "a cell is missing or empty")
        else:
            yield number, dict(zip(columns, cells, strict=True))


def _fault(where: str | Path, message: str) -> LibraryError:
    return LibraryError("E340", message, where=str(where), remedy="mend the row")
