"""The ledger: every number with its passport, from TOML to arrays without passing through text."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin import ledger
from gutskin.errors import GutskinError, InputError, LibraryError, LibraryErrors
from gutskin.model import Model, load

# Machines that run tests are often busy with other things.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

POND = Path(__file__).parent / "bad/models/right"
ROW = {"value": 0.5, "unit": "1/h", "spread": {"kind": "fixed"}, "source": "none", "grade": "assumed"}


@pytest.fixture
def pond(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    return Path(shutil.copytree(POND, tmp_path / "library"))


def rewritten(library: Path, old: str, new: str) -> Path:
    path = library / "parameters/pond.toml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return library


THIRD = repr(1 / 3)


def loaded(pond: Path) -> tuple[Model, int]:
    model = load("pond", library=pond)
    return model, [c.name for c in model.network.constants].index("k_fall")


def test_one_third_is_read_back_to_the_last_bit_from_row_and_array(pond: Path) -> None:
    model, k = loaded(pond)
    assert THIRD in (pond / "parameters/pond.toml").read_text()
    assert model.ledger.rows["pond.k_fall"].value == 1 / 3
    assert model.row("k_fall").value == 1 / 3
    assert float(model.constants()[k]) == 1 / 3


def test_one_third_reaches_the_engine_to_the_last_bit(pond: Path) -> None:
    model, _ = loaded(pond)
    functions = model.kernel.scalar
    constants = functions.prepare(model.constants().tolist())
    state = [1.0 if name == "alarm" else 0.0 for name in model.kernel.states]
    rates = dict(zip(model.kernel.states, functions.rates(state, constants), strict=True))
    assert rates["alarm"] == -(1 / 3)


@CALM
@given(st.floats(1e-300, 1e300))
def test_any_number_written_in_toml_comes_out_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, value: float
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    (folder / "parameters").mkdir()
    written = f'value={value!r}\nunit="1"\nspread={{kind="fixed"}}\nsource="none"\ngrade="assumed"\n'
    (folder / "parameters/pond.toml").write_text(f"[k]\n{written}")
    assert ledger.read_ledger(folder).rows["pond.k"].value == value


def test_a_row_has_its_passport_and_its_place(pond: Path) -> None:
    row = ledger.read_ledger(pond).rows["pond.k_fall"]
    assert (row.unit, row.source, row.where, row.grade) == ("1/h", "pond_1999", "Table 1", "in vitro")
    assert (row.spread.kind, row.spread.gsd, row.line) == ("lognormal", 1.5, "pond.toml:7")


@pytest.mark.parametrize(
    ("old", "new"),
    [(f"value = {THIRD}", "value = 0.3333333333333334"), ("gsd = 1.5", "gsd = 1.6"),
     ('"1/mmol/h"', '"1/umol/h"')],
)  # fmt: skip
def test_the_digest_notices_a_value_a_spread_and_a_unit(pond: Path, old: str, new: str) -> None:
    before = ledger.read_ledger(pond).digest
    assert ledger.read_ledger(rewritten(pond, old, new)).digest != before


def test_the_digest_does_not_mind_a_note_or_the_order(pond: Path) -> None:
    before = ledger.read_ledger(pond)
    rewritten(pond, 'grade = "in vitro"', 'grade = "in vitro"\nnote = "by eye"')
    assert ledger.read_ledger(pond).digest == before.digest
    assert ledger.Ledger(dict(reversed(before.rows.items()))).digest == before.digest


def test_rows_are_counted_by_grade(pond: Path) -> None:
    assert ledger.read_ledger(pond).count() == {
        "human in vivo": 0, "animal": 0, "in vitro": 1, "calibrated": 0, "assumed": 5,
    }  # fmt: skip


def test_a_row_for_one_instance_stands_in_a_dotted_table(tmp_path: Path) -> None:
    (tmp_path / "parameters").mkdir()
    body = 'value = 1\nunit = "1"\nspread = { kind = "fixed" }\nsource = "none"\ngrade = "assumed"\n'
    (tmp_path / "parameters/weed.toml").write_text(f"[k]\n{body}\n[tall.k]\n{body}")
    rows = ledger.read_ledger(tmp_path).rows
    assert set(rows) == {"weed.k", "weed.tall.k"}
    assert rows["weed.tall.k"].line == "weed.toml:8"


def test_all_faults_are_found_in_one_pass(pond: Path) -> None:
    rewritten(pond, 'unit = "1/mmol/h"', 'unit = "1/huor"')
    rewritten(pond, "gsd = 1.5", "gsd = 0.5")
    rewritten(pond, "value = 2.0", "value = nan")
    with pytest.raises(LibraryErrors) as caught:
        ledger.read_ledger(pond)
    assert {(f.code, f.where) for f in caught.value.faults} == {
        ("E133", "pond.toml:1"), ("E136", "pond.toml:5"), ("E135", "pond.toml:7"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "spread",
    [{"kind": "fixed"}, {"kind": "normal", "sd": 0.1}, {"kind": "lognormal", "gsd": 2},
     {"kind": "uniform", "low": -1, "high": 1}, {"kind": "loguniform", "low": 0.1, "high": 1}],
)  # fmt: skip
def test_every_kind_of_spread_is_read(spread: dict[str, Any]) -> None:
    row = ledger.parameter("pond.k", {**ROW, "spread": spread}, "pond.toml:1")
    assert {k: v for k, v in vars(row.spread).items() if v is not None} == spread
    assert str(row.spread).startswith(spread["kind"])


TOML = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.floats(), st.sampled_from(["", "1/h", "none", "fixed", "x"])),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("ab"), inner)),
    max_leaves=4,
)
SPREADS = st.dictionaries(st.sampled_from(["kind", "gsd", "sd", "low", "high"]), TOML)


@CALM
@given(st.data())
def test_whatever_stands_at_a_key_the_answer_is_a_row_or_a_fault_with_its_place(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from([*ROW, "where", "note", "unknown"]))
    value = data.draw(st.one_of(TOML, SPREADS))
    row, fault = None, None
    try:
        row = ledger.parameter("pond.k", {**ROW, key: value}, "pond.toml:1")
    except LibraryError as error:
        fault = error
    if row is not None:
        assert row.grade in ledger.GRADES
        assert isinstance(row.unit, str)
    else:
        assert fault is not None
        assert fault.where == "pond.toml:1"
        assert fault.code in {"E132", "E133", "E134", "E135", "E136"}


def test_lines_are_those_of_headers_and_of_tables_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("# a\n[one]\nvalue = 1\n\n  [two.deep]\nthree = { value = 1 }\n")
    assert ledger.table_lines(path) == {"one": "a.toml:2", "two.deep": "a.toml:5", "three": "a.toml:6"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("broken.toml", b"a = [1", "E130"), ("latin.toml", "a = 'ü'".encode("latin-1"), "E130"),
     ("missing.toml", None, "E131")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_its_name(
    tmp_path: Path, name: str, content: bytes | None, code: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=name) as caught:
        ledger.read_toml(tmp_path / name)
    assert caught.value.code == code
    assert caught.value.remedy


def test_a_ledger_file_that_is_no_text_is_refused_like_any_other(pond: Path) -> None:
    (pond / "parameters/pond.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(GutskinError, match="E130"):
        ledger.read_ledger(pond)


def test_sources_are_read_with_all_fields(pond: Path) -> None:
    source = ledger.read_ledger(pond).sources["pond_1999"]
    assert (source.kind, source.fields["title"], source.verified) == ("article", "On ponds", False)
    assert str(source) == "Pond 1999. On ponds [not verified]"


def test_a_source_of_many_authors_is_cited_by_the_first() -> None:
    fields = {
        "author": "Reed, R. and Pond, P.",
        "year": "2001",
        "title": "T",
        "doi": "10.1/x",
        "verified": "yes",
    }
    assert str(ledger.Source("reed_2001", "article", fields)) == "Reed et al. 2001. T. doi:10.1/x"


@pytest.mark.parametrize(
    "value", [True, "1", None, float("nan"), float("inf"), -float("inf"), 10**400, -(10**400)]
)
def test_what_is_no_number_to_compute_with(value: object) -> None:
    assert not ledger.is_number(value)


@pytest.mark.parametrize("value", [0, -3, 1e308, 10**300])
def test_what_is_a_number_to_compute_with(value: object) -> None:
    assert ledger.is_number(value)
