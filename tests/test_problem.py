"""Problems: every wrong input is refused with one line that names the thing and what would be right."""

import datetime
import pathlib

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import symconv
from symconv import Problem, ProblemError, read_problem, solve

GOOD = {"input": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 2; 3 4"}
TWO = ["1 2; 3 4", "5 6; 7 8"]  # two channels
NAMES = ["convolution", "cross_correlation", "transposed_convolution"]


def nested(depth):
    """The number 1 in many lists."""
    made = 1
    for _ in range(depth):
        made = [made]
    return made


def refusal(operation, keys):
    """The message with which a problem is refused."""
    with pytest.raises(ProblemError) as caught:
        Problem(operation, **keys)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 400
    return message


@pytest.mark.parametrize("operation", NAMES)
@pytest.mark.parametrize("name", ["input", "kernel"])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("1 2; 3", "row 2 has 1 entry, row 1 has 2; give every row 2 entries"),
        ([[1, 2], [3]], "part 2 is 1 long, part 1 is 2 long; give all parts the same shape"),
        ([[[1]], [[1, 2]]], "part 2 is 1x2, part 1 is 1x1; give all parts the same shape"),
        ([1, [2]], "entry 2 is a list beside numbers; give lists of one depth"),
        ("", "the matrix is empty; write rows"),
        ([], "the list is empty; write rows"),
        ([[], []], "part 1: the list is empty; write rows"),
        (np.zeros((0, 3)), "the list is empty; write rows"),
        ("1 3x", "'3x' is not a number or a letter; write an integer"),
        ("1 1/0", "'1/0' divides by zero; write an integer"),
        ("nan 1", "'nan' is not a number or a letter"),
        ([float("nan"), 1], "'nan' is not a number"),
        (np.array([1.0, np.inf]), "'inf' is not a number"),
        ("1e400", "'1e400' is not a number or a letter"),
        ([10**400], "more than 30 digits"),
        ("__import__('os')", "\"__import__('os')\" is not a number or a letter"),
        ([[True, 1]], "True is not a number"),
        ([[None]], "None is a NoneType, not a number"),
        ([["1 2", 3]], "'1 2' is not a number or a letter"),
        ({"symbols": "x"}, 'write {symbols = "x", shape = [4, 4]}'),
        ({"symbols": "x", "shape": 4}, "shape is 4; write one to four sizes such as [4, 4]"),
        ({"symbols": "x", "shape": [2, 0]}, "shape is 0; it must be at least 1"),
        ({"symbols": "x_1", "shape": [2]}, "symbols is 'x_1'; write a letter such as 'x'"),
        ({"symbols": "nan", "shape": [2]}, "'nan' is not a number or a letter"),
        ({"symbols": "x", "shape": [10000, 10000]}, "100,000,000 entries are beyond the limit of 100,000"),
        (nested(5), "nested 5 deep; write at most filters, channels, rows, columns"),
        (nested(3000), "nested more than 4 deep; write at most filters, channels, rows, columns"),
        ({1, 2}, "is a set, not a number"),
        (object(), "is a object, not a number"),
        ([np.ones((2, 2))], "is a ndarray, not a number"),
        (sympy.Symbol("x") + 1, "x + 1 is an expression; an operand holds numbers and single letters"),
        (datetime.date(2024, 1, 1), "is a date, not a number"),
    ],
    ids=lambda part: part[:30] if isinstance(part, str) else type(part).__name__,
)
def test_a_bad_operand_is_refused(operation, name, given, words):
    """The message names the operand, what was given and what would be right."""
    message = refusal(operation, {**GOOD, name: given})
    assert message.startswith(f"{name}: ")
    assert words in message


