"""R data files: values, names, factors and dates come out; lengths are not trusted and nothing is run."""

from __future__ import annotations

import runpy
import struct
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gutskin.errors import InputError
from gutskin.samples import robjects
from gutskin.samples.content import Content
from gutskin.samples.readers.rtables import read_tables
from gutskin.samples.robjects import parse

made = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("sample_files.py"))))


def _content(value: bytes) -> Content:
    return Content(Path("a.rds"), made.rds(value))


def _int(value: int) -> bytes:
    return struct.pack(">i", value)


def test_a_matrix_is_read_by_columns_as_r_keeps_it() -> None:
    numbers = parse(_content(made.r_matrix(np.array([[1, 2, 3], [4, 5, 6]], dtype="i4"), "ab", "xyz")))
    assert numbers.numbers().reshape(numbers.shape, order="F").tolist() == [[1, 2, 3], [4, 5, 6]]
    assert numbers.dimnames == (("a", "b"), ("x", "y", "z"))
    texts = made.r_matrix([["k1", "p1"], ["k2", None]], ("a", "b"), ("Kingdom", "Phylum"))
    assert read_tables(_content(texts)).lineages == {"a": "k__k1;p__p1", "b": "k__k2"}


def test_missing_numbers_factors_dates_and_times_become_texts() -> None:
    whole = parse(_content(made.r_vector(np.array([1, -(2**31)], dtype="i4"))))
    assert whole.texts() == ["1", None]
    assert np.isnan(whole.numbers()[1])
    times = made.r_vector(np.array([86_400.0 * 2 + 5]), **{"class": made.r_vector(["POSIXct", "POSIXt"])})
    assert parse(_content(times)).texts() == ["1970-01-03"]
    factor = made.r_vector(np.array([2, -(2**31)], dtype="i4"), levels=made.r_vector(["low", "high"]))
    assert parse(_content(factor)).texts() == ["high", None]
    assert not parse(_content(factor)).is_numeric
    assert parse(_content(made.r_vector(np.array([0.5, np.nan])))).texts() == ["0.5", None]


def test_short_row_names_of_a_data_frame_are_numbers() -> None:
    frame = made.r_list(
        [made.r_vector(np.array([5.0, 6.0]))],
        names=made.r_vector(["Blautia"]),
        **{"row.names": made.r_vector(np.array([-(2**31), -2], dtype="i4"))},
        **{"class": made.r_vector(["data.frame"])},
    )  # fmt: skip
    (counts,) = read_tables(_content(frame)).counts
    assert (counts.rows, counts.columns, counts.values.tolist()) == (("1", "2"), ("Blautia",), [[5.0], [6.0]])


@pytest.mark.parametrize("length", [-2, 0x7FFFFFFF, 1000])
@pytest.mark.parametrize("kind", [13, 14, 16, 19, 9, 10], ids=["INT", "REAL", "STR", "VEC", "CHAR", "LGL"])
def test_a_length_that_is_not_there_is_refused_without_taking_memory(kind: int, length: int) -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="E505") as caught:
        parse(_content(_int(kind) + _int(length) + b"\0" * 8))
    assert caught.value.remedy
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # [KiB]


def test_compiled_code_nesting_and_floods_of_objects_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"E505.*compiled code"):
        parse(_content(made.r_compiled()))
    with pytest.raises(InputError, match=r"E505.*too deep"):
        parse(_content((_int(19) + _int(1)) * 5000 + _int(254)))
    monkeypatch.setattr(robjects, "MOST_OBJECTS", 50)
    with pytest.raises(InputError, match=r"E508.*more than 50"):
        parse(_content(made.r_vector([""] * 60)))


def test_a_vector_kept_in_short_is_expanded_only_when_it_fits() -> None:
    def altrep(count: float) -> bytes:
        info = _int(2) + _int(1) + made._char("compact_intseq") + _int(254)
        return _int(238) + info + made.r_vector(np.array([count, 1.0, 1.0])) + _int(254)

    assert parse(_content(altrep(4))).numbers().tolist() == [1, 2, 3, 4]
    for count in (1e12, np.nan, np.inf):
        with pytest.raises(InputError, match="E508"):
            parse(_content(altrep(count)))


def test_several_tables_are_named_and_the_one_with_a_taxonomy_is_chosen() -> None:
    from gutskin.samples.readers import rdata

    one = made.r_matrix(made.COUNTS.astype("i4"), made.FEATURES, ("s1", "s2"))
    other = made.r_matrix(np.ones((2, 2)), ("u", "v"), ("x", "y"))
    taxa = made.r_matrix(made.r_ranks(), made.FEATURES, made.RANKS)
    both = made.r_list([one, other], names=made.r_vector(["counts", "distances"]))
    with pytest.raises(InputError, match=r"E506.*counts, distances"):
        rdata.read(_content(both))
    with_taxa = made.r_list([one, other, taxa], names=made.r_vector(["counts", "distances", "taxa"]))
    assert rdata.read(_content(with_taxa)).features == made.FEATURES
    two = made.r_list([made.r_phyloseq(), made.r_phyloseq()], names=made.r_vector(["a", "b"]))
    with pytest.raises(InputError, match=r"E506 several phyloseq objects: a, b"):
        read_tables(_content(two))


def test_dimensions_that_do_not_fit_are_refused() -> None:
    broken = made.r_vector(np.arange(5.0), dim=made.r_vector(np.array([2, 3], dtype="i4")))
    with pytest.raises(InputError, match=r"E505.*5 values and dimensions \(2, 3\)"):
        read_tables(_content(broken))
