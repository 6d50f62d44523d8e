"""The nouns of the grader: frozen records without behaviour.

Every other module speaks in these words. Nothing here imports torch: tensors are
only named in annotations, so that the grading process can stay light.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor


class Status(StrEnum):
    """How the execution of a submission, or one call of its function, ended."""

    RETURNED = "returned"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    MALFORMED = "malformed"


class Outcome(StrEnum):
    """What became of one check. `ERRORED` is the grader's fault, never the learner's."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERRORED = "errored"


class Grading(StrEnum):
    """What became of a whole submission."""

    GRADED = "graded"
    NOT_ATTEMPTED = "not_attempted"
    UNREADABLE = "unreadable"
    ERROR = "error"


@dataclass(frozen=True)
class Submission:
    """A learner's code, read but never run.

    Attributes:
        id: The path as it was given.
        cells: Source of the code cells to run, in order.
        entry_point: Name of the function that the kata asks for.
        attempted: False if the learner left the stub as it was.
        script: True for a plain `.py` file, which is run as an imported module would be.
        notes: What had to be mended to read it, for the feedback.
    """

    id: str
    cells: tuple[str, ...]
    entry_point: str
    attempted: bool
    script: bool = False
    notes: tuple[str, ...] = ()


class Outline(NamedTuple):
    """What a case's model looks like; none of its numbers.

    Attributes:
        recipe: Python expression over `torch.nn` that builds it.
        shape: Of the batch that it takes.
        dtype: Of the batch, as in `torch.<dtype>`.
    """

    recipe: str
    shape: tuple[int, ...]
    dtype: str = "float32"


@dataclass(frozen=True)
class Case:
    """One situation in which the learner's function is called, round after round.

    Attributes:
        id: What is special about the situation, in snake_case.
        recipe: Python expression over `torch.nn` that builds the model.
        states: Named state dicts that the function may be given, e.g. `initial`.
        arguments: What follows the model in the call, by position: `"@name"` stands for a
            state, anything else for itself.
        keywords: The same, by keyword.
        trained: For each round, the values that training has left in the parameters.
        example: A batch to run forward, shape (B, ...).
        training: Whether the model is in train mode.
        frozen: Names of parameters with `requires_grad=False`.
        switched: Names of modules that are, with all below them, in the other mode.
        grad_enabled: The global grad mode when the function is called.
        trains: Whether the model is trained on after each call.
        hidden: Whether its tensors must stay unknown to learners.
        later: What rounds after the first are given by keyword, beside or instead of `keywords`.
        telling: Whether it helps to explain failures; not where wrong programs of one belief
            differ, because each breaks ties in its own way.
    """

    id: str
    recipe: str
    states: Mapping[str, Mapping[str, Tensor]]
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    trained: tuple[Mapping[str, Tensor], ...]
    example: Tensor
    training: bool = True
    frozen: tuple[str, ...] = ()
    switched: tuple[str, ...] = ()
    grad_enabled: bool = True
    trains: bool = True
    hidden: bool = False
    later: Mapping[str, Any] = field(default_factory=dict)
    telling: bool = True

    @property
    def outline(self) -> Outline:
        """What its model looks like, which is no secret."""
        dtype = str(self.example.dtype).removeprefix("torch.")
        return Outline(self.recipe, tuple(self.example.shape), dtype)


@dataclass(frozen=True)
class Fault:
    """An exception in the learner's code, trimmed to the learner's own line."""

    type: str
    message: str
    line: str = ""
    line_number: int = 0
    cell: int = 0

    @property
    def said(self) -> str:
        """Its type, and what it says, if it says something."""
        return f"{self.type}: {self.message}" if self.message else self.type


@dataclass(frozen=True)
class Snapshot:
    """What one call left behind. Tensors are evidence, the rest is the child's claim.

    Attributes:
        state: Every tensor the model holds after the call, by name: parameters, buffers, and
            tensors that are plain attributes of its modules.
        in_use: The same after a further forward, backward, optimiser step and forward; empty where
            the case does not ask for them.
        states_after: The named state dicts that the function was given, after all that; empty, too.
        returned: `same` object, another `module`, `none`, `tensor`, `mapping`, `sequence`, `other`.
        parameters: Names among `state` that are `nn.Parameter`s, with their `requires_grad`.
        modes: Train mode of every module by name.
        grad_enabled: The global grad mode after the call.
        shared: Entries of the given states that share memory with the model.
        edited: Entries of the given states that differ right after the call.
        stuck: Why the model could not be trained on; empty if it could.
        unreached: Names of parameters that ask for a gradient and got none in training on.
        output: What the model made of the example: the `first` time in training, and the `last`
            time, after the step.
        found: Entries of the first state that the case does not say training leaves, such as
            running statistics: as a later call found them. The first finds them as in that state.
    """

    state: Mapping[str, Tensor]
    in_use: Mapping[str, Tensor]
    states_after: Mapping[str, Mapping[str, Tensor]]
    returned: str
    parameters: Mapping[str, bool]
    modes: Mapping[str, bool]
    grad_enabled: bool
    shared: tuple[str, ...]
    edited: tuple[str, ...]
    stuck: str
    unreached: tuple[str, ...] = ()
    output: Mapping[str, Tensor] = field(default_factory=dict)
    found: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Observation:
    """What a function did in one case: a snapshot for each round that returned."""

    status: Status
    rounds: tuple[Snapshot, ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True)
