"""Bytes between processes: what is sent arrives, what makes no sense is refused."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from autograder import parcel
from autograder.notebook import MAX_CODE_CHARS
from autograder.parcel import MalformedError, portable
from autograder.probe import observe
from autograder.records import Case, Fault, Observation, Snapshot, Status, Submission
from autograder.wire import (
    Answer,
    Cells,
    End,
    Ready,
    decode_answer,
    decode_question,
    encode_answer,
    encode_question,
    framed_answer,
    framed_question,
)
from tests.engine.examples import submission, toy_cases
from tests.katas import toy

FAULT = Fault("ValueError", "no «such» value", "", 3, 2)
TRAVELLING = (
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
    torch.float16, torch.bfloat16, torch.float32, torch.float64,
)  # fmt: skip


@cache
def observation() -> Observation:
    return observe(toy.scale, toy_cases()[0])


@cache
def message() -> bytes:
    return encode_answer(observation())


def snapshot(**changes: Any) -> Snapshot:
    return replace(observation().rounds[0], **changes)


def seen_of(sent: Snapshot) -> Snapshot:
    seen = decode_answer(encode_answer(Observation(Status.RETURNED, (sent,))))
    assert isinstance(seen, Observation)
    return seen.rounds[0]


def claims(**changes: object) -> dict[str, object]:
    return {
        "returned": "same",
        "parameters": {},
        "modes": {},
        "grad_enabled": True,
        "shared": [],
        "edited": [],
        "stuck": "",
        "unreached": [],
    } | changes


def observed(**changes: object) -> dict[str, object]:
    return {"type": "observed", "status": "returned", "rounds": [claims()], "fault": None} | changes


def fault(**changes: object) -> dict[str, object]:
    return {"type": "E", "message": "", "line_number": 0, "cell": 0} | changes


def text(content: object) -> Tensor:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return torch.frombuffer(bytearray(data), dtype=torch.uint8) if data else torch.zeros(0).byte()


def packed(document: object, index: object = (), flat: Mapping[str, Tensor] | None = None) -> bytes:
    return save({"document": text(document), "index": text(index), **(flat or {})})


def same(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> None:
    assert list(one) == list(other)
    for name, value in one.items():
        assert value.dtype == other[name].dtype
        assert torch.equal(value, other[name])


# There and back


def test_a_submission_arrives_as_it_was_sent() -> None:
    cells = ("import torch\n", "def scale(model, initial):\n    return 'θ₀'\n", "")
    for script in (False, True):
        seen = decode_question(encode_question(submission(*cells, script=script)))
        assert isinstance(seen, Submission)
        assert (seen.cells, seen.entry_point, seen.script) == (cells, "scale", script)


def test_a_submission_travels_without_its_name() -> None:
    """The path names the learner, and where the grader keeps things."""
    sent = replace(submission("x = 1"), id="/secret/alice.ipynb", notes=("mended",))
    assert b"alice" not in encode_question(sent)
    assert b"mended" not in encode_question(sent)


@pytest.mark.parametrize("case", toy_cases(), ids=lambda case: case.id)
def test_a_case_arrives_as_it_was_sent(case: Case) -> None:
    sent = replace(
        case, training=False, frozen=("0.bias",), switched=("0",), grad_enabled=False, trains=False,
        later={"factor": 0.75},
    )  # fmt: skip
    for asked in (case, sent):
        seen = decode_question(encode_question(asked))
        assert isinstance(seen, Case)
        for field in (
            "recipe", "arguments", "keywords", "training", "frozen", "switched", "grad_enabled",
            "trains", "later",
        ):  # fmt: skip
            assert getattr(seen, field) == getattr(asked, field)
        same({"example": seen.example}, {"example": asked.example})
        assert list(seen.states) == list(asked.states)
        same(seen.states["initial"], asked.states["initial"])
        for values, expected in zip(seen.trained, asked.trained, strict=True):
            same(values, expected)


@pytest.mark.parametrize("case", toy_cases(), ids=lambda case: case.id)
def test_a_case_tells_neither_its_name_nor_whether_it_is_hidden(case: Case) -> None:
    other = replace(case, id="another name", hidden=not case.hidden, telling=not case.telling)
    question = encode_question(case)
    assert question == encode_question(other)
    assert not any(word in question for word in (b"hidden", b"telling", b"another name"))
    seen = decode_question(question)
    assert isinstance(seen, Case)
    assert (seen.id, seen.hidden) == ("", False)


def test_an_observation_arrives_as_it_was_sent() -> None:
    for case in toy_cases():
        sent = observe(toy.scale, case)
        seen = decode_answer(encode_answer(sent))
        assert isinstance(seen, Observation)
        assert (seen.status, seen.fault) == (sent.status, sent.fault)
        for after, original in zip(seen.rounds, sent.rounds, strict=True):
            same(after.state, original.state)
            same(after.in_use, original.in_use)
            same(after.states_after["initial"], original.states_after["initial"])
            same(after.output, original.output)
            bare: dict[str, Any] = {"state": {}, "in_use": {}, "states_after": {}, "output": {}}
            assert replace(after, **bare) == replace(original, **bare)


def test_what_a_call_found_arrives_as_it_was_sent() -> None:
    found = {"1.running_mean": torch.tensor([0.5, -0.0]), "1.num_batches_tracked": torch.tensor(3)}
    same(seen_of(snapshot(found=found)).found, found)


@pytest.mark.parametrize(
    "answer",
    [
        Ready(("landlock", "seccomp")),
        Ready((), "no landlock"),
        Cells(found=True),
        Cells(found=False, faults=(FAULT, FAULT)),
        End(Status.TIMED_OUT, FAULT),
        End(Status.OUT_OF_MEMORY),
        Observation(Status.RAISED, fault=FAULT),
    ],
    ids=repr,
)
def test_an_answer_arrives_as_it_was_sent(answer: Answer) -> None:
    assert decode_answer(encode_answer(answer)) == answer


def test_a_frame_begins_with_the_length_of_its_message() -> None:
    question = toy_cases()[0]
    message = encode_question(question)
    assert framed_question(question) == len(message).to_bytes(4, "big") + message


def test_the_frame_of_an_answer_tells_whether_it_is_an_observation() -> None:
    for answer, kind in ((Cells(found=True), 0), (Observation(Status.RAISED), 1)):
        message = encode_answer(answer)
        assert framed_answer(answer) == bytes([kind]) + len(message).to_bytes(4, "big") + message


@pytest.mark.parametrize("dtype", TRAVELLING, ids=str)
def test_tensors_of_every_plain_dtype_and_shape_travel(dtype: torch.dtype) -> None:
    state = {
        "matrix": torch.arange(6).view(2, 3).to(dtype),
        "scalar": torch.ones((), dtype=dtype),
        "empty": torch.zeros((0, 3), dtype=dtype),
        "one": torch.zeros((1, 1, 1), dtype=dtype),
        "turned": torch.arange(6).view(2, 3).to(dtype).t(),
    }
    same(seen_of(snapshot(state=state)).state, state)


def test_values_that_are_no_numbers_travel() -> None:
    value = torch.tensor([float("nan"), float("inf"), -0.0])
    seen = seen_of(snapshot(state={"x": value})).state["x"]
    assert torch.equal(seen.view(torch.int32), value.view(torch.int32))


def test_a_tensor_of_which_torch_keeps_only_the_sign_for_later_is_written_out() -> None:
    later = torch.tensor([1 + 2j], dtype=torch.complex128).conj().imag
    assert later.is_neg()
    for state in ({"x": later}, {"x": later, "y": later}):
        seen = seen_of(snapshot(state=state)).state
        assert [value.tolist() for value in seen.values()] == [[-2]] * len(state)


def test_what_arrives_shares_no_memory() -> None:
    seen = seen_of(snapshot(state={"x": torch.zeros(2), "y": torch.zeros(2)})).state
    seen["x"].fill_(1)
    assert seen["y"].tolist() == [0, 0]


def test_long_texts_are_cut_and_arrive() -> None:
    long = Fault("E" * 5000, "m" * 50_000, "l" * 50_000, 1, 1)
    seen = decode_answer(encode_answer(Cells(found=True, faults=(long,))))
    assert isinstance(seen, Cells)
    assert seen.faults[0].message == "m" * 1999 + "…"
    assert seen.faults[0].type == "E" * 399 + "…"
    assert seen_of(snapshot(stuck="s" * 9000)).stuck == "s" * 1999 + "…"
    assert seen_of(snapshot(stuck="s" * 2000)).stuck == "s" * 2000
    ready = decode_answer(encode_answer(Ready((), "f" * 9000)))
    assert ready == Ready((), "f" * 1999 + "…")


def test_the_line_of_a_fault_never_travels() -> None:
    """The parent has the submission, and quotes it itself."""
    sent = replace(FAULT, line="secret = 1")
    for answer in (Cells(found=True, faults=(sent,)), End(Status.TIMED_OUT, sent)):
        data = encode_answer(answer)
        assert b"secret" not in data
    assert decode_answer(data) == End(Status.TIMED_OUT, FAULT)
    refused(packed(observed(fault=fault(line="x = 1"))))


@pytest.mark.parametrize("said", ["\ud800", "a\0b", "\N{GRINNING FACE}", "\u202e", "\x1b[2J"])
def test_any_text_of_an_exception_can_be_sent(said: str) -> None:
    """A learner's exception may hold half a character; the answer must not be lost over it."""
    sent = Fault(said, said)
    seen = decode_answer(encode_answer(Observation(Status.RAISED, fault=sent)))
    assert isinstance(seen, Observation)
    assert seen.fault is not None
    assert seen.fault.message.isprintable()
    seen_of(snapshot(stuck=said))
    decode_answer(encode_answer(Ready((), said)))


