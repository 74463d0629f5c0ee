"""The reference population: virtual people at rest, before any sample of a person is seen."""

from gutskin.reference.build import SIZE, Reference, reference
from gutskin.reference.strata import Stratum, population_names, read_strata

__all__ = ["SIZE", "Reference", "Stratum", "population_names", "read_strata", "reference"]
