"""Diseases: what cohorts of people with one have more or less of, and how a sample compares with that."""

from gutskin.diseases.agreement import Agreement, learn
from gutskin.diseases.read import disease_names, faults, read_diseases, read_signature
from gutskin.diseases.reference import Reference, read_reference, reference_of, reference_path
from gutskin.diseases.score import Refusal, Score, score_sample
from gutskin.diseases.signature import Marker, Row, Signature

__all__ = [
    "Agreement",
    "Marker",
    "Reference",
    "Refusal",
    "Row",
    "Score",
    "Signature",
    "disease_names",
    "faults",
    "learn",
    "read_diseases",
    "read_reference",
    "read_signature",
    "reference_of",
    "reference_path",
    "score_sample",
]