@pytest.mark.parametrize("bad", ["\0", "\x1b", "\x7f", "\x9b", "\r", "\u202e", "\u2066", "\u200b"])
def test_what_a_terminal_or_a_page_obeys_is_replaced(bad: str) -> None:
    said, clean = f"a{bad}\n\tb", "a\N{REPLACEMENT CHARACTER}\n\tb"
    sent, due = Fault(said, said), Fault(clean, clean)
    assert decode_answer(encode_answer(End(Status.TIMED_OUT, sent))) == End(Status.TIMED_OUT, due)
    assert decode_answer(encode_answer(Ready((said,), said))) == Ready((clean,), clean)
    seen = seen_of(snapshot(stuck=said, shared=(said,), edited=(said,)))
    assert (seen.stuck, seen.shared, seen.edited) == (clean, (clean,), (clean,))


@pytest.mark.parametrize("part", ["\ud800", "a\0b", "\udc00\ud800"])
def test_any_text_of_a_cell_can_be_sent(part: str) -> None:
    """JSON may escape half a character, so a notebook's source may hold one."""
    seen = decode_question(encode_question(submission(f"x = '{part}'")))
    assert isinstance(seen, Submission)
    assert seen.cells[0].startswith("x = '")


@pytest.mark.parametrize("character", ["x", "\0", "\N{GRINNING FACE}"])
def test_the_longest_code_that_is_read_can_be_sent(character: str) -> None:
    cell = character * MAX_CODE_CHARS
    seen = decode_question(encode_question(submission(cell)))
    assert isinstance(seen, Submission)
    assert seen.cells == (cell,)


