"""Traits from shares: what was used to make the shares is found again, and limits are said."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin.engine.outcome import Options
from gutskin.intake import samples_of, take_in, targets
from gutskin.ledger import Spread
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.people import Person, read_person
from gutskin.precedence import resolve, spreads
from gutskin.simulate import NotSteadyError, everyday
from gutskin.sites import Site
from gutskin.traits import ROUNDS, SPREADS, Explained, GuildTarget, fit

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
ADA = Person("ada", "Ada")
NAMES = ("red", "green", "blue")
GSD = 1.5


@pytest.fixture(scope="module")
def meadow(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Three guilds that crowd themselves more than each other; blue is two states."""
    states = ("red", "green", "blue_one", "blue_two")
    traits = {"red": "red", "green": "green", "blue_one": "blue", "blue_two": "blue"}
    text = "\n".join(
        f"  {s}' = arrival + r_grow * {traits[s]}_fitness * {s}"
        f" - k_crowd * {s} * ({s} + mix * ({' + '.join(o for o in states if o != s)}));"
        for s in states
    )
    numbers: dict[str, tuple[Any, ...]] = {f"{name}_fitness": (1.0, "1", GSD) for name in NAMES}
    numbers |= {
        "r_grow": (0.1, "1/h"), "k_crowd": (1e-4, "cm2/h/CFU", helpers["ANY_SIGN"]), "mix": (0.3, "1"),
        "arrival": (1e-3, "CFU/cm2/h"),
    }  # fmt: skip
    return helpers["toy"](
        tmp_path_factory.mktemp("meadow"), text, numbers, dict.fromkeys(states, ("CFU/cm2", 300.0))
    )


def guilds(shares: Sequence[float], traits: Sequence[str] = NAMES) -> list[GuildTarget]:
    states = {"red": ("red",), "green": ("green",), "blue": ("blue_one", "blue_two")}
    return [
        GuildTarget("field", name, name.title(), states[name], f"{trait}_fitness" if trait else "", share)
        for name, trait, share in zip(NAMES, traits, shares, strict=True)
    ]


def shares_with(model: Model, traits: Sequence[float]) -> np.ndarray:
    values = {f"{n}_fitness": (v, "1") for n, v in zip(NAMES, traits, strict=True)}
    constants = helpers["settings_of"](values, model)
    states = dict(zip(model.network.states, everyday(model, constants).states, strict=True))
    sizes = np.array([sum(states[s] for s in target.states) for target in guilds([0, 0, 0])])
    return sizes / sizes.sum()


