"""How the answers of a child are read.

They come as bytes and stay bytes until somebody reads them: so they can be kept, and compared with
answers that were read before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograder.parcel import MalformedError
from autograder.records import Case, Execution, Fault, Observation, Status, Submission
from autograder.texts import printable
from autograder.wire import decode_answer, framed_question

_OBSERVERS = ("child", "interpreter", "models", "parcel", "probe", "sources", "wire")


def read_answers(
    execution: Execution, submission: Submission, cases: Sequence[Case]
) -> tuple[Execution, tuple[Observation, ...]]:
    """Read what was observed in each case, and how the whole ended in the light of it.

    Returns:
        The execution, whose status says whether anything returned and whose fault is the first;
        and no observations if some are missing or make no sense.
    """
    if len(execution.answers) < len(cases):
        return execution, ()
    try:
        observations = tuple(
            _about(case, answer, submission)
            for case, answer in zip(cases, execution.answers, strict=True)
        )
    except MalformedError:
        return malformed(execution), ()
    returned = any(observation.rounds for observation in observations)
    first = next((seen.fault for seen in observations if seen.fault is not None), None)
    status = Status.RETURNED if returned else Status.RAISED
    return replace(execution, status=status, fault=first), observations


def fingerprint(cases: Sequence[Case]) -> str:
    """Tell cases, and the code that observes what is done in them, from any others."""
    seen = hashlib.sha256()
    for name in _OBSERVERS:
        seen.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    for case in cases:
        seen.update(framed_question(case))
    return seen.hexdigest()


def malformed(execution: Execution) -> Execution:
    """Say that answers make no sense, and no more: nothing in them can be believed."""
    fault = Fault("Malformed", "its answer made no sense")
    return replace(execution, status=Status.MALFORMED, answers=(), fault=fault, cell_faults=())


def quoted(fault: Fault, submission: Submission) -> Fault:
    """Quote the learner's line from the submission: the child says only where it is."""
    cell = submission.cells[fault.cell - 1] if 0 < fault.cell <= len(submission.cells) else ""
    line = cell.split("\n")[fault.line_number - 1 : fault.line_number]
    return replace(fault, line=printable("".join(line).strip()))


def _about(case: Case, answer: bytes, submission: Submission) -> Observation:
    """Read an observation of the case, with as many rounds as were asked for."""
    seen = decode_answer(answer)
    if not isinstance(seen, Observation):
        raise MalformedError("an answer to another question")
    asked, told = len(case.trained), len(seen.rounds)
    if told > asked or (seen.status is Status.RETURNED and told < asked):
        raise MalformedError(f"{told} rounds where {asked} were asked for")
    return replace(seen, fault=quoted(seen.fault, submission)) if seen.fault else seen