def test_tensors_that_cannot_travel_are_left_out() -> None:
    state = {
        "sparse": torch.eye(2).to_sparse(),
        "complex": torch.zeros(1, dtype=torch.complex64),
        "meta": torch.empty(2, device="meta"),
        "float8": torch.zeros(1, dtype=torch.float8_e4m3fn),
        "strided": torch.zeros(4, 4).t()[::2],
        "kept": torch.ones(2),
    }
    assert [name for name, value in state.items() if portable(value)] == ["strided", "kept"]
    seen = seen_of(snapshot(state=state))
    same(seen.state, {name: state[name] for name in ("strided", "kept")})


@pytest.mark.parametrize(
    "name", ["a/b", "a/b/c/d", "", "document", "index", "float32", "é", "../x", "state/", "\ud800"]
)
def test_any_name_of_a_tensor_can_travel(name: str) -> None:
    state = {name: torch.ones(1)}
    seen = seen_of(snapshot(state=state)).state
    same(seen, {name.replace("\ud800", "?"): torch.ones(1)})


def test_what_is_sent_is_a_document_an_index_and_flat_values() -> None:
    flat = load(message())
    assert flat.keys() == {"document", "index", "float32"}
    assert flat["float32"].ndim == 1


# Hostile bytes


def refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_answer(data)


