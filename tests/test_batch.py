"""Long runs: the same bytes whatever the order, the processes and the interruptions; failures named; nothing left."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import toy_run
from toy_run import expected, found

from symconv import cli
from symconv.errors import ExecutorError
from symconv.runs.batch import Summary, run
from symconv.runs.chunk import Chunk, Executor, Made, Outcomes, Warn, Work, attempt, split
from symconv.runs.executors import Here, pick
from symconv.runs.processes import Processes
from symconv.runs.store import Store

TOY = [sys.executable, str(Path(__file__).with_name("toy_run.py"))]
ITEMS = range(12)


class Told:
    """Remembers what a run tells."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.warnings: list[str] = []

    def start(self, done: int, total: int) -> None:
        """Begin."""
        self.steps, self.total = [done], total

    def advance(self, count: int) -> None:
        """Count."""
        self.steps.append(self.steps[-1] + count)

    def warn(self, message: str) -> None:
        """Remember."""
        self.warnings.append(message)

    def close(self) -> None:
        """End."""
        self.steps.append(-1)


class Shuffled:
    """An executor whose chunks come back in a random order."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def outcomes(self, work: Work, chunks: Sequence[Chunk], warn: Warn) -> Outcomes:
        """Each chunk, in an order that the seed decides."""
        del warn
        shuffle = random.Random(self.seed)  # noqa: S311  # no secret
        for chunk in shuffle.sample(chunks, len(chunks)):
            yield chunk, attempt(work, chunk)


def result(folder: Path, executor: Executor, work: Work = toy_run.work, told: Told | None = None) -> Summary:
    """Run the toy to its end: items, key, and the hidden folder away when nothing failed."""
    chunks = split(ITEMS, 2)
    with Store(folder, "toy") as store:
        summary = run(chunks, work, executor, store, told or Told())
        keys = (f"{item}\n" for record in store.records(chunks) for item in record["items"])
        store.write("key.txt", "".join(keys).encode())
        if not summary.failures:
            store.finish()
    return summary


@pytest.mark.parametrize("executor", [Here(), Processes(1), Processes(2), Processes(9), *map(Shuffled, range(5))])
def test_the_same_bytes_in_any_order(tmp_path: Path, executor: Executor) -> None:
    """One process, two, more than there are chunks, and any order of coming back leave the same files."""
    told = Told()
    work = partial(toy_run.work, seconds=0.05)
    assert result(tmp_path, executor, work, told) == Summary(12, 0, ())
    assert found(tmp_path) == expected(ITEMS)
    assert told.steps == [0, 2, 4, 6, 8, 10, 12, -1]
    assert told.warnings == []


@pytest.mark.parametrize("executor", [Here(), Processes(2), Shuffled(1)])
def test_failures_are_named_in_order(tmp_path: Path, executor: Executor) -> None:
    """An item that fails is named, the others are made, and the next run tries its chunk again and no other."""
    summary = result(tmp_path, executor, toy_run.fails)
    assert [str(failure) for failure in summary.failures] == ["item 7: it has a 7"]
    assert summary.exit_status == 2
    good = {name: made for name, made in expected(ITEMS).items() if name.startswith("deep") and "-7." not in name}
    left = {name: made for name, made in found(tmp_path).items() if name.startswith("deep")}
    assert left == good
    assert found(tmp_path)["key.txt"] == b"".join(b"%d\n" % item for item in ITEMS if item != 7)
    assert result(tmp_path, executor) == Summary(2, 10, ())
    assert found(tmp_path) == expected(ITEMS)


@pytest.mark.parametrize("executor", [Here(), Processes(2)])
def test_an_exception_is_a_failure_of_its_chunk(tmp_path: Path, executor: Executor) -> None:
    """What a user can mend is told in one line; what we have to mend has its place in our code and status 3."""
    summary = result(tmp_path, executor, toy_run.raises)
    first, second = map(str, summary.failures)
    assert first == "items 1 to 2: the engine stopped"
    assert re.fullmatch(r"items 5 to 6: LookupError: no such thing \(.*toy_run\.py, line \d+\)", second)
    assert (summary.done, summary.exit_status) == (12, 3)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (Made(record={"not JSON": {1}}), "TypeError: Object of type set is not JSON serializable"),
        (None, "AttributeError: 'NoneType' object has no attribute 'files'"),
    ],
)
def test_a_result_that_cannot_be_kept(made: Made, why: str) -> None:
    """A record that is not JSON, or no result at all, is a fault of ours that names its chunk."""
    (failure,) = attempt(lambda _: made, Chunk("items 0 to 1", (0, 1))).failures
    assert failure.message.startswith(why)
    assert failure.exit_status == 3


def test_lack_of_memory_is_a_failure() -> None:
    """Python's own complaint about memory is told in words."""

    def work(chunk: Chunk) -> Made:
        raise MemoryError(chunk.name)

    (failure,) = attempt(work, Chunk("items 0 to 1", (0, 1))).failures
    assert str(failure) == "items 0 to 1: there is not enough memory; use fewer processes with --jobs"


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    """The chunk of a process that was killed is tried once more; the warning names it, and the bytes are the same."""
    told = Told()
    work = partial(toy_run.dies_once, marker=tmp_path / "marker")
    assert result(tmp_path / "out", Processes(2), work, told) == Summary(12, 0, ())
    assert told.warnings == [
        "items 5 to 6: its process ended: killed, perhaps for lack of memory; it is tried once more"
    ]
    assert found(tmp_path / "out") == expected(ITEMS)


