"""Hostile bytes by the hundred thousand: each is understood, or refused in the one way agreed.

Mutations are drawn from seeded generators, so a failure comes back; it names the message.
"""

from __future__ import annotations

import json
import resource
import signal
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from autograder.notebook import MAX_CODE_CHARS, UnreadableError, from_document, read
from autograder.parcel import MalformedError
from autograder.probe import observe
from autograder.records import Fault, Observation, Status, Submission
from autograder.wire import Cells, End, Ready, decode_answer, encode_answer
from tests.engine.examples import ROOT, code, notebook, toy_cases
from tests.katas import toy

MESSAGES = 100_000
NOTEBOOKS = 10_000
STARTER = ROOT / "notebooks" / "lottery_ticket" / "find_winning_ticket.ipynb"
ENTRY_POINT = "find_winning_ticket_step"
MEBIBYTES = 300
DTYPES = ["BOOL", "U8", "I8", "I16", "I32", "I64", "F16", "BF16", "F32", "F64", "F8_E5M2", "C64"]

pytestmark = pytest.mark.filterwarnings("ignore:`make_tokens_by_line`:UserWarning")


@contextmanager
def bounded(*, seconds: float) -> Iterator[None]:
    """Fail where a batch takes too long, or much memory."""

    def stop(*_: object) -> None:
        raise AssertionError(f"still at it after {seconds} seconds")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES << 10


# Junk, and trees of JSON with junk in them

JUNK: list[Any] = [
    None, True, False, 0, 1, -1, 2**24, 2**31, 2**63, -(2**63), 10**30, 0.5, 1e308,
    float("nan"), float("inf"), "", "x", "\0", "\ud800", "\ufeff", "\u202e", "code", "float32",
    "0/state/x", "a" * 3000, [], {}, [[]], [None], {"": None}, {"type": "end"}, [0] * 50,
    ["x", 3], {"solution": True}, {"nbgrader": {"solution": True}},
]  # fmt: skip
DEEP: Any = []
for _ in range(60):
    DEEP = [DEEP]
JUNK.append(DEEP)


def places(tree: Any) -> list[tuple[Any, Any]]:
    """List every container of a tree with each of its keys."""
    found = []
    left = [tree]
    while left:
        holder = left.pop()
        keys = holder if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                left.append(holder[key])
    return found


def shaken(tree: Any, random: Random) -> Any:
    """Spoil a tree of JSON at up to three places."""
    for _ in range(random.randint(1, 3)):
        held = places(tree)
        if not held:
            return deepcopy(random.choice(JUNK))
        holder, key = random.choice(held)
        other, place = random.choice(held)
        deed = random.randrange(6)
        if deed == 0:
            del holder[key]
        elif deed == 1 and isinstance(holder, list):
            holder.insert(key, deepcopy(random.choice(holder)))
        elif deed == 2 and isinstance(holder, dict):
            holder[random.choice(["x", "", "type", "cells", "source", "\ud800"])] = holder.pop(key)
        elif deed == 3:
            holder[key] = deepcopy(other[place])
        else:
            holder[key] = deepcopy(random.choice(JUNK))
    return tree


def garbled(text: bytes, random: Random) -> bytes:
    """Spoil bytes: flip, cut, insert, repeat, move."""
    data = bytearray(text)
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(data) + 1)
        end = min(len(data), place + random.choice((1, 1, 2, 8, 64, 1000)))
        deed = random.randrange(6)
        if deed == 0 and place < len(data):
            data[place] ^= 1 << random.randrange(8)
        elif deed == 1:
            del data[place:end]
        elif deed == 2:
            data[place:place] = random.randbytes(random.choice((1, 2, 8, 100)))
        elif deed == 3:
            data[place:place] = data[place:end] * random.choice((1, 2, 50))
        elif deed == 4:
            goal = random.randrange(len(data) + 1)
            data[goal:goal] = data[place:end]
        else:
            del data[place:]
    return bytes(data)


