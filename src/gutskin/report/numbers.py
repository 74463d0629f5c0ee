"""How figures are written: three significant digits, a unit, and a plain word when there is no figure."""

from __future__ import annotations

import math
import re

THIN = "\u202f"  # narrow no-break space: keeps a figure and its unit on one line
FAILED = "failed"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def superscript(number: int | str) -> str:
    """Write an integer as an exponent."""
    return str(number).translate(_SUPERSCRIPT)


def figure(value: float, digits: int = 3) -> str:
    """Write a number with ``digits`` significant digits; powers of ten outside 0.001 ... 99 999.

    Returns
    -------
    str
        ``"14.6"``, ``"−0.120"``, ``"12 300"``, ``"1.20 × 10⁶"``; ``"failed"`` for NaN or infinity.
    """
    if not math.isfinite(value):
        return FAILED
    if value == 0:
        return "0"
    power = int(f"{value:.{digits - 1}e}".partition("e")[2])
    if -3 <= power < 5:
        rounded = round(value, digits - 1 - power)
        text = f"{rounded:.{max(0, digits - 1 - power)}f}"
        if power >= 4:
            text = f"{rounded:,.0f}".replace(",", THIN)
        return text.replace("-", "−")
    mantissa = value / 10.0**power if power > -300 else value * 1e300 / 10.0 ** (power + 300)
    head = f"{mantissa:.{digits - 1}f}".replace("-", "−")
    return f"{head}{THIN}×{THIN}10{superscript(power)}"


def signed(value: float, digits: int = 3) -> str:
    """Write a number with its sign, also when it is positive."""
    return ("+" if value > 0 else "") + figure(value, digits)


def percent(share: float | None) -> str:
    """Write a share [1] as percent; small shares keep a digit, tiny ones become ``"<0.1 %"``."""
    if share is None:
        return "not measured"
    if not math.isfinite(share):
        return FAILED
    hundredths = 100.0 * share
    if hundredths == 0:
        return f"0{THIN}%"
    if abs(hundredths) < 0.1:
        return f"{'−' if share < 0 else ''}<0.1{THIN}%"
    text = f"{hundredths:.0f}" if abs(hundredths) >= 9.95 else f"{hundredths:.1f}"
    return text.replace("-", "−") + f"{THIN}%"


def unit_label(unit: str) -> str:
    """Write a unit as people print it: ``"ug/cm2"`` becomes ``"µg/cm²"``; ``"1"`` becomes ``"no unit"``."""
    if unit in {"1", ""}:
        return "no unit"
    pretty = re.sub(r"(?<=[A-Za-z])\^?(-?\d)\b", lambda hit: superscript(hit[1]), unit)
    pretty = re.sub(r"\bu(?=(?:g|L|mol)\b)", "µ", pretty)
    return re.sub(r"\bpercent\b", "%", pretty).replace("*", "·")


def quantity(value: float, unit: str) -> str:
    """Write a number with its unit, ``"14.6 mmol/L"``; without a unit just the number."""
    text = figure(value)
    if text == FAILED or unit in {"1", ""}:
        return text
    return f"{text}\u00a0{unit_label(unit)}"


def plain(value: float) -> str:
    """Write a given, not computed, number: as :func:`figure` but without trailing zeros."""
    number, gap, power = figure(value).partition(THIN + "×")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return number + gap + power


def span(low: float | None, high: float | None, unit: str) -> str:
    """Write a range with its unit; ``"unknown"`` when neither side is known."""
    tail = "" if unit in {"1", ""} else f"\u00a0{unit_label(unit)}"
    if low is not None and high is not None:
        return f"{plain(low)} – {plain(high)}{tail}"
    if low is not None:
        return f"from {plain(low)}{tail}"
    if high is not None:
        return f"up to {plain(high)}{tail}"
    return "unknown"