@pytest.mark.parametrize("operation", NAMES)
@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"input": None}, "input is missing; write a matrix such as input ="),
        ({"kernel": None}, "kernel is missing; write a matrix such as kernel ="),
        ({"stride": 0}, "stride is 0; it must be at least 1"),
        ({"stride": -1}, "stride is -1; it must be at least 1"),
        ({"stride": 1.5}, "stride is 1.5; write a whole number, at least 1"),
        ({"stride": "2"}, "stride is '2'; write a whole number, at least 1"),
        ({"stride": True}, "stride is True; write a whole number"),
        ({"stride": None}, "stride is None; write a whole number"),
        ({"stride": []}, "stride is [] with 0 numbers; the problem has 2 axes"),
        ({"stride": [1, 2, 3]}, "stride is [1, 2, 3] with 3 numbers; the problem has 2 axes"),
        ({"stride": [1, [2]]}, "stride is [2]; write a whole number"),
        ({"stride": np.array(2.5)}, "stride is 2.5; write a whole number"),
        ({"stride": 2**63}, "it must be below 2^63"),
        ({"padding": -1}, "padding is -1; it must be at least 0"),
        ({"padding": [[0, -1], [0, 0]]}, "padding is -1; it must be at least 0"),
        ({"padding": "some"}, "padding is 'some'; write 'valid', 'same', 'full', a number"),
        ({"padding": [1, 2, 3]}, "padding is [1, 2, 3] with 3 parts; the problem has 2 axes, so write [1, 2] or [["),
        ({"padding": [[1, 2, 3], [0, 0]]}, "padding has [1, 2, 3] for one axis; write two numbers, before and after"),
        ({"padding": 0.5}, "padding is 0.5; write a whole number, at least 0"),
        ({"padding": {}}, "padding is {}; write a whole number"),
        ({"dilation": 0}, "dilation is 0; it must be at least 1"),
        ({"dilation": [1, 0]}, "dilation is 0; it must be at least 1"),
        ({"groups": 0}, "groups is 0; it must be at least 1"),
        ({"groups": 2}, "groups is 2, but the input has 1 channel; groups must divide it"),
        ({"groups": [1]}, "groups is [1]; write a whole number"),
        ({"bias": [1, 2]}, "bias has 2 numbers for 1 output map; give one for each"),
        ({"bias": []}, "bias has 0 numbers"),
        ({"bias": "3x"}, "bias: '3x' is not a number or a letter"),
        ({"bias": [[1]]}, "bias: [1] is a list, not a number"),
        ({"order": "rows"}, "order is 'rows'; write 'row' or 'column'"),
        ({"order": 1}, "order is 1; write 'row' or 'column'"),
        ({"order": np.array(["row", "row"])}, "write 'row' or 'column'"),
        ({"dims": 0}, "dims is 0; it must be at least 1"),
        ({"dims": 3}, "dims is 3; write 1 or 2"),
        ({"dims": "2"}, "dims is '2'; write a whole number"),
        ({"dims": 1, "input": TWO, "kernel": TWO}, "input has 2 rows, but dims = 1; give one row per channel"),
        ({"ask": "everything"}, "ask is 'everything'; write 'output' or 'size' or 'matrix' or 'transposed_matrix'"),
        ({"ask": ["size"]}, "ask is ['size']; write 'output'"),
        ({"limit": 0}, "limit is 0; it must be at least 1"),
        ({"limit": "many"}, "limit is 'many'; write a whole number"),
        ({"limit": 3}, "entries are beyond the limit of 3"),
        ({"limit": 15}, "products, beyond the limit of 15; make it smaller, or raise the limit with limit = "),
        ({"title": 3}, 'title is 3; write text in quotes, such as title = "Exercise 3"'),
        ({"text": ["a"]}, "text is ['a']; write text in quotes"),
        ({"notation": "x"}, "notation is 'x'; write a table with any of input, kernel"),
        ({"notation": {"inputs": "X"}}, "notation.inputs is unknown; known are input, kernel"),
        ({"notation": {"index_base": 2}}, "notation.index_base is 2; write 0 or 1"),
        ({"notation": {"index_base": 1.0}}, "notation.index_base is 1.0; write 0 or 1"),
        ({"colour": 3}, "the key colour is unknown; "),
        ({"kernal": "1"}, "the key kernal is unknown (did you mean kernel?)"),
        ({"strides": 1}, "the key strides is unknown (did you mean stride?)"),
        ({"input": [TWO]}, "input is nested 4 deep; write one matrix, or a list with one per channel"),
    ],
    ids=lambda part: "-".join(part) if isinstance(part, dict) else "",
)
def test_a_bad_key_is_refused(operation, keys, words):
    """The message names the key, what was given and what would be right."""
    assert words in refusal(operation, {**GOOD, **keys})


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"kernel": "1 2; 3 4; 5 6; 7 8"}, "the kernel reaches 4 cells down the rows but the padded input has only 3"),
        ({"dilation": [1, 3]}, "the kernel reaches 4 cells along the columns but the padded input has only 3"),
        ({"input": "1 2", "kernel": "1 2 3"}, "the kernel reaches 3 cells but the padded input has only 2"),
        (
            {"padding_mode": "mirror"},
            "padding_mode is 'mirror'; write 'zeros' or 'reflect' or 'replicate' or 'circular'",
        ),
        (
            {"padding": [3, 0], "padding_mode": "reflect"},
            "reflect padding of 3 down the rows is too wide for an input of 3; it can be at most 2",
        ),
        (
            {"padding": [[0, 0], [0, 4]], "padding_mode": "circular"},
            "circular padding of 4 along the columns is too wide for an input of 3; it can be at most 3",
        ),
        ({"input": "7", "kernel": "1", "padding": 1, "padding_mode": "reflect"}, "it can be at most 0"),
        ({"input": TWO}, "each filter of the kernel has 1 channel, but the input has 2 channels; give each filter 2"),
        ({"kernel": TWO}, "each filter of the kernel has 2 channels, but the input has 1 channel; give each filter 1"),
        (
            {"input": TWO, "kernel": [TWO, TWO, TWO], "groups": 2},
            "groups is 2, but the kernel has 3 filters; groups must divide it",
        ),
        (
            {"input": TWO, "kernel": [TWO, TWO], "groups": 2},
            "each filter of the kernel has 2 channels, but the input has 2 channels "
            "in 2 groups; give each filter 2 / 2 = 1",
        ),
        ({"matrix_of": "output"}, "matrix_of is 'output'; write 'kernel' or 'input'"),
        ({"matrix_of": "input"}, "matrix_of = 'input' needs the full linear convolution of two matrices"),
        (
            {"matrix_of": "input", "padding": "full", "stride": 2},
            "matrix_of = 'input' needs the full linear convolution",
        ),
        (
            {"matrix_of": "input", "padding": "full", "input": "1 2", "kernel": "1 2"},
            "needs the full linear convolution of two matrices",
        ),
        ({"output_padding": 1}, "the key output_padding is unknown"),
        (
            {"padding": 10**6, "stride": 10**6},
            "the padded input would have 4,000,012,000,009 cells, beyond the limit of 100,000",
        ),
        ({"padding": 10**5, "dilation": 10**5, "stride": 10**5}, "beyond the limit of 100,000"),
    ],
    ids=lambda part: "-".join(part) if isinstance(part, dict) else "",
)
@pytest.mark.parametrize("operation", NAMES[:2])
def test_a_direct_layer_that_cannot_be_is_refused(operation, keys, words):
    """Kernels, paddings, channels and groups that do not fit are named with both numbers."""
    assert words in refusal(operation, {**GOOD, **keys})


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"output_padding": 1}, "output_padding is 1; it must be below max(stride, dilation) = 1"),
        (
            {"output_padding": [0, 3], "stride": 2, "dilation": 3},
            "output_padding is 3; it must be below max(stride, dilation) = 3",
        ),
        ({"output_padding": -1}, "output_padding is -1; it must be at least 0"),
        ({"output_padding": [0]}, "output_padding is [0] with 1 numbers; the problem has 2 axes"),
        ({"output_padding": 1, "stride": 2, "padding": "same"}, "padding = 'same' sets the output padding itself"),
        ({"padding": 2}, "padding crops 4 cells, but only 4 were scattered; make the padding smaller"),
        (
            {"input": TWO},
            "the kernel has 1 list of matrices, but the input has 2 channels; give one list per input channel",
        ),
        ({"input": TWO, "kernel": [TWO, TWO, TWO]}, "the kernel has 3 lists of matrices, but the input has 2 channels"),
        (
            {"input": TWO, "kernel": TWO, "groups": 3},
            "groups is 3, but the input has 2 channels; groups must divide it",
        ),
        ({"padding_mode": "zeros"}, "the key padding_mode is unknown"),
        ({"stride": 10**6}, "the frame would have 4,000,008,000,004 cells, beyond the limit of 100,000"),
        ({"stride": 10**6, "kernel": "1", "padding": 10**6}, "beyond the limit of 100,000"),
    ],
    ids=lambda part: "-".join(part) if isinstance(part, dict) else "",
)
def test_a_transposed_layer_that_cannot_be_is_refused(keys, words):
    """Crops, output paddings and channels that do not fit are named with both numbers."""
    assert words in refusal("transposed_convolution", {**GOOD, **keys})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cross_corelation", "the operation 'cross_corelation' is unknown; did you mean 'cross_correlation'?"),
        ("convolutoin", "did you mean 'convolution'?"),
        ("transpose_convolution", "did you mean 'transposed_convolution'?"),
        ("xyzzy", "known are convolution, cross_correlation, transposed_convolution"),
        ("", "the operation '' is unknown"),
        (None, "the operation None is unknown; known are"),
        (3, "the operation 3 is unknown; known are"),
        (np.array(["convolution", "convolution"]), "is unknown; known are"),
    ],
    ids=repr,
)
def test_an_unknown_operation_names_the_nearest(name, words):
    """A slip in the name is answered with the name that was meant."""
    assert words in refusal(name, GOOD)


