"""Distances against closed forms, and what must change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gutskin.ecology import METRICS, distances
from gutskin.ecology.beta import ZERO, centred
from gutskin.errors import InputError

SHARES = arrays(float, (4, 6), elements=st.floats(0.0, 100.0)).filter(
    lambda each: (each.sum(axis=1) > 1).all()
)


def test_bray_curtis_and_jaccard_by_hand() -> None:
    shares = np.array([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
    assert distances(shares, "bray_curtis")[0, 1] == pytest.approx(0.5)
    assert distances(shares, "jaccard")[0, 1] == pytest.approx(1 / 3)


def test_aitchison_is_the_euclidean_distance_of_centred_log_ratios() -> None:
    """Two taxa of ratio r and 1/r lie sqrt(2) ln r apart."""
    ratio = 4.0
    shares = np.array([[ratio, 1.0], [1.0, ratio]]) / (ratio + 1)
    assert distances(shares, "aitchison", zero=0.0)[0, 1] == pytest.approx(np.sqrt(2) * np.log(ratio))
    logs = np.log(shares + ZERO)
    own = logs - logs.mean(axis=1, keepdims=True)
    assert distances(shares, "aitchison")[0, 1] == pytest.approx(np.linalg.norm(own[0] - own[1]))
    assert centred(shares).sum(axis=1) == pytest.approx(0.0)


@pytest.mark.parametrize("metric", METRICS)
def test_samples_without_a_common_taxon_and_the_same_sample_twice(metric: str) -> None:
    found = distances(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 7.0]]), metric)
    assert found[1, 2] == 0
    assert found[0, 1] == pytest.approx(1.0 if metric != "aitchison" else np.sqrt(2) * np.log(1 / ZERO + 1))


@pytest.mark.parametrize("metric", METRICS)
@given(shares=SHARES, order=st.permutations(range(6)), factor=st.floats(0.1, 50.0))
def test_order_of_taxa_and_depth_change_nothing(
    metric: str, shares: np.ndarray, order: list[int], factor: float
) -> None:
    found = distances(shares, metric)
    assert np.allclose(found, found.T)
    assert (np.diag(found) == 0).all()
    assert (found >= 0).all()
    scale = np.array([[factor], [1.0], [2.0], [1.0]])
    assert np.allclose(distances(shares[:, order] * scale, metric), found, atol=1e-7)


def test_a_distance_that_is_not_known_is_refused() -> None:
    with pytest.raises(InputError, match=r"E541 .* did you mean bray_curtis"):
        distances(np.ones((2, 2)), "bray-curtis")
