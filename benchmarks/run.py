"""The ratios that the project promises, each measured within one run: python benchmarks/run.py [name...].

Times of whole processes are medians of interleaved runs, so that a drifting machine changes both sides alike.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symconv.solution import Solution

ROOT = Path(__file__).parent.parent
PROBLEM = ROOT / "examples" / "strided.toml"
RUNS = 11


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def process(*command: str) -> Callable[[], object]:
    """A whole process as a call."""
    return lambda: subprocess.run(command, check=True, capture_output=True, cwd=tempfile.gettempdir())


def medians(works: Sequence[Callable[[], object]], runs: int = RUNS) -> list[float]:
    """The median time of each, run in turn after one warm-up."""
    for work in works:
        work()
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, taken in zip(works, times, strict=True):
            taken.append(seconds(work))
    return [statistics.median(taken) for taken in times]


def whole_process() -> None:
    """`symconv solve` to PDF against importing SymPy plus the engine alone on the same source."""
    from symconv.pdf import tex_engine
    from symconv.problem import read_problem
    from symconv.solution import solve

    solution = solve(read_problem(PROBLEM))
    with tempfile.TemporaryDirectory() as folder:
        for form in ("tex", "typ"):
            (Path(folder) / f"alone.{form}").write_text(solution.to(form), encoding="utf-8")
        typst = "import sys, typst; typst.compile(sys.argv[1], output=sys.argv[2], pdf_standards=['ua-1'])"
        engines = {"typst": [sys.executable, "-c", typst, f"{folder}/alone.typ", f"{folder}/alone.pdf"]}
        if tex := tex_engine():
            engines["tex"] = [tex, "-interaction=batchmode", f"-output-directory={folder}", f"{folder}/alone.tex"]
        for name, alone in engines.items():
            ours = [
                sys.executable,
                "-m",
                "symconv",
                "solve",
                str(PROBLEM),
                "--to",
                "pdf",
                "--engine",
                name,
                "-o",
                folder,
            ]
            a, b, c = medians([process(*ours), process(sys.executable, "-c", "import sympy"), process(*alone)])
            sides = f"{a:.3f} s / (import sympy {b:.3f} s + engine {c:.3f} s)"
            print(f"solve to PDF ({name}): {sides} = {a / (b + c):.2f}  (at most 1.5)")


def unrolled_matrix() -> None:
    """C with letters against SymPy's own construction from ready triplets; growth with the entries."""
    import sympy

    from symconv import algebra
    from symconv.axis import Axis
    from symconv.operations.geometry import Geometry

    def case(size: int, k: int) -> tuple[Callable[[], object], Callable[[], object], int]:
        geometry = Geometry((Axis(size, k),) * 2)
        letters = [sympy.Symbol(f"w_{{{i},{j}}}") for i in range(k) for j in range(k)]
        shape = ((size - k + 1) ** 2, size**2)
        triplets = {(row, c): letters[at] for row, columns, places in geometry.rows() for c, at in zip(columns, places)}
        ours = lambda: algebra.unrolled_matrix(geometry.rows(), letters, shape)  # noqa: E731
        return ours, lambda: sympy.SparseMatrix(*shape, triplets), len(triplets)

    ours, ready, entries = case(28, 5)
    a, b = medians([ours, ready])
    print(f"C of 28x28 with 5x5 letters, {entries:,} entries: {a:.3f} s / {b:.3f} s = {a / b:.2f}  (at most 2)")
    per_entry = []
    for size in (28, 56, 112, 224):
        ours, _, entries = case(size, 3)
        taken = min(seconds(ours) for _ in range(3))
        tracemalloc.start()
        ours()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        per_entry.append((taken / entries, peak / entries))
        each = f"{taken / entries * 1e6:.2f} us and {peak / entries:.0f} bytes each"
        print(f"C of {size}x{size} with 3x3 letters: {entries:7,} entries, {each}")
    time_ratio, memory_ratio = (per_entry[-1][at] / per_entry[0][at] for at in (0, 1))
    print(f"  per entry, largest against smallest: time {time_ratio:.2f}, memory {memory_ratio:.2f}")


def help_imports() -> None:
    """`symconv --help` against starting Python."""
    code = "import sys; from symconv.cli import parser; parser().format_help(); "
    code += "print(sorted({'sympy', 'numpy', 'jinja2'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    a, b = medians([process(sys.executable, "-m", "symconv", "--help"), process(sys.executable, "-c", "pass")])
    print(f"symconv --help: {a:.3f} s / python {b:.3f} s = {a / b:.2f}; of sympy, numpy and jinja2 it imports {loaded}")


def samples() -> None:
    """Each sample of each operation in one warm process: derive, verify, render to LaTeX."""
    from symconv.operations import OPERATIONS
    from symconv.problem import Problem
    from symconv.solution import solve

    taken = {}
    for operation in OPERATIONS:
        for number, keys in enumerate(operation.samples()):
            problem = Problem(operation.name, **keys)
            solve(problem).to("tex")
            taken[f"{operation.name}/{number}"] = min(seconds(lambda p=problem: solve(p).to("tex")) for _ in range(3))
    slowest = max(taken, key=taken.__getitem__)
    middle = statistics.median(taken.values())
    print(f"{len(taken)} samples: median {middle * 1e3:.0f} ms, slowest {slowest} {taken[slowest] * 1e3:.0f} ms")