ODD = [
    np.array([[1, 2], [3, 4]]),
    np.array([1, 2]),
    np.array(2.5),
    object(),
    {},
    {"a": 1},
    set(),
    b"1",
    1.5,
    float("nan"),
]
ODD += [
    "zzz",
    "",
    -1,
    0,
    True,
    [],
    [[]],
    None,
    len,
    10**5000,
    -(10**5000),
    nested(3000),
    sympy.Symbol("x"),
    sympy.Float(1.5),
]
ODD += [
    [None],
    [True, 1],
    1j,
    "\x00",
    "\n",
    [[["1"]]],
    range(3),
    iter([1]),
    type,
    np.float32(0.5),
    np.str_("row"),
    sympy.Matrix([[1]]),
]
KEYS = [
    "input",
    "kernel",
    "stride",
    "padding",
    "padding_mode",
    "dilation",
    "bias",
    "groups",
    "order",
    "matrix_of",
    "dims",
    "ask",
]
KEYS += ["notation", "limit", "title", "text", "output_padding"]


@pytest.mark.parametrize("operation", NAMES)
@pytest.mark.parametrize("key", KEYS)
def test_odd_values_are_accepted_or_refused(operation, key):
    """Whatever stands behind a key, the problem is solved or refused with one line; nothing else is raised."""
    for odd in ODD:
        try:
            solution = solve(Problem(operation, **{**GOOD, key: odd}))
        except ProblemError as error:
            message = str(error)
            assert "\n" not in message
        else:
            assert solution.claims > 0
            assert solution.to("json").startswith("{")


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.floats(), st.text(max_size=4))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=6)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(operation=st.sampled_from(NAMES), keys=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3))
def test_any_values_are_accepted_or_refused(operation, keys):
    """Arbitrary nested values behind any keys give a verified solution or a ProblemError of one line."""
    keys = {key: value for key, value in keys.items() if not (key == "limit" and value)}
    try:
        solution = solve(Problem(operation, **{**GOOD, **keys}))
    except ProblemError as error:
        message = str(error)
        assert "\n" not in message
    else:
        assert solution.claims > 0


