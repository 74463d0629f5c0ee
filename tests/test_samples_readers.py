"""Readers: formats are found by content, and the same table in every format gives the same samples."""

from __future__ import annotations

import gzip
import json
import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gutskin.errors import InputError
from gutskin.samples import Sample, read_file, read_samples
from gutskin.samples.content import open_content
from gutskin.samples.readers import READERS
from gutskin.samples.readers import biom as biom_reader

made = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("sample_files.py"))))

FILES = made.FOLDER
LINEAGES = made.LINEAGES


def _lineage_table() -> bytes:
    summed = {LINEAGES[0]: (700, 980), LINEAGES[1]: (200, 20), LINEAGES[2]: (100, 0)}
    head = "taxon\t" + "\t".join(made.COLUMNS)
    return "\n".join([head, *(f"{t}\t{a}\t{b}" for t, (a, b) in summed.items())]).encode()


def _file(name: str) -> bytes:
    return (FILES / name).read_bytes()


FORMATS = {
    "biom v1": (made.biom_json(), "biom"),
    "biom v1 without type": (made.biom_json(type="left out"), "biom"),
    "biom v1 gzipped": (gzip.compress(made.biom_json()), "biom"),
    "biom v2.1": (_file("table.biom"), "biom"),
    "biom v2.1 by another writer": (made.biom_hdf5(), "biom"),
    "classic": (_file("classic.tsv"), "table"),
    "classic gzipped": (gzip.compress(_file("classic.tsv")), "table"),
    "classic with Windows line ends": (_file("classic.tsv").replace(b"\n", b"\r\n"), "table"),
    "lineages by sample": (_lineage_table(), "table"),
    "lineages with a byte-order mark": (b"\xef\xbb\xbf" + _lineage_table(), "table"),
    "commas": (_file("comma.csv"), "table"),
    "semicolons": (_file("semicolon.csv"), "table"),
    "samples in rows": (_file("turned.tsv"), "table"),
    "one column a rank": (_file("ranks.tsv"), "table"),
    "a list in R": (_file("list.rda"), "R"),
}
SECOND = {  # a table of identifiers, and the file that names them
    "QIIME 2": ("feature_table.qza", "taxonomy.qza", "qza"),
    "DADA2 in R": ("seqtab.rds", "taxtab.rds", "R"),
    "DADA2 as text": ("seqtab.tsv", "taxtab.tsv", "table"),
    "both by turns": ("seqtab.rds", "taxtab.tsv", "R"),
}


def _as_dict(sample: Sample) -> dict[str, float]:
    return dict(zip(sample.taxa, sample.abundance.tolist(), strict=True))


def _check(stool: Sample, face: Sample, reader: str) -> None:
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


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_samples_whatever_the_file_is_called(name: str, tmp_path: Path) -> None:
    data, reader = FORMATS[name]
    path = tmp_path / "anything.dat"
    path.write_bytes(data)
    _check(*read_samples(path), reader)


@pytest.mark.parametrize("name", SECOND)
def test_a_table_of_identifiers_is_named_by_a_second_file(name: str) -> None:
    table, taxonomy, reader = SECOND[name]
    _check(*read_samples(FILES / table, taxonomy=FILES / taxonomy), reader)
    with pytest.raises(InputError, match=r"E318.*--taxonomy"):
        read_samples(FILES / table)


@pytest.mark.parametrize("name", ["phyloseq.rds", "phyloseq.RData"])
def test_sample_data_of_phyloseq_are_facts_and_either_way_up_will_do(name: str) -> None:
    stool, face = read_samples(FILES / name)
    _check(stool, face, "R")
    assert (stool.name, stool.extras["visit"], face.extras["visit"]) == ("S1", "1", "2")


def test_dates_factors_and_numbers_in_sample_data_become_texts() -> None:
    from gutskin.samples.readers import read_raw

    about = read_raw(open_content(FILES / "phyloseq.rds")).about
    assert about["S1"] == {
        "host_subject_id": "ada", "body_site": "stool", "visit": "1", "collection_date": "2020-01-01",
    }  # fmt: skip
    assert about["S2"]["body_site"] == "face"


