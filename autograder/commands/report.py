"""`python -m autograder report RESULTS.jsonl`: what a class did, for its instructors."""

from __future__ import annotations

import argparse
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from autograder.archive import Archive, EvidenceError, archive_of
from autograder.bulletin import as_text
from autograder.cohort import Cohort, count, numbered, worth_a_word
from autograder.commands.evidence import UnusableError, class_in, solutions
from autograder.commands.voice import DONE, FAILED, INTERRUPTED, say, show, unwritable
from autograder.digests import digest_of
from autograder.excerpts import excerpt, own_words, size_of, solution_in, words_in
from autograder.groups import Trace
from autograder.kata import load, names
from autograder.learners import Class
from autograder.overview import Shown, as_overview, wanted
from autograder.records import Belief, Evidence
from autograder.roster import write_csv


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("report", help="tell instructors what a class did")
    parser.add_argument("results", type=Path, metavar="RESULTS.jsonl",
                        help="what `grade --output` wrote")  # fmt: skip
    parser.add_argument("--html", type=Path, metavar="FILE.html", help="write it as a page here")
    parser.add_argument("--csv", type=Path, metavar="FILE.csv",
                        help="write a row for each submission here")  # fmt: skip
    parser.add_argument("--names", action="store_true",
                        help="name submissions by their paths; else they have numbers")  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    try:
        _report(options)
    except (EvidenceError, UnusableError) as error:
        say(str(error))
        return FAILED
    except OSError as error:
        say(unwritable(error))
        return FAILED
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED
    return DONE


def _report(options: argparse.Namespace) -> None:
    _refuse_to_overwrite(options)
    found = class_in(options.results)
    numbers = numbered(found.learners.values())
    evidence = archive_of(options.results)
    traces = _traces(evidence, found)
    cohort = count(found, traces, numbers)
    beliefs = _told(cohort)
    if options.html is not None:
        code = _code(evidence, wanted(cohort), found) if traces else {}
        labels = {name: name if options.names else f"{n}" for name, n in numbers.items()}
        _write(options.html, as_overview(cohort, Shown(code, labels, options.names, beliefs)))
    if options.csv is not None:
        table = io.StringIO()
        write_csv(table, found, numbers, names=options.names)
        _write(options.csv, table.getvalue())
    if options.html is None and options.csv is None:
        show(as_text(cohort, beliefs))


def _refuse_to_overwrite(options: argparse.Namespace) -> None:
    results: Path = options.results
    taken = {results.resolve(), archive_of(results).resolve()}
    for path in filter(None, (options.html, options.csv)):
        if path.resolve() in taken:
            raise UnusableError(f"{path} cannot be written: it is needed otherwise here")
        taken.add(path.resolve())


def _traces(path: Path, found: Class) -> dict[str, Trace]:
    """Read what the archive knows of the learners."""
    traces: dict[str, Trace] = {}
    if not path.is_file():
        return traces
    try:
        with closing(Archive(path, read_only=True)) as archive:
            for learner, run, code in solutions(archive, found):
                traces[learner.submission] = Trace(_behaviour(run.evidence), size_of(code))
    except EvidenceError as error:
        say(f"{error}; the report does without it")
        return {}
    return traces


def _behaviour(evidence: Evidence) -> bytes:
    answers = evidence.hidden.answers
    if evidence.learner or not answers:  # own cases: nobody else was asked the same
        return b""
    return digest_of(b"".join((evidence.asked.encode(), *answers)))


def _code(path: Path, examples: Iterable[str], found: Class) -> dict[str, str]:
    """Read the code of a few submissions, fit to be shown."""
    paths = list(found.learners)
    how_often = Counter(word for path in paths for word in words_in(path))
    code = {}
    with closing(Archive(path, read_only=True)) as archive:
        for name in sorted(examples):
            submission = archive.trace(name).submission
            words = own_words(name, how_often, len(paths))
            code[name] = excerpt(solution_in(submission.cells, submission.entry_point), words)
    return code


def _told(cohort: Cohort) -> Mapping[str, Belief]:
    """Load what the exercise says of its beliefs, if there is one to speak of: that takes time."""
    if not worth_a_word(cohort) or cohort.kata not in names():
        return {}
    return {m.belief.id: m.belief for m in load(cohort.kata).misconceptions}


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(text)
