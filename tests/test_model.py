"""A model answers what it knows of every name, and tells who asks for a wrong one."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from gutskin.errors import InputError, LibraryErrors
from gutskin.model import FLOOR_SHARE, SMALLEST_FLOOR, Model, load

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
NUMBERS = {"k_turn": (0.7, "1/h"), "k_leave": (0.2, "1/h")}
QUANTITIES = {"a": ("mmol", 10.0, "CH2O"), "b": ("mmol", 0.0, "CH2O"), "total": ("mmol",)}
READOUT = """[whole]
quantity = "total"
label = "All of it"
unit = "mmol"
better = "up"
core = true
healthy = { low = 5, high = 15, source = "none", note = "made up" }
words = [[0, "low"], [5, "usual"], [15, "high"]]
"""


def built(folder: Path, **changed: object) -> Model:
    parts = {"text": helpers["CHAIN"], "numbers": NUMBERS, "quantities": QUANTITIES, **changed}
    return helpers["toy"](
        folder, parts["text"], parts["numbers"], parts["quantities"], ("leave",), readouts_gut=READOUT
    )


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return built(tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load()


def test_arrays_are_in_the_order_of_the_network(chain: Model) -> None:
    assert chain.name == chain.network.name == "toy"
    assert chain.network.states == ("a", "b")
    assert chain.kernel.states == ("a", "b", "tally_C")
    np.testing.assert_array_equal(chain.start(), [10.0, 0.0])
    names = [c.name for c in chain.network.constants]
    assert dict(zip(names, chain.constants(), strict=True)) == {"k_turn": 0.7, "k_leave": 0.2}


def test_floors_follow_the_start_and_are_never_zero(chain: Model) -> None:
    np.testing.assert_allclose(chain.floors(), [10 * FLOOR_SHARE, SMALLEST_FLOOR])


def test_arrays_can_be_changed_without_changing_the_model(chain: Model) -> None:
    for make in (chain.constants, chain.start, chain.floors):
        make()[:] = -1.0
        assert (make() >= 0).all()


def test_numbers_reach_the_arrays_to_the_last_bit(tmp_path: Path) -> None:
    value = 0.1 + 0.2
    model = built(tmp_path, numbers={**NUMBERS, "k_turn": (value, "1/h")})
    assert value in model.constants()


def test_the_second_load_comes_from_the_cache_and_is_the_same(tmp_path: Path) -> None:
    first = built(tmp_path)
    with patch.dict(os.environ, GUTSKIN_CACHE=str(tmp_path / "cache")):
        with patch("gutskin.compile.antimony.Flattening", side_effect=AssertionError("compiled again")):
            second = load("toy", library=tmp_path)
        for path in (tmp_path / "cache").iterdir():
            path.write_text("{ damaged")
        third = load("toy", library=tmp_path)
    for other in (second, third):
        assert other.network == first.network
        assert other.kernel.source == first.kernel.source
        assert other.network.digest == first.network.digest


def test_a_changed_number_changes_the_hash_of_the_ledger_only(chain: Model, tmp_path: Path) -> None:
    other = built(tmp_path, numbers={**NUMBERS, "k_turn": (0.71, "1/h")})
    assert other.network.digest == chain.network.digest
    assert other.ledger.digest != chain.ledger.digest


def test_a_changed_equation_changes_the_hash_of_the_network(chain: Model, tmp_path: Path) -> None:
    other = built(tmp_path, text=helpers["CHAIN"].replace("k_turn * a;", "2 * k_turn * a;"))
    assert other.network.digest != chain.network.digest
    assert other.ledger.digest == chain.ledger.digest


def test_a_library_with_a_fault_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(LibraryErrors, match=r"E109.*k_leave"):
        built(tmp_path, numbers={"k_turn": (0.7, "1/h")})


def test_a_model_that_is_not_there(chain: Model) -> None:
    with pytest.raises(InputError, match=r"E262.*'tuy'.*did you mean toy"):
        load("tuy", library=chain.library)
    with pytest.raises(InputError, match=r"E262.*did you mean person"):
        load("persn")


def test_rows(chain: Model) -> None:
    assert (chain.row("k_turn").value, chain.row("k_turn").unit) == (0.7, "1/h")
    with pytest.raises(InputError, match=r"E260.*did you mean k_turn"):
        chain.row("k_tun")


def test_explain_a_constant(chain: Model) -> None:
    got = chain.explain("k_turn")
    facts = dict(got.facts)
    assert facts["value"] == "0.7 1/h"
    assert facts["grade"] == "assumed"
    assert "toy.toml:" in facts["ledger row"]
    (use,) = got.uses
    assert use[0] == "turn: a => b; k_turn * a"
    assert use[1] == "toy.ant:5"


def test_explain_a_state_with_every_formula_that_has_it(chain: Model) -> None:
    got = chain.explain("b")
    assert dict(got.facts)["what"] == "The b"
    assert dict(got.facts)["unit"] == "mmol"
    assert {text.split(":")[0].strip() for text, _ in got.uses} == {"turn", "leave", "total"}


def test_explain_a_reaction_says_why_it_is_open(chain: Model) -> None:
    facts = dict(chain.explain("leave").facts)
    assert facts["open because"] == "a toy has a border"
    assert "open because" not in dict(chain.explain("turn").facts)


def test_explain_a_derived_quantity(chain: Model) -> None:
    got = chain.explain("total")
    assert dict(got.facts)["kind"] == "derived"
    assert [text for text, _ in got.uses] == ["total := a + b"]


def test_explain_a_readout_through_its_quantity(chain: Model) -> None:
    got = chain.explain("whole")
    facts = dict(got.facts)
    assert facts["healthy range"] == "5 to 15 mmol"
    assert facts["words"] == "from 0: low, from 5: usual, from 15: high"
    assert [text for text, _ in got.uses] == ["total := a + b"]


def test_explain_nonsense_names_the_nearest(chain: Model) -> None:
    with pytest.raises(InputError, match=r"E261.*'k_trun'.*did you mean k_turn"):
        chain.explain("k_trun")


def test_names_of_the_shipped_model_can_be_explained_and_every_constant_is_used(shipped: Model) -> None:
    names = [c.name for c in shipped.network.constants]
    names += [q.name for q in shipped.network.quantities] + [r.name for r in shipped.network.reactions]
    names += list(shipped.readouts)
    for name in names[::9]:
        assert shipped.explain(name).facts, name
    formulas = shipped.formulas()
    for constant in shipped.network.constants:
        assert any(constant.name in used for _, _, _, used in formulas), constant.name


def test_readouts_of_the_shipped_model_name_quantities_of_it(shipped: Model) -> None:
    known = {q.name: q.unit for q in shipped.network.quantities}
    for each in shipped.readouts.values():
        assert known[each.quantity] == each.unit
    assert any(each.core for each in shipped.readouts.values())


def test_the_shipped_model_has_finite_numbers(shipped: Model) -> None:
    assert np.isfinite(shipped.constants()).all()
    assert (shipped.start() >= 0).all()
    assert (shipped.floors() > 0).all()
    assert set(shipped.kernel.tallies) >= {"tally_C", "tally_N"}
