"""The shape of the project: who imports whom, who is documented, what is nowhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from symconv.operations import HOMES

PROJECT = Path(__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((PROJECT / "symconv").rglob("*.py"))
}
TESTS = sorted((PROJECT / "tests").glob("*.py"))
OPERATIONS = [name for name in MODULES if name.startswith("symconv.operations")]
MOST_LINES = 400


@cache
def tree(path: Path) -> ast.Module:
    """A file as Python reads it."""
    return ast.parse(path.read_text(encoding="utf-8"))


# what oracles count with; they return plain integers
COUNTS = ("measure", "counted", "_windows", "_left", "count_windows", "count_scattered")


def imports(name: str) -> Iterator[tuple[str, str]]:
    """What a module imports anywhere in it: the module, and the name taken from it or ''."""
    for node in ast.walk(tree(MODULES[name])):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole, "") if whole in MODULES else (str(node.module), alias.name)


def reached(name: str) -> set[str]:
    """The modules a module imports, with the packages they are in."""
    found = {module for module, _ in imports(name)}
    return found | {module.split(".")[0] for module in found}


def ours(name: str) -> set[str]:
    """The modules of symconv a module imports, short."""
    return {module.removeprefix("symconv.") for module in reached(name) if module.startswith("symconv.")}


# module: the modules of symconv it may import, at most
ALLOWED = {
    "algebra": {"entries", "expression", "tensor"},
    "answers": {
        "answers.document", "answers.given", "answers.json_work", "answers.labels", "answers.plain_work",
        "answers.source", "answers.statements", "answers.toml_work", "errors", "math_spans",
    },
    "axis": set(),
    "closed_form": set(),
    "conventions": set(),
    "document": {"expression", "tensor"},
    "entries": {"errors", "tensor"},
    "errors": set(),
    "exact_numbers": {"closed_form"},
    "expression": set(),
    "files": {"errors"},
    "latex_tokens": {"errors", "typeset.greek"},
    "math_spans": set(),
    "notation": {"errors"},
    "numeric": {"exact_numbers"},
    "operands": {"entries", "errors", "tensor"},
    "page": {
        "document", "expression", "typeset.formats", "typeset.piece", "typeset.printer", "typeset.spoken",
        "typeset.typst",
    },
    "pdf": {"errors", "render", "solution", "templating.trace"},
    "problem": {"conventions", "errors", "notation", "operands", "operations", "operations.base"},
    "program": set(),
    "render": {
        "checking.report", "document", "errors", "expression", "grading.summary", "notation", "page", "sheets.sheet",
        "sheets.worksheet", "solution", "templating.environment", "templating.trace", "tensor", "typeset.formats",
        "typeset.html", "typeset.piece", "typeset.printer", "typeset.spoken", "typeset.typst",
    },
    "solution": {"document", "operations.base", "pdf", "problem", "render", "tensor", "verify"},
    "sums": {"algebra"},
    "tensor": set(),
    "verify": {
        "algebra", "closed_form", "document", "errors", "exact_numbers", "expression", "notation", "numeric", "tensor",
    },
    "answers.commas": {"errors"},
    "answers.document": {
        "answers.given", "answers.json_work", "answers.labels", "answers.plain_work", "answers.source",
        "answers.sentences", "answers.statements", "answers.tables", "answers.tabular", "answers.toml_work",
        "answers.values", "errors", "math_spans",
    },
    "answers.entry": {"entries", "errors", "tensor", "typeset.greek"},
    "answers.given": {"errors", "tensor"},
    "answers.json_work": {
        "answers.commas", "answers.given", "answers.plain", "answers.source", "answers.statements", "answers.values",
        "errors",
    },
    "answers.labels": {"errors", "latex_tokens"},
    "answers.latex": {
        "answers.commas", "answers.entry", "answers.given", "answers.letters", "answers.plain", "answers.scaled",
        "errors", "latex_tokens",
    },
    "answers.letters": {"closed_form", "entries", "errors", "latex_tokens", "tensor", "typeset.greek"},
    "answers.plain": {
        "answers.commas", "answers.entry", "answers.given", "answers.letters", "answers.sums", "errors", "tensor",
    },
    "answers.plain_work": {
        "answers.given", "answers.labels", "answers.letters", "answers.remarks", "answers.scaled", "answers.sentences",
        "answers.source", "answers.statements", "typeset.greek",
    },
    "answers.remarks": set(),
    "answers.rewritten": set(),
    "answers.scaled": {
        "answers.commas", "answers.entry", "answers.given", "answers.labels", "answers.letters", "answers.plain",
        "closed_form", "entries", "errors", "tensor",
    },
    "answers.sentences": {"answers.labels"},
    "answers.source": set(),
    "answers.statements": {
        "answers.given", "answers.labels", "answers.latex", "answers.scaled", "answers.sentences", "answers.values",
        "errors", "latex_tokens", "tensor",
    },
    "answers.sums": {"answers.given", "errors"},
    "answers.tables": {
        "answers.commas", "answers.entry", "answers.given", "answers.labels", "answers.latex", "answers.letters",
        "answers.plain", "answers.source", "answers.statements", "answers.values", "errors",
    },
    "answers.tabular": {"answers.source", "answers.tables", "latex_tokens", "math_spans"},
    "answers.toml_work": {"answers.given", "answers.json_work", "answers.source", "answers.statements", "errors"},
    "answers.values": {
        "answers.commas", "answers.given", "answers.latex", "answers.letters", "answers.plain", "answers.remarks",
        "answers.rewritten", "answers.scaled", "errors", "tensor",
    },
    "audit.arithmetic": {"audit.formula", "audit.values"},
    "audit.chains": {"latex_tokens"},
    "audit.compare": {
        "audit.chains", "audit.doubt", "audit.evaluate", "audit.formula", "audit.repair", "audit.roots", "audit.values",
    },
    "audit.cursor": {"audit.formula", "audit.values", "latex_tokens"},
    "audit.doubt": {"audit.chains", "audit.evaluate", "audit.formula", "audit.values"},
    "audit.evaluate": {"audit.arithmetic", "audit.formula", "audit.values"},
    "audit.excerpt": {"audit.values", "latex_tokens"},
    "audit.formula": set(),
    "audit.judge": {
        "audit.chains", "audit.compare", "audit.doubt", "audit.evaluate", "audit.excerpt", "audit.formula",
        "audit.parser", "audit.quantities", "audit.values", "latex_tokens",
    },
    "audit.macros": {"math_spans"},
    "audit.notes": {
        "audit.chains", "audit.compare", "audit.evaluate", "audit.excerpt", "audit.judge", "audit.macros",
        "audit.prose", "audit.quantities", "audit.values", "errors", "latex_tokens", "math_spans",
    },
    "audit.parser": {"audit.cursor", "audit.formula", "audit.values", "latex_tokens"},
    "audit.prose": {"audit.chains", "errors", "latex_tokens", "math_spans"},
    "audit.quantities": {"audit.compare", "audit.formula", "audit.values", "solution", "tensor"},
    "audit.repair": {"audit.evaluate", "audit.formula", "audit.values"},
    "audit.report": {"audit.compare", "audit.excerpt", "audit.notes", "audit.values"},
    "audit.roots": {"audit.evaluate", "audit.formula", "audit.values", "closed_form"},
    "audit.values": set(),
    "checking.carry": {
        "checking.diagnosis", "checking.follow_through", "checking.handed", "checking.search", "checking.slips",
        "checking.target",
        "closed_form", "numeric",
    },
    "checking.check": {
        "answers", "checking.diagnose", "checking.diagnosis", "checking.handed", "checking.links",
        "checking.maps", "checking.names", "errors", "tensor",
    },
    "checking.checksums": {"tensor"},
    "checking.diagnose": {
        "checking.carry", "checking.diagnosis", "checking.explain", "checking.follow_through",
        "checking.handed", "checking.labels", "checking.letters", "checking.marks", "checking.predict",
        "checking.search",
        "checking.slips", "checking.target", "checking.together", "checking.whole", "errors", "operations.base",
        "problem", "tensor",
    },
    "checking.diagnosis": {"tensor"},
    "checking.explain": {"checking.diagnosis", "checking.handed", "checking.predict", "errors", "operations.base"},
    "checking.follow_through": {
        "checking.handed", "document", "errors", "expression", "numeric", "operations.base", "problem", "tensor",
        "verify",
    },
    "checking.handed": {"algebra", "closed_form", "errors", "exact_numbers", "tensor"},
    "checking.labels": {"document", "operations.base", "problem", "tensor"},
    "checking.letters": {
        "algebra", "checking.diagnosis", "checking.handed", "checking.search", "numeric", "problem", "tensor",
    },
    "checking.names": {"answers", "checking.diagnose", "checking.labels"},
    "checking.links": {"answers", "answers.rewritten", "audit.notes"},
    "checking.maps": {"answers", "checking.diagnose", "checking.handed", "checking.names", "tensor"},
    "checking.marks": {"checking.diagnosis", "checking.handed", "tensor"},
    "checking.predict": {"errors", "numeric", "operations.base", "problem"},
    "checking.report": {
        "checking.check", "checking.diagnosis", "checking.handed", "exact_numbers", "tensor", "typeset.decimals",
    },
    "checking.search": {
        "checking.checksums", "checking.diagnosis", "checking.handed", "checking.slips", "checking.target",
    },
    "checking.slips": {
        "algebra", "checking.diagnosis", "checking.handed", "closed_form", "exact_numbers", "numeric",
        "operations.base", "tensor",
    },
    "checking.table": {"checking.diagnosis", "checking.handed"},
    "checking.target": {
        "checking.diagnosis", "checking.explain", "checking.handed", "checking.labels", "checking.slips",
        "checking.table", "tensor",
    },
    "checking.whole": {
        "checking.diagnosis", "checking.explain", "checking.handed", "checking.target", "errors", "operations.base",
        "problem", "tensor",
    },
    "checking.together": {
        "checking.diagnosis", "checking.handed", "checking.search", "checking.slips", "checking.target",
    },
    "grading.answer_table": {"errors"},
    "grading.grade": {
        "answers", "checking.check", "checking.diagnose", "checking.diagnosis", "checking.follow_through",
        "checking.handed", "checking.report", "errors", "tensor",
        "grading.answer_table", "problem",
    },
    "grading.run": {
        "checking.diagnosis", "checking.report", "errors", "grading.answer_table", "grading.grade", "grading.summary",
        "pdf", "render", "runs.batch", "runs.chunk", "runs.progress", "runs.store",
    },
    "grading.summary": {"checking.report"},
    "replay.frame": {
        "document", "notation", "page", "render", "replay.record", "solution", "tensor", "typeset.formats",
        "typeset.piece", "typeset.spoken",
    },
    "replay.press": {
        "document", "errors", "notation", "numeric", "operations.base", "page", "problem", "replay.frame",
        "replay.recheck", "replay.record", "replay.shape", "solution", "typeset.formats", "typeset.piece",
        "verify",
    },
    "replay.recheck": {"document", "errors", "expression", "notation", "numeric", "replay.record", "verify"},
    "replay.record": set(),
    "replay.shape": {"document", "errors", "operations.base", "problem", "replay.record", "tensor"},
    "runs.batch": {"runs.chunk", "runs.progress", "runs.store"},
    "runs.chunk": {"errors"},
    "runs.cluster": {"errors", "program", "runs.chunk"},
    "runs.executors": {"errors", "runs.chunk", "runs.cluster", "runs.processes"},
    "runs.processes": {"errors", "runs.chunk"},
    "runs.progress": {"errors"},
    "runs.store": {"errors", "files", "program", "runs.chunk"},
    "sheets.draw": {
        "checking.handed", "checking.predict", "errors", "notation", "numeric", "operands", "problem", "sheets.file",
        "sheets.stream", "tensor",
    },
    "sheets.edition": {
        "document", "errors", "operations.base", "pdf", "problem", "render", "replay.press", "runs.chunk", "runs.store",
        "sheets.exam", "sheets.key", "sheets.paper", "sheets.printing", "sheets.regions", "sheets.sheet",
        "sheets.sound", "sheets.stream", "sheets.taken", "sheets.versions", "sheets.worksheet", "solution",
        "templating.environment", "templating.own", "templating.trace", "typeset.formats",
    },
    "sheets.exam": {
        "document", "expression", "operations.base", "page", "problem", "sheets.given", "sheets.sheet",
        "sheets.spaces", "tensor", "typeset.decimals", "typeset.formats", "typeset.latex", "typeset.printer",
        "typeset.spoken",
    },
    "sheets.file": {"errors", "operands", "operations", "problem"},
    "sheets.given": {"document", "expression", "operations.base", "page", "sheets.sheet", "tensor"},
    "sheets.key": {"sheets.sheet", "tensor"},
    "sheets.paper": {
        "document", "errors", "notation", "page", "render", "sheets.exam", "sheets.given", "sheets.sheet",
        "sheets.spaces", "solution", "templating.environment", "typeset.formats", "typeset.printer", "typeset.spoken",
    },
    "sheets.printed": {"document", "expression"},
    "sheets.printing": {
        "pdf", "sheets.exam", "sheets.paper", "sheets.sheet", "sheets.spaces", "sheets.split", "solution",
    },
    "sheets.regions": {"errors", "page", "sheets.sheet", "sheets.spaces"},
    "sheets.run": {
        "errors", "runs.batch", "runs.chunk", "runs.processes", "runs.progress", "runs.store", "sheets.edition",
        "sheets.key", "sheets.regions", "sheets.split", "sheets.versions",
    },
    "sheets.sheet": {"problem", "tensor"},
    "sheets.sound": {
        "checking.handed", "checking.predict", "errors", "numeric", "sheets.draw", "sheets.file",
        "sheets.stream",
    },
    "sheets.spaces": {"page", "sheets.sheet", "tensor"},
    "sheets.split": {"errors"},
    "sheets.stream": set(),
    "sheets.stress": {"errors", "runs.chunk", "sheets.sound", "sheets.versions", "solution"},
    "sheets.versions": {
        "errors", "operations.base", "sheets.draw", "sheets.file", "sheets.sheet", "sheets.sound",
        "sheets.stream", "tensor",
    },
    "sheets.taken": {
        "document", "errors", "expression", "operations.base", "problem", "sheets.draw", "sheets.file",
        "sheets.printed", "sheets.stream", "tensor",
    },
    "sheets.worksheet": {
        "document", "expression", "operations.base", "sheets.printed", "sheets.stream", "sheets.taken", "solution",
        "tensor",
    },
    "templating.environment": {"errors", "program", "templating.own", "templating.sandbox", "templating.trace"},
    "templating.own": {"errors", "program"},
    "templating.sandbox": {"errors", "program", "templating.own"},
    "templating.trace": set(),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_who_imports_whom(name: str) -> None:
    """Each module imports only those below it."""
    assert ours(f"symconv.{name}") <= ALLOWED[name]


def test_every_module_has_a_rule() -> None:
    """No module is outside the rules of this file."""
    ruled = {f"symconv.{name}" for name in ALLOWED} | set(OPERATIONS) | {"symconv", "symconv.__main__", "symconv.cli"}
    ruled |= {name for name in MODULES if name.endswith(".command") or not any(imports(name))}
    ruled |= {name for name in MODULES if name.startswith("symconv.typeset")}
    assert set(MODULES) == ruled


def test_the_oracle_stands_alone() -> None:
    """`numeric` and its numbers can be reviewed alone: NumPy and the standard library, nothing else of ours."""
    standard = {"collections", "dataclasses", "decimal", "fractions", "functools", "itertools", "math", "operator"}
    for name in ("symconv.numeric", "symconv.exact_numbers", "symconv.closed_form"):
        libraries = {module.split(".")[0] for module in reached(name)} - {"__future__", "typing", "numpy", *standard}
        assert libraries <= {"symconv"}
        assert ours(name) <= {"closed_form", "exact_numbers"}


@pytest.mark.parametrize(
    "name",
    ["algebra", "axis", "document", "entries", "errors", "expression", "notation", "operands", "problem", "tensor"],
)
def test_no_numpy_in_the_derivation(name: str) -> None:
    """What a derivation is made of does not use the oracle's library."""
    assert not reached(f"symconv.{name}") & {"numpy", "symconv.numeric"}


