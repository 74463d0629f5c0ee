"""The host of the synthetic networks: loops of hormones and alarm, and surfaces with eaters of their own."""

from __future__ import annotations

from gutskin.bench.formula import Builder

SURFACE = {
    "m1": (1.0, 1.5, 2.0),
    "m2": (1.0, 3.0, 2.0),
    "m3": (0.2, 4.0, 0.5),
    "m4": (0.6, 1.0, 2.0),
    "m5": (0.5, 2.0, 2.0),
}


def host(build: Builder, vessels: int) -> None:
    """Sugar and its hormone, the drug, the store, and a cascade of alarm."""
    build.start.update(hormone=0.5, effect=0.3, hint=0.5, drug_deep=0.0, toxin=0.2, second=0.5, calm=0.5)
    build.values.update(
        sugar_in=20.0, sugar_use=8.0, sugar_pull=10.0, hormone_v=60.0, hormone_half=7.0, hormone_n=2.6,
        hormone_d=60.0,
        effect_k=12.0, hint_k=30.0, hint_d=200.0, hint_half=20.0, drug_d=8.0, deep_k=12.0, deep_back=6.0,
        make_b=3.0,
        send_b=1.5, lose_b=0.3, toxin_k=6.0, toxin_half=2.0, toxin_d=12.0, alarm_v=20.0, alarm_half=0.6,
        alarm_n=2.2,
        alarm_d=18.0, second_v=15.0, second_half=0.8, second_d=14.0, calm_v=10.0, calm_d=9.0, calm_half=0.8,
        blood_half=0.3,
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
    react(
        {"hint": 1},
        f"hint_k * (0.5 + ({sum_}) / (hint_half + {sum_})) * (1 + in_s / (1 + in_s)) - hint_d * hint",
    )
    react({"drug": -1}, "drug_d * drug / (1 + drug / 5)")
    react({"drug": -1, "drug_deep": 1}, "deep_k * drug - deep_back * drug_deep")
    react({"store": 1}, "make_b / (1 + store / 4) - lose_b * store")
    react({"store": -1, "b1_1": 1}, "send_b * store * (0.3 + fat / (1 + fat))")
    eater = "e12"
    leak = " + ".join(
        f"{eater}_{n} / (toxin_half + {eater}_{n}) / (0.2 + wall_{n})" for n in range(1, vessels + 1)
    )
    react({"toxin": 1}, f"toxin_k * ({leak}) - toxin_d * toxin")
    call = "toxin ** alarm_n / (alarm_half ** alarm_n + toxin ** alarm_n)"
    react(
        {"alarm": 1},
        f"alarm_v * (0.05 + {call}) / (1 + calm / calm_half) / (1 + drug_deep / 0.5) - alarm_d * alarm",
    )
    call = "alarm ** alarm_n / (second_half ** alarm_n + alarm ** alarm_n)"
    react({"second": 1}, f"second_v * (0.05 + {call}) / (1 + calm / calm_half) - second_d * second")
    react(
        {"calm": 1},
        "calm_v * (0.1 + blood_a3 / (blood_half + blood_a3) + 0.5 * alarm / (1 + alarm)) - calm_d * calm",
    )
    for each in ("a1", "a2", "a3", "d1"):
        react({f"blood_{each}": -1}, f"d_{each} * blood_{each}")


def loops(build: Builder) -> None:
    """More of the host: a stress loop, slow immunity, and slow pools."""
    start = {"marker": 1, "first": 1, "steroid": 1, "keeper": 1, "driver": 1, "arrow": 0.5, "shield": 0.5,
    "sun": 1,
             "sex": 1, "growth": 1, "block": 1, "waste": 0.5, "sense": 0.3, "spark": 0.4, "slim": 1,
             "acids": 0.5}  # fmt: skip
    build.start.update({name: float(value) for name, value in start.items()})
    build.values.update(steroid_half=1.0, steroid_n=3.0, block_half=1.0, keeper_k=0.6, driver_k=0.8)
    loops = {
        "marker": "1.2 * second - 0.9 * marker",
        "first": "24 * (1 + second / (1 + second)) / (1 + (steroid / steroid_half) ** steroid_n) "
        "- 24 * first",
        "steroid": "12 * first - 12 * steroid",
        "keeper": "keeper_k * (0.2 + blood_a3 / (blood_half + blood_a3)) * (0.5 + sun / (1 + sun)) "
        "- 0.3 * keeper",
        "driver": "driver_k * (0.2 + second / (1 + second)) / (1 + keeper) - 0.4 * driver",
        "arrow": "6 * driver - 9 * arrow", "shield": "5 * driver * (0.3 + sense) - 7 * shield",
        "sun": "0.08 - 0.07 * sun", "growth": "1.1 * (0.5 + hormone / (0.5 + hormone)) - 1.2 * growth",
        "sex": "2 * (0.5 + growth / (1 + growth)) - 2 * sex", "block": "1.2 + 0.1 * f5_1 - 0.8 * block",
        "waste": "-1.5 * waste",
        "sense": "10 * (blood_d1 + 0.3 * waste) / (0.5 + blood_d1 + 0.3 * waste) - 10 * sense",
        "spark": "8 * (0.05 + toxin / (1 + toxin)) / (1 + steroid) - 10 * spark",
        "slim": "0.5 * (1 + hormone) - 0.5 * slim",
        "acids": "10 / (1 + 3 * hormone) + 5 * fat / (1 + fat) - 14 * acids",
    }  # fmt: skip
    for name, law in loops.items():
        build.react({name: 1}, law)
    build.react({"block": -1, "waste": 1}, "0.7 * block / (block_half + block) * (1 + second)")


def surface(build: Builder, n: int, large: bool) -> None:
    """A surface with its own eaters, an oil that feeds two of them, its defence and its barrier."""
    build.start.update({f"{m}_k{n}": start for m, (start, _, _) in SURFACE.items()})
    start = {
        "oil": 2,
        "split": 0.5,
        "guard": 0.5,
        "red": 0.3,
        "sore": 0.3,
        "bar": 1,
        "dry": 1,
        "feed": 1,
        "sour": 5.2,
    }
    build.start.update({f"{name}_k{n}": float(value) for name, value in start.items()})
    build.values.update(
        oil_k=2.0,
        cut_v=1.2,
        cut_half=1.0,
        guard_k=6.0,
        red_k=8.0,
        red_n=2.4,
        red_half=1.0,
        bar_k=0.12,
        dry_k=50.0,
        sour_k=100.0,
    )
    k, react = f"_k{n}", build.react
    drive, alarm, light = ("sex", "arrow", "sun") if large else ("hormone", "second", "calm")
    react({f"oil{k}": 1}, f"oil_k * (0.4 + {drive} / (1 + {drive})) * {1 + 0.3 * n} - oil{k}")
    react({f"oil{k}": -1, f"split{k}": 0.8}, f"cut_v * oil{k} / (cut_half + oil{k}) * (m1{k} + 0.5 * m4{k})")
    react({f"split{k}": -1}, f"1.5 * split{k}")
    react({f"feed{k}": 1}, f"2 - 0.5 * feed{k}")
    for m, (_, rate, shy) in SURFACE.items():
        build.values.update({f"rate_{m}": rate, f"room_{m}": 3.0, f"shy_{m}": shy, f"dies_{m}": 0.4})
        food, share = (f"oil{k}", 1.0) if m in ("m1", "m4") else (f"feed{k}", 0.3)
        law = (
            f"rate_{m} * {m}{k} * {food} / (1 + {food}) / (1 + guard{k} / shy_{m}) / (1 + {m}{k} / room_{m})"
        )
        if m in ("m3", "m5"):
            law += f" / (1 + exp(4 * (5.4 - sour{k})))"
        if m == "m3":
            law += f" / (1 + m2{k}) * (2 - bar{k} / (1 + bar{k}))"
        react({food: -share, f"{m}{k}": 1}, law)
        react({f"{m}{k}": -1}, f"dies_{m} * {m}{k} - 0.005")
    react({f"guard{k}": 1}, f"guard_k * (0.1 + red{k} / (0.5 + red{k}) + 0.3 * {light}) - 8 * guard{k}")
    load = f"(m1{k} + 2 * m3{k}) ** red_n"
    react(
        {f"red{k}": 1},
        f"red_k * (0.02 + {load} / (red_half ** red_n + {load}) / (1 + bar{k}) + 0.1 * {alarm})"
        f" - 10 * red{k}",
    )
    react({f"sore{k}": 1}, f"8 * red{k} / (0.3 + red{k}) / (1 + blood_a3) - 12 * sore{k}")
    react({f"bar{k}": 1}, f"bar_k * (0.5 + split{k} / (1 + split{k})) / (1 + red{k}) - 0.1 * bar{k}")
    react({f"dry{k}": 1}, f"dry_k / (0.3 + bar{k}) - dry_k * dry{k}")
    build.change(
        f"sour{k}", f"sour_k * (-log10(2e-6 + 6e-6 * split{k} / (1 + split{k}) + 1e-7 * dry{k}) - sour{k})"
    )
