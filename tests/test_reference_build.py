"""The reference population: a mixture of people drawn again at will, and a cache never out of date."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gutskin import cache
from gutskin.coordinates import Coordinates
from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.people import Person
from gutskin.reference import Reference, build, read_strata, reference
from gutskin.reference.strata import FOLDER

toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Model:
    model: Model = toys["garden"](tmp_path_factory.mktemp("garden"))
    return model


def land(model: Model, **more: object) -> Reference:
    return reference(model, "bed", **{"population": "land", "size": 400, **more})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def everybody(garden: Model) -> Reference:
    return land(garden)


def test_a_stratum_has_its_members_and_its_share(everybody: Reference) -> None:
    assert everybody.size == 400
    assert np.bincount(everybody.kinds).tolist() == [200, 200]
    np.testing.assert_allclose(np.bincount(everybody.kinds, everybody.weights), [0.9, 0.1])
    assert everybody.lost == (0, 0)


def test_rare_people_have_members_enough(garden: Model) -> None:
    few = '[[people]]\nperson = "swamp"\nshare = 0.01\nmembers = 0.01\nsource = "none"\ngrade = "assumed"\n'
    text = 'title = "Few"\nabout = "Few."\n' + few.replace("swamp", "meadow").replace("0.01", "0.99") + few
    (garden.library / "populations/few.toml").write_text(text)
    found = land(garden, population="few", size=200)
    assert np.bincount(found.kinds).tolist() == [198, build.FEWEST]
    np.testing.assert_allclose(np.bincount(found.kinds, found.weights), [0.99, 0.01])


def test_members_rest_where_their_points_say(garden: Model, everybody: Reference) -> None:
    some = np.array([3, 77, 250, 399])
    coordinates = Coordinates(garden, everybody.people)
    points = everybody.points(some, coordinates)
    names = [coordinates.names[k] for k in coordinates.places]
    middle = np.where(everybody.kinds[some] == 1, 10 + toys["FAR"] * toys["SD"], 10.0)
    wet = middle + toys["SD"] * points[names.index("rain")]
    np.testing.assert_allclose(everybody.read("wet")[some], wet, rtol=1e-3)
    red = 100.0 * toys["GSD"] ** points[names.index("red_arrival")]
    np.testing.assert_allclose(everybody.read("red")[some], red, rtol=1e-3)


def count(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often people are settled."""
    settled, real = list[int](), build.at_rest

    def spy(model: Model, constants: np.ndarray, **more: object) -> object:
        settled.append(constants.shape[1])
        return real(model, constants, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(build, "at_rest", spy)
    return settled


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path))
    return tmp_path


def entry(folder: Path) -> Path:
    (path,) = folder.glob("reference-*")
    return path


def test_what_was_built_is_read_back_bit_by_bit(
    garden: Model, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = count(monkeypatch)
    told: list[float] = []
    first, second = land(garden, tick=told.append), land(garden, tick=told.append)
    assert settled == [400]
    assert sum(told) == pytest.approx(1.0)
    assert first.found.states.tobytes() == second.found.states.tobytes()
    assert first.found.derived.tobytes() == second.found.derived.tobytes()
    assert first.weights.tobytes() == second.weights.tobytes()


def ruin(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:])


@pytest.mark.parametrize("harm", [ruin, lambda p: p.write_bytes(p.read_bytes()[:200]), Path.unlink])
def test_a_damaged_entry_is_made_again(
    garden: Model, fresh: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], object]
) -> None:
    first = land(garden)
    harm(entry(fresh))
    settled = count(monkeypatch)
    again = land(garden)
    assert settled == [400]
    assert again.found.states.tobytes() == first.found.states.tobytes()


