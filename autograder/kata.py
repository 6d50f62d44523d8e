"""What an exercise is: an entry point, a stub, cases, checks and misconceptions.

A kata module makes one `Kata` and fills its registry with decorators; the engine finds the
module by name and knows nothing of its subject.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from autograder.katas import DEFAULT
from autograder.records import (
    Belief,
    Case,
    Finding,
    Observation,
    Outcome,
    Topic,
    Unjudged,
    Verdict,
)
from autograder.terms import Terms

_KATAS = Path(__file__).parent / "katas"

Program = Callable[..., object]
"""A learner's function, the reference, or a wrong implementation: all have one signature."""

Sees = Callable[[Observation, Observation, Case], "Finding | Unjudged | None"]
Given = Callable[[Observation, Case], Case]
Predicate = Callable[[Sequence[Observation], Sequence[Case]], bool]
DrawFurther = Callable[[Sequence[Any], str, bool], Sequence[Case]]
"""Draws the cases that an instructor has asked for, from a seed."""


def as_it_is(got: Observation, case: Case) -> Case:  # noqa: ARG001 - the default `given`
    """Take nothing of the submission as given: the case stays as it is."""
    return case


@dataclass(frozen=True)
class Clause:
    """One relation of a check.

    Attributes:
        id: Name of what holds.
        sees: What differs between `got` and `expected` in a case.
        given: The case in which the expected side is observed, the submission's other
            answers taken as given.
        coarse: Whether it tells little, but in every case, also in those that are not telling: it
            weighs among the beliefs that explain other clauses of the check, and names none.
    """

    id: str
    sees: Sees
    given: Given
    coarse: bool = False


@dataclass
class Check:
    """What points are given for: one clause or several, each explained by itself.

    Attributes:
        id: Name of the check.
        title: The line that the learner reads.
        points: What it is worth.
        after: Checks that must have passed before this one can be judged.
        clauses: All of them must hold.
    """

    id: str
    title: str
    points: float
    after: tuple[str, ...]
    clauses: list[Clause]


@dataclass(frozen=True)
class Misconception:
    """A wrong program that somebody believes to be right, or a predicate for a vague belief.

    `clauses` names the clauses that it may explain; empty stands for all.
    """

    belief: Belief
    clauses: tuple[str, ...]
    model: Program | None = None
    predicate: Predicate | None = None


