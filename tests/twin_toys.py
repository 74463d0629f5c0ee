"""A garden whose posterior is known exactly, for tests of twins.

Guilds settle at arrival / loss with lognormal arrivals, so log sizes are linear in the coordinates of people
and ratios of guilds are Gaussian; the moisture settles at a number with a normal spread. Test files load this
with ``runpy`` because tests are imported by path.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np

from gutskin.model import Model
from gutskin.twin.observation import Observation, Reading, Shares

toy = runpy.run_path(str(Path(__file__).with_name("helpers.py")))["toy"]

GUILDS = ("red", "green", "blue")
GSD = 2.0  # of arrivals
SD = 1.5  # [ug/cm2/h] of the rain
PLACE = "bed"
TEXT = (
    "\n".join(f"  {g}' = {g}_arrival - k_leave * {g};" for g in GUILDS)
    + """
  wet' = rain - k_dry * wet;
  damp := 2 * wet;
  hue := red / green;
  odd := same * wet / wet;"""
)
NUMBERS: dict[str, tuple[Any, ...]] = {
    "red_arrival": (50.0, "CFU/cm2/h", GSD),
    "green_arrival": (30.0, "CFU/cm2/h", GSD),
    "blue_arrival": (10.0, "CFU/cm2/h", GSD),
    "rain": (10.0, "ug/cm2/h", f'{{ kind = "normal", sd = {SD} }}'),
    "k_leave": (0.5, "1/h"),
    "k_dry": (1.0, "1/h"),
    "same": (1.0, "1"),
}
READOUT = '[{0}]\nquantity = "{0}"\nlabel = "{1}"\nunit = "{2}"\nbetter = "{3}"\ncore = true\n'
READOUTS = (
    READOUT.format("damp", "Damp", "ug/cm2", "up")
    + READOUT.format("hue", "Hue", "1", "down")
    + READOUT.format("wet", "Wet", "ug/cm2", "within")
    + 'healthy = { low = 8, high = 12, source = "none" }\nwords = [[0, "dry"], [8, "moist"], [12, "wet"]]\n'
    + READOUT.format("odd", "Odd", "1", "none")
)
ROW = (
    '{} = {{ value = {}, unit = "ug/cm2/h", spread = {{ kind = "normal", sd = {} }}, source = "none", '
    'grade = "assumed" }}\n'
)
ROW_OF = '[[people]]\nperson = "{}"\nshare = {}\nmembers = {}\nsource = "none"\ngrade = "assumed"\n'
TREATMENT = """title = "{0}"
about = "{0}."
kind = "live"
[[effect]]
times = "{1}"
by = {{ value = {2}, unit = "1", source = "none", grade = "assumed" }}
"""
FAR = 4.0  # standard deviations of the rain between the two kinds of people


def garden(folder: Path, **more: Any) -> Model:
    """Return the garden; people of the kind ``swamp`` have ``FAR`` standard deviations more rain."""
    files = {
        "readouts_gut": READOUTS,
        "people_meadow": 'label = "Meadow"\nabout = "Dry."\n',
        "people_swamp": 'label = "Swamp"\nabout = "Wet."\n[set]\n' + ROW.format("rain", 10.0 + FAR * SD, SD),
        "sites_bed": 'label = "Bed"\nabout = "Here."\n',
        "populations_land": 'title = "Land"\nabout = "All of it."\n'
        + ROW_OF.format("meadow", 0.9, 0.5) + ROW_OF.format("swamp", 0.1, 0.5),
        "populations_meadows": 'title = "Meadows"\nabout = "Dry."\n' + ROW_OF.format("meadow", 1, 1),
        "treatments_water": TREATMENT.format("Water", "rain", 1.5),
        "treatments_spray": TREATMENT.format("Spray", "rain", 1.2),
        "treatments_shade": TREATMENT.format("Shade", "red_arrival", 2),
    }  # fmt: skip
    states = dict.fromkeys(GUILDS, ("CFU/cm2", 50.0)) | {"wet": ("ug/cm2", 5.0)}
    others = {"damp": ("ug/cm2",), "hue": ("1",), "odd": ("1",)}
    return toy(folder, TEXT, NUMBERS | more.pop("numbers", {}), states | others, **(files | more))


def reading(value: float, sd: float, name: str = "wet", *, log: bool = False) -> Reading:
    """Return a reading of a quantity of the garden."""
    return Reading(name, name, name.title(), "ug/cm2", value, sd, log)


def shares(log: Any, sd: float = 0.5, *, bias: float = 0.3, least: float = -30.0) -> Shares:
    """Return log shares of the guilds with errors that are the same for all."""
    even = np.ones(len(GUILDS))
    states = tuple((g,) for g in GUILDS)
    return Shares(
        "bed", GUILDS, tuple(g.title() for g in GUILDS), states, np.array(log, float), sd**2 * even,
        bias**2 * even, 0.1 * even, least * even,
    )  # fmt: skip


def exact(seen: Observation, names: Any) -> tuple[Any, Any]:
    """Return mean (D,) and covariance (D, D) of the coordinates of a person of the meadow.

    ``names`` of the constants are in the order of the coordinates; readings are of ``wet``.
    """
    names = list(names)
    middles, slopes = [], []
    for each in seen.shares:
        slope = np.zeros((len(GUILDS), len(names)))
        for k, guild in enumerate(GUILDS):
            slope[k, names.index(f"{guild}_arrival")] = np.log(GSD)
        middle = np.log([NUMBERS[f"{g}_arrival"][0] for g in GUILDS])
        middles.append(each.basis.T @ middle)
        slopes.append(each.basis.T @ slope)
    for _ in seen.readings:
        slope = np.zeros((1, len(names)))
        slope[0, names.index("rain")] = SD
        middles.append([NUMBERS["rain"][0]])
        slopes.append(slope)
    middle, slope = np.concatenate(middles), np.vstack(slopes)
    gain = slope.T @ np.linalg.inv(slope @ slope.T + seen.covariance)
    return gain @ (seen.values - middle), np.eye(len(names)) - gain @ slope
