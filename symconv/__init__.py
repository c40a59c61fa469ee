"""symconv: worked solutions for convolution arithmetic, every displayed equality verified.

>>> import symconv
>>> problem = symconv.Problem("convolution", input=[[1, 2], [3, 4]], kernel=[[0, 1]], padding="full")
>>> symconv.solve(problem).answer
[[0, 1, 2], [0, 3, 4]]
>>> symconv.diagnose(problem, {"output": [[1, 2, 0], [3, 4, 0]]})["output"].mistakes[0].name
'kernel_not_flipped'
"""

from typing import Any

from symconv.errors import OutputError, ProblemError, SymconvError, VerificationError

__all__ = [
    "Detail",
    "OutputError",
    "Press",
    "Problem",
    "ProblemError",
    "SymconvError",
    "VerificationError",
    "diagnose",
    "read_problem",
    "solve",
]

_HOMES = {
    "Detail": "operations.base",
    "Press": "replay.press",
    "Problem": "problem",
    "diagnose": "checking.diagnose",
    "read_problem": "problem",
    "solve": "solution",
}


def __getattr__(name: str) -> Any:
    """Import a verb when it is first used: `import symconv` alone loads neither NumPy nor SymPy."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"symconv.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'symconv' has no attribute {name!r}")
