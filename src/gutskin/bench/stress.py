"""Synthetic networks for the benchmark: eaters in a row of vessels, a host with loops, two surfaces, meals.

They are shaped like the models this program is for (Monod terms, two substrates at once, inhibition, Hill
terms, a fast acidity state a vessel, flow from vessel to vessel) but mean nothing. Time is in days.
"""

from __future__ import annotations

from dataclasses import dataclass

from gutskin.bench.formula import Builder
from gutskin.network import Network

MEALS = (7.5 / 24, 12.5 / 24, 19.0 / 24, 22.0 / 24)
FOODS = ("f1", "f2", "f3", "f4", "f5", "f6")  # f6 is made by the host, f5 from f4
PRODUCTS = {"a1": 40.0, "a2": 12.0, "a3": 12.0, "a4": 1.0, "a5": 0.5, "a6": 0.05, "b1": 1.0, "b2": 0.5, "d1": 0.5}

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
    "e12": ([("f5", 7, 1, 0.2, {"a1": 1.5, "d1": 0.25, "a6": 1}), ("s", 7, 1.5, 0.25, {"a1": 2, "a4": 1})], 2, "a3"),
}  # fmt: skip
SMALL = ("e1", "e3", "e5", "e7", "e8", "e9", "e10", "e12")
LIMITS = {"b2": 2.0, "b1": 3.0, "a3": 30.0}
SURFACE = {"m1": (1.0, 1.5, 2.0), "m2": (1.0, 3.0, 2.0), "m3": (0.2, 4.0, 0.5), "m4": (0.6, 1.0, 2.0), "m5": (0.5, 2.0, 2.0)}


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
    _host(build, vessels)
    if large:
        _loops(build)
    for number in range(1, 3 if large else 2):
        _surface(build, number, large)
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
    build.values.update(empty=30.0, fat_slows=0.4, pass_on=6.0, take_s=20.0, half_s=4.0, split=8.0, half_split=5.0)
    last = "mid" if large else "in"
    build.start.update({f"in_{food}": 0.5 for food in ("f1", "f2", "f3", "f4", "s")} | {"in_x": 0.0, "fat": 0.2})
    build.rule("emptying", "empty / (1 + fat_slows * fat)")
    build.react({"fat": -1, }, "empty * 0.3 * (fat - 0.1 * in_s / (1 + in_s))")
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
    _exchange(build, n, vessels)
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


def _exchange(build: Builder, n: int, vessels: int) -> None:
    """What the wall gives, takes and splits."""
    build.values.update(
        split_v=8.0, split_half=3.0, gives=4.0, gives_half=8.0, gives_n=2.0, up_a1=5.0, up_a2=6.0, up_a3=8.0, up_a4=3.0,
        up_half=30.0, turns=2.5, turns_half=0.8, back=1.2, lost_b=1.0, lost_a6=40.0, lost_d=1.5, lost_f5=2.0,
        seals=1.0, seals_half=8.0, seals_n=1.7, leaks=0.6, harm_half=2.0,
    )  # fmt: skip
    build.start.update({"blood_a1": 0.1, "blood_a2": 0.05, "blood_a3": 0.02, "blood_d1": 0.1, "store": 4.0, "alarm": 0.5})
    build.react({f"f4_{n}": -1.0, f"f5_{n}": 1.0}, f"split_v * f4_{n} / (split_half + f4_{n})")
    supply = f"gives * gives_half ** gives_n / (gives_half ** gives_n + f6_{n} ** gives_n)"
    build.react({f"f6_{n}": 1.0}, f"{supply} * (0.5 + a3_{n} / (5 + a3_{n})) * wall_{n}")
    for acid in ("a1", "a2", "a3", "a4"):
        gained = {} if acid == "a4" else {f"blood_{acid}": 0.2}
        build.react({f"{acid}_{n}": -1.0, **gained}, f"up_{acid} * {acid}_{n} / (1 + {acid}_{n} / up_half)")
    build.react({f"b1_{n}": -1.0, f"b2_{n}": 1.0}, f"turns * b1_{n} / (turns_half + b1_{n}) * (e5_{n} + 0.3 * e1_{n})")
    build.react({f"b1_{n}": -1.0, "store": 1.0}, f"back * b1_{n}")
    build.react({f"b2_{n}": -1.0}, f"lost_b * b2_{n}")
    build.react({f"a6_{n}": -1.0}, f"lost_a6 * a6_{n}")
    build.react({f"d1_{n}": -1.0, "blood_d1": 0.5}, f"lost_d * d1_{n}")
    build.react({f"f5_{n}": -1.0}, f"lost_f5 * f5_{n} / (1 + f5_{n})")
    sealing = f"a3_{n} ** seals_n / (seals_half ** seals_n + a3_{n} ** seals_n)"
    build.react({f"wall_{n}": 1.0}, f"seals * (0.3 + {sealing}) / (1 + alarm / harm_half)")
    build.react({f"wall_{n}": -1.0}, f"leaks * wall_{n}")