def test_who_uses_the_big_libraries() -> None:
    """Each of the big libraries is used in the few modules that are about it."""
    libraries = ("jinja2", "typst", "sympy", "distributed", "tqdm", "pikepdf")
    users = {library: {name for name in MODULES if library in reached(name)} for library in libraries}
    assert users["jinja2"] == {"symconv.templating.environment", "symconv.templating.sandbox"}
    assert users["typst"] == {"symconv.pdf"}
    assert users["pikepdf"] == {"symconv.sheets.split", "symconv.sheets.regions"}
    assert users["distributed"] == {"symconv.runs.cluster"}
    assert users["tqdm"] == {"symconv.runs.progress"}
    assert users["sympy"] == {"symconv.algebra", "symconv.entries", "symconv.sums"}


def test_nothing_imports_the_command_line() -> None:
    """The command line is on top of everything."""
    assert [name for name in MODULES if "symconv.cli" in reached(name)] == ["symconv.__main__"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_knows_no_page(name: str) -> None:
    """Operations import neither rendering nor verification nor a program's output."""
    banned = {"render", "verify", "pdf", "solution", "problem", "cli"}
    assert not ours(name) & banned
    assert not any(module.startswith("typeset") for module in ours(name))


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_keeps_out_of_others(name: str) -> None:
    """No operation imports another one; the list imports one when it is asked for."""
    known = {f"operations.{home}" for home in HOMES.values()} - {name.removeprefix("symconv.")}
    if "operations.fold" in name:
        known -= {"operations.unfold"}  # fold is the transpose of unfold and reads the same problem
    assert ours(name) & known == set()


def test_nobody_imports_a_private_name() -> None:
    """A name with an underscore stays in its module."""
    for name in MODULES:
        assert [what for module, what in imports(name) if what.startswith("_") and module.startswith("symconv")] == []


@pytest.mark.parametrize(
    "name",
    ["symconv.verify", "symconv.render", "symconv.solution", "symconv.pdf", "symconv.cli", "symconv.checking.predict"],
)
def test_no_particular_operation(name: str) -> None:
    """The general parts name no operation: neither by import nor in a text."""
    assert not ours(name) & {"operations.convolution", "operations.transposed_convolution"}
    if name == "symconv.cli":
        return  # its help has an example
    for node in ast.walk(tree(MODULES[name])):
        if isinstance(node, ast.Constant):
            assert node.value not in ("convolution", "cross_correlation", "transposed_convolution")


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_oracle_library_only_in_oracles(name: str) -> None:
    """In an operation NumPy and `numeric` are used only in what says Array, Oracle or Misconception, and in counts."""
    if name.endswith(("_misconceptions", "_mistakes")):
        return  # what such a file computes never reaches a derivation: the next test sees to it
    allowed: set[int] = set()
    for node in ast.walk(tree(MODULES[name])):
        if isinstance(node, ast.FunctionDef):
            signature = ast.unparse(node.args) + (" -> " + ast.unparse(node.returns) if node.returns else "")
            if re.search(r"\b(Arrays?|Oracle|Misconception)\b", signature) or node.name in COUNTS:
                allowed |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree(MODULES[name])):
        if isinstance(node, ast.Name) and node.id in ("np", "numeric"):
            assert id(node) in allowed, f"line {node.lineno} uses {node.id} outside an oracle"


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_derivation_uses_a_mistake(name: str) -> None:
    """Only the file of an operation, which lists them, and other files of mistakes import mistakes."""
    mistakes = {module for module in reached(name) if module.endswith(("_misconceptions", "_mistakes"))}
    assert not mistakes or not name.endswith(("_steps", "_methods", "_form", ".steps", ".checks", ".geometry"))