def test_a_plain_answer_is_understood() -> None:
    index = [["0/state/x", "float32", [2]], ["0/after initial/x", "float32", []]]
    seen = decode_answer(packed(observed(), index, {"float32": torch.ones(3)}))
    assert isinstance(seen, Observation)
    same(seen.rounds[0].state, {"x": torch.ones(2)})
    same(seen.rounds[0].states_after["initial"], {"x": torch.ones(())})


@pytest.mark.parametrize("share", [0, 1, 7, 8, 9, 100, -1, -8, -100])
def test_a_truncated_message_is_refused(share: int) -> None:
    refused(message()[:share])


def test_bytes_after_the_end_are_refused() -> None:
    refused(message() + b"\0")
    refused(message() * 2)
    refused(framed_answer(Cells(found=True)))


@pytest.mark.parametrize("length", [0, 1, 2**16 + 1, 2**31, 2**32, 2**63, 2**64 - 1])
def test_a_header_of_absurd_length_is_refused(length: int) -> None:
    refused(struct.pack("<Q", length) + message()[8:])


def test_a_header_that_is_too_long_is_refused() -> None:
    header = json.dumps({"__metadata__": {"x": "y" * parcel.MAX_HEADER_BYTES}}).encode()
    refused(struct.pack("<Q", len(header)) + header)


@pytest.mark.parametrize(
    "header",
    [
        {"document": {"dtype": "U8", "shape": [2**40], "data_offsets": [0, 2]}},
        {"document": {"dtype": "U8", "shape": [2**62, 8], "data_offsets": [0, 2]}},
        {"document": {"dtype": "U8", "shape": [-1], "data_offsets": [0, 2]}},
        {"document": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2**60]}},
        {"document": {"dtype": "U8", "shape": [2], "data_offsets": [2, 0]}},
        {"document": {"dtype": "Q9", "shape": [2], "data_offsets": [0, 2]}},
        {"document": {"dtype": "U8", "shape": [1] * 10_000 + [2], "data_offsets": [0, 2]}},
        {
            "document": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
            "index": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
        },
        {},
        [],
        "text",
    ],
)
def test_a_header_that_makes_no_sense_is_refused(header: object) -> None:
    written = json.dumps(header).encode()
    refused(struct.pack("<Q", len(written)) + written + b"{}")


def test_more_flat_tensors_than_a_header_holds_are_refused() -> None:
    refused(packed(observed(), [], {str(i): torch.zeros(0) for i in range(2000)}))


@pytest.mark.parametrize("opening", [b"[", b'{"type":', b'{"type":"cells","faults":[', b'{"a":['])
def test_deep_json_is_refused(opening: bytes) -> None:
    refused(packed(opening * 50_000))
    refused(packed(observed(), opening * 50_000))