def test_a_chunk_that_kills_its_workers_is_given_up(tmp_path: Path) -> None:
    """After the second process the chunk is named as failed, alone: the others are made."""
    summary = result(tmp_path, Processes(2), toy_run.dies)
    assert [str(failure) for failure in summary.failures] == [
        "items 5 to 6: its process ended twice: killed, perhaps for lack of memory"
    ]
    made = {f"deep/item-{item}.bin" for item in ITEMS if item not in (4, 5)}
    assert {name for name in found(tmp_path) if name.startswith("deep")} == made


class Unreadable:
    """Work that no other process can read."""

    def __call__(self, chunk: Chunk) -> Made:
        """Never called."""
        raise AssertionError(chunk)

    def __reduce__(self) -> tuple[Callable[..., None], tuple[int]]:
        """Reading it ends the process."""
        return os._exit, (7,)


def test_workers_that_do_not_start(tmp_path: Path) -> None:
    """Processes that end before they begin stop the run instead of failing chunk after chunk."""
    with pytest.raises(ExecutorError, match="^the worker processes do not start: exit status 7; try --jobs 1$"):
        result(tmp_path, Processes(2), Unreadable())
    assert [name for name in found(tmp_path) if name.startswith("deep")] == []


def test_chunks_have_names_of_their_own(tmp_path: Path) -> None:
    """Two chunks of one name could not be told apart: that is a fault of the caller."""
    with Store(tmp_path, "toy") as store, pytest.raises(ValueError, match="two chunks have the same name"):
        run([Chunk("a", (1,)), Chunk("a", (2,))], toy_run.work, Here(), store, Told())


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"executor": "slurm"}, "--executor is 'slurm'; it is local or dask"),
        ({"jobs": 0}, "--jobs is 0; it must be at least 1"),
        ({"scheduler": "tcp://x:1"}, "--scheduler is for --executor dask; add that, or leave the scheduler out"),
        (
            {"executor": "dask"},
            "--executor dask needs the scheduler's address, such as --scheduler tcp://host:8786",
        ),
        (
            {"executor": "dask", "scheduler": "tcp://x:1", "jobs": 2},
            "--jobs is for the processes of this machine; with --executor dask the cluster decides",
        ),
    ],
)
def test_executors_that_cannot_be(options: dict[str, object], line: str) -> None:
    """Options that contradict each other, or make no sense, are named."""
    with pytest.raises(ExecutorError) as error:
        pick(**options)
    assert str(error.value) == line


@pytest.mark.parametrize(("executor", "ahead"), [(Here(), 0), (Processes(2), 2)])
def test_few_chunks_are_under_way(tmp_path: Path, executor: Executor, ahead: int) -> None:
    """However slowly files are written, no more chunks are begun than are done and there are processes."""
    begun = tmp_path / "begun"
    begun.mkdir()
    seen: list[int] = []

    class Slow(Told):
        def advance(self, count: int) -> None:
            """Give the workers time for more than they may do."""
            super().advance(count)
            time.sleep(0.05)
            seen.append(len(list(begun.iterdir())))

    result(tmp_path / "out", executor, partial(toy_run.marks, folder=begun), Slow())
    assert all(count <= done + ahead for done, count in enumerate(seen, 1))
    assert seen[-1] == 6


def test_a_slow_chunk_holds_up_no_other(tmp_path: Path) -> None:
    """A first chunk that ends only when all others have begun is the last to come back, and nothing is lost."""
    told = Told()
    begun = tmp_path / "begun"
    begun.mkdir()
    work = partial(toy_run.is_last, folder=begun, chunks=6)
    assert result(tmp_path / "out", Processes(2), work, told) == Summary(12, 0, ())
    assert found(tmp_path / "out") == expected(ITEMS)


