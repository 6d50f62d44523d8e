"""What is heard where all that can be said is said in a language, and what of it has no entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from autograder import judge as judging
from autograder import review, tryout
from autograder.judge import Judge
from autograder.kata import Kata, load, names
from autograder.language import PLACEHOLDER, Catalogue, Heard, catalogue, catalogue_of, hearing
from autograder.markup import as_html
from autograder.records import (
    Case,
    Execution,
    Fault,
    Grading,
    Observation,
    Status,
    Unjudged,
    Verdict,
)
from autograder.report import as_text
from autograder.scorecards import scorecard
from tests.katas import samples
from tests.katas.all import judge_of
from tests.translations.sources import (
    faults_in,
    files_of,
    files_of_engine,
    said_in,
    strings_in,
    texts_of,
)

_SAMPLED = "lottery_ticket"  # the kata that tests/submissions is about
_EVERY = 8  # of its wrong samples
_MESSAGE = "what the learner's exception says"


def translated_katas(language: str) -> list[str]:
    """Name the katas that have a catalogue in a language; the others are English only."""
    return [name for name in names() if catalogue_of(name, language).is_file()]


@cache
def heard_of(kata: str, language: str) -> Heard:
    """Judge a kata's wrong programs and samples, and show the cards in a language."""
    loaded, judge = load(kata), _open_judge(kata)
    words = catalogue(language, kata)
    with hearing() as heard:
        for seen in _observed(loaded, judge.cases):
            _show(loaded, judge.verdicts(seen, explain=False), language)
            heard.missing -= _learners(seen)
        heard.missing -= {text for text in heard.missing if _names(text, judge.cases)}
        for text in texts_of(loaded):
            words(text)
    for path in files_of(kata):
        heard.used |= _used(words, path)
    return _spoken(heard)


@cache
def heard_of_engine(language: str) -> Heard:
    """Say in a language all that the engine says to learners, whatever the kata."""
    words, paths = catalogue(language), files_of_engine()
    said = {status.value.replace("_", " ") for status in Grading} | {"Submissions"}
    said |= {text for path in paths for text in said_in(path)}
    learners = [Fault("ValueError", message) for message in ("", _MESSAGE)]
    said |= {text for fault in (*learners, *faults_in(paths)) for text in _endings(fault)}
    try:
        load(names()[0]).find_check("")
    except LookupError as error:
        said.add(str(error))
    with hearing() as heard:
        for text in said:
            words(text)
    heard.missing -= {_MESSAGE, f"ValueError: {_MESSAGE}", "ValueError", "NameError"}
    for path in paths:
        heard.used |= _used(words, path)
    return _spoken(heard)


def _show(kata: Kata, verdicts: tuple[Verdict, ...], language: str) -> None:
    ended = Execution(Status.RETURNED)
    card = scorecard(kata, "a.ipynb", Grading.GRADED, verdicts, ended, message="")
    as_text(card, language=language)
    as_html(card, language=language)


def _endings(fault: Fault) -> Iterator[str]:
    """Write what is said of a fault, at each place that says something of one."""
    for one in (fault, replace(fault, line="x", line_number=1), replace(fault, line="x", cell=1)):
        yield review._cell_note(one)
        yield tryout._cell_note(one)
        yield judging._reason(Unjudged(""), Observation(Status.RAISED, (), one))
        yield from (review._message(Execution(status, fault=one)) for status in Status)
        yield from (tryout._unseen(Execution(status, fault=one), "f") for status in Status)


def _used(words: Catalogue, path: Path) -> set[str]:
    """Find the entries whose English stands in a file, whether or not anybody came to say it."""
    with hearing() as heard:
        for text in strings_in(path):
            words(text)
    return heard.used


def _open_judge(kata: str) -> Judge:
    """Make a judge of the cases that all tests over katas share, with nothing hidden."""
    return Judge(load(kata), [replace(case, hidden=False) for case in judge_of(kata).cases])


def _observed(kata: Kata, cases: Sequence[Case]) -> Iterator[list[Observation]]:
    """Observe the wrong programs that are not known, and some samples if the kata has some."""
    known = judge_of(kata.id)
    for misconception in kata.misconceptions:
        if misconception.model is not None:
            yield [known._expected.observe(misconception.model, case) for case in known.cases]
    if kata.id == _SAMPLED:
        wrong = [name for name in samples.callable_samples() if name.startswith("wrong")]
        for name in wrong[::_EVERY]:
            yield samples.observations_of(name, cases)


def _names(text: str, cases: Iterable[Case]) -> bool:
    """Tell whether a text holds nothing but names of a model's tensors."""
    known = {key for case in cases for state in case.states.values() for key in state}
    known |= {f"{key}{end}" for key in known for end in ("_orig", "_mask")}
    return all(word in known for word in text.split(", "))


def _learners(seen: Iterable[Observation]) -> set[str]:
    """Collect what exceptions say: that is the learner's, or torch's."""
    stuck = {shot.stuck for one in seen for shot in one.rounds}
    said = stuck | {words.partition(":")[0] for words in stuck}
    for fault in (one.fault for one in seen):
        if fault is not None:
            said |= {fault.type, fault.message, f"{fault.type}: {fault.message}"}
    return said


def _spoken(heard: Heard) -> Heard:
    """Leave out what holds no word of ours."""
    missing = {t for t in heard.missing if any(map(str.isalpha, PLACEHOLDER.sub("", t)))}
    return Heard(heard.used, missing)