DOCUMENTS: list[object] = [
    b"", b"\xff\xfe", b"not json", b"null", b"3", [], {}, b"\xef\xbb\xbf{}",
    observed(type="case"), observed(type="code"), observed(type=None), observed(type="execution"),
    {"type": "code", "cells": [], "entry_point": "f", "script": False},
    observed(status="malformed"), observed(status="crashed"), observed(status="timed_out"),
    observed(status=None), observed(points=10), observed(rounds=3), observed(rounds=[{}]),
    observed(rounds=[None]), observed(rounds=[claims(extra=1)]),
    observed(rounds=[claims(returned="everything")]), observed(rounds=[claims(grad_enabled=1)]),
    observed(rounds=[claims(parameters={"x": "yes"})]), observed(rounds=[claims(modes=[])]),
    observed(rounds=[claims(shared=[1])]), observed(rounds=[claims(edited="x")]),
    observed(rounds=[claims(stuck=None)]), observed(rounds=[claims(stuck="s" * 2001)]),
    observed(rounds=[claims(shared=["n" * 401])]), observed(rounds=[claims(unreached=["n" * 401])]),
    observed(rounds=[claims(parameters={"n" * 401: True})]),
    observed(fault={"type": "E"}), observed(fault=fault(line="x")),
    observed(fault=fault(type="E" * 401)), observed(fault=fault(message="m" * 2001)),
    observed(fault=fault(line_number=0.5)), observed(fault=fault(line_number=-1)),
    observed(fault=fault(cell=-1)), observed(fault=fault(cell=10**9 + 1)),
    observed(fault=fault(line_number=10**400)), observed(fault=fault(cell="1")),
    observed(fault=fault(cell=float("nan"))), observed(fault=fault(cell=float("inf"))),
    observed(fault=fault(message="\ud800")),
    json.dumps(observed()).encode() + b"x", json.dumps(observed()).encode() * 2,
    json.dumps(observed()).replace("true", "NaN").encode(),
    {"type": "ready", "in_force": []}, {"type": "ready", "in_force": [1], "fault": ""},
    {"type": "ready", "in_force": [], "fault": "f" * 2001},
    {"type": "ready", "in_force": [], "fault": "", "more": 1},
    {"type": "cells", "found": True, "faults": [], "more": 1},
    {"type": "end", "status": "timed_out", "fault": None, "more": 1},
    {"type": "cells", "found": 1, "faults": []}, {"type": "cells", "found": True, "faults": [None]},
    {"type": "cells", "found": True, "faults": {}}, {"type": "cells", "faults": []},
    {"type": "end", "status": "returned", "fault": None},
    {"type": "end", "status": "raised", "fault": None},
    {"type": "end", "status": "crashed", "fault": None},
    {"type": "end", "status": "timed_out"},
]  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document)[:60])
def test_a_document_against_the_schema_is_refused(document: object) -> None:
    refused(packed(document))


def test_a_question_is_no_answer() -> None:
    refused(encode_question(submission("x = 1")))
    refused(encode_question(toy_cases()[0]))


def test_a_question_of_another_version_is_refused() -> None:
    for question in (submission("x = 1"), toy_cases()[0]):
        flat = load(encode_question(question))
        document = json.loads(bytes(flat["document"].tolist()))
        decode_question(save(flat | {"document": text(document)}))
        with pytest.raises(MalformedError):
            decode_question(save(flat | {"document": text(document | {"more": 1})}))