def test_an_entry_of_another_size_is_made_again(
    garden: Model, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = land(garden)
    few = first.found.of(np.arange(30))
    cache.write(entry(fresh).name, build._packed(few))
    settled = count(monkeypatch)
    assert land(garden).size == 400
    assert settled == [400]


def test_the_key_knows_all_that_members_depend_on(garden: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers, spreads, people, strata, size, seed and our own code; not the folder it lies in."""
    strata = read_strata("land", garden.library / FOLDER)
    people = [Person("meadow", ""), Person("swamp", "").having("preset", {"rain": (9.0, "ug/cm2/h")})]

    def key(**more: object) -> str:
        told = {"model": garden, "strata": strata, "people": tuple(people), "size": 400, "seed": 1, **more}
        return build._key(**told)  # type: ignore[arg-type]

    row = garden.ledger.rows["toy.rain"]
    wide = replace(row, spread=replace(row.spread, sd=2.0))
    ledgers = [
        replace(garden.ledger, rows={**garden.ledger.rows, "toy.rain": each})
        for each in (wide, replace(row, value=11.0))
    ]
    keys = [
        key(), key(size=401), key(seed=2), key(strata=strata[:1]),
        key(people=(people[0], people[0])), *(key(model=replace(garden, ledger=each)) for each in ledgers),
    ]  # fmt: skip
    assert len(set(keys)) == len(keys)
    assert key() == keys[0]
    monkeypatch.setattr(build, "_makers", lambda: "other code")
    assert key() not in keys


def test_the_makers_are_files_of_the_code() -> None:
    here = Path(build.__file__).parents[1]
    assert all((here / f"{name}.py").is_file() for name in build.MAKERS)
    assert len(build._makers()) == 64


def test_another_seed_is_other_people_and_a_larger_population_begins_with_the_same(garden: Model) -> None:
    one, two = land(garden, population="meadows"), land(garden, population="meadows", seed=2)
    assert not np.array_equal(one.read("wet"), two.read("wet"))
    many = land(garden, population="meadows", size=600)
    np.testing.assert_array_equal(many.read("wet")[:400], one.read("wet"))


@pytest.fixture
def dying(tmp_path: Path) -> Model:
    """Who lives in the swamp floods, and two in three of the others too."""
    spread = '{ kind = "normal", sd = 1.0 }'
    return toys["garden"](
        tmp_path,
        numbers={"k_dry": (-0.5, "1/h", spread)},
        people_swamp='label = "Swamp"\nabout = "Floods."\n[set]\nk_dry = "-1 1/h"\n',
    )


def test_who_never_settles_is_lost_and_the_others_stand_for_everybody(dying: Model) -> None:
    found = land(dying)
    assert found.lost[1] == 200
    assert 110 < found.lost[0] < 160
    assert found.size == 400 - sum(found.lost)
    assert np.isfinite(found.found.states).all()
    assert found.weights.sum() == pytest.approx(1.0)
    names = [c.name for c in dying.network.constants]
    coordinates = Coordinates(dying, found.people)
    own = coordinates.constants(found.points(np.arange(found.size), coordinates), found.kinds)
    rest = own[names.index("rain")] / own[names.index("k_dry")]
    np.testing.assert_allclose(found.read("wet"), rest, rtol=2e-3)


def test_a_population_of_which_nobody_settles_is_refused(tmp_path: Path) -> None:
    model = toys["garden"](tmp_path, numbers={"k_dry": (-1.0, "1/h")})
    with pytest.raises(InputError, match="E582"):
        land(model)


@pytest.mark.parametrize("size", [0, 199, 100_001])
def test_a_size_out_of_range_is_refused(garden: Model, size: int) -> None:
    with pytest.raises(InputError, match="E582"):
        land(garden, size=size)


@pytest.mark.parametrize(("more", "code"), [({"population": "lan"}, "E580"), ({"place": "bad"}, "E450")])
def test_what_is_not_there_is_refused(garden: Model, more: dict[str, str], code: str) -> None:
    with pytest.raises(InputError, match=code):
        reference(garden, **{"place": "bed", "population": "land", "size": 400, **more})  # type: ignore[arg-type]
