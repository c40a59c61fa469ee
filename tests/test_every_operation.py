"""Every operation on each of its samples: solved, verified, and equal to the oracle, its matrix and its adjoint."""

import json
from fractions import Fraction

import numpy as np
import pytest
import sympy

from symconv import Detail, Problem, closed_form, exact_numbers, numeric, solve
from symconv.algebra import IMAGINARY, OMEGA, OMEGA_5, digits
from symconv.errors import SymconvError
from symconv.operations import OPERATIONS

SAMPLES = [(operation, sample) for operation in OPERATIONS for sample in operation.samples()]
pytestmark = pytest.mark.parametrize(
    ("operation", "sample"), SAMPLES, ids=[f"{operation.name}-{n}" for n, (operation, _) in enumerate(SAMPLES)]
)


def numbers_for(problem):
    """Put a different integer in place of each letter of a problem."""
    cells = [cell for tensor in problem.setting.operands.values() for cell in tensor.cells]
    letters = sorted(set().union(*(getattr(cell, "free_symbols", set()) for cell in cells)), key=str)
    ranges = getattr(problem.setting, "ranges", None) or {}  # letters that are sizes, with what they may be
    sizes = {cell: ends for name, ends in ranges.items() for cell in problem.setting.operands[name].cells}
    return {letter: min(sizes.get(letter, (0, 3 * n - 7))[1], 10**6) for n, letter in enumerate(letters)}


def plain(value, numbers):
    """Nested lists with the numbers in place of letters, as int or Fraction."""
    if isinstance(value, list):
        return [plain(item, numbers) for item in value]
    if hasattr(value, "free_symbols"):
        value = value.subs(numbers)
        if value.atoms(sympy.exp):  # an exact exponential: the oracle has it to many digits
            return exact_numbers.Digits(digits(value))
        if not value.is_Rational:  # an exact root: the oracle has it as the number whose power is rational
            degree = next(n for n in range(2, 21) if (value**n).is_Rational)
            return closed_form.Root(plain(value**degree, numbers), degree)
        return Fraction(int(value.p), int(value.q))
    return value


def needs_a_layer(problem):
    """Skip an operation that has no matrix C and transpose: its matrix, if it has one, is tested in its own file."""
    if "transposed_matrix" not in problem.operation.asks:
        pytest.skip(f"{problem.operation.name} has no transposed matrix")


def arrays(problem, numbers):
    """The operands of a problem as arrays."""
    named = problem.setting.operands.items()
    return {name: numeric.array(plain(list(tensor.cells), numbers), tensor.shape) for name, tensor in named}


def forward(problem, operands):
    """The oracle's output for any input, with the kernel and without the bias."""

    def apply(x):
        given = {**operands, "input": x}
        given.pop("bias", None)
        return problem.operation.oracle(problem.setting, given)["output"]()

    return apply


def vec(array, problem):
    """One long vector in the problem's order, channel by channel."""
    layer = problem.setting.layer
    swap = layer.order == "column" and len(layer.stride) == 2
    return (array.swapaxes(-1, -2) if swap else array).reshape(-1).tolist()


def wide(array, by):
    """The array times a number, as exact objects."""
    made = np.empty(array.shape, dtype=object)
    made[...] = array.astype(object) * by
    return made


def is_worked_out(oracle, label):
    """Whether the oracle has this quantity: some are there for some numbers only."""
    try:
        return oracle[label]() is not None
    except (SymconvError, ArithmeticError, LookupError, TypeError, ValueError):
        return False


def basis(shape):
    """Each array of this shape with a single 1."""
    for place in np.ndindex(*shape):
        made = np.zeros(shape, dtype=object)
        made[place] = 1
        yield made


def leaves(value):
    """The entries of nested lists."""
    if isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def test_it_is_solved_and_verified(operation, sample):
    """Every sample has an answer of its shape, and equalities were confirmed."""
    solution = solve(Problem(operation.name, **sample))
    assert solution.claims > len(list(leaves(solution.answer)))
    assert solution.shape == list(np.array(solution.answer, dtype=object).shape)


def test_every_detail_gives_the_same_numbers(operation, sample):
    """Showing all windows, or none, verifies too and changes no quantity that both show."""
    problem = Problem(operation.name, **sample)
    usual = solve(problem)
    for detail in (Detail(full=True), Detail(worked=0)):
        solution = solve(problem, detail)
        assert solution.answer == usual.answer
        shared = solution.quantities.keys() & usual.quantities.keys()
        assert {label: solution.quantities[label] for label in shared} == {
            label: usual.quantities[label] for label in shared
        }


def test_the_quantities_equal_the_oracles(operation, sample):
    """The answer and every other quantity are the oracle's, with an integer for each letter."""
    problem = Problem(operation.name, **sample)
    solution, numbers = solve(problem), numbers_for(problem)
    oracle = operation.oracle(problem.setting, arrays(problem, numbers))
    for label, quantity in solution.derivation.quantities.items():
        if any(hasattr(cell, "has") and cell.has(IMAGINARY, OMEGA, OMEGA_5) for cell in quantity.value.cells):
            continue  # complex: `verify` compared it, and its own file tests it
        found = plain(quantity.value.nested() if quantity.value.shape else quantity.value.cells[0], numbers)
        assert found == oracle[label]().tolist()
    assert solution.derivation.answer in solution.derivation.quantities