ONE = {"float32": torch.ones(1)}
INDICES: dict[str, tuple[object, Mapping[str, Tensor]]] = {
    "no json": (b"x", {}),
    "no list": ({}, {}),
    "no entries": ([1], {}),
    "short entry": ([["0/state/x", "float32"]], ONE),
    "long entry": ([["0/state/x", "float32", [1], 0]], ONE),
    "entry as object": ([{"path": "0/state/x", "dtype": "float32", "shape": [1]}], ONE),
    "path of another type": ([[0, "float32", [1]]], ONE),
    "shape of another type": ([["0/state/x", "float32", 1]], ONE),
    "broken size": ([["0/state/x", "float32", [1.5]]], ONE),
    "no number": ([["0/state/x", "float32", [float("nan")]]], ONE),
    "negative size": ([["0/state/x", "float32", [-1]]], ONE),
    "two negative sizes": ([["0/state/x", "float32", [-1, -1]]], ONE),
    "huge size": ([["0/state/x", "float32", [2**24 + 1]]], ONE),
    "size of 400 digits": ([["0/state/x", "float32", [10**400]]], ONE),
    "huge shape": ([["0/state/x", "float32", [2**24] * 16]], ONE),
    "many dimensions": ([["0/state/x", "float32", [1] * 17]], ONE),
    "empty but huge": ([["0/state/x", "float32", [0, 2**24, 2**24]]], {"float32": torch.ones(0)}),
    "empty of 16 dimensions": (
        [["0/state/x", "float32", [2**24] * 15 + [0]]],
        {"float32": torch.ones(0)},
    ),
    "one value missing": ([["0/state/x", "float32", [2]]], ONE),
    "all values missing": ([["0/state/x", "float32", [1]]], {}),
    "overlapping": (
        [["0/state/x", "float32", [1]], ["0/state/y", "float32", [1]]],
        ONE,
    ),
    "one value left over": ([["0/state/x", "float32", [1]]], {"float32": torch.ones(2)}),
    "all values left over": ([], ONE),
    "an empty tensor left over": ([], {"float32": torch.ones(0)}),
    "not flat": ([["0/state/x", "float32", [2, 2]]], {"float32": torch.ones(2, 2)}),
    "no dimension": ([["0/state/x", "float32", []]], {"float32": torch.ones(())}),
    "two of one name": (
        [["0/state/x", "float32", [1]], ["0/state/x", "float32", [1]]],
        {"float32": torch.ones(2)},
    ),
    "two of one name and several dtypes": (
        [["0/state/x", "float32", [1]], ["0/state/x", "int64", [1]]],
        ONE | {"int64": torch.ones(1).long()},
    ),
    "another dtype": ([["0/state/x", "int32", [1]]], {"int32": torch.ones(1)}),
    "unknown dtype": ([["0/state/x", "int128", [1]]], {"int128": torch.ones(1)}),
    "the index as values": ([["0/state/x", "index", [1]]], {}),
    "the document as values": ([["0/state/x", "document", [1]]], {}),
    "complex": (
        [["0/state/x", "complex64", [1]]],
        {"complex64": torch.ones(1, dtype=torch.complex64)},
    ),
    "float8": (
        [["0/state/x", "float8_e5m2", [1]]],
        {"float8_e5m2": torch.ones(1).to(torch.float8_e5m2)},
    ),
    "half a character": (b'[["0/state/\\ud800","float32",[1]]]', ONE),
}


@pytest.mark.parametrize(("index", "flat"), INDICES.values(), ids=INDICES)
def test_an_index_against_the_schema_is_refused(index: object, flat: Mapping[str, Tensor]) -> None:
    refused(packed(observed(), index, flat))


@pytest.mark.parametrize(
    "path",
    [
        "", "0", "0/state", "weight", "/", "//", "0/0/state", "1/state/x", "00/state/x",
        "-1/state/x", "٠/state/x", "0/after/x", "0/State/x", "0//x",
    ],
)  # fmt: skip
def test_a_tensor_outside_any_round_is_refused(path: str) -> None:
    refused(packed(observed(), [[path, "float32", [1]]], ONE))


@pytest.mark.parametrize(
    "document",
    [
        {"type": "ready", "in_force": [], "fault": ""},
        {"type": "cells", "found": True, "faults": []},
        {"type": "end", "status": "timed_out", "fault": None},
        observed(rounds=[]),
    ],
    ids=str,
)
def test_tensors_of_an_answer_without_rounds_are_refused(document: object) -> None:
    decode_answer(packed(document))
    refused(packed(document, [["0/state/x", "float32", [1]]], ONE))


