"""Measurements of a metadata table: found by name, in the unit of the read-out, each with an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutskin.errors import InputError
from gutskin.paths import LIBRARY
from gutskin.readouts import read_readouts
from gutskin.samples import Visits, read_visits
from gutskin.samples.instruments import load_instruments
from gutskin.samples.measured import Error, Measured

READOUTS = read_readouts(LIBRARY)
NAMES = {name: (each.name, each.unit) for each in READOUTS.values() for name in (each.name, *each.also)}


def _read(folder: Path, columns: dict[str, str | list[str]], rows: int = 1) -> Visits:
    told: dict[str, list[str]] = {
        name: texts if isinstance(texts, list) else [texts] * rows for name, texts in columns.items()
    }
    told = {"person": ["ada"] * rows, "site": ["face"] * rows} | told
    lines = ["\t".join(("sample", *told))]
    lines += ["\t".join((f"s{k}", *(texts[k] for texts in told.values()))) for k in range(rows)]
    path = folder / "metadata.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_visits(path, NAMES)


@pytest.mark.parametrize(
    ("column", "text", "quantity", "value", "unit"),
    [
        ("TEWL", "12.5", "tewl", 12.5, "g/m2/h"),
        ("tewl_g_m2_h", "12.5", "tewl", 12.5, "g/m2/h"),
        ("Transepidermal water loss (g/m²/h)", "12.5", "tewl", 12.5, "g/m2/h"),
        ("TEWL forearm", "8", "tewl", 8.0, "g/m2/h"),
        ("Corneometer", "55", "hydration", 55.0, "1"),
        ("Skin_pH", "5.1", "skin_ph", 5.1, "1"),
        ("EASI", "3.2", "easi", 3.2, "1"),
        ("Itch NRS", "4", "itch", 4.0, "1"),
        ("SCORAD total", "25", "scorad", 25.0, "1"),
        ("Erythema index", "410", "redness", 410.0, "1"),
        ("CRP (mg/dL)", "0.2", "crp", 2.0, "mg/L"),
        ("crp_mg_l", "2", "crp", 2.0, "mg/L"),
        ("hs-CRP", "2 mg/L", "crp", 2.0, "mg/L"),
        ("Fecal calprotectin", "45", "calprotectin", 45.0, "ug/g"),
        ("calprotectin [mg/kg]", "45", "calprotectin", 45.0, "ug/g"),
        ("stool pH", "6.8", "colon_ph", 6.8, "1"),
        ("breath_hydrogen_ppm", "12", "breath_hydrogen", 12.0, "1"),
        ("total SCFA (mmol/kg)", "90", "scfa", 90.0, "mmol/L"),
        ("butyrate (uM)", "15000", "butyrate", 15.0, "mmol/L"),
        ("total load (cells/g)", "1e11", "load", 1e11, "CFU/g"),
        ("log10 CFU (CFU/cm2)", "4", "load", 1e4, "CFU/cm2"),
        ("16S copies (copies/g)", "5e11", "gene_copies", 5e11, "1/g"),
        ("plasma_butyrate", "3 umol/L", "plasma_butyrate", 3.0, "umol/L"),
    ],
)
def test_columns_and_units_that_people_write(
    tmp_path: Path, column: str, text: str, quantity: str, value: float, unit: str
) -> None:
    found = _read(tmp_path, {column: text})
    (reading,) = found.rows[0].measured
    assert (reading.quantity, reading.unit) == (quantity, unit)
    assert reading.value == pytest.approx(value)
    assert column in reading.where
    assert found.notes == ()


def test_the_site_of_a_column_is_told(tmp_path: Path) -> None:
    (reading,) = _read(tmp_path, {"TEWL forearm": "8"}).rows[0].measured
    assert reading.site == "skin:forearm"


def test_errors_are_the_libraries(tmp_path: Path) -> None:
    found = {
        each.quantity: each.error for each in _read(tmp_path, {"TEWL": "8", "skin pH": "5"}).rows[0].measured
    }
    assert found["tewl"].kind == "gsd"
    assert found["tewl"].source != "none"
    assert found["skin_ph"] == Error("sd", 0.2)


def test_a_read_out_without_a_table_has_the_usual_error(tmp_path: Path) -> None:
    (reading,) = _read(tmp_path, {"plasma_acetate": "60 umol/L"}).rows[0].measured
    assert reading.error == load_instruments().usual


def test_numbers_that_nothing_is_known_of_are_noted_and_known_ones_are_not(tmp_path: Path) -> None:
    found = _read(tmp_path, {"Age": "33", "Zonulin": "12.3", "TWEL": "9", "hair": "black", "visit": "2"})
    assert found.rows[0].measured == ()
    (note,) = found.notes
    assert "Zonulin" in note
    assert "did you mean tewl?" in note
    assert not any(name in note for name in ("Age", "hair", "visit", "person"))


def test_missing_cells_are_none_and_censored_ones_are_noted(tmp_path: Path) -> None:
    found = _read(tmp_path, {"CRP (mg/L)": ["NA", "<0.5", "2"]}, rows=3)
    assert [len(row.measured) for row in found.rows] == [0, 0, 1]
    assert len(found.notes) == 1
    assert "'<0.5'" in found.notes[0]


@pytest.mark.parametrize(
    ("column", "text", "code", "said"),
    [
        ("CRP", "2", "E526", "nothing tells the unit"),
        ("CRP (mg/kg)", "2", "E526", "mg/L"),
        ("CRP (furlong)", "2", "E526", "furlong"),
        ("TEWL", "wet", "E527", "no reading"),
        ("TEWL", "12,5", "E527", "decimal point"),
        ("EASI", "99", "E527", "0 to 72"),
        ("skin pH", "55", "E527", "scale"),
        ("total load", "1e9", "E526", "unit"),
    ],
)
def test_a_reading_that_cannot_be_used_is_refused(
    tmp_path: Path, column: str, text: str, code: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, {column: text})
    assert caught.value.code == code
    assert said in str(caught.value)
    assert "metadata.tsv" in caught.value.where
    assert caught.value.remedy


def test_readings_of_a_person_by_day_and_the_same_once(tmp_path: Path) -> None:
    columns: dict[str, str | list[str]] = {
        "person": ["ada", "ada", "ada", "bob"],
        "Date": ["2024-03-05", "2024-03-05", "2024-03-12", "2024-03-05"],
        "TEWL": ["12", "12", "9", "20"],
        "EASI": ["NA", "3", "2", "8"],
    }
    found = _read(tmp_path, columns, rows=4)
    assert [row.day for row in found.rows] == [0.0, 0.0, 7.0, 0.0]
    assert sorted((each.quantity, each.value) for each in found.of("Ada", 0.0)) == [
        ("easi", 3.0),
        ("tewl", 12.0),
    ]
    assert [each.value for each in found.of("ada", 7.0)] == [9.0, 2.0]
    assert len(found.of("ada")) == 4
    assert found.of("eve") == ()


def test_a_date_that_is_not_there_is_no_day(tmp_path: Path) -> None:
    found = _read(tmp_path, {"sampling date": ["2024-03-05", "NA"], "EASI": ["1", "2"]}, rows=2)
    assert [row.day for row in found.rows] == [0.0, None]
    joined = _read(tmp_path, {"year": ["2008", "2008"], "month": ["10", "11"], "day": ["28", "4"]}, rows=2)
    assert [row.day for row in joined.rows] == [0.0, 7.0]
    assert joined.notes == ()


def test_the_load_of_a_sample(tmp_path: Path) -> None:
    found = _read(tmp_path, {"total load (CFU/g)": ["1e11", "NA"]}, rows=2)
    load = found.load("s0")
    assert isinstance(load, Measured)
    assert load.value == 1e11
    assert found.load("s1") is None


def test_every_instrument_measures_a_read_out_or_a_load() -> None:
    rows = load_instruments().rows
    assert set(rows) - {"load", "gene_copies"} <= set(READOUTS)
    assert len(rows) > 20
    for each in rows.values():
        if each.assumed:
            assert each.assumed == READOUTS[each.quantity].unit


@pytest.mark.parametrize(("kind", "size"), [("sd", 0.0), ("gsd", 1.0), ("cv", 0.3), ("sd", float("nan"))])
def test_what_is_no_error_is_refused(kind: str, size: float) -> None:
    with pytest.raises(ValueError, match="no error"):
        Error(kind, size)


def test_a_reading_that_cannot_be_used_can_be_left_to_the_caller(tmp_path: Path) -> None:
    (tmp_path / "facts.tsv").write_text("sample\tperson\tsite\tEASI\na\tada\tface\t8\nb\tben\tface\t900\n")
    known = {"easi": ("easi", "1")}
    ada, ben = read_visits(tmp_path / "facts.tsv", known, refuse=False).rows
    assert ([each.value for each in ada.measured], ada.fault) == ([8.0], None)
    assert ben.measured == ()
    assert ben.fault is not None
    assert ben.fault.code == "E527"
    with pytest.raises(InputError, match="E527"):
        read_visits(tmp_path / "facts.tsv", known)
