"""A module that stands several times has its constants once, unless the ledger tells its instances apart."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gutskin.compile import compile_text
from gutskin.compile.sbml import RawEvent, RawModel
from gutskin.compile.shared import Chain, common, instance_chains, share, shared_names, told_apart
from gutskin.compile.source import build_kernel
from gutskin.compile.text import read_modules
from gutskin.errors import LibraryErrors
from gutskin.ledger import read_ledger
from gutskin.network import Network, names_in

POND = Path(__file__).parent / "bad/models/right"
NUMBER = 'unit = "{}"\nspread = {{ kind = "fixed" }}\nsource = "none"\ngrade = "assumed"\n'
FARM = """import "lake.ant"
// A farm with two lakes of two ponds each.
model farm()
  east: lake();
  west: lake();
{}end
"""
LAKE = """import "pond.ant"
// A lake with two ponds.
model lake()
  deep: pond();
  flat: pond();
{}end
"""


class Country:
    """A library in a folder of its own, with a lake of ponds and a farm of lakes."""

    def __init__(self, folder: Path) -> None:
        self.library = folder / "library"
        shutil.copytree(POND, self.library)
        self.write(lake="", farm="")

    def write(self, **more: str) -> None:
        for name, text in more.items():
            whole = {"lake": LAKE, "farm": FARM}[name].format(text)
            (self.library / f"models/{name}.ant").write_text(whole)

    def row(self, module: str, name: str, value: float, unit: str = "1/h") -> None:
        path = self.library / f"parameters/{module}.toml"
        before = path.read_text() if path.exists() else ""
        path.write_text(f"{before}\n[{name}]\nvalue = {value}\n{NUMBER.format(unit)}")

    def quantity(self, module: str, text: str) -> None:
        (self.library / f"quantities/{module}.toml").write_text(text)

    def compiled(self, name: str) -> Network:
        return compile_text(self.library / f"models/{name}.ant", self.library, read_ledger(self.library))

    def rows(self, name: str) -> dict[str, str]:
        return {c.name: c.row for c in self.compiled(name).constants}


@pytest.fixture
def country(tmp_path: Path) -> Country:
    return Country(tmp_path)


@pytest.mark.parametrize(
    ("chains", "expected"),
    [
        ([("up",), ("down",)], ()),
        ([("colon", "up"), ("colon", "down")], ("colon",)),
        ([("colon", "up", "guild"), ("colon", "down", "guild")], ("colon", "guild")),
        ([("guild",), ("down", "guild")], ("guild",)),
        ([("a", "b", "a"), ("a", "a")], ("a", "a")),
        ([("a", "a"), ("a", "a", "a")], ("a", "a")),
        ([("a", "b"), ("b", "a")], ()),
    ],
)
def test_the_common_way_is_its_beginning_and_its_end(
    chains: list[tuple[str, ...]], expected: tuple[str, ...]
) -> None:
    assert common(chains) == common(chains[::-1]) == expected


def test_every_place_of_a_module_is_found(country: Country) -> None:
    models = country.library / "models"
    chains = instance_chains(read_modules(models / "farm.ant", models), "farm")
    assert chains == {
        "farm": [()],
        "lake": [("east",), ("west",)],
        "pond": [("east", "deep"), ("east", "flat"), ("west", "deep"), ("west", "flat")],
    }


def test_instances_have_their_constants_together(country: Country) -> None:
    names = ("inflow", "km_eat", "vmax_eat", "k_leave", "k_rise", "k_fall")
    for name in ("lake", "farm"):
        network = country.compiled(name)
        assert {c.name: c.row for c in network.constants} == {each: f"pond.{each}" for each in names}
        used = {n for r in network.reactions for n in names_in(r.rate)}
        assert {"inflow", "vmax_eat", "k_leave"} <= used
        assert not any(each.endswith("_k_leave") for each in used)


def test_a_module_that_stands_once_keeps_its_names(country: Country) -> None:
    text = (country.library / "models/lake.ant").read_text().replace("  flat: pond();\n", "")
    (country.library / "models/lake.ant").write_text(text)
    assert set(country.rows("lake")) == {
        "deep_inflow", "deep_km_eat", "deep_vmax_eat", "deep_k_leave", "deep_k_rise", "deep_k_fall",
    }  # fmt: skip


def test_an_instance_with_a_row_of_its_own_stays_apart_and_the_others_share(country: Country) -> None:
    country.row("pond", "east_deep.k_leave", 7.0)
    rows = country.rows("farm")
    assert rows["east_deep_k_leave"] == "pond.east_deep.k_leave"
    assert rows["k_leave"] == "pond.k_leave"
    assert sum(name.endswith("k_leave") for name in rows) == 2
    rate = {r.name: r.rate for r in country.compiled("farm").reactions}
    assert "east_deep_k_leave" in names_in(rate["east_deep_leave"])
    assert "k_leave" in names_in(rate["east_flat_leave"]) & names_in(rate["west_deep_leave"])


def test_when_all_but_one_have_rows_of_their_own_nothing_is_shared(country: Country) -> None:
    country.row("pond", "flat.k_leave", 7.0)
    rows = country.rows("lake")
    assert {name: row for name, row in rows.items() if "k_leave" in name} == {
        "deep_k_leave": "pond.k_leave", "flat_k_leave": "pond.flat.k_leave",
    }  # fmt: skip


def test_a_constant_that_the_parent_binds_is_the_parents(country: Country) -> None:
    country.write(lake="  deep.k_leave is k_out; flat.k_leave is k_out;\n")
    country.row("lake", "k_out", 0.25)
    path = country.library / "parameters/pond.toml"
    path.write_text("".join(x for x in path.read_text().splitlines(True) if not x.startswith("k_leave")))
    rows = country.rows("lake")
    assert rows["k_out"] == "lake.k_out"
    assert not any("k_leave" in name for name in rows)


def test_a_shared_constant_acts_in_all_instances(country: Country) -> None:
    """The slope of every instance's rate with the constant, by taking differences."""
    network = country.compiled("farm")
    kernel = build_kernel(network)
    values = [read_ledger(country.library).rows[c.row].value for c in network.constants]
    at = [c.name for c in network.constants].index("k_leave")
    more = [v * (1.0 + (k == at)) for k, v in enumerate(values)]
    y = [1.0] * len(kernel.states)
    one, two = (kernel.scalar.rates(y, kernel.scalar.prepare(each)) for each in (values, more))
    moved = {name for name, a, b in zip(kernel.states, one, two, strict=True) if a != b}
    cells = {f"{lake}_{pond}_cells" for lake in ("east", "west") for pond in ("deep", "flat")}
    assert moved - {name for name in kernel.states if name.startswith("tally")} == cells