def test_the_matrix_does_what_the_operation_does(operation, sample):
    """Each column of C (for a transposed layer: each row) is what becomes of one basis array."""
    problem = Problem(operation.name, **sample)
    needs_a_layer(problem)
    numbers = numbers_for(problem)
    if sample.get("method") == "toeplitz":
        pytest.skip("its matrix is D, from the input's rows")
    quantities = solve(Problem(operation.name, **{**sample, "ask": "matrix"})).quantities
    apply = forward(problem, arrays(problem, numbers))
    shape = problem.setting.layer.input.shape
    images = [vec(apply(array), problem) for array in sorted_basis(shape, problem)]
    rows = plain(quantities["C"], numbers)
    assert images == (
        rows if operation.name == "transposed_convolution" else [list(column) for column in zip(*rows, strict=True)]
    )


def sorted_basis(shape, problem):
    """The basis arrays in the order of vec."""
    return sorted(basis(shape), key=lambda array: vec(array, problem).index(1))


def test_the_transposed_matrix_is_the_adjoint(operation, sample):
    """<Cx, y> = <x, C^T y> for random integers x and y, C by the oracle and C^T from the solution."""
    needs_a_layer(Problem(operation.name, **sample))
    keys = {key: value for key, value in sample.items() if key not in ("matrix_of", "method")}  # C: the kernel's
    problem = Problem(operation.name, **{**keys, "ask": "transposed_matrix"})
    numbers, rng = numbers_for(problem), np.random.default_rng(2)
    back = np.array(plain(solve(problem).quantities["C^T"], numbers), dtype=object)
    if operation.name == "transposed_convolution":
        back = back.T  # C^T is the layer itself, so C goes back
    apply = forward(problem, arrays(problem, numbers))
    x = rng.integers(-99, 99, problem.setting.layer.input.shape).astype(object)
    image = vec(apply(x), problem)
    y = rng.integers(-99, 99, len(image)).astype(object)
    assert sum(a * b for a, b in zip(image, y, strict=True)) == sum(
        a * b for a, b in zip(vec(x, problem), back @ y, strict=True)
    )


def test_the_json_keeps_the_contract(operation, sample):
    """The JSON has the contract's keys; integers are integers, fractions and letters are text that reads back."""
    solution = solve(Problem(operation.name, **sample))
    read = json.loads(solution.to("json"))
    assert list(read) == ["operation", "answer", "shape", "verified", "claims", "quantities"]
    assert (read["operation"], read["shape"]) == (operation.name, solution.shape)
    assert (read["verified"], read["claims"]) == (True, solution.claims)
    assert list(read["quantities"]) == list(solution.quantities)
    pairs = [
        (solution.answer, read["answer"]),
        *((solution.quantities[label], read["quantities"][label]) for label in read["quantities"]),
    ]
    for value, written in pairs:
        for cell, text in zip(leaves(value), leaves(written), strict=True):
            assert type(text) is (int if isinstance(cell, int) else str)
            assert text == (cell if isinstance(cell, int) else str(cell))


def test_the_labels_of_the_contract_are_there(operation, sample):
    """A solution of the output has its size, its operands, its cells by label, and what its setting calls for."""
    if operation.asks[0] != "output":
        pytest.skip(f"the answer of {operation.name} has labels of its own")
    problem = Problem(operation.name, **{**sample, "ask": operation.asks[0], "notation": {}})
    solution = solve(problem)
    if not solution.derivation.quantities[solution.derivation.answer].labelled_cells:
        pytest.skip("its answer has no cells with labels of their own")
    labels = set(solution.quantities)
    wanted = {*problem.setting.operands, "output"} | ({"size"} & set(operation.asks))
    if operation.name == "transposed_convolution":
        wanted |= {"frame", "stretched", "flipped", "A_1"}
    if operation.name == "convolution":
        wanted |= {"flipped"}
    if operation.name != "autocorrelation":  # its cells are called by their lags
        wanted |= {f"h[{','.join(str(i + 1) for i in at)}]" for at in np.ndindex(*solution.shape)}
    assert wanted - labels == set()
    cells = [solution.quantities[label] for label in solution.quantities if label.startswith("h[")]
    assert cells == list(leaves(solution.answer))


def test_no_number_is_too_large(operation, sample):
    """The oracle works out of operands beyond 64 bits what it does of small ones, and as with fractions."""
    problem = Problem(operation.name, **sample)
    if getattr(problem.setting, "ranges", None) or "layers" in problem.operation.keys:
        pytest.skip(f"the numbers of {operation.name} are sizes, or are tried out on a network of its own")
    operands = arrays(problem, numbers_for(problem))
    small, large, fine = (
        problem.operation.oracle(problem.setting, {name: wide(array, by) for name, array in operands.items()})
        for by in (1, 10**19, Fraction(10**19))
    )
    compared = 0
    for label in small:
        if is_worked_out(small, label) and is_worked_out(fine, label):
            assert np.asarray(large[label]()).tolist() == np.asarray(fine[label]()).tolist()
            compared += 1
    assert compared
