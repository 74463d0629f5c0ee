"""Guilds of the reference population beside those that were counted in real people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.reference.build import Reference
from gutskin.samples.sites import load_sites
from gutskin.samples.taxa import load_taxa
from gutskin.samples.typical import Typical, typical_shares

LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class GuildRow:
    """A guild at a place of samples: 5, 50 and 95 % of its share among healthy virtual people and real ones.

    ``counted`` is of reads, of guilds that the method shows; None where nobody counted.
    """

    site: str
    guild: str
    label: str
    modelled: Array
    counted: Typical | None

    @property
    def meets(self) -> bool | None:
        """Whether each median lies within the other's 5 to 95 %; None where nobody counted."""
        if self.counted is None:
            return None
        low, middle, high = self.modelled
        return bool(self.counted.q05 <= middle <= self.counted.q95 and low <= self.counted.q50 <= high)


def guild_rows(reference: Reference) -> tuple[GuildRow, ...]:
    """Return the guilds of all places of samples that the population can be compared with.

    Notes
    -----
    Counts of reads carry the bias of their method; the population does not.
    """
    model, place = reference.model, reference.people[0].site
    index = {name: k for k, name in enumerate(model.network.states)}
    healthy = [k for k, each in enumerate(reference.strata) if each.healthy]
    states = reference.found.states[:, np.isin(reference.kinds, healthy)]
    skin = place.samples if place else ()
    tables, typical = load_sites().known, typical_shares()
    out = []
    for site in [name for name in typical if name in skin or tables[name].guilds != PLACED]:
        guilds = [g for g in load_taxa().of_site(tables[site].guilds) if g.states and g.name in typical[site]]
        sizes = np.array([states[[index[s] for s in g.states]].sum(axis=0) for g in guilds])
        shares = sizes / np.maximum(sizes.sum(axis=0), 1e-300)
        out += [
            GuildRow(site, g.name, g.label, np.quantile(own, LEVELS), typical[site][g.name])
            for g, own in zip(guilds, shares, strict=True)
        ]
    return tuple(out)


PLACED = "skin"  # guild table of the sites that depend on where people are looked at