def test_mothur_reads_the_usual_label_and_matches_numbers_of_otus() -> None:
    stool, face = read_samples(FILES / "otus.shared", taxonomy=FILES / "otus.cons.taxonomy")
    assert (stool.depth, face.depth) == (1000, 1000)
    assert [float(value) for value in stool.abundance] == [700.0, 300.0]
    assert "label 0.03" in stool.extras["numbers"]


@pytest.mark.parametrize("name", ["kraken6.report", "kraken8.report"])
def test_kraken_counts_the_reads_that_stop_at_each_taxon(name: str) -> None:
    (sample,) = read_samples(FILES / name, site="stool")
    assert (sample.kind, sample.depth, sample.person) == ("counts", 1000, name.partition(".")[0])
    by_label = {taxon.rpartition("__")[2]: value for taxon, value in _as_dict(sample).items()}
    assert by_label == {"Bacteroides": 700.0, "Blautia": 200.0, "Blautia obeum": 100.0}
    assert "20% of the reads, unclassified, are left out" in sample.extras["numbers"]


def test_a_report_of_krakenuniq_is_read_alike(tmp_path: Path) -> None:
    words = {"U": "no rank", "R": "no rank", "D": "superkingdom", "P": "phylum", "C": "class", "O": "order"}
    words |= {"F": "family", "G": "genus", "S": "species"}
    lines = ["# KrakenUniq v1.0", "%\treads\ttaxReads\tkmers\tdup\tcov\ttaxID\trank\ttaxName"]
    for line in (FILES / "kraken6.report").read_text().splitlines():
        share, clade, direct, rank, number, name = line.split("\t")
        word = words.get(rank, "no rank")
        lines.append("\t".join([share, clade, direct, "9", "1.2", "0.01", number, word, name]))
    path = tmp_path / "kraken6.report"
    path.write_text("\n".join(lines))
    (ours,), (plain,) = read_samples(path, site="stool"), read_samples(FILES / path.name, site="stool")
    assert _as_dict(ours) == _as_dict(plain)


def test_bracken_counts_its_new_estimates_alone_and_combined() -> None:
    (alone,) = read_samples(FILES / "bracken.tsv", site="stool")
    stool, face = read_samples(FILES / "bracken_combined.tsv")
    assert _as_dict(alone) == _as_dict(stool) == {"g__Bacteroides": 700.0, "g__Blautia": 300.0}
    assert (stool.person, face.site, face.depth) == ("ada", "skin:face", 1000)


@pytest.mark.parametrize("name", ["metaphlan1.txt", "metaphlan2.txt", "metaphlan3.txt", "metaphlan4.txt"])
def test_metaphlan_of_every_version_gives_the_same_species(name: str) -> None:
    (sample,) = read_samples(FILES / name, site="stool")
    assert sample.abundance.sum() == pytest.approx(100.0)
    by_label = {taxon.rpartition("__")[2]: value for taxon, value in _as_dict(sample).items()}
    assert by_label == {"Bacteroides": 70.0, "Blautia": 20.0, "Blautia obeum": 10.0}
    merged = read_samples(FILES / "metaphlan_merged.txt")[0]
    assert _as_dict(merged) == _as_dict(sample)


def test_rows_about_the_samples_above_the_taxa_are_facts(tmp_path: Path) -> None:
    path = tmp_path / "merged.txt"
    rows = ("VISNO\t1\t01S", "STSite\tStool\tTongue_dorsum", "GENDER_C\tFemale\tMale", "Blautia\t100\t100")
    path.write_text("\n".join(["\tSRS1\tSRS2", *rows]))
    (sample,) = read_samples(path, site="stool")
    assert (sample.name, sample.extras["visit"]) == ("SRS1", "1")
    path.write_text("\tada.stool\tbo.stool\nBacteroides\tNA\tNA\nBlautia\t100\t100\n")
    with pytest.raises(InputError, match=r"E313.*line 2"):
        read_samples(path)