def test_a_truth_value_is_true_or_false() -> None:
    """What torch makes of any other byte is undefined."""
    index = [["0/state/x", "bool", [2]]]
    data = packed(observed(), index, {"bool": torch.ones(2, dtype=torch.bool)})
    decode_answer(data)
    for byte in (2, 128, 255):
        values = torch.tensor([1, byte], dtype=torch.uint8).view(torch.bool)
        refused(packed(observed(), index, {"bool": values}))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bool, torch.int64, torch.int8])
@pytest.mark.parametrize("part", ["document", "index"])
def test_a_document_or_index_that_is_no_bytes_is_refused(part: str, dtype: torch.dtype) -> None:
    flat = {"document": text(observed()), "index": text([])}
    refused(save(flat | {part: torch.zeros(16, dtype=dtype)}))
    refused(save(flat | {part: torch.zeros(0, dtype=dtype)}))


@pytest.mark.parametrize("part", ["document", "index"])
def test_a_message_without_document_or_index_is_refused(part: str) -> None:
    flat = load(packed(observed()))
    del flat[part]
    refused(save(flat))


@pytest.mark.parametrize("part", ["document", "index"])
def test_a_document_or_index_that_is_too_long_is_refused(part: str) -> None:
    flat = load(packed(observed()))
    decode_answer(save(flat | {part: torch.cat((flat[part], text(b" " * 1000)))}))
    space = text(b" " * 2 * 2**20)
    refused(save(flat | {part: torch.cat((flat[part], space))}))


def test_too_many_tensors_are_refused() -> None:
    many = [[f"0/state/{i}", "float32", [0]] for i in range(5001)]
    flat = {"float32": torch.zeros(0)}
    decode_answer(packed(observed(), many[:-1], flat))
    refused(packed(observed(), many, flat))


def test_too_many_bytes_are_refused() -> None:
    refused(bytes(16 * 2**20 + 1))


def answer_of(size: int) -> bytes:
    """Write an answer of this many bytes, as a child might that has much to tell."""
    index = [["0/state/x", "uint8", [size]]]
    for _ in range(2):  # the length of the numbers themselves settles
        length = size - len(packed(observed(), index, {"uint8": torch.zeros(0).byte()}))
        index = [["0/state/x", "uint8", [length]]]
    data = packed(observed(), index, {"uint8": torch.zeros(length, dtype=torch.uint8)})
    missing = size - len(data)
    document = json.dumps(observed()).encode() + b" " * (missing % 8)
    values = torch.zeros(length + missing - missing % 8, dtype=torch.uint8)
    return packed(document, [["0/state/x", "uint8", [len(values)]]], {"uint8": values})


def test_an_answer_may_have_as_many_bytes_as_are_said_and_no_more() -> None:
    right = answer_of(parcel.MAX_BYTES)
    assert len(right) == parcel.MAX_BYTES == 16 * 1024 * 1024
    decode_answer(right)
    with pytest.raises(MalformedError, match="more than 16777216 bytes"):
        decode_answer(answer_of(parcel.MAX_BYTES + 1))


def test_a_header_may_have_as_many_bytes_as_are_said_and_no_more() -> None:
    flat = {"document": text(observed()), "index": text([])}
    room = parcel.MAX_HEADER_BYTES - int.from_bytes(save(flat, {"x": ""})[:8], "little")
    assert parcel.MAX_HEADER_BYTES == 64 * 1024
    for more, fits in ((0, True), (8, False)):
        data = save(flat, {"x": "y" * (room + more)})
        assert int.from_bytes(data[:8], "little") == parcel.MAX_HEADER_BYTES + more
        if fits:
            decode_answer(data)
        else:
            with pytest.raises(MalformedError, match="more than 65536 bytes of header"):
                decode_answer(data)


