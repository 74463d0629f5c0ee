"""Mapping: taxa become guilds by the tables of the library, and what is lost is said."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.errors import InputError
from gutskin.ledger import read_sources, read_toml
from gutskin.paths import LIBRARY
from gutskin.samples import Mapping, Measured, Sample, coverage_rows, map_sample, read_samples
from gutskin.samples.coverage import site_rows
from gutskin.samples.measured import Error
from gutskin.samples.taxa import load_taxa

GUT = "k__Bacteria;f__Lachnospiraceae"


def _sample(abundances: dict[str, float], site: str = "stool", kind: str = "counts", **extras: str) -> Sample:
    values = np.array(list(abundances.values()), dtype=float)
    depth = int(values.sum()) if kind == "counts" else None
    return Sample(site, "ada", "test", tuple(abundances), values, kind, depth, "test", extras)


def _way(taxon: str, site: str = "stool") -> tuple[str, str]:
    mapping = map_sample(_sample({taxon: 1000.0}, site), refuse=False)
    return mapping.routes[0].guild, mapping.routes[0].way


@pytest.mark.parametrize(
    ("taxon", "guild", "way"),
    [
        ("g__Bacteroides", "bacteroides", "genus"),
        ("g__Phocaeicola", "bacteroides", "synonym"),
        ("g__Bacteroides_H", "bacteroides", "genus"),
        ("f__Lachnospiraceae", "roseburia", "family"),
        (f"{GUT};g__UCG-002", "roseburia", "family"),
        (f"{GUT};g__Somegenus", "", "unmapped"),
        ("f__Lachnospiraceae;g__[Ruminococcus];s__Ruminococcus gnavus", "ruminococcus", "synonym"),
        ("f__Erysipelotrichaceae;g__[Eubacterium]", "", "unmapped"),
        ("f__Lachnospiraceae;g__Eubacterium;s__Eubacterium rectale", "roseburia", "species"),
        ("g__Eubacterium;s__Eubacterium hallii", "lactate_users", "species"),
        ("g__[Eubacterium] hallii group", "lactate_users", "genus"),
        ("g__Limosilactobacillus", "lactobacillaceae", "synonym"),
        ("g__Escherichia-Shigella", "enterobacteriaceae", "synonym"),
        ("g__Prevotella 9", "prevotella", "genus"),
        ("g__Clostridium_XIVa", "ruminococcus", "synonym"),
        ("f__S24-7", "bacteroides", "synonym"),
        ("g__Cutibacterium", "", "unmapped"),
        ("g__Desulfovibrio", "sulphate_reducers", "genus"),
        ("g__Blautia;s__Blautia hydrogenotrophica", "acetogens", "species"),
        ("g__Clostridioides;s__Clostridioides difficile", "difficile", "genus"),
        ("g__Clostridium;s__Clostridium difficile", "difficile", "synonym"),
        ("g__Paraclostridium", "protein_fermenters", "synonym"),
        ("g__Clostridium_M;s__Clostridium_M bolteae", "ruminococcus", "synonym"),
        ("k__Eukaryota;g__Candida", "candida", "genus"),
        ("g__Sutterella", "", "unmapped"),
        ("g__GGB9345", "", "unmapped"),
        (f"{GUT};g__GGB9345", "roseburia", "family"),
        ("o__Streptophyta", "", "removed"),
        ("k__Bacteria;o__Rickettsiales;f__mitochondria", "", "removed"),
        ("k__Bacteria;p__Cyanobacteria;c__Chloroplast", "", "removed"),
    ],
)
def test_taxa_of_stool(taxon: str, guild: str, way: str) -> None:
    if way == "removed":
        taxa = {taxon: 500.0, "g__Bacteroides": 500.0}
        mapping = map_sample(_sample(taxa))
        assert mapping.removed == pytest.approx(0.5)
        assert mapping.shares["bacteroides"] == pytest.approx(1.0)
    else:
        assert _way(taxon) == (guild, way)


@pytest.mark.parametrize(
    ("taxon", "guild", "way"),
    [
        ("g__Propionibacterium", "cutibacterium", "synonym"),
        ("f__Propionibacteriaceae", "cutibacterium", "family"),
        ("g__Staphylococcus;s__Staphylococcus aureus", "staphylococcus", "genus"),
        ("g__Bacteroides", "", "unmapped"),
        ("g__Micrococcus", "other_bacteria", "genus"),
        ("f__Neisseriaceae;g__Kingella", "other_bacteria", "any genus"),
        ("f__Neisseriaceae", "other_bacteria", "any genus"),
        ("g__Ralstonia", "", "unmapped"),
        ("k__Eukaryota;g__Malassezia", "malassezia", "genus"),
        ("g__Nitrosomonas", "aob", "genus"),
    ],
)
def test_taxa_of_skin(taxon: str, guild: str, way: str) -> None:
    assert _way(taxon, "skin:face") == (guild, way)


def test_all_twenty_five_genera_of_the_split_lactobacilli_are_known() -> None:
    split = [name for name, means in load_taxa().synonyms.items() if means == "Lactobacillus"]
    assert len(split) == 24
    assert all(_way(f"g__{name.capitalize()}")[0] == "lactobacillaceae" for name in [*split, "lactobacillus"])


def test_species_tell_the_parts_of_a_guild_apart() -> None:
    named = {
        "g__Staphylococcus;s__Staphylococcus aureus": 300.0,
        "g__Staphylococcus;s__Staphylococcus hominis": 700.0,
    }
    assert map_sample(_sample(named, "skin:face")).parts == {"skin_aureus": pytest.approx(0.3)}
    assert map_sample(_sample({"g__Staphylococcus": 1000.0}, "skin:face")).parts == {}


def test_what_a_method_cannot_show_is_not_called_absent() -> None:
    mapping = map_sample(_sample({"g__Cutibacterium": 1000.0}, "skin:face"))
    assert mapping.unseen == ("malassezia",)
    assert "malassezia" not in mapping.shares
    assert mapping.shares["aob"] == 0.0


def _flags(abundances: dict[str, float], site: str, region: str | None = None) -> set[str]:
    return {flag.name for flag in map_sample(_sample(abundances, site), region=region).flags}


def test_warnings() -> None:
    missed = {"g__Cutibacterium": 10.0, "g__Staphylococcus": 990.0}
    assert _flags(missed, "skin:face") == {"primer"}
    assert _flags(missed, "skin:face", region="V4") == {"primer"}
    assert _flags(missed, "skin:face", region="V1-V3") == set()
    assert _flags({"g__Bacteroides": 300.0}, "stool") == {"low_depth"}
    assert _flags({"g__Bacteroides": 600.0, "g__Nobody": 400.0}, "stool") == {"little_mapped"}
    assert _flags({"g__Bacteroides": 960.0, "g__Ralstonia": 40.0}, "stool") == {"contaminants"}
    assert _flags({"g__Bacteroides": 700.0, "o__Streptophyta": 300.0}, "stool") == {"much_removed"}


def test_the_region_of_the_metadata_counts() -> None:
    sample = _sample({"g__Staphylococcus": 1000.0}, "skin:face", region="V4")
    assert "region V4" in map_sample(sample).flags[0].text


def test_the_threshold_of_the_library_decides() -> None:
    limit = load_taxa().rules.refuse_below
    assert map_sample(_sample({"g__Bacteroides": limit * 1000 + 1, "g__Nobody": (1 - limit) * 1000 - 1}))
    with pytest.raises(InputError, match="E330"):
        map_sample(_sample({"g__Bacteroides": limit * 1000 - 1, "g__Nobody": (1 - limit) * 1000 + 1}))


def test_what_percentages_do_not_list_counts_as_unmapped() -> None:
    mapping = map_sample(_sample({"g__Bacteroides": 85.0}, kind="percent"))
    assert mapping.mapped == pytest.approx(0.85)
    assert mapping.unlisted == pytest.approx(0.15)


_TAXA = (
    "g__Bacteroides",
    "g__Prevotella",
    "g__Ruminococcus",
    "f__Lachnospiraceae",
    "g__Faecalibacterium",
    "g__Akkermansia",
    "o__Streptophyta",
    "g__Nobody",
    "g__Phocaeicola",
)
_COUNTS = st.lists(st.integers(0, 100_000), min_size=len(_TAXA), max_size=len(_TAXA)).filter(
    lambda c: c[0] > 0
)


def _mapped(counts: list[float], taxa: tuple[str, ...] = _TAXA) -> Mapping:
    return map_sample(_sample(dict(zip(taxa, counts, strict=True))), refuse=False)


@settings(max_examples=50)
@given(_COUNTS, st.permutations(range(len(_TAXA))))
def test_the_order_of_the_taxa_changes_nothing(counts: list[int], order: list[int]) -> None:
    one = _mapped(counts)
    other = _mapped([counts[k] for k in order], tuple(_TAXA[k] for k in order))
    assert one.shares == other.shares
    assert [route.taxon for route in one.routes] == [route.taxon for route in other.routes]


@settings(max_examples=50)
@given(_COUNTS, st.integers(2, 1000))
def test_depth_changes_no_share_and_shares_sum_to_one(counts: list[int], factor: int) -> None:
    one, other = _mapped(counts), _mapped([count * factor for count in counts])
    assert sum(one.shares.values()) == pytest.approx(1.0)
    for guild, share in one.shares.items():
        assert other.shares[guild] == pytest.approx(share, abs=1e-12)
    assert 0 <= one.mapped <= 1
    assert sum(route.share for route in one.routes) == pytest.approx(1.0)


def test_little_load_is_warned_of_where_units_can_be_compared() -> None:
    sample = _sample({"g__Bacteroides": 1000.0})

    def flags(value: float, unit: str) -> set[str]:
        load = Measured("load", value, unit, Error("gsd", 1.5), "here")
        return {flag.name for flag in map_sample(sample, load=load).flags}

    assert flags(1e11, "CFU/g") == set()
    assert flags(1e6, "CFU/g") == {"low_load"}
    assert flags(1e6, "CFU/cm2") == {"load_unit"}


def test_depth_is_the_reads_that_have_a_guild() -> None:
    reads = {"g__Bacteroides": 600.0, "g__Nobody": 300.0, "o__Streptophyta": 100.0}
    assert map_sample(_sample(reads)).depth == 600
    assert map_sample(_sample({"g__Bacteroides": 85.0}, kind="percent")).depth is None


def test_rows_per_site_weigh_samples_by_their_reads() -> None:
    mappings = [
        map_sample(_sample({"g__Bacteroides": 9000.0, "g__Nobody": 1000.0})),
        map_sample(_sample({"g__Bacteroides": 400.0, "g__Nobody": 600.0}), refuse=False),
        map_sample(_sample({"g__Cutibacterium": 10.0}, "skin:face")),
    ]
    face, stool = site_rows(mappings)
    assert (face.value, stool.value) == ("100.0 %", "85.5 %")
    assert "mean of 2 samples 65.0 %, 1 refused" in stool.remark


def test_coverage_rows_tell_the_whole_story() -> None:
    sample = _sample({"g__Bacteroides": 600.0, "g__Bacteriodes": 300.0, "o__Streptophyta": 100.0})
    rows = coverage_rows(map_sample(sample))
    groups = [row.group for row in rows]
    assert groups == sorted(groups, key=["sample", "guild", "unmapped", "warning"].index)
    by_what = {row.what: row for row in rows}
    assert by_what["mapped"].value == "66.7 %"
    assert by_what["Bacteriodes"].remark == "did you mean Bacteroides?"
    assert by_what["little_mapped"].remark


def test_every_figure_of_the_taxa_tables_names_a_source_that_exists() -> None:
    known = {*read_sources(LIBRARY / "sources.bib"), "assumed", "none"}
    tables = {"gut": 3, "gut_none": 3, "skin": 3, "skin_none": 3, "synonyms": 2, "removed": 2, "copies": 4}
    for name, column in tables.items():
        lines = (LIBRARY / "taxa" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
        named = {line.split("\t")[column] for line in lines if not line.startswith("#")} - {"source"}
        assert named <= known, f"{name}.tsv: {sorted(named - known)}"


def test_library_files_stay_short() -> None:
    for folder in ("taxa", "instruments", "people"):
        for path in sorted((LIBRARY / folder).iterdir()):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 150, path.name


def test_typical_shares_know_every_guild() -> None:
    typical = read_toml(LIBRARY / "taxa" / "typical_shares.toml")
    guilds = load_taxa().guilds
    sites = {site: table for site, table in typical.items() if isinstance(table, dict)}
    assert set(sites) == {"stool", "skin:retroauricular_crease", "skin:antecubital_fossa"}
    for site, table in sites.items():
        kind = "gut" if site == "stool" else "skin"
        assert set(table["guilds"]) == {g.name for g in guilds.values() if g.site == kind and not g.unseen}
        assert sum(figures["mean"] for figures in table["guilds"].values()) == pytest.approx(1.0, abs=1e-4)
        for figures in table["guilds"].values():
            assert 0 <= figures["q05"] <= figures["q50"] <= figures["q95"] <= 1


@pytest.mark.parametrize("path", sorted((LIBRARY / "people").glob("hmp_*.toml")), ids=lambda path: path.stem)
def test_example_people_have_samples_of_three_sites(path: Path) -> None:
    person = read_toml(path)
    samples = read_samples(path.parent / person["samples"])
    assert {sample.site for sample in samples} >= {"stool", "skin:retroauricular_crease"}
    for sample in samples:
        mapping = map_sample(sample, refuse=False)
        floor = 0.2 if sample.site == "skin:antecubital_fossa" else 0.8
        assert mapping.mapped > floor


def test_real_people_are_covered_as_reported(shared: Path) -> None:
    folder = shared / "hmp_gut_skin"
    samples = read_samples(
        folder / "hmp_gut_skin_small.biom", metadata=folder / "hmp_gut_skin_small.metadata.tsv"
    )
    mapped: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        mapped[sample.site].append(map_sample(sample, refuse=False).mapped)
    assert np.mean(mapped["stool"]) >= 0.90
    assert np.mean(mapped["skin:retroauricular_crease"]) >= 0.95
    assert np.mean(mapped["skin:antecubital_fossa"]) == pytest.approx(0.778, abs=0.02)  # reads: 0.876


def test_swapped_samples_are_refused(shared: Path) -> None:
    profile = shared / "formats" / "metaphlan" / "SRS011134.profile"
    (gut,) = read_samples(profile, site="stool")
    assert map_sample(gut).mapped > 0.9
    (swapped,) = read_samples(profile, site="face")
    with pytest.raises(InputError, match="E330"):
        map_sample(swapped)
