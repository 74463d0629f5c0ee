"""A person as a weighted population: samples and readings weight, or move, the reference population."""

from gutskin.twin.observation import Counted, Observation, Reading, Shares, pooled
from gutskin.twin.personalise import MEMBERS, personalise
from gutskin.twin.twin import Twin

__all__ = ["MEMBERS", "Counted", "Observation", "Reading", "Shares", "Twin", "personalise", "pooled"]
