"""Guilds of the population beside those counted in real people."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from gutskin.cli import app
from gutskin.model import load
from gutskin.reference import Reference, reference
from gutskin.reference.compare import GuildRow, guild_rows
from gutskin.samples.typical import Typical, typical_shares


@pytest.fixture(scope="module")
def face() -> Reference:
    return reference(load(), "face", size=200)


def test_shares_are_of_healthy_people_and_sum_to_one(face: Reference) -> None:
    rows = guild_rows(face)
    assert {row.site for row in rows} == {"stool", "skin:retroauricular_crease"}
    states = face.found.states[:, face.kinds == 0]
    index = {name: k for k, name in enumerate(face.model.network.states)}
    stool = [row for row in rows if row.site == "stool"]
    names = [f"colon_distal_{row.guild}_biomass" for row in stool]
    shares = states[[index[name] for name in names]]
    shares /= shares.sum(axis=0)
    for row, own in zip(stool, shares, strict=True):
        np.testing.assert_allclose(row.modelled, np.quantile(own, [0.05, 0.5, 0.95]))
        assert row.counted == typical_shares()["stool"][row.guild]


def test_other_places_are_compared_with_samples_from_there(face: Reference) -> None:
    there = reference(load(), "fold", size=200)
    assert {row.site for row in guild_rows(there)} == {"stool", "skin:antecubital_fossa"}


@pytest.mark.parametrize(
    ("middle", "counted", "meets"), [(0.3, (0.1, 0.3, 0.5), True), (0.3, (0.4, 0.5, 0.6), False)]
)
def test_meeting_means_that_medians_lie_in_the_other_s_range(
    middle: float, counted: tuple[float, float, float], meets: bool
) -> None:
    row = GuildRow("stool", "a", "A", np.array([0.2, middle, 0.4]), Typical(*counted, "people"))
    assert row.meets is meets
    assert replace(row, counted=None).meets is None


def test_the_command_prints_both(face: Reference) -> None:
    done = CliRunner().invoke(app, ["population", "--size", "200", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["size"] == face.size
    assert sum(each["members"] for each in document["people"]) == face.size
    assert len(document["guilds"]) == len(guild_rows(face))
    assert "healthy_adult" in CliRunner().invoke(app, ["population", "--size", "200"]).output