@pytest.mark.parametrize("needs", [(), ("colorsys",)])
def test_what_processes_need_is_imported_before(needs: tuple[str, ...]) -> None:
    """The modules that the work needs are there when a process begins, and no others."""
    code = (
        "import toy_run\nfrom symconv.runs.chunk import Chunk\nfrom symconv.runs.processes import Processes\n"
        "if __name__ == '__main__':\n"
        f"    made = list(Processes(2, {needs}).outcomes(toy_run.knows, [Chunk('a', (1,)), Chunk('b', (2,))], print))\n"
        "    print([one.record['knows'] for _, one in made])\n"
    )
    command, here = [sys.executable, "-c", code], Path(__file__).parent
    said = subprocess.run(command, cwd=here, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert said == f"{[bool(needs)] * 2}\n"


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    """A long run in a session of its own, so that a signal can go to all its processes."""
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # where tests run in the background nobody does
    command = [*TOY, str(folder), *options]
    return subprocess.Popen(command, start_new_session=True, text=True, preexec_fn=heard, **pipes)  # noqa: PLW1509


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something that is bound to happen."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)
    pytest.fail(what)


def alone(group: int) -> bool:
    """Whether no process of a session is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def files(folder: Path) -> dict[str, bytes]:
    """The files outside the hidden folder. Those that are replaced meanwhile may be missed."""
    made = folder.glob("deep/*")
    return {f"deep/{path.name}": path.read_bytes() for path in made}


def ended_or_made(toy: subprocess.Popen[str], folder: Path, count: int) -> bool:
    """Whether a run has ended, or made so many files."""
    return toy.poll() is not None or len(files(folder)) >= count


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_at_random_moments(tmp_path: Path, jobs: str) -> None:
    """Killed six times, each time every file there is whole; the seventh run goes on to the same bytes."""
    whole = expected(range(80), 100_000)
    options = ["--items", "80", "--size", "100000", "--seconds", "0.02", "--jobs", jobs]
    chance = random.Random()  # noqa: S311  # no secret
    before = 0
    for _ in range(6):
        toy = start(tmp_path, *options)
        until(partial(ended_or_made, toy, tmp_path, before + chance.randint(0, 12)), "the run makes no files")
        time.sleep(chance.random() * 0.02)
        toy.kill()
        toy.communicate()
        assert files(tmp_path).items() <= whole.items()
        before = len(files(tmp_path))
    last = start(tmp_path, *options)
    _, errors = last.communicate()
    assert (last.returncode, errors) == (0, "")
    assert found(tmp_path) == whole


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c(tmp_path: Path, jobs: str) -> None:
    """Ctrl-C, which a terminal sends to every process, gives one line and status 130; the same command goes on."""
    toy = start(tmp_path, "--seconds", "1", "--items", "200", "--jobs", jobs)
    until(lambda: len(files(tmp_path)) >= 6, "the run makes no files")
    os.killpg(toy.pid, signal.SIGINT)
    output, errors = toy.communicate()
    assert (toy.returncode, output) == (130, "")
    line = re.fullmatch(r"error: interrupted; (\d+) of 200 are finished; the same command goes on from there\n", errors)
    assert line is not None, errors
    until(lambda: alone(toy.pid), "a process is left")
    again = start(tmp_path, "--items", "200", "--jobs", jobs)
    summary, _ = again.communicate()
    kept = int(line[1])
    assert summary == f"{200 - kept} done, {kept} kept\n"
    assert found(tmp_path) == expected(range(200))


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: signal.Signals) -> None:
    """When the first process ends, even killed, its workers stop the programs they started and clear their folders."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))

    def folders() -> int:
        return len(list(temporary.glob("tmp*")))

    toy = start(tmp_path / "out", "--work", "starts_a_program", "--jobs", "2")
    until(lambda: folders() == 2, "the workers do not begin")
    toy.send_signal(sign)
    toy.communicate(timeout=30)  # which ends when nobody can write there any more
    until(lambda: alone(toy.pid), "a process is left")
    assert folders() == 0
    assert files(tmp_path / "out") == {}


def test_the_command_line_says_how_far_it_came(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """The command line prints an interruption in one line, with what the run has to say, and gives 130."""

    def interrupted() -> int:
        raise KeyboardInterrupt("4 of 9 are finished; the same command goes on from there")

    monkeypatch.setattr(cli, "operations", interrupted)
    assert cli.main(["operations"]) == 130
    line = "error: interrupted; 4 of 9 are finished; the same command goes on from there\n"
    assert capsys.readouterr().err == line
