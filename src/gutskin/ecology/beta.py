"""Beta diversity: how far samples are from each other."""

from __future__ import annotations

import numpy as np

from gutskin.ecology.composition import Array
from gutskin.errors import InputError, nearest

METRICS = ("aitchison", "bray_curtis", "jaccard")
# Added to every share [1] before logarithms: half a read of 500, the fewest reads without a warning.
ZERO = 1e-3


def centred(shares: Array, zero: float = ZERO) -> Array:
    """Return centred log-ratios [ln] of shares [1], with ``zero`` added to every share."""
    from skbio.stats.composition import clr

    return np.asarray(clr(shares + zero), dtype=float)


def distances(shares: Array, metric: str, zero: float = ZERO) -> Array:
    """Return the distances between samples.

    Parameters
    ----------
    shares
        Shares [1] of taxa, shape ``(samples, taxa)``; rows need not sum to one.
    metric
        ``"aitchison"`` (Euclidean between centred log-ratios [ln]), ``"bray_curtis"`` of shares that sum to
        one [1], or ``"jaccard"`` of what was seen at all [1].
    zero
        Share [1] that is added to every share for Aitchison.

    Returns
    -------
    ndarray
        Symmetric, zero on the diagonal, shape ``(samples, samples)``.

    Raises
    ------
    InputError
        E541 a metric that is not known.
    """
    from skbio.diversity import beta_diversity

    whole = shares / shares.sum(axis=1, keepdims=True)
    if metric == "aitchison":
        found = beta_diversity("euclidean", centred(whole, zero), validate=False)
    elif metric == "bray_curtis":
        found = beta_diversity("braycurtis", whole)
    elif metric == "jaccard":
        found = beta_diversity("jaccard", whole > 0)
    else:
        raise InputError("E541", f"no distance {metric!r}", remedy=nearest(metric, METRICS))
    return np.array(found.data, dtype=float)