def _host(build: Builder, vessels: int) -> None:
    """Sugar and its hormone, the drug, the store, and a cascade of alarm."""
    build.start.update(hormone=0.5, effect=0.3, hint=0.5, drug_deep=0.0, toxin=0.2, second=0.5, calm=0.5)
    build.values.update(
        sugar_in=20.0, sugar_use=8.0, sugar_pull=10.0, hormone_v=60.0, hormone_half=7.0, hormone_n=2.6, hormone_d=60.0,
        effect_k=12.0, hint_k=30.0, hint_d=200.0, hint_half=20.0, drug_d=8.0, deep_k=12.0, deep_back=6.0, make_b=3.0,
        send_b=1.5, lose_b=0.3, toxin_k=6.0, toxin_half=2.0, toxin_d=12.0, alarm_v=20.0, alarm_half=0.6, alarm_n=2.2,
        alarm_d=18.0, second_v=15.0, second_half=0.8, second_d=14.0, calm_v=10.0, calm_d=9.0, calm_half=0.8, blood_half=0.3,
        d_a1=40.0, d_a2=60.0, d_a3=90.0, d_d1=12.0,
    )  # fmt: skip
    react, last = build.react, vessels
    react({"sugar": 1}, "sugar_in / (1 + effect)")
    react({"sugar": -1}, "sugar_use * sugar / (1 + sugar / 30) + sugar_pull * effect * sugar / (2 + sugar)")
    burst = "hormone_v * sugar ** hormone_n / (hormone_half ** hormone_n + sugar ** hormone_n)"
    react({"hormone": 1}, f"{burst} * (1 + hint / (1 + hint))")
    react({"hormone": -1}, "hormone_d * hormone")
    react({"effect": 1}, "effect_k * (hormone - effect)")
    sum_ = f"a3_{last} + a2_{last}"
    react({"hint": 1}, f"hint_k * (0.5 + ({sum_}) / (hint_half + {sum_})) * (1 + in_s / (1 + in_s)) - hint_d * hint")
    react({"drug": -1}, "drug_d * drug / (1 + drug / 5)")
    react({"drug": -1, "drug_deep": 1}, "deep_k * drug - deep_back * drug_deep")
    react({"store": 1}, "make_b / (1 + store / 4) - lose_b * store")
    react({"store": -1, "b1_1": 1}, "send_b * store * (0.3 + fat / (1 + fat))")
    eater = "e12"
    leak = " + ".join(f"{eater}_{n} / (toxin_half + {eater}_{n}) / (0.2 + wall_{n})" for n in range(1, vessels + 1))
    react({"toxin": 1}, f"toxin_k * ({leak}) - toxin_d * toxin")
    call = "toxin ** alarm_n / (alarm_half ** alarm_n + toxin ** alarm_n)"
    react({"alarm": 1}, f"alarm_v * (0.05 + {call}) / (1 + calm / calm_half) / (1 + drug_deep / 0.5) - alarm_d * alarm")
    call = "alarm ** alarm_n / (second_half ** alarm_n + alarm ** alarm_n)"
    react({"second": 1}, f"second_v * (0.05 + {call}) / (1 + calm / calm_half) - second_d * second")
    react({"calm": 1}, "calm_v * (0.1 + blood_a3 / (blood_half + blood_a3) + 0.5 * alarm / (1 + alarm)) - calm_d * calm")
    for each in ("a1", "a2", "a3", "d1"):
        react({f"blood_{each}": -1}, f"d_{each} * blood_{each}")


