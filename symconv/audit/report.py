"""Says what an audit found: lines for a terminal, or one JSON object; it judges nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from textwrap import wrap

from symconv.audit.compare import Verdict
from symconv.audit.excerpt import link, machine, plain, shown
from symconv.audit.notes import Finding, counts
from symconv.audit.values import Matrix, Value

COLUMNS = 80
MOST_SHOWN = 25  # entries of a matrix that is repeated whole
MOST_LABELS = 5  # whose values are repeated
MOST_CELLS = 6  # of one matrix that are named
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def text(name: str, findings: Sequence[Finding], listing: bool = False, colour: bool = False) -> str:
    """The report for a person: what does not hold, with `listing` what could not be evaluated, and a summary."""
    found: list[str] = []
    for finding in findings:
        if finding.status == "wrong":
            found += _lines(name, finding, _wrong(finding), "31" if colour else "")
    if listing:
        for finding in findings:
            if finding.status == "unknown" or (finding.status == "defines" and finding.verdict.reason):
                found += _lines(name, finding, [f": {finding.verdict.reason}"], "")
            elif finding.status == "rounded":
                found += _lines(name, finding, [" holds after rounding"], "")
    return "\n".join([*found, *_wrapped(summary(findings, listing))]) + "\n"


def summary(findings: Sequence[Finding], listing: bool = False) -> str:
    """One line that counts.

    >>> summary([])
    'no equality was found: only maths between $ signs and plain 2 + 3 = 5 is read'
    """
    number = counts(findings)
    if not findings or not any(number.values()):
        return "no equality was found: only maths between $ signs and plain 2 + 3 = 5 is read"
    parts = [f"{number['holds']} equalit{'y holds' if number['holds'] == 1 else 'ies hold'}"]
    if number["rounded"]:
        parts.append(f"{number['rounded']} rounded")
    if number["wrong"]:
        parts.append(f"{number['wrong']} do{'es' if number['wrong'] == 1 else ''} not")
    if number["unknown"]:
        parts.append(f"{number['unknown']} could not be evaluated" + ("" if listing else " (--list shows them)"))
    if number["quantities_right"] or number["quantities_wrong"]:
        right, wrong = number["quantities_right"], number["quantities_wrong"]
        agree = f"{right} quantit{'y agrees' if right == 1 else 'ies agree'} with the solution"
        parts.append(agree + (f", {wrong} do{'es' if wrong == 1 else ''} not" if wrong else ""))
    return ", ".join(parts)


def _wrapped(line: str) -> list[str]:
    """The summary broken behind a comma where it is too long."""
    found = [""]
    for part in line.split(", "):
        if found[-1] and len(found[-1]) + len(part) + 3 > COLUMNS:
            found[-1] += ","
            found.append(part)
        else:
            found[-1] = f"{found[-1]}, {part}" if found[-1] else part
    return found


def _lines(name: str, finding: Finding, message: list[str], colour: str) -> Iterator[str]:
    """A finding on one line where it fits, otherwise the message below its excerpt."""
    place = f"{plain(name)}:{finding.line}: "
    first, *more = ("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line) for line in message)
    if len(place) + len(finding.excerpt) + len(first) <= COLUMNS:
        lines = [place + finding.excerpt + first]
    else:
        head, _, rest = first.partition(": ")
        head = f"{head.removesuffix(':')}:" if head else ""
        room = max(COLUMNS - len(place) - len(head), 40)
        lines = [place + link(finding.left, finding.relation, finding.right, room) + head]
        more = [rest, *more] if rest else more
    yield f"\x1b[{colour}m{lines[0]}\x1b[0m" if colour else lines[0]
    for line in more:
        yield from wrap(line, COLUMNS, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)


def _wrong(finding: Finding) -> list[str]:
    """What does not hold, what it is instead, and what would repair it."""
    verdict, head = finding.verdict, " does not hold"
    if finding.quantity:
        head = f" is not {finding.quantity} of the solution"
        if verdict.reason:
            return [f"{head}: {verdict.reason}", *_shapes(verdict)]
        if not verdict.cells:
            return [f"{head}: that is {_shown(verdict.right)}"]
    if verdict.cells:
        return [f"{head}:", *_cells(finding), *_repair(verdict)]
    if verdict.reason:
        return [f"{head}: {verdict.reason}"]
    decimals = finding.relation == "≈" or "." in finding.left + finding.right or "," in finding.left + finding.right
    left, right = (_shown(value, decimals) for value in (verdict.left, verdict.right))
    said = {"left": f"the left side is {left}", "right": f"the right side is {right}"}
    both = f"the left side is {left}, the right side {right}"
    return [f"{head}: {said.get(verdict.computed, both)}{_used(verdict)}", *_repair(verdict)]


def _used(verdict: Verdict) -> str:
    """The values that the letters were taken to have."""
    known = [f"{name} = {shown(value)}" for name, value in verdict.used if not isinstance(value, Matrix)]
    return f" (with {', '.join(known)})" if 0 < len(known) <= MOST_LABELS else ""


def _shown(value: Value | None, decimals: bool = False) -> str:
    return "" if value is None else shown(value, decimals)


def _shapes(verdict: Verdict) -> list[str]:
    right = verdict.right
    return [f"it should be {shown(right)}"] if isinstance(right, Matrix) and len(right.cells) <= MOST_SHOWN else []


def _cells(finding: Finding) -> list[str]:
    """The entries that differ, a line for each."""
    found = []
    cells = finding.verdict.cells
    for cell, line in list(zip(cells, finding.cell_lines, strict=True))[:MOST_CELLS]:
        where = "" if line == finding.line else f" (line {line})"
        place = f"row {cell.row}, column {cell.column}{where}"
        found.append(f"{place} is {shown(cell.found)}, should be {shown(cell.right)}")
    if len(cells) > MOST_CELLS:
        found.append(f"and {len(cells) - MOST_CELLS} more")
    return found


def _repair(verdict: Verdict) -> list[str]:
    repair = verdict.repair
    if repair is None:
        return []
    which = "the"
    if repair.of > 1:
        which = f"the {_ORDINALS[repair.nth - 1]}" if repair.nth <= len(_ORDINALS) else f"the {repair.nth}th"
    places = len(repair.found.partition(".")[2])
    right = f"{float(repair.right):.{places}f}" if places else shown(repair.right)
    return [
        f"with {right} in place of {which if repair.of > 1 else ''} {repair.found}".replace("  ", " ")
        + " it would hold"
    ]


def to_json(audits: Sequence[tuple[str, Sequence[Finding]]]) -> str:
    """The report for a machine: counts, and every finding with file, line, status, excerpt, left and right."""
    made = {
        "files": [{"file": name, "counts": dict(counts(findings))} for name, findings in audits],
        "findings": [_finding(name, finding) for name, findings in audits for finding in findings],
    }
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _finding(name: str, finding: Finding) -> dict[str, object]:
    verdict = finding.verdict
    found: dict[str, object] = {
        "file": name,
        "line": finding.line,
        "status": finding.status,
        "excerpt": finding.excerpt,
        "left": machine(verdict.left),
        "right": machine(verdict.right),
        "reason": verdict.reason,
        "quantity": finding.quantity,
        "cells": [
            {
                "row": cell.row,
                "column": cell.column,
                "line": line,
                "is": machine(cell.found),
                "should_be": machine(cell.right),
            }
            for cell, line in zip(verdict.cells, finding.cell_lines, strict=True)
        ],
        "repair": None,
    }
    if verdict.repair is not None:
        found["repair"] = {"in_place_of": verdict.repair.found, "write": machine(verdict.repair.right)}
    return found
