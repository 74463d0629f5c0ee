"""Readers: formats are found by content, and the same table in every format gives the same samples."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest

from gutskin.samples import Sample, read_samples
from gutskin.samples.content import open_content
from gutskin.samples.readers import READERS

LINEAGES = (
    "k__Bacteria; p__Bacteroidetes; c__Bacteroidia; o__Bacteroidales; f__Bacteroidaceae; g__Bacteroides; s__",
    "k__Bacteria; p__Firmicutes; c__Clostridia; o__Clostridiales; f__Lachnospiraceae; g__Blautia; s__",
    "k__Bacteria; p__Firmicutes; c__Clostridia; o__Clostridiales; f__Lachnospiraceae; g__Blautia; s__obeum",
    "k__Bacteria; p__Bacteroidetes; c__Bacteroidia; o__Bacteroidales; f__Bacteroidaceae; g__Bacteroides; s__",
)
COUNTS = np.array([[300, 10], [200, 20], [100, 0], [400, 970]])
COLUMNS = ("ada.stool", "ada.face")


def _json() -> dict[str, object]:
    return {
        "id": None,
        "format": "Biological Observation Matrix 1.0.0",
        "format_url": "http://biom-format.org",
        "type": "OTU table",
        "generated_by": "test",
        "date": "2020-01-01T00:00:00",
        "matrix_type": "dense",
        "matrix_element_type": "int",
        "shape": [4, 2],
        "rows": [
            {"id": str(k), "metadata": {"taxonomy": text.split("; ")}} for k, text in enumerate(LINEAGES)
        ],
        "columns": [{"id": name, "metadata": None} for name in COLUMNS],
        "data": COUNTS.tolist(),
    }


def _hdf5(keep_type: bool) -> bytes:
    import biom
    import h5py

    table = biom.Table.from_json(_json())
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        table.to_hdf5(file, "test")
        if not keep_type:
            del file.attrs["type"]
    return memory.getvalue()


def _classic() -> bytes:
    rows = [f"{k}\t{a}\t{b}\t{text}" for k, ((a, b), text) in enumerate(zip(COUNTS, LINEAGES, strict=True))]
    head = ["# Constructed from biom file", "#OTU ID\t" + "\t".join(COLUMNS) + "\ttaxonomy"]
    return "\n".join([*head, *rows]).encode()


def _lineage_table() -> bytes:
    summed = {LINEAGES[0]: (700, 980), LINEAGES[1]: (200, 20), LINEAGES[2]: (100, 0)}
    return "\n".join(
        ["taxon\t" + "\t".join(COLUMNS), *(f"{t}\t{a}\t{b}" for t, (a, b) in summed.items())]
    ).encode()


def _without(key: str) -> bytes:
    return json.dumps({name: value for name, value in _json().items() if name != key}).encode()


FORMATS = {
    "biom v1": (json.dumps(_json()).encode(), "biom"),
    "biom v1 without type": (_without("type"), "biom"),
    "biom v1 gzipped": (gzip.compress(json.dumps(_json()).encode()), "biom"),
    "biom v2.1": (_hdf5(keep_type=True), "biom"),
    "biom v2.1 without type": (_hdf5(keep_type=False), "biom"),
    "classic": (_classic(), "table"),
    "classic gzipped": (gzip.compress(_classic()), "table"),
    "classic with Windows line ends": (_classic().replace(b"\n", b"\r\n"), "table"),
    "lineages by sample": (_lineage_table(), "table"),
    "lineages with a byte-order mark": (b"\xef\xbb\xbf" + _lineage_table(), "table"),
}


def _as_dict(sample: Sample) -> dict[str, float]:
    return dict(zip(sample.taxa, sample.abundance.tolist(), strict=True))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_samples_whatever_the_file_is_called(name: str, tmp_path: Path) -> None:
    data, reader = FORMATS[name]
    path = tmp_path / "anything.dat"
    path.write_bytes(data)
    stool, face = read_samples(path)
    blautia = LINEAGES[1].replace("; ", ";").removesuffix(";s__")
    assert (stool.person, stool.site, stool.kind, stool.depth) == ("ada", "stool", "counts", 1000)
    assert (face.site, face.depth) == ("skin:face", 1000)
    assert _as_dict(stool) == {
        LINEAGES[0].replace("; ", ";").removesuffix(";s__"): 700.0,
        blautia: 200.0,
        f"{blautia};s__Blautia obeum": 100.0,
    }
    assert len(face.taxa) == 2
    assert f"({reader})" in stool.source


def test_every_reader_is_listed_with_a_name_and_a_sentence() -> None:
    assert [reader.name for reader in READERS] == ["biom", "metaphlan", "table"]
    assert all(reader.about for reader in READERS)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_reader_recognises_its_own_format_only(reader, tmp_path: Path) -> None:
    path = tmp_path / "file"
    texts = {"biom": FORMATS["biom v1"][0], "table": FORMATS["classic"][0], "metaphlan": METAPHLAN}
    for name, data in texts.items():
        path.write_bytes(data)
        asked = [each.name for each in READERS if each.recognises(open_content(path))]
        assert (asked[0] == reader.name) == (name == reader.name)


METAPHLAN = b"""#mpa_v30
#clade_name\tNCBI_tax_id\trelative_abundance\tadditional_species
UNKNOWN\t-1\t10.0\t
k__Bacteria\t2\t90.0\t
k__Bacteria|p__Bacteroidetes\t2|976\t60.0\t
k__Bacteria|p__Bacteroidetes|c__B|o__B|f__Bacteroidaceae|g__Bacteroides\t2\t60.0\t
k__Bacteria|p__Bacteroidetes|c__B|o__B|f__Bacteroidaceae|g__Bacteroides|s__Bacteroides_vulgatus\t2\t60.0\t
k__Bacteria|p__Firmicutes|c__C|o__C|f__Lachnospiraceae|g__GGB1|s__GGB1_SGB2\t2\t30.0\t
"""


def test_metaphlan_is_read_at_species_only(tmp_path: Path) -> None:
    path = tmp_path / "profile.txt"
    path.write_bytes(METAPHLAN)
    (sample,) = read_samples(path, site="gut", person="ada")
    assert sample.kind == "percent"
    assert sample.abundance.sum() == pytest.approx(100.0)
    assert len(sample.taxa) == 3
    assert sample.person == "ada"


def test_two_columns_with_and_without_header(tmp_path: Path) -> None:
    for head in ("", "genus\tpercent\n", "# from a laboratory\ngenus\tpercent\n", "#genus\tpercent\n"):
        path = tmp_path / "ada.tsv"
        path.write_text(head + "Bacteroides\t60.5\nBlautia\t39.5\n")
        (sample,) = read_samples(path, site="stool")
        assert sample.taxa == ("g__Bacteroides", "g__Blautia")
        assert (sample.person, sample.kind, sample.depth) == ("ada", "percent", None)


def test_fractions_are_read_as_such_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / "ada.csv"
    path.write_text("genus,share\nBacteroides,0.6\nBlautia,0.4\n")
    (sample,) = read_samples(path, site="stool")
    assert sample.abundance.tolist() == pytest.approx([60.0, 40.0])
    assert "fractions" in sample.extras["numbers"]


def test_names_that_tell_no_more_than_a_family_are_added_up(tmp_path: Path) -> None:
    path = tmp_path / "ada.tsv"
    path.write_text("Lachnospiraceae bacterium A2\t40\nLachnospiraceae bacterium B4\t50\nBlautia\t10\n")
    (sample,) = read_samples(path, site="stool")
    assert sample.abundance.tolist() == [90.0, 10.0]


def test_metadata_tells_persons_sites_and_region(tmp_path: Path) -> None:
    table, metadata = tmp_path / "table.tsv", tmp_path / "metadata.tsv"
    table.write_text("taxon\tS1\tS2\tS3\nBacteroides\t60\t50\t1\nBlautia\t40\t50\t99\n")
    metadata.write_text(
        "#SampleID\thost_subject_id\tbody_site\ttarget_subfragment\n"
        "S1\tada\tUBERON:feces\tV4\nS2\tbo\tUBERON:feces\tV4\nS3\tada\ttongue\tV4\n"
    )
    first, second = read_samples(table, metadata=metadata, site="stool")
    assert (first.person, second.person) == ("ada", "bo")
    assert first.extras["region"] == "V4"
    (only,) = read_samples(table, metadata=metadata, site="stool", person="BO")
    assert only.name == "S2"


def test_columns_of_metadata_are_found_whatever_divides_their_words(tmp_path: Path) -> None:
    table, metadata = tmp_path / "table.tsv", tmp_path / "metadata.tsv"
    table.write_text("taxon\tS1\nBacteroides\t600\n")
    metadata.write_text(
        "sample-id\tSubject ID\tbody-site\tCollection_Date\tSequencing method\n"
        "S1\tada\tgut\t2024-03-05\tWGS\n"
    )
    (sample,) = read_samples(table, metadata=metadata)
    assert (sample.person, sample.site) == ("ada", "stool")
    assert sample.extras["date"] == "2024-03-05"
    assert sample.extras["method"] == "WGS"


def test_real_tables_in_three_formats_agree(shared: Path) -> None:
    metadata = shared / "hmp_gut_skin" / "hmp_gut_skin_small.metadata.tsv"
    formats = shared / "formats"
    tables = [
        read_samples(path, metadata=metadata)
        for path in (
            formats / "biom_v1_json" / "hmp_gut_skin_small.json.biom",
            formats / "biom_v21_hdf5" / "hmp_gut_skin_small.biom",
            formats / "qiime_classic_tsv" / "hmp_gut_skin_small.tsv.gz",
        )
    ]
    by_name = [{sample.name: sample for sample in table} for table in tables]
    assert len(by_name[0]) == 192
    assert by_name[0].keys() == by_name[1].keys() == by_name[2].keys()
    for name, sample in by_name[0].items():
        for other in by_name[1:]:
            assert _as_dict(sample) == _as_dict(other[name])
            assert (sample.person, sample.site, sample.depth) == (
                other[name].person,
                other[name].site,
                other[name].depth,
            )


def test_real_profiles_of_other_programs(shared: Path) -> None:
    formats = shared / "formats"
    (gut,) = read_samples(formats / "metaphlan" / "SRS011134.profile", site="stool")
    assert "g__Bacteroides" in " ".join(gut.taxa)
    (skin,) = read_samples(formats / "bracken" / "MBT272.bracken.g.tsv", site="skin")
    assert skin.kind == "percent"
    assert skin.taxa[0] == "g__Cutibacterium"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("qiime2_qza/table.qza", "E305"),
        ("phyloseq_rds/phyloseq_taxa.rds", "E305"),
        ("phyloseq_rds/GlobalPatterns.RData", "E305"),
        ("dada2/mdsine2_dada2_counts_head200.tsv", "E318"),
        ("kraken_report/PT1-DNA.report", "E311"),
        ("metaphlan/metaphlan1_merged_HMP.species.txt", "E311"),
        ("phyloseq_rds", "E301"),
    ],
)
def test_real_files_that_are_not_read_say_why(shared: Path, name: str, code: str) -> None:
    from gutskin.errors import InputError

    with pytest.raises(InputError) as caught:
        read_samples(shared / "formats" / name, site="stool")
    assert caught.value.code == code
    assert caught.value.remedy