# Answers of a child


@cache
def answers() -> tuple[bytes, ...]:
    fault = Fault("ValueError", "no «such» value", "", 3, 2)
    seen = observe(toy.scale, toy_cases()[0])
    many = {"a": torch.ones(2, 2), "b": torch.tensor([True, False]), "c": torch.zeros(0).long()}
    other = replace(seen.rounds[0], state=many, states_after={"initial": many}, returned="none")
    sent = [
        seen,
        Observation(Status.RETURNED, (seen.rounds[0],), fault),
        Observation(Status.RETURNED, (other,)),
        Ready(("landlock", "seccomp")),
        Cells(found=True, faults=(fault, fault)),
        End(Status.TIMED_OUT, fault),
    ]
    return tuple(map(encode_answer, sent))


def split(message: bytes) -> tuple[dict[str, Any], bytes]:
    (size,) = struct.unpack("<Q", message[:8])
    return json.loads(message[8 : 8 + size]), message[8 + size :]


def joined(header: object, body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def random_bytes(random: Random) -> bytes:
    data = random.randbytes(random.randrange(300))
    return data if random.random() < 0.3 else struct.pack("<Q", random.randrange(300)) + data


def garbled_answer(random: Random) -> bytes:
    return garbled(random.choice(answers()), random)


def spliced_answers(random: Random) -> bytes:
    one, other = random.choices(answers(), k=2)
    return one[: random.randrange(len(one))] + other[random.randrange(len(other)) :]


def other_header(random: Random) -> bytes:
    header, body = split(random.choice(answers()))
    return joined(shaken(header, random), body)


def other_dtype(random: Random) -> bytes:
    header, body = split(random.choice(answers()))
    held = random.choice(list(header.values()))
    held["dtype"] = random.choice(DTYPES)
    held["shape"] = [random.choice((0, 1, 2, 18, 2**20, 2**40)) for _ in range(random.randrange(4))]
    return joined(header, body)


def other_part(random: Random, part: str) -> bytes:
    """Spoil the document or the index, in a message that is whole otherwise."""
    header, body = split(random.choice(answers()))
    parts = {name: body[slice(*entry["data_offsets"])] for name, entry in header.items()}
    if random.random() < 0.3:
        parts[part] = garbled(parts[part], random)
    else:
        parts[part] = json.dumps(shaken(json.loads(parts[part]), random)).encode()
    start = 0
    for name, entry in header.items():
        length = len(parts[name])
        entry["data_offsets"] = [start, start + length]
        entry["shape"] = [length] if name in ("document", "index") else entry["shape"]
        start += length
    return joined(header, b"".join(parts[name] for name in header))


def other_document(random: Random) -> bytes:
    return other_part(random, "document")


def other_index(random: Random) -> bytes:
    return other_part(random, "index")


SHARES: dict[Callable[[Random], bytes], float] = {
    random_bytes: 0.05,
    garbled_answer: 0.2,
    spliced_answers: 0.05,
    other_header: 0.2,
    other_dtype: 0.1,
    other_document: 0.2,
    other_index: 0.2,
}


def refuses(data: bytes) -> bool:
    try:
        seen = decode_answer(data)
    except MalformedError:
        return True
    except BaseException as error:
        raise AssertionError(f"{type(error).__name__} over {data!r}") from error
    assert isinstance(seen, Ready | Cells | Observation | End)
    return False


@pytest.mark.parametrize("draw", SHARES, ids=lambda draw: draw.__name__)
def test_malformed_answers_are_refused(draw: Callable[[Random], bytes]) -> None:
    """A hundred thousand in all, not counting those that happen to be answers still."""
    random = Random(draw.__name__)  # noqa: S311 - to come back, not to be secret
    refused = 0
    with bounded(seconds=120):
        while refused < MESSAGES * SHARES[draw]:
            refused += refuses(draw(random))


def test_the_shares_are_whole() -> None:
    assert sum(SHARES.values()) == pytest.approx(1)
    assert sum(NOTEBOOK_SHARES.values()) == pytest.approx(1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
ENTRIES = st.tuples(
    st.sampled_from(["0/state/x", "0/in_use/x", "1/state/x", "0/after initial/y", "", "//"]),
    st.sampled_from(["float32", "int64", "bool", "document", "complex64"]),
    st.lists(st.integers(-1, 4) | st.sampled_from([2**24, 2**63]), max_size=4),
)


@given(
    document=st.sampled_from(range(6)),
    index=st.lists(ENTRIES | JSON, max_size=5),
    flat=st.dictionaries(
        st.sampled_from(["float32", "int64", "bool"]),
        st.tuples(
            st.sampled_from([torch.float32, torch.int64, torch.bool, torch.complex64]),
            st.lists(st.integers(0, 4), max_size=3),
        ),
    ),
)
@settings(max_examples=150)
def test_any_index_over_any_values_is_an_answer_or_malformed(
    document: int, index: list[Any], flat: dict[str, Any]
) -> None:
    text = torch.frombuffer(bytearray(json.dumps(index).encode()), dtype=torch.uint8)
    values = {name: torch.zeros(shape, dtype=dtype) for name, (dtype, shape) in flat.items()}
    refuses(save(values | {"document": load(answers()[document])["document"], "index": text}))


# Notebooks

STUB = "def scale(model, initial, factor=0.5):\n    pass\n    return model\n"
SMALL = [
    notebook(code("import torch"), code(STUB, solution=True), code("check(scale)")),
    notebook(
        {"cell_type": "markdown", "metadata": {}, "source": "# words"},
        code(STUB.splitlines(keepends=True)),
        code(["%time\n", "!ls\n", "x = 'é'\n"]),
    ),
    {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": STUB}]}]},
]
SOURCES = [
    "(" * 300 + "scale", "scale = " + "-" * 5000 + "1", "scale" + ".a" * 2000, "scale = '\0'",
    "\f\f" + STUB, "# coding: utf-16\n" + STUB, "# -*- coding: nonsense -*-\nscale = 1",
    "\ufeff" + STUB, "scale = '\ud800'", "%%time\n" + STUB, "%scale\n" * 6, "scale?\n" * 6,
    "!scale\n" * 6, "In [1]: scale = 3", ">>> scale\n" * 6, "'''" + STUB, "scale = " + "9" * 5000,
    "".join(" " * depth + "if scale:\n" for depth in range(120)), "scale\\", "?scale", "%", "%%",
    STUB.replace("\n", "\r"), STUB.replace("\n", "\u2028"), STUB.replace(" ", "\xa0"),
    "scale" + "\u0316\u0301" * 60, "𝓼cale = 1", "async def scale(): await x", "@scale\n" * 6,
    "scale = 'a\\d'", "scale\x0b\x1c\x85", "f'{" * 90 + "scale", "lambda:" * 300 + "scale",
]  # fmt: skip


@cache
def starter() -> bytes:
    return STARTER.read_bytes()


@cache
def tiny() -> tuple[bytes, ...]:
    return tuple(json.dumps(document, ensure_ascii=False).encode() for document in SMALL)


def garbled_starter(random: Random) -> bytes:
    return garbled(starter(), random)


def garbled_notebook(random: Random) -> bytes:
    return garbled(random.choice(tiny()), random)


def other_notebook(random: Random) -> bytes:
    """Spoil any place of a small notebook, and perhaps put odd code into it."""
    document = json.loads(random.choice(tiny()))
    for holder, key in places(document):
        if key in ("source", "input") and random.random() < 0.3:
            holder[key] = random.choice(SOURCES)
    return json.dumps(shaken(document, random)).encode()


def other_starter(random: Random) -> bytes:
    return json.dumps(shaken(json.loads(starter()), random)).encode()


def doubled_keys(random: Random) -> bytes:
    text = random.choice(tiny())
    key = random.choice([b"cells", b"nbformat", b"source", b"cell_type", b"metadata"])
    value = json.dumps(random.choice(JUNK)).encode()
    place = random.choice([i + 1 for i, byte in enumerate(text) if byte in b"{,["])
    return text[:place] + b'"' + key + b'": ' + value + b", " + text[place:]


def odd_beginning(random: Random) -> bytes:
    text = random.choice(tiny())
    head = random.choice(
        [b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b" ", b"\xef\xbb\xbf" * 2, b"[" * 9000]
    )
    return head + (text if random.random() < 0.5 else garbled(text, random))


NOTEBOOK_SHARES: dict[Callable[[Random], bytes], float] = {
    garbled_starter: 0.05,
    garbled_notebook: 0.38,
    other_notebook: 0.35,
    other_starter: 0.02,
    doubled_keys: 0.1,
    odd_beginning: 0.1,
}


def understood(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
        seen = read(path, entry_point=ENTRY_POINT if data.startswith(b"{\n") else "scale", name="n")
    except UnreadableError as error:
        said = str(error)
        assert 0 < len(said) < 300
        assert "\n" not in said
        return
    except BaseException as error:
        raise AssertionError(f"{type(error).__name__} over {data!r}") from error
    assert isinstance(seen, Submission)
    assert sum(map(len, seen.cells)) <= MAX_CODE_CHARS


@pytest.mark.parametrize("draw", NOTEBOOK_SHARES, ids=lambda draw: draw.__name__)
def test_malformed_notebooks_are_submissions_or_unreadable(
    tmp_path: Path, draw: Callable[[Random], bytes]
) -> None:
    random = Random(draw.__name__)  # noqa: S311 - to come back, not to be secret
    path = tmp_path / "any.ipynb"
    with bounded(seconds=120):
        for _ in range(int(NOTEBOOKS * NOTEBOOK_SHARES[draw])):
            understood(path, draw(random))


ENDLESS = {
    "brackets": "(" * 190_000,
    "closed brackets": "(" * 95_000 + ")" * 95_000,
    "minuses": "x = " + "-" * 190_000 + "1",
    "sum": "x = 1" + "+1" * 95_000,
    "calls": "x = a" + "()" * 95_000,
    "attributes": "x = a" + ".a" * 95_000,
    "lambdas": "x = " + "lambda:" * 25_000 + "1",
    "blocks": "".join(" " * depth + "if x:\n" for depth in range(600)),
    "items": "x = [" + "1," * 95_000 + "]",
    "comparison": "x = 1" + "<1" * 95_000,
    "digits": "x = " + "9" * 190_000,
    "accents on a letter": "x" + "\u0316\u0301" * 95_000,
    "halfwidth accents": "x" + "\uff9e\u0316" * 95_000,
    "magics": "%m\n" * 60_000,
    "shell lines": "!ls\n" * 47_000,
    "help": "x?\n" * 60_000,
    "help on a long word": "a" * 190_000 + " b?",
    "help on long words": ("a" * 250 + " \n") * 750 + "b?",
    "quotes": "?" + "'" + "\\'" * 95_000,
    "quotes on lines": "?\n" + ("'" + "\\'" * 140 + "\n") * 660,
    "prompts": ">>> x\n" * 33_000,
    "numbered prompts": "In [1]: x\n" * 19_000,
    "cell magics": "%%time\n" * 28_000,
    "spaces": " " * 190_000 + "%",
    "line breaks": "\n" * 190_000 + "%",
    "form feeds": "\f" * 190_000 + "%",
    "backslashes": "%x " + "\\\n" * 95_000,
    "NULs": "\0" * 190_000,
}


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
def test_no_code_takes_long_to_read(source: str) -> None:
    """What is read is read in the grader's own process."""
    begun = time.process_time()
    with bounded(seconds=60):
        cell = source + "\n# scale"
        seen = from_document(notebook(code(cell)), entry_point="scale", name="n")
    assert seen.cells == (cell,)
    assert time.process_time() - begun < 15
