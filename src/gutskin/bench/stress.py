"""Synthetic networks for the benchmark: eaters in a row of vessels, a host with loops, two surfaces, meals.

They are shaped like the models this program is for (Monod terms, two substrates at once, inhibition, Hill
terms, a fast acidity state a vessel, flow from vessel to vessel) but mean nothing. Time is in days.
"""

from __future__ import annotations

from dataclasses import dataclass

from gutskin.bench.formula import Builder
from gutskin.bench.host import host, loops, surface
from gutskin.network import Network

MEALS = (7.5 / 24, 12.5 / 24, 19.0 / 24, 22.0 / 24)
FOODS = ("f1", "f2", "f3", "f4", "f5", "f6")  # f6 is made by the host, f5 from f4
PRODUCTS = {
    "a1": 40.0,
    "a2": 12.0,
    "a3": 12.0,
    "a4": 1.0,
    "a5": 0.5,
    "a6": 0.05,
    "b1": 1.0,
    "b2": 0.5,
    "d1": 0.5,
}

# Eater: what it eats as (food, rate, half saturation, yield, products), class of acid tolerance, inhibitor.
EATERS: dict[str, tuple[list[tuple[str, float, float, float, dict[str, float]]], int, str]] = {
    "e1": (
        [("f1", 6, 2, 0.25, {"a1": 2.5, "a5": 1.5}), ("f3", 7, 1.5, 0.25, {"a1": 2.5, "a2": 1.5}),
         ("s", 6, 1, 0.3, {"a1": 3, "a2": 1.5})], 1, ""),
    "e2": ([("f3", 8, 1, 0.25, {"a1": 2.5, "a2": 2}), ("f2", 6, 1.5, 0.25, {"a1": 2.5, "a5": 1.5})], 1, ""),
    "e3": (
        [("f2", 9, 1, 0.3, {"a1": 4, "a4": 3}), ("f1", 6, 2, 0.25, {"a1": 4, "a4": 2}),
         ("s", 8, 0.8, 0.3, {"a1": 3.5, "a4": 3.5})], 0, ""),
    "e4": ([("s", 9, 0.7, 0.3, {"a4": 6}), ("f2", 6, 2, 0.25, {"a4": 5})], 0, ""),
    "e5": ([("f2", 7, 1.2, 0.25, {"a3": 3}), ("f3", 6, 1.2, 0.25, {"a3": 3})], 0, "b2"),
    "e6": ([("f1", 6, 1.5, 0.25, {"a3": 3}), ("s", 7, 1, 0.28, {"a3": 3})], 0, "b2"),
    "e7": ([("a4", 7, 2, 0.15, {"a3": 2}), ("s", 5, 2, 0.25, {"a3": 2, "a6": 1})], 0, ""),
    "e8": ([("f1", 8, 1, 0.25, {"a1": 3.5, "a6": 2.5})], 0, ""),
    "e9": ([("f6", 6, 1, 0.25, {"a1": 2.5, "a2": 2})], 2, ""),
    "e10": ([("a4", 8, 1.5, 0.15, {"a2": 2.5, "a1": 1.5}), ("a5", 6, 0.8, 0.12, {"a2": 4.5})], 2, ""),
    "e11": ([("a6", 7, 0.2, 0.1, {})], 2, "b1"),
    "e12": ([("f5", 7, 1, 0.2, {"a1": 1.5, "d1": 0.25, "a6": 1}), ("s", 7, 1.5, 0.25, {"a1": 2, "a4": 1})],
    2, "a3"),
}  # fmt: skip
SMALL = ("e1", "e3", "e5", "e7", "e8", "e9", "e10", "e12")
LIMITS = {"b2": 2.0, "b1": 3.0, "a3": 30.0}


@dataclass(frozen=True)
class Stress:
    """A network with its numbers and its meals: per meal (state, constant that is its amount)."""

    network: Network
    values: dict[str, float]
    meals: tuple[tuple[tuple[str, str], ...], ...]