@dataclass
class Kata:
    """The registry of one exercise.

    Attributes:
        id: Name of the kata's module.
        title: What people call it.
        entry_point: The function that the learner writes.
        wish: An example of the cases that instructors may add, a dataclass of plain values; None if
            they cannot.
    """

    id: str
    title: str
    entry_point: str
    checks: list[Check] = field(default_factory=list)
    misconceptions: list[Misconception] = field(default_factory=list)
    _reference: Program | None = None
    _cases: Callable[[str, bool], Sequence[Case]] | None = None
    _draw_further: DrawFurther | None = None
    _further: tuple[Any, ...] = ()
    _failures: Mapping[str, Collection[str]] = field(default_factory=dict)
    wish: Any = None

    @property
    def max_points(self) -> float:
        """Sum of the points of all checks."""
        return sum(check.points for check in self.checks)

    @property
    def reference(self) -> Program:
        """The right answer that `set_reference` registered."""
        if self._reference is None:
            raise LookupError(f"kata {self.id}: no reference; add one with @kata.set_reference")
        return self._reference

    def set_reference(self, program: Program) -> Program:
        """Register the right answer."""
        self._reference = program
        return program

    def set_cases(
        self, draw: Callable[[str, bool], Sequence[Case]]
    ) -> Callable[[str, bool], Sequence[Case]]:
        """Register the function that draws the cases from a seed."""
        self._cases = draw
        return draw

    def set_failures(self, failures: Mapping[str, Collection[str]]) -> None:
        """Put on record which clauses each wrong program fails, whatever the seed.

        It saves running a hundred of them to explain one failure. Those that are not on record are
        run, and all where a coarse clause fails: whether they fail it may depend on the seed.

        Args:
            failures: Ids of clauses, by `name_of` the program.
        """
        self._failures = failures

    def may_fail(self, program: Program, clause: Clause) -> bool:
        """Tell whether a wrong program may fail a clause: of a course's own cases nobody knows."""
        on_record = self._failures.get(name_of(program))
        if on_record is None or clause.coarse or self._further:
            return True
        return clause.id in on_record

    def set_further_cases(self, *, like: Any) -> Callable[[DrawFurther], DrawFurther]:
        """Let instructors add cases like this one, an instance of a dataclass of plain values.

        The decorated function draws them. It raises `ValueError`, with a sentence that says why,
        for one that would be no fair case.
        """

        def register(draw: DrawFurther) -> DrawFurther:
            self.wish, self._draw_further = like, draw
            return draw

        return register

    def under(self, terms: Terms) -> Kata:
        """Make the kata with the points and the further cases of a course.

        Raises:
            LookupError: It has no such check, or takes no further cases.
            msgspec.ValidationError: A further case has other fields than `wish`.
        """
        points = dict(terms.points)
        for name in points:
            self.find_check(name)
        if terms.cases and self.wish is None:
            raise LookupError(f"kata {self.id} takes no further cases")
        kind = type(self.wish)
        return replace(
            self,
            checks=[replace(c, points=points.get(c.id, c.points)) for c in self.checks],
            _further=tuple(msgspec.json.decode(case, type=kind) for case in terms.cases),
        )

    def unreached(self, reason: str) -> tuple[Verdict, ...]:
        """Make the verdicts of a submission that did not come to be judged."""
        return tuple(
            Verdict(check.id, check.title, Outcome.SKIPPED, 0.0, check.points, reason=reason)
            for check in self.checks
        )

    def draw_cases(self, seed: str, *, hidden: bool) -> tuple[Case, ...]:
        """Draw the cases of a seed: the kata's own, then those that a course adds.

        Raises:
            ValueError: One that a course adds would be no fair case.
        """
        if self._cases is None:
            raise LookupError(f"kata {self.id}: no cases; add them with @kata.set_cases")
        further = self._draw_further(self._further, seed, hidden) if self._draw_further else ()
        return (*self._cases(seed, hidden), *further)

    def check(
        self, *, points: float, after: Sequence[str] = (), given: Given = as_it_is
    ) -> Callable[[Sees], Sees]:
        """Register a check by its first clause.

        The function's name is the check's id, its docstring the line that the learner reads.
        """

        def register(sees: Sees) -> Sees:
            title = " ".join(_docstring(sees, self.id).split())
            clause = Clause(sees.__name__, sees, given)
            self.checks.append(Check(sees.__name__, title, points, tuple(after), [clause]))
            return sees

        return register

    def clause(
        self, *, of: str, given: Given = as_it_is, coarse: bool = False
    ) -> Callable[[Sees], Sees]:
        """Register a further clause of the check `of`."""

        def register(sees: Sees) -> Sees:
            _docstring(sees, self.id)
            self.find_check(of).clauses.append(Clause(sees.__name__, sees, given, coarse))
            return sees

        return register

    def find_check(self, name: str) -> Check:
        """Find a check by its id.

        Raises:
            LookupError: The kata has no such check.
        """
        for check in self.checks:
            if check.id == name:
                return check
        known = ", ".join(check.id for check in self.checks)
        raise LookupError(f"kata {self.id} has no check named {name!r}; there are: {known}")

    def misconception(self, *, hint: str, see: Topic) -> Callable[[Program], Program]:
        """Register a wrong program: first docstring line the belief, the rest why it is not so.

        Args:
            hint: A question back to the learner, without code.
            see: What to read again.
        """

        def register(model: Program) -> Program:
            belief = _belief(model, self.id, hint, see)
            self.misconceptions.append(Misconception(belief, (), model=model))
            return model

        return register

    def variant(self, *, of: str) -> Callable[[Program], Program]:
        """Register another wrong program of the misconception `of`: one belief, written otherwise.

        Raises:
            LookupError: No misconception of that name has been registered yet.
        """
        beliefs = [m.belief for m in self.misconceptions if m.belief.id == of]
        if not beliefs:
            raise LookupError(f"kata {self.id} has no misconception named {of!r} yet")

        def register(model: Program) -> Program:
            _docstring(model, self.id)
            self.misconceptions.append(Misconception(beliefs[0], (), model=model))
            return model

        return register

    def vague_misconception(
        self, *, hint: str, see: Topic, clauses: Sequence[str]
    ) -> Callable[[Predicate], Predicate]:
        """Register a belief that no single program stands for, as a predicate over a failure."""

        def register(predicate: Predicate) -> Predicate:
            belief = _belief(predicate, self.id, hint, see)
            self.misconceptions.append(Misconception(belief, tuple(clauses), predicate=predicate))
            return predicate

        return register


def load(name: str) -> Kata:
    """Load a kata by its name.

    Raises:
        LookupError: There is no such kata, or its module holds no `kata`.
    """
    if name not in names():
        known = ", ".join(names())
        raise LookupError(f"there is no kata named {name!r}; there are: {known}")
    module = importlib.import_module(f"autograder.katas.{name}")
    kata = module.kata
    if not isinstance(kata, Kata):
        raise LookupError(f"autograder/katas/{name}.py: `kata` must be a Kata (got {kata!r})")
    return kata


def names() -> list[str]:
    """Name all katas: the modules in `autograder/katas`."""
    return sorted(module.name for module in pkgutil.iter_modules([str(_KATAS)]))


def default() -> str:
    """Name the kata that is meant where none is named."""
    return DEFAULT


def name_of(program: Program) -> str:
    """Name a program by where it stands in the katas."""
    place: Any = program
    return f"{place.__module__}.{place.__qualname__}".removeprefix("autograder.katas.")


def _docstring(function: Callable[..., object], kata: str) -> str:
    text = inspect.getdoc(function)
    if not text:
        name = getattr(function, "__name__", function)
        raise LookupError(f"kata {kata}, {name}: no docstring; write the line that people read")
    return text


def _belief(function: Callable[..., object], kata: str, hint: str, see: Topic) -> Belief:
    title, _, explanation = _docstring(function, kata).partition("\n")
    name = function.__name__
    return Belief(name, title.strip().rstrip("."), " ".join(explanation.split()), hint, see)
