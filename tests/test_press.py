"""The press: versions of a question cost little, and nothing about them differs from solving each alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from versions import SAMPLES, versions

from symconv import Detail, Problem, solution
from symconv.document import Rest
from symconv.errors import SymconvError, VerificationError
from symconv.operations.convolution import DirectOperation
from symconv.page import Paper
from symconv.replay import frame, press
from symconv.replay.frame import Frame, steps_text, widths_of
from symconv.replay.press import Press
from symconv.solution import Solution, solve
from symconv.typeset.formats import FORMATS
from symconv.typeset.piece import Width

FAST = ("convolution/1", "cross_correlation/11", "transposed_convolution/0", "unfold/0", "autocorrelation/0")


def corr(number: int = 0, **keys: Any) -> Problem:
    """A small cross-correlation whose numbers depend on one."""
    cells = [[number + 3 * r - c * c for c in range(4)] for r in range(3)]
    return Problem("cross_correlation", **{"input": cells, "kernel": [[1, -2], [number, 4]], **keys})


def plain(solved: Solution, form: str, widths: Mapping[str, Width] | None = None, paper: Paper | None = None) -> str:
    """The steps as the templates render them."""
    return steps_text(solved.derivation, solved.problem.notation, FORMATS[form], widths, paper)


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_versions_are_solved_as_alone(sample: str) -> None:
    """Each version has the steps, the quantities, the answer and the count of claims that `solve` gives it."""
    made = Press()
    for problem in versions(sample, 3):
        assert made.solve(problem) == solve(problem)


@pytest.mark.parametrize("number", range(len(SAMPLES)))
def test_a_filled_frame_is_the_rendering(number: int) -> None:
    """Each version's steps are, character by character, what the templates make of them with the same widths."""
    sample = sorted(SAMPLES)[number]
    form = sorted(FORMATS)[number % 3]
    made = Press()
    solved = [made.solve(problem) for problem in versions(sample, 4, 9 if number % 2 else 40)]
    widths = widths_of(solved)
    for one in solved:
        assert made.body(one, form, widths) == plain(one, form, {name: widths[name] for name in widths_of([one])})


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("sample", FAST)
def test_frames_are_used(sample: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the third version on no template runs and nothing is derived: the frame and the recipe do it."""
    problems = versions(sample, 6)
    made = Press()
    solved = [made.solve(problem) for problem in problems]
    widths = widths_of(solved)
    for one in solved[:2]:
        made.body(one, form, widths)
    expected = [plain(one, form, widths) for one in solved]
    monkeypatch.setattr(frame, "render_steps", None)
    monkeypatch.setattr(type(problems[0].operation), "derive", None)
    assert [made.body(made.solve(problem), form, widths) for problem in problems] == expected


def test_all_versions_have_one_layout() -> None:
    """With shared widths the text between the numbers is the same, whether they have one digit or three."""
    solved = list(map(solve, (corr(1), corr(7), corr(-30))))
    widths = widths_of(solved)

    def between(one: Solution) -> str:
        text = plain(one, "tex", widths)
        made = Frame(one.derivation, one.problem.notation, FORMATS["tex"], widths)
        nothing = {
            name: replace(q, value=replace(q.value, cells=(0,) * len(q.value.cells)))
            for name, q in one.derivation.quantities.items()
        }
        assert text == made.fill(one.derivation.quantities)
        return made.fill(nothing)

    assert len(set(map(between, solved))) == 1


def test_without_widths_a_solution_has_its_own() -> None:
    """Without widths the layout is that of the solution's own widest entries."""
    made = Press()
    for number in (1, 2, 2, -50):
        one = made.solve(corr(number))
        assert made.body(one, "typ") == plain(one, "typ", widths_of([one]))


def test_fitted_versions_have_one_layout() -> None:
    """After `fit` the widths are those of all the versions; what is drawn later and wider is laid out for itself."""
    made = Press()
    solved = [made.solve(corr(number)) for number in (1, -20, 300)]
    other = made.solve(corr(1, stride=2))
    made.fit(solved)
    widths = widths_of(solved)
    assert [made.widths_for(one) for one in solved] == [widths] * 3
    assert [made.body(one, "tex") for one in solved] == [plain(one, "tex", widths) for one in solved]
    for one in (other, made.solve(corr(10**6)), solve(corr(1))):
        assert made.body(one, "tex") == plain(one, "tex", widths_of([one]))


@pytest.mark.parametrize("form", ["tex", "typ"])
def test_other_paper(form: str) -> None:
    """On other paper the steps are laid out for its line, and a frame of one paper is not used for another."""
    made = Press()
    solved = [made.solve(versions("cross_correlation/1", 1)[0]) for _ in range(3)]
    for paper in (Paper(), Paper("letter", 18, 20), Paper(), Paper("letter", 18, 20)):
        for one in solved:
            assert made.body(one, form, None, paper) == plain(one, form, widths_of([one]), paper)
    assert plain(solved[0], form, None, Paper("letter", 18, 20)) != plain(solved[0], form)


def test_wider_numbers_are_laid_out_for_themselves() -> None:
    """Entries that are wider than the widths, or negative where none was, get the ordinary layout."""
    made = Press()
    narrow = widths_of([made.solve(corr(1))])
    wide = made.solve(corr(5000))
    assert made.body(wide, "tex", narrow) == plain(wide, "tex")
    positive = {name: Width(9, False) for name in narrow}
    assert made.body(wide, "tex", positive) == plain(wide, "tex")


@pytest.mark.parametrize("cells", [[["1/2", 1, 2], [0, 1, 3]], [["a", 1, 2], [0, 1, 3]]])
def test_other_entries_take_the_ordinary_way(cells: Any) -> None:
    """Fractions and letters are solved and rendered as always, between versions of integers too."""
    made = Press()
    kernel = [[1, -1]]
    for entries in ([[4, 1, 2], [0, 1, 3]], cells, [[5, 1, 2], [0, 1, 3]], cells):
        problem = Problem("cross_correlation", input=entries, kernel=kernel)
        one = made.solve(problem)
        assert one == solve(problem)
    assert made.body(one, "tex") == plain(one, "tex")


def test_what_shapes_differ_in() -> None:
    """Another stride, notation, ask or size is another shape; another title or text is not."""
    made = Press()
    others = (
        corr(2, stride=2), corr(2, ask="size"), corr(2, notation={"index_base": 0}), corr(2, input=[[1, 2], [3, 4]]),
        corr(2, title="T", text="U"),
    )  # fmt: skip
    for problem in (corr(1), *others):
        assert made.solve(problem) == solve(problem)
    assert len(made._shapes) == 5


def test_the_detail_of_a_press() -> None:
    """A press shows as much of every solution as it was told to."""
    made = Press(Detail(worked=0))
    for number in range(3):
        assert made.solve(corr(number)) == solve(corr(number), Detail(worked=0))


def test_a_wrong_oracle_or_recipe_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later version is confirmed by its own oracle: one wrong cell on either side stops it."""
    made = Press()
    for number in range(3):
        made.solve(corr(number))
    right = DirectOperation.oracle

    def off_by_one(self: Any, setting: Any, operands: Any) -> Any:
        known = right(self, setting, operands)
        return {**known, "output": lambda: known["output"]() + 1}

    with monkeypatch.context() as patched:
        patched.setattr(DirectOperation, "oracle", off_by_one)
        with pytest.raises(VerificationError):
            made.solve(corr(3))
    shape = next(iter(made._shapes.values()))
    assert shape.recipe is not None
    tape = shape.recipe._tape
    monkeypatch.setattr(shape.recipe, "_tape", lambda entries: (*tape(entries)[:-1], 7919))
    with pytest.raises(VerificationError):
        made.solve(corr(4))


def test_steps_that_depend_on_numbers_are_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a derivation shows other steps for other numbers, each version is derived and verified in full."""
    right = DirectOperation.derive

    def derive(self: Any, setting: Any, notation: Any, ask: str, detail: Any) -> Any:
        solved = right(self, setting, notation, ask, detail)
        return replace(solved, steps=solved.steps[:-1]) if setting.layer.kernel.cells[0] > 1 else solved

    monkeypatch.setattr(DirectOperation, "derive", derive)
    made = Press()
    for first in (1, 1, 2, 1, 3):
        problem = corr(kernel=[[first, 0], [1, 2]])
        assert made.solve(problem) == solve(problem)


def test_old_shapes_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A press keeps the shapes used last; a forgotten one is solved anew, and its solutions still render."""
    monkeypatch.setattr(press, "MOST_SHAPES", 2)
    made = Press()
    first = made.solve(corr(1))
    for stride in (2, 3, 2, 1):
        assert made.solve(corr(4, stride=stride)) == solve(corr(4, stride=stride))
    assert len(made._shapes) == len(made._by_steps) == 2
    assert made.body(first, "md") == plain(first, "md", widths_of([first]))


def test_few_frames_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Widths that change all the time do not fill the memory with frames."""
    monkeypatch.setattr(press, "MOST_FRAMES", 3)
    made = Press()
    one = made.solve(corr(1))
    for digits in range(4, 12):
        widths = {name: Width(digits, True) for name in one.derivation.quantities}
        assert {made.body(one, "md", widths), made.body(one, "md", widths)} == {plain(one, "md", widths)}
    (shape,) = made._shapes.values()
    assert len(shape.frames) <= len(shape.asked) <= 3


def test_unknown_format() -> None:
    """A format without templates is refused with the names of those that have some."""
    made = Press()
    with pytest.raises(SymconvError, match="'json' has no steps of its own; known are tex, typ, md"):
        made.body(made.solve(corr()), "json")


def test_verified_once_at_random_operands(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probes at random operands belong to the shape: the first version alone goes through `verify`."""
    counted = []
    real = solution.verify
    monkeypatch.setattr(solution, "verify", lambda *args, **keys: counted.append(1) or real(*args, **keys))
    made = Press()
    for number in range(5):
        made.solve(corr(number))
    assert len(counted) == 1


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_what_is_left_to_show(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With other blocks given, or steps left out, a body is the rendering of the rest, replayed from the third on."""
    made = Press()
    solved = [made.solve(corr(number)) for number in range(4)]
    widths = widths_of(solved)
    whole = solved[0].derivation.steps[0].blocks
    for rest in (Rest(()), Rest(whole[1:]), Rest(whole, (1,)), Rest((), (1, 2))):
        expected = [plain(replace(one, derivation=one.derivation.only(rest)), form, widths) for one in solved]
        assert [made.body(one, form, widths, rest=rest) for one in solved] == expected
        with monkeypatch.context() as patched:
            patched.setattr(frame, "render_steps", None)
            assert [made.body(one, form, widths, rest=rest) for one in solved] == expected
        assert expected[0] != plain(solved[0], form, widths)
    assert made.body(solved[0], form, widths) == plain(solved[0], form, widths)
