"""Printing shared by the commands: tables, JSON, progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gutskin.model import Model

SPEED_OVER = 600.0  # seconds over which a speed that is shown is a mean


def as_json(data: Any) -> None:
    """Print a document as JSON."""
    sys.stdout.write(json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print rows under column heads; texts wrap to the width of the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False).print(made)


def loaded() -> Model:
    """Return the model of a person, with a word on the terminal while it is compiled (the first time)."""
    from rich.console import Console

    from gutskin.model import load

    with Console(stderr=True).status("loading the model (compiled once, then cached)"):
        return load()


@contextmanager
def progress(what: str, total: float, unit: str = "") -> Iterator[Callable[[float], None]]:
    """Show a bar on the terminal's error stream; yield a function that moves it on.

    With a ``unit`` the bar says how many of it are done in a second. The first move sets where the bar
    begins and counts for no speed.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining
    from rich.text import Text

    class Speed(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.3g} {unit}/s" if unit and task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), Speed(), Remaining())
    console, over = Console(stderr=True), SPEED_OVER if unit else 30.0
    with Progress(*columns, console=console, transient=True, speed_estimate_period=over) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def writable(path: Path, endings: tuple[str, ...]) -> None:
    """Refuse a file that cannot be written, before any work is done.

    Raises
    ------
    InputError
        E282 its folder is not there or is not writable, E410 another ending.
    """
    import os

    from gutskin.errors import InputError

    said = f"neither {' nor '.join(endings)}" if len(endings) > 1 else f"not {endings[0]}"
    if path.suffix not in endings:
        raise InputError("E410", f"{path} is {said}", remedy="choose one of these endings")
    folder = path.absolute().parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError("E282", f"cannot write {path}", remedy="choose a folder that is there")


@contextmanager
def telling(what: str) -> Iterator[Callable[[str], None]]:
    """Show on the error stream what is going on; yield a function that says what is new."""
    from rich.console import Console

    with Console(stderr=True).status(what) as status:
        yield lambda said: status.update(f"{what}: {said}")


def number(value: float | None) -> str:
    """Return a number as the tables show it."""
    return "–" if value is None else f"{value:.3g}"
