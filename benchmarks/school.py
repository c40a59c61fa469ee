"""A class: a key of many versions, students who are right, mistaken, careless or blank, and how long grading takes."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from symconv.checking.predict import answers
from symconv.problem import Problem
from symconv.sheets.key import text
from symconv.tensor import Tensor

TICK = os.sysconf("SC_CLK_TCK")


def _numbers(rng: random.Random, *shape: int, low: int = -3, high: int = 9) -> Any:
    if not shape:
        return rng.randint(low, high)
    return [_numbers(rng, *shape[1:], low=low, high=high) for _ in range(shape[0])]


def questions(rng: random.Random) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """Six questions with their numbers: the name, the points, the problem."""
    yield "sliding", 4, {
        "operation": "cross_correlation", "input": _numbers(rng, 6, 6), "kernel": _numbers(rng, 3, 3), "stride": 3,
    }  # fmt: skip
    yield "full", 4, {
        "operation": "convolution", "input": _numbers(rng, 2, 3), "kernel": _numbers(rng, 2, 2), "padding": "full",
    }  # fmt: skip
    yield "transposed", 5, {
        "operation": "transposed_convolution", "input": _numbers(rng, 2, 2), "kernel": _numbers(rng, 3, 3), "stride": 2,
    }  # fmt: skip
    yield "pooling", 2, {"operation": "pooling", "kind": "max", "size": 2, "input": _numbers(rng, 4, 4)}
    layers = [{"kind": "conv", "filters": rng.randint(4, 64), "kernel": rng.choice([3, 5, 7]), "padding": 1}]
    yield "parameters", 2, {"operation": "counting", "input": [3, 32, 32], "layers": layers, "ask": "parameters"}
    of = {"operation": "cross_correlation", "input": _numbers(rng, 4), "kernel": _numbers(rng, 2)}
    yield "gradient", 3, {"operation": "backpropagation", "of": of, "upstream": _numbers(rng, 3)}


def write_class(folder: Path, versions: int, students: int, seed: int = 1) -> None:
    """Write key.json and answers.csv of a class; more students than versions share them."""
    rng = random.Random(seed)  # noqa: S311  # a made-up class
    keys = []
    with (folder / "key.json").open("w", encoding="utf-8") as file:
        file.write('{\n  "title": "Midterm",\n  "versions": [')
        for number in range(versions):
            version = _version(f"V{number:05}", number + 1, rng)
            keys.append(version)
            file.write(("," if number else "") + "\n    " + json.dumps(version))
        file.write("\n  ]\n}\n")
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "student", "label", "value"])
        for number in range(students):
            version = keys[number % versions]
            for question in version["questions"]:
                value = _handed_in(question["parts"][0], rng)
                if value is not None:
                    rows.writerow([version["code"], f"student{number:05}", question["number"], value])


def _version(code: str, number: int, rng: random.Random) -> dict[str, Any]:
    made = []
    for place, (name, points, keys) in enumerate(questions(rng), 1):
        problem = Problem(keys["operation"], **{key: value for key, value in keys.items() if key != "operation"})
        label = problem.operation.answer(problem.setting, problem.ask)
        part = {"part": "", "points": points, "label": label, "value": None, "problem": keys}
        made.append({"number": place, "name": name, "title": name.capitalize(), "draw": 0, "parts": [part]})
    return {"code": code, "number": number, "points": 20, "questions": made}


def _handed_in(part: dict[str, Any], rng: random.Random) -> str | None:
    """What a student writes: half are right, the others mistaken, careless, blank, or anything; None leaves it out."""
    keys = dict(part["problem"])
    problem = Problem(keys.pop("operation"), **keys)
    operands = {name: _array(tensor) for name, tensor in problem.setting.operands.items()}
    value = problem.operation.oracle(problem.setting, operands)[part["label"]]()
    kind = rng.choices(
        ["right", "mistaken", "careless", "both", "blank", "missing", "random"], [50, 20, 12, 6, 5, 4, 3]
    )[0]
    if kind in ("mistaken", "both"):
        found = answers(problem, part["label"])
        value = found[rng.choice(sorted(found))] if found else value
    if kind == "missing":
        return None
    cells = value.reshape(-1).tolist()
    if kind in ("careless", "both") and cells:
        cells[rng.randrange(len(cells))] += rng.choice([-10, -1, 1, 2, 9])
    if kind == "random":
        cells = [rng.randint(-99, 99) for _ in cells]
    return "" if kind == "blank" else text(Tensor(tuple(value.shape), tuple(cells)))


def _array(tensor: Tensor) -> Any:
    from symconv import numeric

    return numeric.array(tensor.cells, tensor.shape)


def grade(folder: Path, jobs: int, feedback: str = "html") -> tuple[float, float, float, str]:
    """Grade the class in a folder: seconds, seconds of processors, the most megabytes of a process, the first line.

    Processors and memory are read from /proc while the run goes on, so this needs Linux.
    """
    command = [sys.executable, "-m", "symconv", "grade", str(folder / "key.json"), str(folder / "answers.csv")]
    command += ["-o", str(folder / "marks"), "--jobs", str(jobs), "--progress", "none", "--feedback", feedback]
    start, seen = time.perf_counter(), dict[int, tuple[float, float]]()
    with (folder / "said").open("w") as said:
        run = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, start_new_session=True)
        while run.poll() is None:
            seen |= _of_session(run.pid)
            time.sleep(0.2)
    taken = time.perf_counter() - start
    lines = (folder / "said").read_text().splitlines()
    if run.returncode:
        raise SystemExit(f"symconv grade ended with {run.returncode}: {lines[-3:]}")
    return taken, sum(busy for busy, _ in seen.values()), max(peak for _, peak in seen.values()), lines[0]


def _of_session(session: int) -> dict[int, tuple[float, float]]:
    """The seconds of processors and the most megabytes so far of every process of a session."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) != session:
                continue
            peak = (place / "status").read_text().partition("VmHWM:")[2].split()[:1]
        except OSError:  # it has ended meanwhile
            continue
        found[int(place.name)] = (int(fields[11]) + int(fields[12])) / TICK, int(peak[0]) / 1000 if peak else 0.0
    return found


def report(versions: int, classes: list[int], jobs: int) -> None:
    """Grade classes of several sizes and print the time and the memory of each."""
    for students in classes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_class(folder, min(versions, students), students)
            taken, busy, peak, said = grade(folder, jobs)
        size = f"{students:,} students, six questions, {min(versions, students):,} versions, {jobs} processes"
        each = f"{busy:.1f} s of processors, {1000 * busy / students:.0f} ms a student"
        print(f"{size}: {taken:.1f} s; {each}; at most {peak:.0f} MB in a process", flush=True)
        print(f"  {said.partition(': ')[2]}", flush=True)
