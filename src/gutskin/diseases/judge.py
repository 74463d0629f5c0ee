"""Every sample of a table against every signature of its table of sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gutskin.diseases.agreement import learn
from gutskin.diseases.features import listed_names
from gutskin.diseases.read import FOLDER, read_diseases
from gutskin.diseases.reference import Reference, read_reference, reference_of, reference_path
from gutskin.diseases.score import Refusal, Score, score_sample
from gutskin.diseases.signature import Row, Signature
from gutskin.errors import InputError
from gutskin.paths import LIBRARY
from gutskin.samples.sample import Sample
from gutskin.samples.sites import load_sites


@dataclass(frozen=True)
class Judged:
    """A sample, who the healthy are that it is compared with, and a score or refusal a signature."""

    sample: Sample
    healthy: str
    found: tuple[Score | Refusal, ...]


def judge(
    samples: Sequence[Sample],
    *,
    name: str = "",
    healthy: Sequence[Sample] = (),
    library: Path = LIBRARY,
    draws: int = 1000,
    seed: int = 1,
) -> tuple[Judged, ...]:
    """Compare samples of one table with signatures.

    Parameters
    ----------
    samples
        Of one table.
    name
        Only this signature.
    healthy
        Samples of healthy people to compare with instead of the library's, by the same method.
    library
        Where signatures and references are.
    draws, seed
        Of the intervals.

    Raises
    ------
    InputError
        E480 an unknown signature, E485 fewer than 20 healthy people, E486 no sample of its site.
    """
    every = read_diseases(library / FOLDER)
    learned, listed = learn(every), listed_names(taxon for each in samples for taxon in each.taxa)
    chosen = [each for each in every if name in ("", each.name)]
    if not chosen:
        names = ", ".join(each.name for each in every)
        raise InputError("E480", f"there is no signature of {name!r}", remedy=f"known: {names}")
    out = []
    references: dict[str, Reference | None] = {}
    for sample in samples:
        site = load_sites().require(sample.site).guilds
        here = [each for each in chosen if each.site == site]
        if not here:
            continue
        rows = [row for each in every if each.site == site for row in each.rows]
        if site not in references:
            references[site] = _reference(site, healthy, rows, library)
        reference, found = references[site], list[Score | Refusal]()
        for each in here:
            if reference is None:
                found.append(_unreferenced(each))
                continue
            found.append(
                score_sample(each, sample, reference, learned, rows, listed=listed, draws=draws, seed=seed)
            )
        out.append(Judged(sample, reference.said if reference else "", tuple(found)))
    if not out:
        sites = " or ".join(sorted({each.site for each in chosen}))
        raise InputError("E486", f"no sample of {sites}", remedy="give a table with samples of that site")
    return tuple(out)


def _reference(site: str, healthy: Sequence[Sample], rows: Sequence[Row], library: Path) -> Reference | None:
    own = [each for each in healthy if load_sites().require(each.site).guilds == site]
    if own:
        people = len({each.person for each in own})
        return reference_of(own, rows, f"{people} people of the table that was given")
    path = reference_path(site, library)
    return read_reference(path) if path.exists() else None


def _unreferenced(signature: Signature) -> Refusal:
    if not signature.rows:
        return Refusal(signature.name, "no taxa", "the signature holds no taxon")
    said = "the library holds no healthy people of this site; give some (--healthy)"
    return Refusal(signature.name, "no reference", said)
