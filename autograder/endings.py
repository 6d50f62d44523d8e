"""Whether two programs end alike: with exceptions of one kind, whatever their style."""

from __future__ import annotations

import re

from autograder.records import Case, Fault, Observation

_TELLING_WORDS = 4
_CALLED = re.compile(r"^[\w.]+\(\)")
_QUOTED = re.compile(r"'\w+'")
_QUOTED_PATH = re.compile(r"'([\w.]*)\.(\w+)'")
_LISTED_NAME = re.compile(r'"(?:[\w.]*\.)?(\w+)"')


def ended_alike(one: Observation, other: Observation, case: Case) -> bool:
    """Tell whether both sides came equally far in a case, and ended in one way."""
    ends = [(side.status, len(side.rounds), kind_of(side.fault, case)) for side in (one, other)]
    return ends[0] == ends[1]


def failed_otherwise(one: Observation, other: Observation, case: Case) -> bool:
    """Tell whether both sides raised an exception, and not of one kind."""
    if one.fault is None or other.fault is None:
        return False
    return kind_of(one.fault, case) != kind_of(other.fault, case)


def kind_of(fault: Fault | None, case: Case) -> tuple[str, ...]:
    """Tell the kind of an exception: its type and how its message begins.

    Of a quoted path such as `'block.0.weight'` the last part counts, and whether there is such a
    module: which module comes first is a matter of style. So is the name of a function whose call
    fails. A name in quotes at the very end is what was looked for; lists of missing and unexpected
    keys name what does not fit. A message that is a module's name in quotes is a key that is none.
    """
    if fault is None:
        return ()
    modules = {key.rpartition(".")[0] for state in case.states.values() for key in state}
    message = _QUOTED_PATH.sub(
        lambda path: f"'{'…' if path[1] in modules else '?'}.{path[2]}'",
        _CALLED.sub("()", fault.message),
    )
    words = ["'…'"] if fault.message in map(repr, modules) else message.split()
    sought = [word for word in words[_TELLING_WORDS:][-1:] if _QUOTED.fullmatch(word)]
    listed = sorted({*_LISTED_NAME.findall(message)})
    return (fault.type, *words[:_TELLING_WORDS], *sought, *listed)
