"""What is said of a class, whatever the form. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.cohort import FEW, BeliefCount, CheckCount, Cohort, worth_a_word
from autograder.groups import Group
from autograder.records import Belief, Grading, Outcome, Status
from autograder.report import SYMBOLS

_STATUSES = {
    Grading.GRADED: "graded",
    Grading.NOT_ATTEMPTED: "not attempted",
    Grading.UNREADABLE: "not readable",
    Grading.ERROR: "not graded, the grader failed",
}
_ENDINGS = {
    Status.TIMED_OUT: "out of time",
    Status.OUT_OF_MEMORY: "out of memory",
    Status.CRASHED: "crashed",
    Status.MALFORMED: "with an answer that made no sense",
    Status.RAISED: "stopped by an exception",
}


def submissions(number: int) -> str:
    """Write how many."""
    return "1 submission" if number == 1 else f"{number:,} submissions"


def share(number: int, total: int) -> str:
    """Write a number with its share."""
    percent = 100 * number / total if total else 0.0
    if 0 < percent < 1:
        return f"{number:,} (under 1 %)"
    if 99 < percent < 100:  # noqa: PLR2004 - not all, and not rounded to all
        return f"{number:,} (over 99 %)"
    return f"{number:,} ({int(percent + 0.5)} %)"


def headline(cohort: Cohort) -> str:
    """Name the report."""
    return f"Class report: {submissions(cohort.total)}"


def statuses(cohort: Cohort) -> list[tuple[str, int]]:
    """Say what became of the submissions."""
    counts = cohort.statuses
    return [(words, counts[status]) for status, words in _STATUSES.items() if counts.get(status)]


def middle(cohort: Cohort) -> str:
    """Say mean and median."""
    if cohort.mean is None or cohort.median is None:
        return "No submission was graded."
    return (
        f"Mean {cohort.mean:.1f}, median {cohort.median:g} of {cohort.max_points:g} points,"
        f" over the {submissions(cohort.graded)} that {_was(cohort.graded)} graded."
    )


def hardships(cohort: Cohort) -> list[tuple[str, int]]:
    """Say what stood in the way, other than a failed check."""
    ways = [(words, cohort.endings.get(end, 0)) for end, words in _ENDINGS.items()]
    ways.append(("with a check or more not reached", cohort.not_reached))
    ways.append(("not attempted", cohort.statuses.get(Grading.NOT_ATTEMPTED, 0)))
    ways.append(("not readable", cohort.statuses.get(Grading.UNREADABLE, 0)))
    ways += [(f"with {name} as the first exception", count) for name, count in cohort.exceptions]
    return [(words, count) for words, count in ways if count]


def lecture(cohort: Cohort, beliefs: Mapping[str, Belief]) -> list[str]:
    """Suggest in a few sentences what to say next, a paragraph for each belief.

    Args:
        cohort: The class.
        beliefs: All that the exercise says of a belief, by its id, where that is known.
    """
    chosen = worth_a_word(cohort)
    if chosen:
        return [_word(belief, cohort.graded, beliefs.get(belief.id)) for belief in chosen]
    if cohort.graded < FEW:
        few = f"Only {submissions(cohort.graded)} {_was(cohort.graded)} graded"
        return [f"{few}: too few to say what the class believes. Read them one by one."]
    if not cohort.beliefs:
        return ["No known belief explains what failed, so these numbers suggest nothing to say."]
    most = share(cohort.beliefs[0].count, cohort.graded)
    rare = f"No belief is common: the most frequent one explains {most} of the graded submissions."
    return [f"{rare} A comment for each group serves better than a lecture."]


def outcome_of(group: Group) -> str:
    """Say what a group has in common."""
    learner = group.first
    parts = [
        f"{name} {SYMBOLS[outcome][1]}"
        for name, outcome in learner.outcomes
        if outcome is not Outcome.PASSED
    ]
    if learner.ended is not Status.RETURNED:
        parts = [_ENDINGS[learner.ended]]
    if learner.error and learner.ended in (Status.RETURNED, Status.RAISED):
        parts.append(f"{learner.error} as the first exception")
    points = "no" if learner.points is None else f"{learner.points:g}"
    return f"{points} of {learner.max_points:g} points; {', '.join(parts)}"


def grouped_how(cohort: Cohort) -> str:
    """Say what makes a group."""
    if not cohort.evidence:
        return (
            "The evidence is not beside the results, so this cannot tell who did the same:"
            " the submissions of a group got equal verdicts."
        )
    return (
        "The submissions of a group did the same in every case, to the last bit. Where that is"
        " not known, or something was raised, they got equal verdicts; the group says so."
    )


def tally(check: CheckCount) -> str:
    """Write how a check came out."""
    total = sum(check.outcomes.values())
    return ", ".join(
        f"{symbol} {word} {share(check.outcomes.get(outcome, 0), total)}"
        for outcome, (symbol, word) in SYMBOLS.items()
        if outcome is not Outcome.ERRORED or check.outcomes.get(outcome)
    )


def left_out(cohort: Cohort) -> str:
    """Say that lines are missing."""
    lines = "1 line" if cohort.left_out == 1 else f"{cohort.left_out:,} lines"
    return f"{lines} of the file could not be read and {_was(cohort.left_out)} left out."


def _word(belief: BeliefCount, graded: int, told: Belief | None) -> str:
    number = share(belief.count, graded)
    said = f"{number} of the graded submissions do what one does who believes: {belief.title}."
    if told is None:
        return f"{said} Ask: {belief.hint}"
    see = told.see
    example = f"Then work an example ({see.section}: {see.place}). {see.example}"
    return f"{said} {told.explanation} Ask: {told.hint} {example}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