class Execution:
    """What running a submission gave: one answer for each case, or why there is none.

    Attributes:
        status: `RETURNED` if everything asked was answered, and how it ended otherwise.
        answers: What was observed in each case, as the child wrote it: unread.
        fault: What ended it, or the first exception.
        cell_faults: What failed in the learner's cells; the rest was run as far as possible.
        wall_seconds: How long it took.
        confinement: The layers that confined it.
    """

    status: Status
    answers: tuple[bytes, ...] = ()
    fault: Fault | None = None
    cell_faults: tuple[Fault, ...] = ()
    wall_seconds: float = 0.0
    confinement: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What a verdict rests on.

    Attributes:
        asked: Fingerprint of the cases, and of how they were observed.
        hidden: The run on the hidden cases, which decides.
        shown: The run on the open cases that show what went wrong; None if nothing did.
        cases: Ids of those open cases.
        learner: Whose own the hidden cases are; empty where all have the same.
    """

    asked: str
    hidden: Execution
    shown: Execution | None = None
    cases: tuple[str, ...] = ()
    learner: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry of a small matrix to draw.

    Attributes:
        value: What it holds.
        kept: Whether it is kept, or else taken out.
        rank: Its place in the order that decides, counted from 1; None if it takes no part.
        differs: Whether it is kept where it should not be, or the other way round.
    """

    value: float
    kept: bool
    rank: int | None = None
    differs: bool = False


@dataclass(frozen=True)
class Grid:
    """A small matrix to draw.

    Attributes:
        title: What the matrix is.
        legend: How to read this and the grids beside it.
        rows: Its entries, row by row.
    """

    title: str
    legend: str
    rows: tuple[tuple[Entry, ...], ...]


@dataclass(frozen=True)
class Finding:
    """One difference between what was seen and what should be.

    Attributes:
        what: The thing that was looked at.
        got: What was seen, as clause or count.
        expected: What should be, as clause or count.
        where: Place and values of the first difference; never shown for a hidden case.
        grids: Pictures of it; never shown for a hidden case.
        draw: Makes the pictures. Most findings are compared and never shown.
    """

    what: str
    got: str
    expected: str
    where: str = ""
    grids: tuple[Grid, ...] = ()
    draw: Callable[[], tuple[Grid, ...]] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Unjudged:
    """Why a check cannot be judged in a case, e.g. because nothing was done at all.

    Attributes:
        reason: The sentence that people read.
        decisive: Whether the check cannot pass then, even if other cases can be judged.
    """

    reason: str
    decisive: bool = False


@dataclass(frozen=True)
class Topic:
    """Where a hint sends the learner.

    Attributes:
        section: A heading of the notebook.
        place: What to look at there.
        example: The same idea, worked on other numbers.
    """

    section: str
    place: str
    example: str


@dataclass(frozen=True)
class Belief:
    """The part of a misconception that people read.

    Attributes:
        id: Its name.
        title: The belief in a sentence.
        explanation: Why it is not so.
        hint: A question back, without code.
        see: Where to look, and an example.
    """

    id: str
    title: str
    explanation: str
    hint: str
    see: Topic


@dataclass(frozen=True)
class Verdict:
    """The answer to one check.

    Attributes:
        check: Id of the check.
        title: What holds if it passes.
        outcome: What became of it.
        points: What it earned.
        max_points: What it is worth.
        finding: What was seen and what should be, if it failed.
        reason: Why it could not be judged, if it could not.
        case: Id of the case that tells so.
        explained_by: The beliefs that explain it.
        either: Whether these are alternatives: each explains the same, and equally well.
    """

    check: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    finding: Finding | None = None
    reason: str = ""
    case: str = ""
    explained_by: tuple[Belief, ...] = ()
    either: bool = False


@dataclass(frozen=True)
class Scorecard:
    """The whole answer to one submission. `points` is None where the grader itself failed."""

    submission: str
    kata: str
    status: Grading
    verdicts: tuple[Verdict, ...]
    points: float | None
    max_points: float
    execution: Execution
    message: str = ""
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Summary:
    """The part of a scorecard that tables and counts are made from.

    Attributes:
        submission: Its path.
        status: What became of it.
        points: None where it could not be graded.
        max_points: What could be had.
        message: What happened, if there is something to say.
        beliefs: Titles of those that explain what failed.
        failed: Title of the first check that failed; empty if none did.
    """

    submission: str
    status: Grading
    points: float | None
    max_points: float
    message: str
    beliefs: tuple[str, ...]
    failed: str = ""


@dataclass(frozen=True)
class Graded:
    """A scorecard, and what it was made from if the submission was run."""

    card: Scorecard
    submission: Submission | None = None
    evidence: Evidence | None = None