def stress(*, large: bool) -> Stress:
    """Return the network of about 160 states, or one of about 60."""
    build = Builder("large" if large else "small")
    _entry(build, large)
    vessels = 3 if large else 1
    eaters = tuple(EATERS) if large else SMALL
    for number in range(1, vessels + 1):
        _vessel(build, number, vessels, eaters)
    host(build, vessels)
    if large:
        loops(build)
    for number in range(1, 3 if large else 2):
        surface(build, number, large)
    amounts = [{"f1": 3, "f2": 2, "f3": 4, "f4": 8, "s": 12}, {"f1": 6, "f2": 3, "f3": 5, "f4": 14, "s": 14},
               {"f1": 7, "f2": 3, "f3": 6, "f4": 16, "s": 14}, {"f2": 10, "x": 3}]  # fmt: skip
    meals = []
    for k, meal in enumerate(amounts):
        build.values.update({f"meal{k}_{food}": float(amount) for food, amount in meal.items()})
        meals.append(tuple((f"in_{food}", f"meal{k}_{food}") for food in meal))
    # What a meal brings is a constant of the person, not of any formula.
    return Stress(build.network(), build.values, tuple(meals))


def _entry(build: Builder, large: bool) -> None:
    """First vessels: what is eaten empties into the row, some is taken up on the way."""
    build.values.update(
        empty=30.0, fat_slows=0.4, pass_on=6.0, take_s=20.0, half_s=4.0, split=8.0, half_split=5.0
    )
    last = "mid" if large else "in"
    build.start.update(
        {f"in_{food}": 0.5 for food in ("f1", "f2", "f3", "f4", "s")} | {"in_x": 0.0, "fat": 0.2}
    )
    build.rule("emptying", "empty / (1 + fat_slows * fat)")
    build.react(
        {
            "fat": -1,
        },
        "empty * 0.3 * (fat - 0.1 * in_s / (1 + in_s))",
    )
    build.start.update({"sugar": 5.0, "drug": 0.0})
    if large:
        for food in ("f1", "f2", "f3", "f4", "s", "x"):
            build.start[f"mid_{food}"] = 0.5 if food != "x" else 0.0
            build.react({f"in_{food}": -1, f"mid_{food}": 1}, f"emptying * in_{food}")
    build.react({f"{last}_s": -1, "sugar": 1}, f"take_s * {last}_s / (1 + {last}_s / half_s)")
    build.react({f"{last}_f4": -1}, f"split * {last}_f4 / (half_split + {last}_f4)")
    build.react({f"{last}_x": -1, "drug": 1}, f"take_s * 0.5 * {last}_x")
    onward = "pass_on" if large else "emptying * 0.3"
    for food in ("f1", "f2", "f3", "f4", "s"):
        build.react({f"{last}_{food}": -1, f"{food}_1": 1}, f"{onward} * {last}_{food}")


def _vessel(build: Builder, n: int, vessels: int, eaters: tuple[str, ...]) -> None:
    """One vessel of the row: foods, products, acidity, eaters, uptake, a wall and flow onward."""
    contents = {**dict.fromkeys((*FOODS, "s"), 0.5), **PRODUCTS, "f6": 2.0, "f5": 1.0, "s": 0.2}
    for name, start in contents.items():
        build.start.setdefault(f"{name}_{n}", start)
    build.start.update({f"{eater}_{n}": 1.0 / (1 + 0.15 * k) for k, eater in enumerate(eaters)})
    build.start.update({f"acid_{n}": 6.2, f"wall_{n}": 1.0})
    build.values.update({f"flow_{n}": 1.8 / (1 + 0.2 * n)})
    build.values.update(buffer_n=2.0, acid_rate=150.0, base=8e-8, acid_scale=1e-6)
    for group, (middle, steep) in enumerate(((5.4, 6.0), (5.9, 7.0), (6.3, 8.0))):
        build.values.update({f"middle_n{group}": middle, f"steep_n{group}": steep})
        build.rule(f"bears{group}_{n}", f"1 / (1 + exp(steep_n{group} * (middle_n{group} - acid_{n})))")
    acids = f"a1_{n} + a2_{n} + a3_{n} + 3 * a4_{n}"
    build.rule(f"aim_{n}", f"-log10(base + acid_scale * (0.01 * ({acids})) ** buffer_n)")
    build.change(f"acid_{n}", f"acid_rate * (aim_{n} - acid_{n})")
    for eater in eaters:
        _eater(build, eater, n)
    _exchange(build, n)
    for name in (*contents, *eaters):
        speed = f"0.4 * flow_{n}" if name in eaters else f"flow_{n}"
        onward = {f"{name}_{n + 1}": 1.0} if n < vessels else {}
        if onward:
            build.start.setdefault(f"{name}_{n + 1}", contents.get(name, 1.0))
        build.react({f"{name}_{n}": -1.0, **onward}, f"{speed} * {name}_{n}")


