"""Our metrics against independent packages: prdc (Naeem et al.), vendi-score and rke-score (their authors'), POT."""

from __future__ import annotations

import warnings

import numpy as np
import ot
import pytest
from prdc.prdc import compute_prdc
from rke_score import RKE

from modescope import metrics
from modescope.datasets.gaussian import Gaussian
from modescope.metrics.common.kernels import bandwidth, gaussian
from modescope.metrics.distances import w2
from modescope.metrics.rke import rke, rrke
from modescope.metrics.strata import dense_prdc
from modescope.metrics.vendi import vendi_score

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it names a module of SciPy by its old name
    from vendi_score import vendi


def points(n=300, seed=0, dim=2):
    return np.random.default_rng(seed).normal(seed / 4, 1, (n, dim))


@pytest.mark.parametrize(("dim", "k"), [(1, 3), (2, 5), (6, 5)])
def test_prdc_by_its_authors(dim, k, capsys):
    real, fake = points(seed=0, dim=dim), points(seed=1, dim=dim)
    theirs = compute_prdc(real, fake, k)
    (family,) = metrics.build({"prdc": {"k": k}}).values()
    assert family.score(real, fake, Gaussian(dim=dim), np.random.default_rng(0)) == pytest.approx(theirs, abs=1e-12)
    assert dense_prdc(real, fake, k) == pytest.approx(theirs, abs=1e-12)
    assert capsys.readouterr().out  # it prints


def test_vendi_by_its_authors():
    x, s = points(80), 0.4
    kernel = gaussian(np.sum((x[:, None] - x[None]) ** 2, axis=2), s)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        theirs = vendi.score_K(kernel)
    assert vendi_score(kernel) == pytest.approx(theirs)
    (family,) = metrics.build({"vendi": {"width": s / bandwidth(x, 1.0)}}).values()
    assert family.score(x, x, Gaussian(), np.random.default_rng(0))["vendi"] == pytest.approx(theirs, rel=1e-8)


def test_rke_by_its_authors():
    x, y, s = points(30, 0), points(30, 1), 0.6
    theirs = RKE(kernel_bandwidth=s)
    assert rke(x, s) == pytest.approx(1 / theirs.compute_rke_mc_frobenius_norm(x)[s])
    across = gaussian(np.sum((x[:, None] - y[None]) ** 2, axis=2), s)
    assert rrke(across) == pytest.approx(theirs.compute_rrke(x, y, 30)[s])


def test_the_transport_on_the_line_by_pot():
    """Ours sorts where POT solves a linear program."""
    x, y = points(60, 0, 1), points(60, 1, 1)
    plan = ot.emd([], [], (x - y.T) ** 2)
    assert w2(x, y) == pytest.approx(np.sqrt(np.sum(plan * (x - y.T) ** 2)))
