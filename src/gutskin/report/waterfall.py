"""Books as a picture: in every account income steps to the right and outgo back to where the pool is left.

Bars of one account have one scale in all cases, so both sides and all columns can be compared by eye.
"""

from __future__ import annotations

from dataclasses import dataclass

from gutskin.report.account import Account, Books, Entry
from gutskin.report.numbers import figure, plain
from gutskin.report.panels import Mark, mark
from gutskin.report.scales import nice_step

LABELS, BARS, FIGURE = 268.0, 128.0, 80.0  # [px] for words, for the longest bar, for the figure beside it
EACH = BARS + FIGURE
HEAD, LINE, BAR, GAP = 26.0, 19.0, 11.0, 18.0  # [px] of a title, a row, a bar, between accounts
TOP, EDGE, FOOT = 86.0, 16.0, 30.0
# Of Okabe and Ito; what passes between two pools is paler than what crosses the border.
COLOURS = {
    (True, False): "#0072b2",
    (True, True): "#7fc1ea",
    (False, False): "#d55e00",
    (False, True): "#f0b070",
}


@dataclass(frozen=True)
class Placed:
    """An account with what is drawn of it; ``title`` and ``unit`` as the template of sheets has them."""

    title: str
    unit: str


def height(account: Account) -> float:
    """Return the height [px] of an account."""
    return HEAD + LINE * len(account.entries)


def draw(books: Books) -> str:
    """Return the books as SVG that asks for nothing from outside."""
    from gutskin.report.page import environment

    placed, y = [], TOP
    heads = [
        mark("text", case, x=LABELS + k * EACH, y=0.0, class_="title") for k, case in enumerate(books.cases)
    ]
    placed.append((EDGE, TOP - 14.0, Placed("", "1"), heads))
    for account in books.accounts:
        placed.append((EDGE, y, Placed(account.title, "1"), marks(account)))
        y += height(account) + GAP
    width = 2 * EDGE + LABELS + len(books.cases) * EACH
    closing = mark("text", closure(books), x=0.0, y=0.0, class_="about")
    placed.append((EDGE, y + 4.0, Placed("", "1"), [closing]))
    return environment().get_template("sheet.svg.j2").render(
        sheet=Told(books.title, f"{books.flows}, stocks in {books.holds}. {LEGEND}", books.accounts),
        placed=placed, width=width, height=y + FOOT - GAP + 6.0, legend="", unit=str,
    )  # fmt: skip


LEGEND = "Blue comes in, orange goes out; pale: from or to another pool. The bars of a pool have one scale"


@dataclass(frozen=True)
class Told:
    """Title, second line, and what has a title of its own."""

    title: str
    about: str
    panels: tuple[Account, ...]


def closure(books: Books) -> str:
    """Say how well income less outgo is the change of the pools."""
    power = 8
    if books.gap <= 10.0**-power:
        return "Income − outgo − change of the pool = 0 in every pool, to better than 10⁻⁸ of what flows."
    return f"Income − outgo − change of the pool is up to {books.gap:.0e} of what flows."


def marks(account: Account) -> list[Mark]:
    """Return what is drawn of one account under its title."""
    excess = account.total(comes=False) - account.total(comes=True)
    before = max(0.0, float(excess.max()))  # a pool that falls ends left of where it began
    scale = BARS / ((float(account.through.max()) + before) or 1.0)
    found = _scale(BARS / scale, scale)
    bottom = HEAD + LINE * len(account.entries) - 3
    for k in range(account.before.size):
        left = LABELS + k * EACH
        zero, at = left + before * scale, 0.0
        said = f"holds {figure(float(account.after[k]))}{_moves(account, k)}"
        found.append(mark("text", said, x=left, y=14.0, class_="tick"))
        found.append(mark("line", x1=zero, x2=zero, y1=HEAD - 5, y2=bottom, class_="axis"))
        for row, entry in enumerate(account.entries):
            value = float(entry.values[k])
            low, at = (at, at + value) if entry.comes else (at - value, at - value)
            found += _bar(entry, account.said(value), (zero + low * scale, value * scale), row)
    for row, entry in enumerate(account.entries):
        y = HEAD + LINE * row + BAR - 1
        found.append(mark("text", "+" if entry.comes else "−", x=4.0, y=y, class_="title"))
        found.append(mark("text", entry.words, x=18.0, y=y, class_="label"))
    return found


def _moves(account: Account, k: int) -> str:
    if not account.through[k]:
        return ""
    said = account.changes(k)
    return f", {said}" if said == "steady" else f", {said} a day"


def _bar(entry: Entry, said: str, span: tuple[float, float], row: int) -> list[Mark]:
    """Return the bar of an entry, ``span`` its beginning and length [px], with what is said beside it."""
    x, long = span
    y, colour = HEAD + LINE * row, COLOURS[entry.comes, bool(entry.other)]
    bar = [mark("rect", x=x, y=y, width=max(long, 0.8), height=BAR, fill=colour)] if long > 0 else []
    return [*bar, mark("text", said, x=x + long + 5, y=y + BAR - 1, class_="value")]


def _scale(most: float, scale: float) -> list[Mark]:
    """Return a bar of a round amount in front of the first case."""
    step, right = nice_step(0.0, most / 3, least=2), LABELS - 18.0
    return [
        mark("line", x1=right - step * scale, x2=right, y1=10.0, y2=10.0, class_="axis"),
        mark("text", plain(step), x=right - step * scale - 5, y=14.0, text_anchor="end", class_="tick"),
    ]