def test_numpy_integers_are_exact_and_cannot_overflow():
    """NumPy integers in a list become Python integers: (2^40)^2 * 4 is not cut to 64 bits."""
    keys = {"input": [[np.int64(2**40)] * 2] * 2, "kernel": [[np.int64(2**40)] * 2] * 2}
    answer = solve(Problem("cross_correlation", **keys)).answer
    assert answer == [[2**40 * 2**40 * 4]]
    assert type(answer[0][0]) is int


def test_arrays_may_stand_for_lists():
    """Operands, stride, padding and bias may be NumPy arrays."""
    lists = {
        "input": [[1, 2, 3], [4, 5, 6]],
        "kernel": [[1, 2]],
        "stride": [1, 2],
        "padding": [[1, 0], [0, 1]],
        "bias": [5],
    }
    arrays = {key: np.array(value) for key, value in lists.items()}
    assert solve(Problem("convolution", **arrays)).answer == solve(Problem("convolution", **lists)).answer


def test_a_limit_may_be_raised():
    """What is beyond the limit is accepted when the limit says so."""
    keys = {"input": {"symbols": "x", "shape": [400, 400]}, "kernel": "1", "ask": "size"}
    assert "160,000 entries are beyond the limit of 100,000" in refusal("convolution", keys)
    assert solve(Problem("convolution", **keys, limit=160_000)).answer == [400, 400]


