"""The last bits of a matrix product depend on the processor's BLAS kernel; where scores need none, there is none."""

import ast
import inspect

import pytest

from modescope.metrics import distances, moments
from modescope.metrics.common import neighbours, ssim

CALLS = {"dot", "einsum", "inner", "matmul", "norm", "tensordot", "vdot"}


def products(module):
    """Matrix products in the code of a module, as text."""
    found = []
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS
        if called or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("module", [distances, moments, neighbours, ssim], ids=lambda module: module.__name__)
def test_no_matrix_products(module):
    assert products(module) == []


def test_matrix_products_are_found():
    from modescope.metrics import probe

    assert "centred @ centred.T" in products(probe)