def documented(module: ast.Module) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef]:
    """A module, and every public class and function of it, with its public methods."""
    yield module
    for node in module.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
            yield node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (n for n in node.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_"))


@pytest.mark.parametrize("name", sorted(MODULES))
def test_everything_public_is_documented(name: str) -> None:
    """Each module, public class, function and method says what it is, ending its first line like a sentence."""
    if not MODULES[name].read_text(encoding="utf-8").strip():
        return
    for node in documented(tree(MODULES[name])):
        first = (ast.get_docstring(node) or "").split("\n")[0]
        where = f"{name}.{getattr(node, 'name', '')}"
        assert len(first) > 5, f"{where} has no docstring"
        assert first[-1] in ".:?!", f"{where}: {first}"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_modules_are_short(name: str) -> None:
    """No module is longer than a person reads in one go."""
    lines = len(MODULES[name].read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES


@pytest.mark.parametrize("name", sorted(MODULES))
def test_nothing_evaluates_text(name: str) -> None:
    """No text becomes code: neither by Python nor by SymPy, whose sympify evaluates too."""
    banned = {"eval", "exec", "compile", "sympify", "parse_expr", "__import__", "S", "nsimplify", "lambdify"}
    for node in ast.walk(tree(MODULES[name])):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            own = isinstance(node.func, ast.Attribute) and ast.unparse(node.func) in ("re.compile", "typst.compile")
            assert own or called not in banned, f"line {node.lineno} calls {called}"
            assert not any(keyword.arg == "shell" for keyword in node.keywords)
    assert not {what for _, what in imports(name)} & banned


def functions_of(path: Path) -> Iterator[ast.FunctionDef]:
    """The test functions of a file."""
    yield from (n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_"))


def asserts(function: ast.FunctionDef, helpers: set[str]) -> bool:
    """Whether a function can fail on purpose: by assert, pytest.raises, or a helper that asserts."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("pytest.raises", "pytest.fail") or called.split(".")[-1] in helpers:
                return True
    return False


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_every_test_says_and_asserts_something(path: Path) -> None:
    """Each test has a sentence, and an assert that can fail; its file says what it holds."""
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]
    helpers = {f.name for f in functions if not f.name.startswith("test_") and asserts(f, set())}
    assert ast.get_docstring(tree(path))
    for test in functions_of(path):
        sentence = ast.get_docstring(test) or ""
        assert sentence.endswith("."), f"{test.name} has no sentence"
        assert asserts(test, helpers), f"{test.name} asserts nothing"


def test_no_test_hides_another() -> None:
    """Two tests of one file have two names: the second would replace the first."""
    for path in TESTS:
        names = [test.name for test in functions_of(path)]
        assert sorted(set(names)) == sorted(names)


def test_no_path_of_a_machine() -> None:
    """What is published mentions no absolute path of somebody's machine."""
    texts = [*PROJECT.glob("*.md"), PROJECT / "Makefile", PROJECT / "pyproject.toml", PROJECT / ".ci" / "run"]
    texts += [*MODULES.values(), *TESTS, *(PROJECT / "examples").iterdir(), *(PROJECT / "templates").rglob("*.*")]
    texts += [*(PROJECT / "tests" / "golden").iterdir(), PROJECT / "tests" / "install_tex.sh"]
    homes = re.compile(r"/(?:home|Users|root|work|workspace|mnt|srv)/\w|[A-Z]:\\\\?Users")
    for path in texts:
        assert path.is_file(), path
        found = homes.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path.name}: {found}"


def test_ci_is_the_command_of_the_makefile() -> None:
    """What continuous integration runs is what a person runs."""
    assert (PROJECT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("make check")
    assert re.search(r"^check:", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
