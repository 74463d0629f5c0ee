"""Samples: from a table of taxa, of any common format, to shares of the guilds that the model knows."""

from gutskin.samples.controls import read_controls
from gutskin.samples.coverage import coverage_rows
from gutskin.samples.mapping import Mapping, map_sample
from gutskin.samples.measured import Measured
from gutskin.samples.read import Reading, read_file, read_samples
from gutskin.samples.sample import Sample
from gutskin.samples.visits import Visits, read_visits

__all__ = [
    "Mapping",
    "Measured",
    "Reading",
    "Sample",
    "Visits",
    "coverage_rows",
    "map_sample",
    "read_controls",
    "read_file",
    "read_samples",
    "read_visits",
]