def _loops(build: Builder) -> None:
    """More of the host: a stress loop, slow immunity, and slow pools."""
    start = {"marker": 1, "first": 1, "steroid": 1, "keeper": 1, "driver": 1, "arrow": 0.5, "shield": 0.5, "sun": 1,
             "sex": 1, "growth": 1, "block": 1, "waste": 0.5, "sense": 0.3, "spark": 0.4, "slim": 1, "acids": 0.5}  # fmt: skip
    build.start.update({name: float(value) for name, value in start.items()})
    build.values.update(steroid_half=1.0, steroid_n=3.0, block_half=1.0, keeper_k=0.6, driver_k=0.8)
    loops = {
        "marker": "1.2 * second - 0.9 * marker",
        "first": "24 * (1 + second / (1 + second)) / (1 + (steroid / steroid_half) ** steroid_n) - 24 * first",
        "steroid": "12 * first - 12 * steroid",
        "keeper": "keeper_k * (0.2 + blood_a3 / (blood_half + blood_a3)) * (0.5 + sun / (1 + sun)) - 0.3 * keeper",
        "driver": "driver_k * (0.2 + second / (1 + second)) / (1 + keeper) - 0.4 * driver",
        "arrow": "6 * driver - 9 * arrow", "shield": "5 * driver * (0.3 + sense) - 7 * shield",
        "sun": "0.08 - 0.07 * sun", "growth": "1.1 * (0.5 + hormone / (0.5 + hormone)) - 1.2 * growth",
        "sex": "2 * (0.5 + growth / (1 + growth)) - 2 * sex", "block": "1.2 + 0.1 * f5_1 - 0.8 * block",
        "waste": "-1.5 * waste", "sense": "10 * (blood_d1 + 0.3 * waste) / (0.5 + blood_d1 + 0.3 * waste) - 10 * sense",
        "spark": "8 * (0.05 + toxin / (1 + toxin)) / (1 + steroid) - 10 * spark", "slim": "0.5 * (1 + hormone) - 0.5 * slim",
        "acids": "10 / (1 + 3 * hormone) + 5 * fat / (1 + fat) - 14 * acids",
    }  # fmt: skip
    for name, law in loops.items():
        build.react({name: 1}, law)
    build.react({"block": -1, "waste": 1}, "0.7 * block / (block_half + block) * (1 + second)")


def _surface(build: Builder, n: int, large: bool) -> None:
    """A surface with its own eaters, an oil that feeds two of them, its defence and its barrier."""
    build.start.update({f"{m}_k{n}": start for m, (start, _, _) in SURFACE.items()})
    start = {"oil": 2, "split": 0.5, "guard": 0.5, "red": 0.3, "sore": 0.3, "bar": 1, "dry": 1, "feed": 1, "sour": 5.2}
    build.start.update({f"{name}_k{n}": float(value) for name, value in start.items()})
    build.values.update(oil_k=2.0, cut_v=1.2, cut_half=1.0, guard_k=6.0, red_k=8.0, red_n=2.4, red_half=1.0, bar_k=0.12, dry_k=50.0, sour_k=100.0)
    k, react = f"_k{n}", build.react
    drive, alarm, light = ("sex", "arrow", "sun") if large else ("hormone", "second", "calm")
    react({f"oil{k}": 1}, f"oil_k * (0.4 + {drive} / (1 + {drive})) * {1 + 0.3 * n} - oil{k}")
    react({f"oil{k}": -1, f"split{k}": 0.8}, f"cut_v * oil{k} / (cut_half + oil{k}) * (m1{k} + 0.5 * m4{k})")
    react({f"split{k}": -1}, f"1.5 * split{k}")
    react({f"feed{k}": 1}, f"2 - 0.5 * feed{k}")
    for m, (_, rate, shy) in SURFACE.items():
        build.values.update({f"rate_{m}": rate, f"room_{m}": 3.0, f"shy_{m}": shy, f"dies_{m}": 0.4})
        food, share = (f"oil{k}", 1.0) if m in ("m1", "m4") else (f"feed{k}", 0.3)
        law = f"rate_{m} * {m}{k} * {food} / (1 + {food}) / (1 + guard{k} / shy_{m}) / (1 + {m}{k} / room_{m})"
        if m in ("m3", "m5"):
            law += f" / (1 + exp(4 * (5.4 - sour{k})))"
        if m == "m3":
            law += f" / (1 + m2{k}) * (2 - bar{k} / (1 + bar{k}))"
        react({food: -share, f"{m}{k}": 1}, law)
        react({f"{m}{k}": -1}, f"dies_{m} * {m}{k} - 0.005")
    react({f"guard{k}": 1}, f"guard_k * (0.1 + red{k} / (0.5 + red{k}) + 0.3 * {light}) - 8 * guard{k}")
    load = f"(m1{k} + 2 * m3{k}) ** red_n"
    react({f"red{k}": 1}, f"red_k * (0.02 + {load} / (red_half ** red_n + {load}) / (1 + bar{k}) + 0.1 * {alarm}) - 10 * red{k}")
    react({f"sore{k}": 1}, f"8 * red{k} / (0.3 + red{k}) / (1 + blood_a3) - 12 * sore{k}")
    react({f"bar{k}": 1}, f"bar_k * (0.5 + split{k} / (1 + split{k})) / (1 + red{k}) - 0.1 * bar{k}")
    react({f"dry{k}": 1}, f"dry_k / (0.3 + bar{k}) - dry_k * dry{k}")
    build.change(f"sour{k}", f"sour_k * (-log10(2e-6 + 6e-6 * split{k} / (1 + split{k}) + 1e-7 * dry{k}) - sour{k})")
