"""Ecology: diversity, distances, ordination and dysbiosis of samples, against reference people."""

from gutskin.ecology.alpha import Alpha, alpha
from gutskin.ecology.beta import METRICS, distances
from gutskin.ecology.composition import Composition, compose
from gutskin.ecology.dysbiosis import Dysbiosis, Refusal, judge
from gutskin.ecology.groups import Permanova, permanova
from gutskin.ecology.ordination import Ordination, ordinate
from gutskin.ecology.own import OwnRank, own_rank
from gutskin.ecology.reference import Reference, reference_of
from gutskin.ecology.shelf import read_references, read_scope
from gutskin.ecology.study import Asked, Place, study

__all__ = [
    "METRICS",
    "Alpha",
    "Asked",
    "Composition",
    "Dysbiosis",
    "Ordination",
    "OwnRank",
    "Permanova",
    "Place",
    "Reference",
    "Refusal",
    "alpha",
    "compose",
    "distances",
    "judge",
    "ordinate",
    "own_rank",
    "permanova",
    "read_references",
    "read_scope",
    "reference_of",
    "study",
]