@pytest.mark.parametrize("part", ["document", "index"])
def test_a_document_may_have_as_many_bytes_as_are_said_and_no_more(part: str) -> None:
    flat = {"document": text(observed()), "index": text([])}
    assert parcel.MAX_DOCUMENT_BYTES == 2 * 1024 * 1024
    space = text(b" " * (parcel.MAX_DOCUMENT_BYTES - len(flat[part])))
    longest = torch.cat((flat[part], space))
    decode_answer(save(flat | {part: longest}))
    refused(save(flat | {part: torch.cat((longest, text(b" ")))}))


def test_sizes_and_names_may_be_as_long_as_is_said() -> None:
    longest = [[f"0/state/{dims}", "float32", [1] * dims] for dims in (0, 1, 16)]
    decode_answer(packed(observed(), longest, {"float32": torch.ones(3)}))
    empty = [["0/state/x", "float32", [0, 2**24]], ["0/state/y", "float32", [2**24, 0, 1]]]
    decode_answer(packed(observed(), empty, {"float32": torch.ones(0)}))
    refused(
        packed(observed(), [["0/state/x", "float32", [0, 2**24, 2]]], {"float32": torch.ones(0)})
    )
    long = claims(
        stuck="s" * 2000, shared=["n" * 400], edited=["n" * 400], unreached=["n" * 400],
        parameters={"n" * 400: True}, modes={"n" * 400: True},
    )  # fmt: skip
    ended = fault(type="E" * 400, message="m" * 2000, line_number=10**9, cell=10**9)
    decode_answer(packed(observed(rounds=[long], fault=ended)))
    refused(packed(observed(fault=fault(line_number=10**9 + 1))))


def test_what_an_answer_without_tensors_may_be() -> None:
    for kind in ("returned", "raised"):
        assert decode_answer(packed(observed(status=kind, rounds=[]))) == Observation(Status(kind))
    for kind in ("timed_out", "out_of_memory", "malformed"):
        end = {"type": "end", "status": kind, "fault": None}
        assert decode_answer(packed(end)) == End(Status(kind))


def test_every_reason_to_refuse_says_what_is_wrong() -> None:
    index = [["0/state/x", "float32", [1]]]
    bytes_of = [["0/state/x", "int8", [1]]]
    cells = {"type": "cells", "found": True, "faults": []}
    for data, said in (
        (packed(cells, index, ONE), "tensors of no observation"),
        (packed(observed(), [["0/x", "float32", [1]]], ONE), "a tensor outside any round"),
        (packed(observed(), [["7/state/x", "float32", [1]]], ONE), "a tensor outside any round"),
        (packed(observed(), [["0/other/x", "float32", [1]]], ONE), "a tensor of an unknown kind"),
        (packed(observed(), index, {}), "or a tensor without values"),
        (packed(observed(), [], ONE), "values that belong to no tensor"),
        (packed(observed(), index, {"float32": torch.ones(2)}), "values that belong to no tensor"),
        (packed(observed(), index * 2, {"float32": torch.ones(2)}), "two tensors of one name"),
        (packed(observed(), bytes_of, {"int8": torch.ones(1)}), "another dtype"),
        (packed(observed(), [], {"int8": torch.ones(1).to(torch.float8_e5m2)}), "another dtype"),
        (packed(observed(), [["0/state/x", "float32", [2**24, 2, 0]]], {"float32": torch.ones(0)}),
         "a shape that is too large"),
        (b"", "header"),
        (packed(b"x"), "DecodeError"),
        (save({"document": torch.ones(2), "index": text([])}), "a document that is not bytes"),
    ):  # fmt: skip
        with pytest.raises(MalformedError, match=said):
            decode_answer(data)


def test_a_pickle_is_refused(tmp_path) -> None:
    torch.save({"x": torch.ones(1)}, tmp_path / "x.pt")
    refused((tmp_path / "x.pt").read_bytes())
