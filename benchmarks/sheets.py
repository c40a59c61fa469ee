"""Exams at scale: `symconv sheet` against the engine alone on the same sources, draws, and memory.

python benchmarks/sheets.py [versions]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from symconv.pdf import command_of
from symconv.runs.executors import cores
from symconv.sheets.edition import Editor, Order
from symconv.sheets.paper import Style, exam_source, solutions_source
from symconv.sheets.run import CHUNK

ROOT = Path(__file__).parent.parent
SHEET = """
title = "A strided window"
seed = "benchmark"
versions = 1000

[[questions]]
id = "slide"
title = "Sliding window"
text = "Slide K over A with stride 1 and give the output."
operation = "cross_correlation"
input = {shape = [6, 6], low = 0, high = 9}
kernel = {shape = [3, 3], low = -2, high = 3}
points = 5
"""


def sources(engine: str, count: int) -> tuple[list[str], dict[str, float]]:
    """The documents that a run typesets, and the seconds of Python's part for each step."""
    order = Order(SHEET, Style(), engine, full=True)
    start = time.perf_counter()
    editor = Editor(order)
    spent = {"set up": time.perf_counter() - start, "draw": 0.0, "solve and verify": 0.0, "render": 0.0}
    form = "typ" if command_of(engine) is None else "tex"
    made = []
    for first in range(1, count + 1, CHUNK):
        start = time.perf_counter()
        numbers = range(first, min(first + CHUNK, count + 1))
        rows = [{pick.question: pick.attempt for pick in editor.sheet.picks(number)} for number in numbers]
        versions = [editor.sheet.version(n, f"X{n:04}", row) for n, row in zip(numbers, rows, strict=True)]
        drawn = time.perf_counter()
        solved = [editor.solved(version) for version in versions]
        verified = time.perf_counter()
        exam = partial(exam_source, widths=editor.widths, pages=1, derive=editor.derive)
        made.append(exam(versions, editor.cover, order.style, form))
        made.append(solutions_source(versions, solved, editor.cover, order.style, form, body=editor.body))
        spent["draw"] += drawn - start
        spent["solve and verify"] += verified - drawn
        spent["render"] += time.perf_counter() - verified
    return made, spent


def engine_alone(made: list[str], engine: str) -> float:
    """The seconds of the bare engine on these documents, as many at a time as there are cores."""
    command = command_of(engine)
    form = "typ" if command is None else "tex"
    code = "import sys, typst\nfor p in sys.argv[1:]: typst.compile(p, output=p + '.pdf', ignore_system_fonts=True)"
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{number}.{form}" for number in range(len(made))]
        for name, source in zip(names, made, strict=True):
            (Path(folder) / name).write_text(source, encoding="utf-8")
        if command is None:  # one process for each core, so that it starts, and reads its fonts, once
            runs = [[sys.executable, "-c", code, *share] for n in range(cores()) if (share := names[n :: cores()])]
        else:
            runs = [[command, "-no-shell-escape", "-interaction=batchmode", name] for name in names]
        start = time.perf_counter()
        with ThreadPoolExecutor(cores()) as pool:
            list(pool.map(partial(subprocess.run, cwd=folder, check=True, stdout=subprocess.DEVNULL), runs))
        return time.perf_counter() - start


# The processes of a run belong to a server that outlives it: they are counted by one that inherits its children.
COUNTED = """
import ctypes, os, resource, subprocess, sys
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
subprocess.run([sys.executable, *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)
try:
    while True:
        os.wait()
except ChildProcessError:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def whole_run(engine: str, count: int) -> tuple[float, float]:
    """The seconds of `symconv sheet`, and the most memory of one of its processes in MB (its engines included)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet.toml"
        path.write_text(SHEET, encoding="utf-8")
        words = ["-m", "symconv", "sheet", str(path), "-o", f"{folder}/out", "--engine", engine]
        options = ["--versions", str(count), "--progress", "none", "--full"]
        start = time.perf_counter()
        counted = [sys.executable, "-c", COUNTED, *words, *options]
        done = subprocess.run(counted, check=True, capture_output=True, text=True)
        return time.perf_counter() - start, float(done.stdout)


def at_scale(count: int) -> None:
    """A run of many versions against the engine alone."""
    for engine in ("tex", "typst"):
        made, spent = sources(engine, count)
        alone = engine_alone(made, engine)
        ours, memory = whole_run(engine, count)
        ratio = f"{ours:.1f} s / engine alone {alone:.1f} s = {ours / alone:.2f}"
        print(f"{count} versions ({engine}): {ratio}  (at most 1.3)")
        print(f"  engine {1e3 * alone / count:.1f} ms a version on {cores()} cores; largest process {memory:.0f} MB")
        per = ", ".join(f"{name} {1e3 * part / count:.2f} ms" for name, part in spent.items() if name != "set up")
        print(f"  Python for one version: {per}; once: {1e3 * spent['set up']:.0f} ms")


def stress(count: int) -> None:
    """The draws of a sheet of six questions."""
    start = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "symconv",
        "stress",
        str(ROOT / "examples" / "midterm.toml"),
        "--draws",
        str(count),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    print(f"stress, {count} draws of six questions: {time.perf_counter() - start:.1f} s  (at most 20 for 2,000)")
    print("\n".join(f"  {line}" for line in done.stdout.splitlines()[:7]))


def memory(counts: list[int]) -> None:
    """The memory of runs of several lengths."""
    for count in counts:
        taken, most = whole_run("tex", count)
        print(f"{count} versions: {taken:.1f} s, largest process {most:.0f} MB")


if __name__ == "__main__":
    versions = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    stress(2 * versions)
    at_scale(versions)
    memory([versions // 10, versions, 5 * versions])