@pytest.mark.parametrize(
    ("module", "text", "row"),
    [
        ("lake", "  k_leave := 1;\n", ""),
        ("lake", "  k_leave' = k_more * (1 - k_leave);\n", ""),
        ("lake", "  spare := 2 * k_leave;\n", "k_leave"),
    ],
    ids=["derived", "state", "constant of the parent"],
)
def test_a_name_that_is_taken_is_refused(country: Country, module: str, text: str, row: str) -> None:
    country.write(**{module: text})
    for name in filter(None, (row, "k_more" if "k_more" in text else "")):
        country.row(module, name, 1.0)
    start = "start = 1.0\n" if "'" in text else ""
    name, unit = ("spare", "1/h") if row else ("k_leave", "1")
    country.quantity(module, f'[{name}]\nlabel = "Taken"\nunit = "{unit}"\n{start}')
    with pytest.raises(LibraryErrors) as caught:
        country.compiled(module)
    (fault,) = [each for each in caught.value.faults if each.code == "E103"]
    assert "'k_leave'" in fault.message
    assert "share" in fault.message
    assert fault.where.startswith("pond.ant")
    assert fault.remedy == "rename one of them"


def test_two_modules_that_would_share_one_name_are_refused(country: Country) -> None:
    """Salt ponds have a rate of leaving of their own: neither number may be lost in silence."""
    models, tables = country.library / "models", ("parameters", "quantities", "open_reactions")
    (models / "brine.ant").write_text((models / "pond.ant").read_text().replace("pond()", "brine()"))
    for table in tables:
        text = (country.library / table / "pond.toml").read_text().replace("[pond]", "[brine]")
        (country.library / table / "brine.toml").write_text(text)
    (models / "lake.ant").write_text(
        'import "brine.ant"\n' + LAKE.format("  salt: brine();\n  bitter: brine();\n")
    )
    with pytest.raises(LibraryErrors) as caught:
        country.compiled("lake")
    clashes = [each.message for each in caught.value.faults if each.code == "E103"]
    assert len(clashes) == 6
    assert any("'k_fall'" in each for each in clashes)


def test_labels_tell_the_instances_apart(country: Country) -> None:
    label = {q.name: q.label for q in country.compiled("farm").quantities}
    assert label["east_deep_cells"] == "Cells, east deep"
    assert label["west_flat_alarm"] == "Alarm, west flat"
    assert len(set(label.values())) == len(label)


def test_labels_say_only_what_differs() -> None:
    chains: dict[str, list[Chain]] = {
        "guild": [("colon", "far_end", "guild"), ("colon", "near", "guild")], "blood": [("blood",)],
    }  # fmt: skip
    assert told_apart(chains) == {"colon_far_end_guild": "far end", "colon_near_guild": "near"}


def test_sharing_renames_everywhere_and_keeps_the_order() -> None:
    use = ("mul", ("n", "a_k"), ("add", ("n", "b_k"), ("c", 2.0)))
    done = ("mul", ("n", "k"), ("add", ("n", "k"), ("c", 2.0)))
    raw = RawModel(
        "lake", (), ("other", "a_k", "b_k"), (("r", (("s", -1.0),), use),), (("x", use),), (("y", use),),
        (RawEvent("e", use, False, (("b_k", use), ("x", use))),),
    )  # fmt: skip
    names = shared_names(raw, {"pond": [("a",), ("b",)]}, {"pond.k", "lake.other"})
    assert names == {"a_k": "k", "b_k": "k"}
    assert share(raw, names) == RawModel(
        "lake", (), ("other", "k"), (("r", (("s", -1.0),), done),), (("x", done),), (("y", done),),
        (RawEvent("e", done, False, (("k", done), ("x", done))),),
    )  # fmt: skip
    assert share(raw, {}) is raw