def test_samples_with_nothing_are_left_out_with_a_word_and_spoil_no_other(tmp_path: Path) -> None:
    path = tmp_path / "three.tsv"
    path.write_text("taxon\tada.stool\tbo.stool\tcy.stool\nBlautia\t60\t0\t20\nBacteroides\t40\t0\t5\n")
    found = read_file(path)
    assert [sample.person for sample in found.samples] == ["ada"]
    assert [error.code for error in found.left_out] == ["E316", "E315"]
    assert "bo.stool" in found.left_out[0].where


def test_decimal_commas_are_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "ada.csv"
    path.write_text("Bacteroides;60,5\nBlautia;39,5\n")
    with pytest.raises(InputError, match=r"E311.*decimal point"):
        read_samples(path, site="stool")


def test_every_reader_is_listed_with_a_name_and_a_sentence() -> None:
    assert [reader.name for reader in READERS] == [
        "biom", "qza", "R", "metaphlan", "kraken", "bracken", "mothur", "table",
    ]  # fmt: skip
    assert all(reader.about for reader in READERS)


OWN = {
    "biom": "table.biom", "qza": "taxonomy.qza", "R": "taxtab.rds", "metaphlan": "metaphlan4.txt",
    "kraken": "kraken8.report", "bracken": "bracken.tsv", "mothur": "otus.cons.taxonomy",
    "table": "classic.tsv",
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_a_reader_is_the_first_to_recognise_its_own_format(name: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(_file(OWN[name]))
    assert next(each.name for each in READERS if each.recognises(open_content(path))) == name
    assert set(OWN) == {each.name for each in READERS}


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


REAL = {  # file, taxonomy, site, samples, reads of the first or kind, what its largest taxon holds
    "qza": ("qiime2_qza/table.qza", "qiime2_qza/taxonomy.qza", "stool", 34, 7788, "g__Bacteroides"),
    "DADA2": ("dada2/dada2_seqtab.rds", "dada2/dada2_taxtab.rds", "stool", 20, 6521, "f__Muribaculaceae"),
    "DADA2 text": (
        "dada2/mdsine2_dada2_counts_head200.tsv", "dada2/mdsine2_dada2_rdp_species_head200.tsv", "stool", 339,
        22494, "g__Clostridium",
    ),
    "phyloseq": ("phyloseq_rds/phyloseq_taxa.rds", None, "stool", 143, 54672281, "g__"),
    "kraken": ("kraken_report/bellybutton_BBM101.report", None, "skin", 1, 1783351, "Cutibacterium|Propioni"),
    "kraken with depth": ("kraken_report/PT1-DNA.report", None, "skin", 1, 11951847, "Homo"),
    "bracken": ("bracken/MBT272.bracken.g.tsv", None, "skin", 1, "percent", "g__Cutibacterium"),
    "metaphlan 2": ("metaphlan/SRS011134.profile", None, "stool", 1, "percent", "g__"),
    "metaphlan 3": (
        "metaphlan/metaphlan3_style_SRS014464-Anterior_nares.tabular", None, "skin", 1, "percent", "s__"
    ),
    "metaphlan 1": ("metaphlan/metaphlan1_merged_HMP.species.txt", None, "stool", 139, "percent", "g__"),
    "mothur": (
        "mothur/esophagus.fn.shared.gz", "mothur/mothur_example.cons.taxonomy.gz", "stool", 3, 203, "",
    ),
    "biom v1": ("biom_v1_json/toy_rich_sparse_otu_table.biom", None, "stool", 3, 7, "g__"),
    "daily": ("../moving_pictures_daily/MovingPictures.rda", None, "stool", 467, 27583, "k__Bacteria"),
    "donors": ("../david2014_daily/david.RData", None, "stool", 488, 160770, "k__Bacteria"),
    "HMP": (
        "../hmp_shotgun_metaphlan/HMP.species.txt", None, "skin:retroauricular_crease", 26, "percent", "g__",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_files_of_every_format(name: str, shared: Path) -> None:
    file, taxonomy, site, many, first, largest = REAL[name]
    formats = shared / "formats"
    found = read_samples(formats / file, site=site, taxonomy=formats / taxonomy if taxonomy else None)
    assert len(found) == many
    sample = found[0]
    assert first in (sample.depth, sample.kind)
    assert re.search(largest, sample.taxa[int(np.argmax(sample.abundance))])


def test_a_real_workspace_with_a_phyloseq_object_tells_counts_names_and_facts(shared: Path) -> None:
    from gutskin.samples.readers import read_raw

    found = read_raw(open_content(shared / "formats" / "phyloseq_rds" / "GlobalPatterns.RData"))
    assert len(found.columns) == 26
    assert float(found.values[:, found.columns.index("CL3")].sum()) == 864077
    assert found.about["CL3"]["SampleType"] == "Soil"
    assert found.about["M31Fcsw"]["SampleType"] == "Feces"
    totals = found.values[:, found.columns.index("M31Fcsw")]
    assert "Bacteroides" in found.taxa[int(np.argmax(totals))]


def test_the_counts_of_a_phyloseq_object_belong_to_its_own_names(shared: Path) -> None:
    """Rows of this file are called by their lineages: a table read by rows, not columns, would show."""
    from gutskin.samples.readers import rtables

    found = rtables.read_tables(open_content(shared / "formats" / "phyloseq_rds" / "phyloseq_taxa.rds"))
    assert len(found.lineages) == 1382
    assert all(row == lineage for row, lineage in found.lineages.items())


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("qiime2_qza/table.qza", "E318"),
        ("qiime2_qza/taxonomy.qza", "E515"),
        ("dada2/dada2_seqtab.rds", "E318"),
        ("dada2/dada2_taxtab.rds", "E515"),
        ("dada2/mdsine2_dada2_counts_head200.tsv", "E318"),
        ("mothur/esophagus.fn.shared.gz", "E318"),
        ("mothur/mothur_example.cons.taxonomy.gz", "E515"),
        ("../antibiotic_gnotobiotic/data/stein/Dataset_S1.xlsx", "E305"),
        ("phyloseq_rds", "E301"),
    ],
)
def test_real_files_that_are_no_table_alone_say_why(shared: Path, name: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_samples(shared / "formats" / name, site="stool")
    assert caught.value.code == code
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["biom_v1_json", "biom_v21_hdf5"])
def test_biom_agrees_with_the_reference_implementation(name: str, shared: Path) -> None:
    import biom

    (path, *_) = sorted((shared / "formats" / name).glob("hmp*"))
    ours, theirs = biom_reader.read(open_content(path)), biom.load_table(str(path))
    assert ours.features == tuple(theirs.ids("observation"))
    assert ours.columns == tuple(theirs.ids("sample"))
    assert (ours.matrix != theirs.matrix_data).nnz == 0
    told = [";".join(row["taxonomy"]) for row in theirs.metadata(axis="observation")]
    assert [ours.lineages[name] for name in ours.features] == told


def test_biom_by_the_reference_implementation_is_read(tmp_path: Path) -> None:
    import biom
    import h5py

    table = biom.Table.from_json(json.loads(made.biom_json()))
    path = tmp_path / "table.biom"
    with h5py.File(path, "w") as file:
        table.to_hdf5(file, "test")
    _check(*read_samples(path), "biom")
    path.write_text(table.to_json("test"))
    _check(*read_samples(path), "biom")


def test_samples_of_sites_that_are_not_known_are_left_out_when_others_are(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv"
    path.write_text("taxon\ta\tb\tc\nBlautia\t100\t100\t100\n")
    (tmp_path / "metadata.tsv").write_text("sample\tbody_site\na\tUBERON:feces\nb\tUBERON:tongue\nc\t\n")
    found = read_file(path, metadata=tmp_path / "metadata.tsv")
    assert [sample.name for sample in found.samples] == ["a"]
    assert [error.code for error in found.left_out] == ["E321", "E322"]
    (tmp_path / "metadata.tsv").write_text("sample\tbody_site\na\tUBERON:nail\nb\tUBERON:tongue\nc\t\n")
    with pytest.raises(InputError, match=r"E321.*nail"):
        read_file(path, metadata=tmp_path / "metadata.tsv")


def test_a_table_that_begins_with_a_contested_name_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "ada.tsv"
    path.write_text("[Prevotella]\t60\n[Eubacterium]\t40\n")
    (sample,) = read_samples(path, site="stool")
    assert len(sample.taxa) == 2
