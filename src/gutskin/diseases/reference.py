"""Healthy people as a reference: mean, spread and correlation of the log shares of the taxa of signatures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gutskin.diseases.features import Array, log_shares, membership, shares_of
from gutskin.diseases.signature import Row
from gutskin.errors import InputError, LibraryError
from gutskin.paths import LIBRARY
from gutskin.samples.sample import Sample

FEWEST = 20  # people, fewer tell no spread
_FIXED = ("rank", "taxon", "mean", "sd")


@dataclass(frozen=True, eq=False)
class Reference:
    """Healthy people at sites of one table.

    ``features`` are ranks and names; ``mean`` (F,) and ``covariance`` (F, F) are of the log shares over
    people [log2, log2 squared]; ``said`` tells who they are.
    """

    features: tuple[tuple[str, str], ...]
    mean: Array
    covariance: Array
    said: str


def reference_of(samples: Sequence[Sample], rows: Sequence[Row], said: str = "") -> Reference:
    """Return the reference that samples of healthy people give; each person counts once.

    Parameters
    ----------
    samples
        Samples of sites of one table, read from one file.
    rows
        Rows of signatures; those whose taxon no sample lists are left out.
    said
        Who the people are.

    Raises
    ------
    InputError
        E485 fewer than 20 people.
    """
    people: dict[str, list[Array]] = defaultdict(list)
    chosen = list({row.feature: row for row in rows}.values())
    members: dict[tuple[str, ...], NDArray[np.bool_]] = {}
    for sample in samples:
        if sample.taxa not in members:
            members[sample.taxa] = membership(sample.taxa, chosen)
        people[sample.person].append(log_shares(shares_of(sample, members[sample.taxa])))
    if len(people) < FEWEST:
        remedy = f"give a table of at least {FEWEST}"
        raise InputError("E485", f"{len(people)} healthy people are no reference", remedy=remedy)
    listed = np.any([each.any(axis=1) for each in members.values()], axis=0)
    logs = np.array([np.mean(visits, axis=0) for visits in people.values()])[:, listed]
    features = tuple(row.feature for row, there in zip(chosen, listed, strict=True) if there)
    covariance = np.atleast_2d(np.cov(logs, rowvar=False))
    return Reference(features, logs.mean(axis=0), covariance, said or f"{len(people)} people")


def reference_path(site: str, library: Path = LIBRARY) -> Path:
    """Return the file of the healthy people of a table of sites."""
    return library / "diseases" / f"healthy_{site}.tsv"


def read_reference(path: Path) -> Reference:
    """Read a reference of the library.

    Raises
    ------
    LibraryError
        E484 when it is ill-formed.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    notes = [line.removeprefix("# ") for line in lines if line.startswith("#")]
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    try:
        names = tuple((row[0], row[1]) for row in cells[1:])
        table = np.array([[float(cell) for cell in row[2:]] for row in cells[1:]])
        mean, sd, correlation = table[:, 0], table[:, 1], table[:, 2:]
        right = correlation.shape == (len(names),) * 2 and np.allclose(correlation, correlation.T)
        fits = right and bool((sd >= 0).all()) and tuple(cells[0][:4]) == _FIXED and bool(notes)
    except (ValueError, IndexError) as error:
        raise _fault(path, "a row is cut short or no number") from error
    if not fits:
        raise _fault(path, "columns, spreads or correlations do not fit")
    return Reference(names, mean, correlation * np.outer(sd, sd), notes[0])


def write_reference(reference: Reference, path: Path, notes: Sequence[str] = ()) -> None:
    """Write a reference as the library holds it: mean and sd [log2], correlations [1]."""
    sd = np.sqrt(np.diag(reference.covariance))
    scale = np.where(sd > 0, sd, 1.0)
    correlation = reference.covariance / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    lines = [f"# {each}" for each in (reference.said, *notes)]
    lines.append("\t".join((*_FIXED, *(f"{rank}:{name}" for rank, name in reference.features))))
    for k, feature in enumerate(reference.features):
        numbers = [f"{reference.mean[k]:.4f}", f"{sd[k]:.4f}", *(f"{each:.3f}" for each in correlation[k])]
        lines.append("\t".join((*feature, *numbers)))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _fault(path: Path, said: str) -> LibraryError:
    return LibraryError("E484", said, where=path.name, remedy="write it anew: tools/healthy_reference.py")