@pytest.mark.parametrize("traits", [(1.0, 1.0, 1.0), (1.4, 0.9, 1.0), (0.8, 1.2, 1.1), (1.0, 1.3, 0.75)])
def test_traits_that_made_the_shares_are_found_again(meadow: Model, traits: tuple[float, ...]) -> None:
    """Shares tell ratios of traits only: here growing twice as well everywhere changes no share."""
    wanted = shares_with(meadow, traits)
    twin = fit(meadow, ADA, guilds(wanted))
    got = np.array([fitted.trait for fitted in twin.guilds])
    np.testing.assert_allclose(got / got[0], np.array(traits) / traits[0], rtol=0.05)
    assert twin.worst < 0.01
    assert not any(fitted.at_limit for fitted in twin.guilds)


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Two guilds in a spring that feeds the mouth, which is what a sample shows."""
    text = "\n".join(
        f"  {at}_{s}' = {fed} + r_grow * {s}_fitness * {at}_{s}"
        f" - k_crowd * {at}_{s} * ({at}_{s} + mix * {at}_{o}) - k_flow * {at}_{s};"
        for s, o in (("red", "green"), ("green", "red"))
        for at, fed in (("spring", "arrival"), ("mouth", f"k_flow * spring_{s}"))
    )
    numbers: dict[str, tuple[Any, ...]] = {f"{name}_fitness": (1.0, "1", GSD) for name in ("red", "green")}
    numbers |= {
        "r_grow": (0.05, "1/h"), "k_crowd": (1e-4, "cm2/h/CFU"), "mix": (0.5, "1"), "k_flow": (0.04, "1/h"),
        "arrival": (1e-3, "CFU/cm2/h"),
    }  # fmt: skip
    states = [f"{at}_{s}" for s in ("red", "green") for at in ("spring", "mouth")]
    return helpers["toy"](
        tmp_path_factory.mktemp("river"), text, numbers, dict.fromkeys(states, ("CFU/cm2", 100.0))
    )


def test_what_lies_upstream_is_set_along_with_what_the_sample_shows(river: Model) -> None:
    values = {"red_fitness": (1.05, "1"), "green_fitness": (1.0, "1")}
    found = everyday(river, helpers["settings_of"](values, river))
    states = dict(zip(river.network.states, found.states, strict=True))
    sizes = {s: states[f"mouth_{s}"] for s in ("red", "green")}
    alone = [
        GuildTarget("river", s, s.title(), (f"mouth_{s}",), f"{s}_fitness", size / sum(sizes.values()))
        for s, size in sizes.items()
    ]
    along = [replace(each, along=(f"spring_{each.name}",)) for each in alone]
    slow, quick = fit(river, ADA, alone), fit(river, ADA, along)
    assert max(slow.worst, quick.worst) < 0.02
    assert quick.rounds < slow.rounds
    ratio = quick.guilds[0].trait / quick.guilds[1].trait
    assert ratio == pytest.approx(1.05, rel=0.005)


def test_a_trait_with_a_spread_of_the_persons_own_is_searched_within_that(meadow: Model) -> None:
    """Red 6 times as fit as the ledger's is out of reach there, and in the middle of this person's spread."""
    own = replace(meadow.row("red_fitness"), value=6.0, spread=Spread("lognormal", gsd=1.1))
    there = ADA.at(Site("there", "There", rows={"red_fitness": own}))
    wanted = shares_with(meadow, (6.0, 1.0, 1.0))
    twin = fit(meadow, there, guilds(wanted))
    red = twin.guilds[0]
    assert 6.0 / 1.1**3 < red.trait < 6.0 * 1.1**3
    assert not red.at_limit
    assert resolve(meadow, twin.person)[1]["red_fitness"] == "sample"
    assert spreads(meadow, twin.person) == {}, "what the sample tells is known"


def test_the_twin_is_the_person_with_traits_of_origin_sample_and_starts_at_rest(meadow: Model) -> None:
    wanted = shares_with(meadow, (1.2, 0.9, 1.0))
    twin = fit(meadow, ADA.having("preset", {"r_grow": (2.4, "1/day")}), guilds(wanted))
    assert set(twin.person.layers) == {"preset", "sample"}
    assert set(twin.person.layers["sample"]) == {f"{name}_fitness" for name in NAMES}
    again = everyday(meadow, resolve(meadow, twin.person)[0], start=twin.start)
    np.testing.assert_allclose(again.states, twin.start, rtol=1e-2)
    assert ADA.layers == {}


def test_the_shares_that_are_told_are_those_of_the_start(meadow: Model) -> None:
    twin = fit(meadow, ADA, guilds([0.5, 0.2, 0.3]))
    states = dict(zip(meadow.network.states, twin.start, strict=True))
    sizes = np.array([sum(states[s] for s in fitted.target.states) for fitted in twin.guilds])
    np.testing.assert_allclose([fitted.modelled for fitted in twin.guilds], sizes / sizes.sum())
    assert twin.worst == max(abs(f.modelled - f.target.share) for f in twin.guilds)


def test_shares_that_cannot_be_reached_end_at_the_limit_and_say_so(meadow: Model) -> None:
    twin = fit(meadow, ADA, guilds([0.999, 0.001, 0.0]))
    fitted = {each.target.name: each for each in twin.guilds}
    assert fitted["red"].at_limit or fitted["green"].at_limit
    limits = (1 / GSD**SPREADS, GSD**SPREADS)
    for each in twin.guilds:
        assert limits[0] * (1 - 1e-12) <= each.trait <= limits[1] * (1 + 1e-12)
        assert each.at_limit == any(each.trait == pytest.approx(limit, rel=1e-12) for limit in limits)
    assert twin.worst > 1e-3


def test_a_guild_without_trait_is_compared_but_not_fitted(meadow: Model) -> None:
    wanted = shares_with(meadow, (1.3, 1.0, 1.0))
    twin = fit(meadow, ADA, guilds(wanted, ("red", "green", "")))
    assert set(twin.person.layers["sample"]) == {"red_fitness", "green_fitness"}
    assert np.isnan(twin.guilds[2].trait)
    assert not twin.guilds[2].at_limit
    assert twin.guilds[0].trait == pytest.approx(1.3, rel=0.05)
    assert twin.worst < 0.01


def test_counts_instead_of_shares_give_the_same_traits(meadow: Model) -> None:
    one, many = fit(meadow, ADA, guilds([0.5, 0.2, 0.3])), fit(meadow, ADA, guilds([50.0, 20.0, 30.0]))
    assert [f.trait for f in one.guilds] == pytest.approx([f.trait for f in many.guilds])


def test_the_same_samples_give_the_same_twin_to_the_last_bit(meadow: Model) -> None:
    one, two = (fit(meadow, ADA, guilds([0.5, 0.2, 0.3])) for _ in range(2))
    np.testing.assert_array_equal(one.start, two.start)
    assert one.person == two.person


def test_progress_never_passes_the_end(meadow: Model) -> None:
    done: list[float] = []
    twin = fit(meadow, ADA, guilds([0.5, 0.2, 0.3]), tick=done.append)
    assert 0 < sum(done) <= 1 + 1e-9
    assert twin.rounds <= ROUNDS


def test_a_person_who_cannot_live_has_no_twin(meadow: Model) -> None:
    broken = ADA.having("preset", {"k_crowd": (-1e-4, "cm2/h/CFU")})
    with pytest.raises(NotSteadyError, match=r"E270.*ada"):
        fit(meadow, broken, guilds([0.5, 0.2, 0.3]), options=Options(max_steps=5_000))


def test_a_twin_without_guilds_is_off_by_nothing() -> None:
    assert Explained(ADA, np.zeros(1), (), 0).worst == 0.0


# ---- the shipped model


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load()


@pytest.mark.parametrize("name", ["hmp_042", "hmp_111"])
def test_shares_of_a_real_person_are_reached(shipped: Model, name: str) -> None:
    person = read_person(name, LIBRARY / "people")
    wanted = targets(take_in(samples_of(person)))
    twin = fit(shipped, person, wanted)
    assert {fitted.target.site for fitted in twin.guilds} == {"gut", "skin"}
    for fitted in twin.guilds:
        gap = abs(fitted.modelled - fitted.target.share)
        assert gap < 0.06, fitted.target.name
        assert gap < 0.02 or fitted.target.share > 0.02 or fitted.at_limit, fitted.target.name
    constants, origins = resolve(shipped, twin.person)
    assert np.isfinite(constants).all()
    assert set(origins.values()) == {"sample"}


def virtual_shares(model: Model, **traits: float) -> list[GuildTarget]:
    """Return the gut guilds with the shares of somebody who has these traits."""
    person = read_person("hmp_042", LIBRARY / "people")
    table = [target for target in targets(take_in(samples_of(person))) if target.site == "gut"]
    named = {f"colon_{guild}_fitness": (value, "1") for guild, value in traits.items()}
    found = everyday(model, helpers["settings_of"](named, model))
    assert found.failure is None
    states = dict(zip(model.network.states, found.states, strict=True))
    sizes = {target.name: sum(states[s] for s in target.states) for target in table}
    total = sum(sizes.values())
    return [replace(target, share=sizes[target.name] / total) for target in table]


def test_the_shares_of_the_typical_adult_need_no_other_traits(shipped: Model) -> None:
    twin = fit(shipped, ADA, virtual_shares(shipped))
    assert twin.worst < 1e-3
    for fitted in twin.guilds:
        assert fitted.trait == pytest.approx(shipped.row(fitted.target.trait).value, rel=0.01)


@pytest.mark.parametrize(
    ("guild", "trait"), [("prevotella", 1.15), ("faecalibacterium", 0.9), ("roseburia", 1.15)]
)
def test_the_one_trait_that_differs_is_found_again_loosely(shipped: Model, guild: str, trait: float) -> None:
    twin = fit(shipped, ADA, virtual_shares(shipped, **{guild: trait}))
    assert twin.worst < 0.01
    moved = {f.target.name: np.log(f.trait / shipped.row(f.target.trait).value) for f in twin.guilds}
    typical = np.median(list(moved.values()))
    assert max(moved, key=lambda name: abs(moved[name] - typical)) == guild
    assert moved[guild] == pytest.approx(np.log(trait), abs=0.07)


def test_shares_of_somebody_with_several_other_traits_are_reached_roughly(shipped: Model) -> None:
    wanted = virtual_shares(shipped, prevotella=1.3, ruminococcus=0.85, roseburia=1.2)
    assert fit(shipped, ADA, wanted).worst < 0.1
