"""Every kata, the toy one included, with a judge on hidden cases."""

from __future__ import annotations

from functools import cache

from autograder.judge import Judge
from autograder.kata import Kata, Program, load, names
from autograder.probe import observe
from autograder.records import Verdict
from autograder.wire import decode_answer, encode_answer
from tests.katas import toy

KATAS = ("toy", *names())


@cache
def kata_of(name: str) -> Kata:
    return toy.kata if name == "toy" else load(name)


@cache
def judge_of(name: str) -> Judge:
    kata = kata_of(name)
    return Judge(kata, kata.draw_cases("a secret", hidden=True))


@cache
def judge_elsewhere(name: str) -> Judge:
    """A judge on cases of another seed."""
    kata = kata_of(name)
    return Judge(kata, kata.draw_cases("another seed", hidden=True))


@cache
def verdicts_of(name: str, program: Program) -> tuple[Verdict, ...]:
    """Judge a program; a wrong one that the judge has to run anyway is not run twice."""
    judge, wrong = judge_of(name), {m.model for m in kata_of(name).misconceptions}
    if program not in wrong:
        return judge.verdicts([observe(program, case) for case in judge.cases])
    answers = [encode_answer(judge._expected.observe(program, case)) for case in judge.cases]
    return judge.verdicts([decode_answer(answer) for answer in answers])
