"""The list of operations."""

import subprocess
import sys

import pytest

from symconv.operations import HOMES, OPERATIONS, operation


@pytest.mark.parametrize("name", HOMES)
def test_an_operation_is_called_what_the_list_says(name):
    """Each is found under the name a problem file uses."""
    assert operation(name).name == name


def test_the_list_is_whole():
    """Asking for all of them gives each once, in the order of the list."""
    assert [found.name for found in OPERATIONS] == list(HOMES)


def test_a_problem_imports_its_own_operation_only():
    """Solving a convolution does not import pooling."""
    code = "import sys, symconv; symconv.Problem('convolution', input=[1], kernel=[1]); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "symconv.operations.convolution" in loaded
    assert "symconv.operations.pooling" not in loaded
