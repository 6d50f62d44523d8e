"""Mutation testing: do the tests notice a small change of the code that decides on verdicts?

Cosmic Ray makes the mutants. Its own runner starts a process for each, which imports torch anew;
here each is a fork of one process that has torch loaded. mutmut 3 makes no mutants of decorated
functions, which all checks are, nor of what runs at import.

The wrong programs of the misconceptions are left out: `tests/katas/test_meta.py` asks of each that
it is named as itself and as nothing else, and a mutant of a wrong program is one more wrong
program, right or wrong only as a description of what learners believe.
"""
