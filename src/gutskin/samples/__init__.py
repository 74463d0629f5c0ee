"""Samples: from a table of taxa, of any common format, to shares of the guilds that the model knows."""

from gutskin.samples.coverage import coverage_rows
from gutskin.samples.mapping import Mapping, map_sample
from gutskin.samples.read import Reading, read_file, read_samples
from gutskin.samples.sample import Sample

__all__ = ["Mapping", "Reading", "Sample", "coverage_rows", "map_sample", "read_file", "read_samples"]