def _eater(build: Builder, eater: str, n: int) -> None:
    uses, group, limit = EATERS[eater]
    me = f"{eater}_{n}"
    for food, rate, half, gain, products in uses:
        key = f"{eater}_{food}"
        build.values.update({f"rate_{key}": float(rate), f"half_{key}": float(half)})
        law = f"rate_{key} * {me} * {food}_{n} / (half_{key} + {food}_{n}) * bears{group}_{n}"
        change = {f"{food}_{n}": -1.0, me: gain}
        for product, amount in products.items():
            change[f"{product}_{n}"] = change.get(f"{product}_{n}", 0.0) + amount
        if limit:
            build.values[f"limit_{eater}"] = LIMITS[limit]
            law += f" / (1 + {limit}_{n} / limit_{eater})"
        if food == "s" and eater in ("e1", "e12"):
            build.values[f"prefers_{eater}"] = 3.0
            law += f" * prefers_{eater} / (prefers_{eater} + f2_{n})"
        if eater in ("e5", "e6", "e7"):  # needs a second substrate
            build.values[f"second_{eater}"] = 4.0
            change[f"a1_{n}"] = change.get(f"a1_{n}", 0.0) - 0.4
            law += f" * a1_{n} / (second_{eater} + a1_{n})"
        build.react(change, law)
    build.values.update({f"dies_{eater}": 0.25, f"arrives_{eater}": 2e-3})
    build.react({me: -1.0, f"f4_{n}": 0.05}, f"dies_{eater} * {me} * (1 + 0.6 * {me})")
    build.react({me: 1.0}, f"arrives_{eater}")


def _exchange(build: Builder, n: int) -> None:
    """What the wall gives, takes and splits."""
    build.values.update(
        split_v=8.0, split_half=3.0, gives=4.0, gives_half=8.0, gives_n=2.0, up_a1=5.0, up_a2=6.0, up_a3=8.0,
        up_a4=3.0,
        up_half=30.0, turns=2.5, turns_half=0.8, back=1.2, lost_b=1.0, lost_a6=40.0, lost_d=1.5, lost_f5=2.0,
        seals=1.0, seals_half=8.0, seals_n=1.7, leaks=0.6, harm_half=2.0,
    )  # fmt: skip
    build.start.update(
        {"blood_a1": 0.1, "blood_a2": 0.05, "blood_a3": 0.02, "blood_d1": 0.1, "store": 4.0, "alarm": 0.5}
    )
    build.react({f"f4_{n}": -1.0, f"f5_{n}": 1.0}, f"split_v * f4_{n} / (split_half + f4_{n})")
    supply = f"gives * gives_half ** gives_n / (gives_half ** gives_n + f6_{n} ** gives_n)"
    build.react({f"f6_{n}": 1.0}, f"{supply} * (0.5 + a3_{n} / (5 + a3_{n})) * wall_{n}")
    for acid in ("a1", "a2", "a3", "a4"):
        gained = {} if acid == "a4" else {f"blood_{acid}": 0.2}
        build.react({f"{acid}_{n}": -1.0, **gained}, f"up_{acid} * {acid}_{n} / (1 + {acid}_{n} / up_half)")
    build.react(
        {f"b1_{n}": -1.0, f"b2_{n}": 1.0}, f"turns * b1_{n} / (turns_half + b1_{n}) * (e5_{n} + 0.3 * e1_{n})"
    )
    build.react({f"b1_{n}": -1.0, "store": 1.0}, f"back * b1_{n}")
    build.react({f"b2_{n}": -1.0}, f"lost_b * b2_{n}")
    build.react({f"a6_{n}": -1.0}, f"lost_a6 * a6_{n}")
    build.react({f"d1_{n}": -1.0, "blood_d1": 0.5}, f"lost_d * d1_{n}")
    build.react({f"f5_{n}": -1.0}, f"lost_f5 * f5_{n} / (1 + f5_{n})")
    sealing = f"a3_{n} ** seals_n / (seals_half ** seals_n + a3_{n} ** seals_n)"
    build.react({f"wall_{n}": 1.0}, f"seals * (0.3 + {sealing}) / (1 + alarm / harm_half)")
    build.react({f"wall_{n}": -1.0}, f"leaks * wall_{n}")