def sixteen_windows() -> None:
    """A 6x6 input with a 3x3 kernel, all 16 windows shown, against SymPy's product of its symbolic C and vec(x)."""
    import sympy

    from symconv import algebra
    from symconv.problem import Problem, read_problem
    from symconv.solution import solve
    from symconv.verify import verify

    numbers = read_problem(ROOT / "examples" / "sliding.toml")
    letters = Problem("convolution", input={"symbols": "x", "shape": [6, 6]}, kernel={"symbols": "w", "shape": [3, 3]})
    layer, geometry = letters.setting.layer, letters.setting.geometry
    matrix = algebra.unrolled_matrix(geometry.rows(), layer.kernel.cells, (16, 36))
    vector = sympy.Matrix(36, 1, list(layer.input.cells))
    solution = solve(numbers)

    def verified() -> object:
        setting = numbers.setting
        return verify(
            solution.derivation,
            lambda operands: numbers.operation.oracle(setting, operands),
            setting.operands,
            numbers.notation,
        )

    whole, product, check = medians([lambda: solve(numbers).to("tex"), lambda: matrix * vector, verified])
    sides = f"{whole:.4f} s / SymPy's C vec(x) {product:.4f} s"
    print(f"16 windows solved and rendered: {sides} = {whole / product:.1f}  (at most 30)")
    print(f"  of that the verification takes {check / whole:.0%}")


def versions() -> None:
    """200 versions of a 6x6 input with a 3x3 kernel, 16 windows, against solving each alone and against pdflatex."""
    from random import Random

    from symconv.problem import Problem
    from symconv.replay.frame import widths_of
    from symconv.replay.press import Press
    from symconv.solution import solve

    random = Random(1)  # noqa: S311  # the same on every run

    def drawn() -> Problem:
        cells, taps = (
            [[random.randint(least, 9) for _ in range(n)] for _ in range(n)] for n, least in ((6, 0), (3, -9))
        )
        return Problem("cross_correlation", input=cells, kernel=taps)

    problems = [drawn() for _ in range(200)]
    press = Press()
    first = seconds(lambda: press.solve(problems[0]).to("tex"))
    second = seconds(lambda: press.solve(problems[1]))
    solved: list[Solution] = []
    solving = seconds(lambda: solved.extend(map(press.solve, problems))) / len(problems)
    alone = min(seconds(lambda: [solve(problem) for problem in problems[:10]]) / 10 for _ in range(3))
    print(
        f"first version {first * 1e3:.0f} ms, second {second * 1e3:.0f} ms; then for each of {len(problems)} versions:"
    )
    print(f"  solve and verify: {solving * 1e3:.2f} ms / alone {alone * 1e3:.2f} ms = {solving / alone:.3f}")
    widths = widths_of(solved)
    bodies: dict[str, list[str]] = {}
    whole = {}
    for form in ("tex", "typ", "md"):
        frame = seconds(lambda form=form: [press.body(one, form, widths) for one in solved[:2]])  # type: ignore[misc]
        taken = seconds(lambda form=form: bodies.update({form: [press.body(one, form, widths) for one in solved]}))  # type: ignore[misc]
        each = taken / len(solved)
        rendering = min(seconds(lambda form=form: [one.to(form) for one in solved[:10]]) / 10 for _ in range(3))  # type: ignore[misc]
        whole[form] = solving + each
        sides = f"{each * 1e3:.2f} ms / alone {rendering * 1e3:.2f} ms = {each / rendering:.3f}"
        print(f"  render {form}: {sides} (the frame, once: {frame * 1e3:.0f} ms)")
        print(f"    together {whole[form] * 1e3:.2f} ms / alone {(alone + rendering) * 1e3:.2f} ms  (at most 2 ms)")
    _against_tex(solved[0], bodies["tex"], whole["tex"])


def _against_tex(first: Solution, bodies: Sequence[str], ours: float) -> None:
    """What the engine takes for each of these solutions in one run, against what we take."""
    from symconv.pdf import tex_engine
    from symconv.render import page_of
    from symconv.templating.environment import environment
    from symconv.typeset.formats import FORMATS

    engine = tex_engine()
    if engine is None:
        print("  no TeX engine here to compare with")
        return
    page = page_of(first.derivation, first.problem.notation, FORMATS["tex"])
    head = environment().get_template("latex/head.tex").render(page=page)
    text = head + "\\begin{document}\n" + "\\clearpage\n".join(bodies) + "\\end{document}\n"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "versions.tex").write_text(text, encoding="utf-8")
        run = process(engine, "-interaction=batchmode", f"-output-directory={folder}", f"{folder}/versions.tex")
        taken = min(seconds(run) for _ in range(3)) / len(bodies)
    print(f"  {engine} in one run: {taken * 1e3:.2f} ms each; ours / engine = {ours / taken:.3f}  (at most 0.25)")


def long_runs() -> None:
    """The most memory that a run needs, at 100, 1,000 and 5,000 chunks of 100 kB; what it costs beside the work."""
    toy = ROOT / "tests" / "toy_run.py"
    for chunks in (100, 1000, 5000):
        options = ["--items", str(4 * chunks), "--chunk", "4", "--size", "25000", "--jobs", "2", "--peak"]
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            ended = subprocess.run(
                [sys.executable, str(toy), folder, *options], check=True, capture_output=True, text=True
            )
            taken = time.perf_counter() - start
        first, worker = (int(number) / 1000 for number in ended.stdout.split("\n")[1].split())
        cost = f"{1000 * taken / chunks:.2f} ms a chunk in all"
        print(f"{chunks} chunks: at most {first:.1f} MB in the first process, {worker:.1f} MB in a worker; {cost}")


BENCHMARKS = {
    "process": whole_process,
    "matrix": unrolled_matrix,
    "help": help_imports,
    "samples": samples,
    "windows": sixteen_windows,
    "versions": versions,
    "batch": long_runs,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()