def test_a_problem_is_frozen():
    """A problem cannot be changed, and does not follow changes of the list it was made from."""
    rows = [[1, 2], [3, 4]]
    problem = Problem("cross_correlation", input=rows, kernel=[[1]])
    rows[0][0] = 99
    assert solve(problem).answer == [[1, 2], [3, 4]]
    with pytest.raises(AttributeError):
        problem.ask = "size"


def test_equal_problems_are_equal():
    """Problems with the same data are equal and hash alike, whatever the form of the data."""
    text, lists = (
        Problem("convolution", **GOOD),
        Problem("convolution", input=[[1, 2, 3], [4, 5, 6], [7, 8, 9]], kernel=[[1, 2], [3, 4]]),
    )
    assert text == lists
    assert hash(text) == hash(lists)
    assert text != Problem("convolution", **GOOD, stride=2)


def write(folder, text):
    """A problem file."""
    path = folder / "problem.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_is_read(tmp_path):
    """A TOML file gives the same problem as its keys do, and decimals are exact."""
    text = 'operation = "convolution"\ninput = "1 2 3"\nkernel = [0.1, 1]\npadding = "full"\n[notation]\noutput = "Y"\n'
    path = write(tmp_path, text)
    expected = Problem("convolution", input="1 2 3", kernel="1/10 1", padding="full", notation={"output": "Y"})
    assert read_problem(path) == expected
    assert read_problem(str(path)) == expected


def test_overrides_come_before_the_file(tmp_path):
    """Keys from the command line replace those of the file; the index base goes into the notation."""
    path = write(tmp_path, 'operation = "convolution"\ninput = "1 2 3"\nkernel = "1"\n[notation]\noutput = "Y"\n')
    problem = read_problem(path, {"kernel": "2", "index_base": 0})
    assert problem == Problem("convolution", input="1 2 3", kernel="2", notation={"output": "Y", "index_base": 0})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\xff\xfe", "byte 0 is not UTF-8; save the file as UTF-8 text"),
        (b'input = "\xe9"', "byte 9 is not UTF-8"),
        ("operation convolution", "this is not TOML: "),
        ("a = " + "[" * 2000, "this is not TOML: "),
        ("a = " + "1" * 5000, "this is not TOML: "),
        ("", "operation is missing; write a line such as operation ="),
        ('input = "1"', "operation is missing"),
        (
            'title = "Quiz"\n[[questions]]\npoints = 1',
            "this is a sheet, with questions and no operation; symconv",
        ),
        ('operation = "convolution"', "input is missing; write a matrix"),
        ("operation = 3", "the operation 3 is unknown"),
        ('operation = "convolution"\ninput = nan\nkernel = 1', "input: 'NaN' is not a number"),
        ('operation = "convolution"\ninput = 1e400\nkernel = 1', "input: 1E+400 has an exponent beyond 30"),
        (
            'operation = "convolution"\ninput = 2024-01-01\nkernel = 1',
            "input: 2024-01-01 is a date, not a number",
        ),
        ('operation = "convolution"\ninput = "1"\nkernel = "1"\nnotation = [1]', "notation is [1]; write a table"),
        ('operation = "convolution"\ninput = "1"\nkernel = "1"\n[[notation]]\n', "notation is [{}]; write a table"),
        (
            'operation = "convolution"\ninput = "1"\nkernel = "1"\n[stride]\na = 1',
            "stride is {'a': 1}; write a whole number",
        ),
    ],
    ids=lambda part: part[:30] if isinstance(part, str) else type(part).__name__,
)
def test_a_bad_file_is_refused(tmp_path, text, words):
    """The message says what is wrong with the file, in one line."""
    with pytest.raises(ProblemError) as caught:
        read_problem(write(tmp_path, text))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    """The message gives the system's reason."""
    with pytest.raises(ProblemError, match="the file cannot be read: No such file or directory; check the name"):
        read_problem(tmp_path / "nothing.toml")


def test_a_folder_is_refused(tmp_path):
    """A folder is named as such."""
    with pytest.raises(ProblemError, match="this is a folder; give a problem file in TOML"):
        read_problem(pathlib.Path(tmp_path))


def test_an_unknown_verb_is_an_attribute_error():
    """The package has no other names than it says."""
    assert not hasattr(symconv, "simplify")
    assert all(hasattr(symconv, name) for name in symconv.__all__)
