"""Alpha diversity: how many taxa one sample holds and how evenly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gutskin.ecology.composition import Array, Composition

DRAWS = 20  # subsamples that a rarefied figure is the mean of


@dataclass(frozen=True)
class Alpha:
    """Diversity of one sample, of taxa as its table names them.

    Parameters
    ----------
    depth
        Reads [1] that the figures rest on; none for percentages.
    richness
        Taxa seen [1]; the mean over subsamples when rarefied.
    shannon
        Shannon entropy [nat].
    inverse_simpson
        Inverse Simpson index: how many equally common taxa would be as diverse [1].
    chao1
        Chao1 estimate of the taxa that are there [1]; none when there is a reason why not.
    rarefied
        Whether reads were drawn down to ``depth``.
    remark
        Why something is missing.
    """

    depth: int | None
    richness: float
    shannon: float
    inverse_simpson: float
    chao1: float | None
    rarefied: bool = False
    remark: str = ""


def alpha(made: Composition, *, rarefy: int | None = None, seed: int = 0) -> Alpha:
    """Return the diversity of a sample, at its own depth or rarefied.

    Parameters
    ----------
    made
        The sample.
    rarefy
        Reads [1] to draw without replacement, the mean of 20 draws; none for all that are there.
    seed
        Of the draws.
    """
    counted = made.sample.kind == "counts"
    depth = round(float(made.found.sum())) if counted else None
    if rarefy is None:
        return _measured(made.found, depth, _no_chao1(made.found, counted=counted))
    if depth is None:
        return _measured(made.found, None, "percentages tell no reads: neither rarefied nor Chao1")
    if depth < rarefy:
        reason = _no_chao1(made.found, counted=True)
        said = "; ".join(each for each in (f"not rarefied: only {depth} reads", reason) if each)
        return _measured(made.found, depth, reason, said)
    return _rarefied(made.found, rarefy, seed)


def _no_chao1(found: Array, *, counted: bool) -> str:
    """Return why Chao1 cannot be told, or nothing."""
    if not counted:
        return "percentages tell no reads: no Chao1"
    singles = (np.round(found) == 1).any()
    return "" if singles else "no taxon was read once, as in filtered tables: no Chao1"


def _measured(found: Array, depth: int | None, no_chao1: str, remark: str = "") -> Alpha:
    from skbio.diversity import alpha as of

    return Alpha(
        depth=depth,
        richness=float(of.sobs(found)),
        shannon=float(of.shannon(found, base=np.e)),
        inverse_simpson=float(of.inv_simpson(found)),
        chao1=None if no_chao1 else float(of.chao1(np.round(found).astype(int))),
        remark=remark or no_chao1,
    )


def _rarefied(found: Array, depth: int, seed: int) -> Alpha:
    from skbio.stats import subsample_counts

    counts, random = np.round(found).astype(int), np.random.default_rng(seed)
    drawn = [subsample_counts(counts, depth, seed=random) for _ in range(DRAWS)]
    each = [_measured(draw, depth, _no_chao1(draw, counted=True)) for draw in drawn]
    guesses = [one.chao1 for one in each if one.chao1 is not None]
    return Alpha(
        depth=depth,
        richness=float(np.mean([one.richness for one in each])),
        shannon=float(np.mean([one.shannon for one in each])),
        inverse_simpson=float(np.mean([one.inverse_simpson for one in each])),
        chao1=float(np.mean(guesses)) if len(guesses) == DRAWS else None,
        rarefied=True,
        remark="" if len(guesses) == DRAWS else "no taxon was read once in some draws: no Chao1",
    )
